"""A firm lets brokers read a need that not everybody reads, so that pairs of it can be given to them."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.brokers.models import Broker
from kezhuan.areas.brokers.permissions import lets_read
from kezhuan.areas.brokers.queries import brokers_in_force, may_read, numbers_of
from kezhuan.areas.needs.lifecycle import INTRODUCED, NEED
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.grants import end_grant, grant
from kezhuan.kernel.lifecycle import held
from kezhuan.kernel.models import Grant, Record
from kezhuan.kernel.text import today


def let_brokers_read(*, actor: Actor, need: Need, brokers: Collection[int]) -> Need:
    """Let these brokers, by number, and no other read the public part of a need. Raises `NotAllowed`, or `Refused` for
    numbers that are no broker's."""
    with journal.writing():
        row: Need = held(need)
        if not lets_read.test(actor, row):
            raise NotAllowed(_("Whoever acts for the firm says which brokers read a need that not everybody reads."))
        chosen = {one.pk: one.person.record for one in brokers_in_force().filter(pk__in=numbers_of(brokers))}
        if set(brokers) - set(chosen):
            raise Refused(Problem("broker-unknown", _("Choose technology brokers from the list."), "brokers"))
        wanted = {one.pk: one for one in chosen.values()}
        told = may_read(row)
        leaving = Record.objects.in_bulk(told - set(wanted))
        for pk in set(wanted) - told:
            grant(row.record, wanted[pk], INTRODUCED)
        for one in leaving.values():
            end_grant(row.record, one, INTRODUCED)
        if told != set(wanted):
            NEED.refresh_audience(row)
            journal.note("need.brokers", record=row.record, actor=actor, data={"number": len(wanted)})
    return row


def end_letting(broker: Broker) -> None:
    """Who is no broker any more reads nothing more of what firms let them read; call inside `writing()`."""
    if brokers_in_force().filter(person=broker.person_id).exclude(pk=broker.pk).exists():
        return
    held_now = Grant.objects.filter(Q(until=None) | Q(until__gte=today()), party=broker.person_id, role=INTRODUCED)
    for row in Need.objects.filter(pk__in=held_now.values("record")).order_by("pk"):
        need: Need = held(row)
        end_grant(need.record, broker.person.record, INTRODUCED)
        NEED.refresh_audience(need)
        journal.note("need.brokers", record=need.record, actor=SYSTEM, data={"number": len(may_read(need))})
