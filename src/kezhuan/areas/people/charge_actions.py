"""What an officer is in charge of passes to the successor who takes over the post, and with it all that waits by it."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kezhuan.areas.people.actions import open_membership
from kezhuan.areas.people.permissions import directs
from kezhuan.areas.people.queries import CLAIM, claims_waiting_for, scope_in_words
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.charges import charges_of
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.handover import Share
from kezhuan.kernel.models import AudienceToken, Clock, Membership, Organisation, Person
from kezhuan.kernel.models.parties import Role

MOST_LINES = 500
"""More things than this that wait are told by their number."""


def _held(person: Person, organisation: Organisation) -> QuerySet[Membership]:
    rows = Membership.objects.filter(person=person, organisation=organisation, role=Role.OFFICER, until=None)
    return rows.order_by("pk")


def _charge_lines(person: Person, organisation: Organisation) -> Sequence[str]:
    return [scope_in_words(one) for one in _held(person, organisation)]


def _pass_charges(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    """The successor is in charge of the same from now on, beside what they were; raises `Refused`."""
    known = charges_of(_held(successor, organisation))
    for row in _held(person, organisation):
        if all(any(own.covers(one.region, one.programme) for own in known) for one in charges_of([row])):
            continue
        _require_may_take(actor, organisation, successor)
        open_membership(
            actor=actor,
            organisation=organisation,
            person=successor,
            role=Role.OFFICER,
            jurisdiction=row.jurisdiction,
            programme=row.programme,
            department=row.department,
        )


def _require_may_take(actor: Actor, organisation: Organisation, successor: Person) -> None:
    """Whoever leaves passes a charge to an officer; only those who divide the office's power make one; and nobody gives
    one to themselves."""
    if actor.person is not None and actor.person.pk == successor.pk:
        sentence = _("Nobody sets the limits of their own power: ask another one.")
        raise Refused(Problem("scope-own", sentence, "successor"))
    if not directs.test(actor, organisation) and not _held(successor, organisation).exists():
        sentence = _("Choose an officer: what an officer is in charge of passes to nobody else.")
        raise Refused(Problem("successor-officer", sentence, "successor"))


def _waiting_lines(person: Person, organisation: Organisation) -> Sequence[str]:
    """By code and not by title: the list is read by colleagues who are in charge of something else."""
    tokens = {charge.token for charge in charges_of(_held(person, organisation))}
    if not tokens:
        return []
    audiences = AudienceToken.objects.filter(token__in=sorted(tokens)).values("audience_id")
    running = Clock.objects.filter(
        ended_on=None, party=None, person=None, post=None, grant=None, audience__in=audiences
    )
    lines = [
        f"{clock.record.code} · {_words(clock.record.kind, clock.name)} · {clock.due_on.isoformat()}"
        for clock in running.select_related("record").order_by("due_on", "pk")[:MOST_LINES]
    ]
    claims = claims_waiting_for(actor_for(person, organisation.pk)).select_related("record").order_by("pk")
    lines += [f"{one.record.code} · {_words(one.record.kind, CLAIM)}" for one in claims[:MOST_LINES]]
    more = running.count() + claims.count() - len(lines)
    return [*lines, ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more}] if more else lines


def _words(kind: str, name: str) -> str:
    return f"{registry.kind_of(kind).label} · {registry.waits_as(registry.kind_of(kind), name)}"


def _with_the_charge(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    """It waits for whoever is in charge."""


SHARES = (
    Share(gettext_lazy("What the officer is in charge of"), _charge_lines, _pass_charges),
    Share(gettext_lazy("What waits for whoever is in charge of it"), _waiting_lines, _with_the_charge),
)
