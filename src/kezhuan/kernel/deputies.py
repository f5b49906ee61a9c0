"""AB角: who stands in for whom on a day, and what they may do in that place.

A deputy does what the represented may do themselves: what they may do for others is not handed on. Both act for the
same organisation; where one of them has left, nobody stands in any more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from django.db.models import Exists, OuterRef, Q, QuerySet

from kezhuan.kernel.access import MEMBER, PUBLIC, Actor, actor_for, organisation_token, person_token
from kezhuan.kernel.charges import Charge
from kezhuan.kernel.models import Deputy, Membership, Person
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.present import is_there
from kezhuan.kernel.roles import role_tokens
from kezhuan.kernel.text import SHANGHAI, today

NAMED = "deputy.named"
"""Name of the letter that tells a deputy for whom, and in which days, they stand in."""


def in_force(on: date | None = None) -> QuerySet[Deputy]:
    """Deputies who may stand in on a day, with all that acting needs."""
    day = on or today()
    return _between(day, day).filter(ended_at=None)


def stood_in(first: date, last: date) -> QuerySet[Deputy]:
    """Deputies who stood in on some day of these, also where it was ended on that day or later."""
    began = datetime.combine(first, time(), SHANGHAI)
    return _between(first, last).filter(Q(ended_at=None) | Q(ended_at__gte=began))


def _between(first: date, last: date) -> QuerySet[Deputy]:
    acting = Membership.objects.filter(organisation=OuterRef("organisation"), since__lte=last)
    acting = acting.filter(Q(until=None) | Q(until__gte=first))
    rows = Deputy.objects.filter(since__lte=last, until__gte=first)
    return (
        rows.filter(Exists(acting.filter(person=OuterRef("person"))))
        .filter(Exists(acting.filter(person=OuterRef("represented"))))
        .exclude(represented__record__phase=Phase.DONE)
        .select_related("represented__record", "organisation__record", "person__record")
        .order_by("pk")
    )


def represented_by(person: Person, on: date | None = None) -> list[Deputy]:
    """For whom a person may act on a day, beside themselves; one quick query for all who never stand in."""
    if not is_there("SELECT 1 FROM kernel_deputy WHERE person_id = %s AND ended_at IS NULL LIMIT 1", person.pk):
        return []
    return list(in_force(on).filter(person=person))


def standing_in(actor: Actor, number: int) -> Actor:
    """The actor in the place of whom they are deputy of; the actor as they are when they no longer may.

    They keep what they are themselves barred from: `own` stays theirs (see `access.is_own_matter`).
    """
    deputy = in_force().filter(pk=number, person=actor.person).first() if actor.person is not None else None
    if deputy is None or actor.person is None:
        return actor
    theirs = actor_for(deputy.represented, deputy.organisation_id)
    charges = narrowed(theirs.charges, deputy.programme)
    tokens = {organisation_token(deputy.organisation_id), person_token(actor.person.pk)}
    if not deputy.programme:
        # What a unit keeps inside belongs to no programme.
        tokens |= role_tokens(deputy.organisation_id, theirs.roles)
    return replace(
        actor,
        organisation=deputy.organisation,
        roles=theirs.roles,
        charges=charges,
        tokens=frozenset({PUBLIC, MEMBER} | tokens | {charge.token for charge in charges}),
        admitted=frozenset(),
        represented=deputy.represented,
        deputy=deputy.pk,
        programme=deputy.programme,
    )


def narrowed(charges: frozenset[Charge], programme: str) -> frozenset[Charge]:
    """What is left of charges inside one programme; all of them when none is named."""
    if not programme:
        return charges
    return frozenset(Charge(one.region, programme) for one in charges if one.programme in {"", programme})
