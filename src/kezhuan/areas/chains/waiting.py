"""What waits without a term: bookings that are asked for, for the organisation that offers, and for the officers in
charge commissions whose record is complete."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.chains.models import Offer, Task
from kezhuan.areas.chains.permissions import answers_bookings
from kezhuan.areas.chains.selecting import is_to_be_awarded
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.kernel.models import Record
from kezhuan.web import inbox


def register_inbox() -> None:
    """The area's share of what waits."""
    standing = {"offer": ["open", "closed"]}
    inbox.add_source(inbox.source_of(_asked, _("booking to be answered"), standing=standing))
    published = {"task": ["published"]}
    inbox.add_source(inbox.source_of(_commissioned, _("commission to be awarded"), standing=published))


def _asked(actor: Actor) -> QuerySet[Record]:
    """The offers of the actor's organisation for which a booking waits."""
    if actor.organisation is None or actor.is_officer:
        return Record.objects.none()
    rows = answers_bookings.among(actor, Offer.objects.filter(record__stage__in=("open", "closed")))
    return Record.objects.filter(pk__in=rows.values("pk"))


def _commissioned(actor: Actor) -> QuerySet[Record]:
    """The tasks whose directed commission has its record and whose leader was chosen for a direction, until the
    officers in charge of both, who act for neither side, have awarded it."""
    if not actor.is_officer:
        return Record.objects.none()
    led = Application.objects.filter(
        commissioned_by=None, record__stage="awarded", item__call__begins_projects=True,
        item__call__in=is_officer.among(actor, Call.objects.filter(call_kind=CallKind.CHAIN)).values("pk"),
    )  # fmt: skip
    rows = Task.objects.filter(inbox.at("task", ["published"]), record__owner__in=led.values("applicant"))
    mine = [one.pk for one in actor.choices]
    rows = rows.exclude(undertaker__in=mine).exclude(record__owner__in=mine)
    return Record.objects.filter(pk__in=(is_to_be_awarded & is_officer).among(actor, rows).values("pk"))
