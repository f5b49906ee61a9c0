"""Who keeps the grants and the income of a unit, and whose own matter they are."""

from typing import Any

from django.db.models import Q

from kezhuan.areas.rights.models import DistributionMember, GrantMember
from kezhuan.kernel.access import Actor, predicate
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.roles import MONEY, PAPERS


def keeps_for(actor: Actor, owner: int | None) -> bool:
    """Whether the actor acts for this unit in a role in which its papers of rights are kept; not as a deputy of one
    programme."""
    own = actor.organisation is not None and owner == actor.organisation.pk
    return own and not actor.programme and bool(actor.roles & PAPERS)


def keeps_grants(actor: Actor) -> bool:
    """Whether the actor keeps grants for the organisation they act for."""
    return actor.organisation is not None and keeps_for(actor, actor.organisation.pk)


@predicate
def is_completer(actor: Actor, row: Any) -> bool:
    """Is of the grant's team, in their own name."""
    if actor.person is None or actor.represented is not None:
        return False
    return GrantMember.objects.filter(grant=row.pk, person=actor.person.pk).exists()


@is_completer.beside
def _completed(actor: Actor, rows: Rows) -> Q:
    if actor.person is None or actor.represented is not None:
        return rows.none
    return rows.where(pk__in=GrantMember.objects.filter(person=actor.person.pk).values("grant"))


@predicate
def is_of_team(actor: Actor, row: Any) -> bool:
    """Is of the grant's team, or stands in for somebody who is: it is their own matter."""
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    return bool(people) and GrantMember.objects.filter(grant=row.pk, person__in=people).exists()


@is_of_team.beside
def _of_team(actor: Actor, rows: Rows) -> Q:
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    return rows.where(pk__in=GrantMember.objects.filter(person__in=people).values("grant"))


@predicate
def keeps_papers(actor: Actor, row: Any) -> bool:
    """Acts for the unit in a role in which its papers of rights are kept."""
    return keeps_for(actor, row.record.owner_id)


@keeps_papers.beside
def _papers_kept(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    return rows.records.where(owner=unit.pk) if unit is not None and keeps_for(actor, unit.pk) else rows.none


keeps = keeps_papers & ~is_of_team
"""Keeps a grant for the unit: checks, has it decided, holds its notice; nobody does so in their own matter."""
writes = keeps_papers | is_completer
"""Enters and changes a draft: who keeps grants, and the team itself."""


# -- income ------------------------------------------------------------------------------------------------------------


def keeps_money_for(actor: Actor, owner: int | None) -> bool:
    """Whether the actor acts for this unit in a role in which its income is kept; not as a deputy of one programme."""
    own = actor.organisation is not None and owner == actor.organisation.pk
    return own and not actor.programme and bool(actor.roles & MONEY)


def keeps_income(actor: Actor) -> bool:
    """Whether the actor keeps the income of the organisation they act for."""
    return actor.organisation is not None and keeps_money_for(actor, actor.organisation.pk)


@predicate
def keeps_money(actor: Actor, row: Any) -> bool:
    """Acts for the unit in a role in which its income is kept."""
    return keeps_money_for(actor, row.record.owner_id)


@keeps_money.beside
def _money_kept(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    return rows.records.where(owner=unit.pk) if unit is not None and keeps_income(actor) else rows.none


@predicate
def shares_in(actor: Actor, row: Any) -> bool:
    """Gets something of it, or stands in for somebody who does: it is their own matter."""
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    return bool(people) and DistributionMember.objects.filter(distribution=row.pk, person__in=people).exists()


@shares_in.beside
def _shared(actor: Actor, rows: Rows) -> Q:
    people = [one.pk for one in (actor.person, actor.represented) if one is not None]
    return rows.where(pk__in=DistributionMember.objects.filter(person__in=people).values("distribution"))


settles = keeps_money & ~shares_in
"""Holds the notice of a distribution and settles it: nobody does so in their own matter."""
