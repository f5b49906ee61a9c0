"""Who keeps the agreements of a unit, and who answers for the other side."""

from typing import Any

from django.db.models import Q

from kezhuan.kernel.access import Actor, predicate
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.roles import MONEY, PAPERS


def keeps_for(actor: Actor, unit: int | None, roles: frozenset[str] = PAPERS) -> bool:
    """Whether the actor acts for this unit in a role in which its contracts are kept, or its money (`roles`); not as a
    deputy of one programme."""
    own = actor.organisation is not None and unit is not None and unit == actor.organisation.pk
    return own and not actor.programme and bool(actor.roles & roles)


def keeps_papers(actor: Actor) -> bool:
    """Whether the actor keeps contracts and agreements for the organisation they act for."""
    return actor.organisation is not None and keeps_for(actor, actor.organisation.pk)


@predicate
def keeps(actor: Actor, row: Any) -> bool:
    """Acts for the unit that owns it in a role in which its contracts are kept."""
    return keeps_for(actor, row.record.owner_id)


@keeps.beside
def _kept(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    return rows.records.where(owner=unit.pk) if unit is not None and keeps_for(actor, unit.pk) else rows.none


@predicate
def answers(actor: Actor, row: Any) -> bool:
    """Acts for the other side in a role in which its contracts are kept."""
    return keeps_for(actor, row.party_id)


@answers.beside
def _answered(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    return rows.where(party=unit.pk) if unit is not None and keeps_for(actor, unit.pk) else rows.none


@predicate
def has_party_here(_actor: Actor, row: Any) -> bool:
    """Its other side has an account here, and answers itself."""
    return row.party_id is not None


has_party_here.beside(lambda _actor, rows: rows.where(party__isnull=False))


@predicate
def owes_nothing_yet(_actor: Actor, row: Any) -> bool:
    """Nobody has said yet that what its payments wait for has come to pass."""
    return row.triggered_on is None


owes_nothing_yet.beside(lambda _actor, rows: rows.where(triggered_on__isnull=True))


@predicate
def counts_money(actor: Actor, row: Any) -> bool:
    """Acts for the unit that owns it in a role in which it enters what was invoiced and what came in."""
    return keeps_for(actor, row.record.owner_id, MONEY | PAPERS)


@counts_money.beside
def _counted(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    may = unit is not None and keeps_for(actor, unit.pk, MONEY | PAPERS)
    return rows.records.where(owner=unit.pk) if unit is not None and may else rows.none


def may_take(actor: Actor, owner: int | None) -> bool:
    """Whether the actor takes a standard licence of this unit for another organisation, whose contracts they keep."""
    return (
        keeps_papers(actor)
        and not actor.is_officer
        and actor.organisation is not None
        and actor.organisation.pk != owner
    )


signs_alone = keeps & ~has_party_here
"""Enters what was signed on paper: the unit, where the other side has no account here."""
either_side = keeps | answers
"""Keeps the contracts of one of the two sides."""
