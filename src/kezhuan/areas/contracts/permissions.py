"""Who prepares the contracts of a unit, and who registers them."""

from typing import Any

from django.db.models import Q

from kezhuan.kernel.access import Actor, is_officer, predicate
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.roles import PAPERS

PROGRAMME = "contract"


def keeps_for(actor: Actor, owner: int | None) -> bool:
    """Whether the actor acts for this unit in a role in which its contracts are kept; not as a deputy of one
    programme."""
    own = actor.organisation is not None and owner == actor.organisation.pk
    return own and not actor.programme and bool(actor.roles & PAPERS)


@predicate
def keeps(actor: Actor, row: Any) -> bool:
    """Acts for the unit in a role in which its contracts are kept."""
    return keeps_for(actor, row.record.owner_id)


@keeps.beside
def _kept(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    return rows.records.where(owner=unit.pk) if unit is not None and keeps_for(actor, unit.pk) else rows.none


def keeps_contracts(actor: Actor) -> bool:
    """Whether the actor keeps contracts for the organisation they act for."""
    return actor.organisation is not None and keeps_for(actor, actor.organisation.pk)


@predicate
def looked_first(actor: Actor, row: Any) -> bool:
    """Is the registrar who accepted and classified the contract."""
    return actor.person is not None and row.registrar_id == actor.person.pk


looked_first.beside(lambda actor, rows: rows.where(registrar=actor.person.pk) if actor.person else rows.none)


@predicate
def is_classified(_actor: Actor, row: Any) -> bool:
    """A registrar has looked at the contract."""
    return row.registrar_id is not None


is_classified.beside(lambda _actor, rows: rows.where(registrar__isnull=False))


looks_second = is_officer & is_classified & ~looked_first
"""An officer in charge, and never whoever looked first."""


@predicate
def is_numbered(_actor: Actor, row: Any) -> bool:
    """Number, day and amounts of the registry were read for the form as it stands: what registers a contract is that
    reading, so the step is offered nowhere else."""
    return bool(row.numbered)


is_numbered.beside(lambda _actor, rows: rows.where(numbered=True))
