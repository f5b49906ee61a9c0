"""Who keeps the dossiers of a unit."""

from typing import Any

from django.db.models import Q

from kezhuan.areas.dossiers.models import DossierSort, roles_of
from kezhuan.kernel.access import Actor, predicate
from kezhuan.kernel.predicates import Rows


def keeps_sort(actor: Actor, owner: int | None, sort: str) -> bool:
    """Whether the actor acts for this unit in a role in which dossiers of a sort are kept; not as a deputy of one
    programme."""
    own = actor.organisation is not None and owner == actor.organisation.pk
    return own and not actor.programme and bool(actor.roles & roles_of(sort))


@predicate
def keeps(actor: Actor, row: Any) -> bool:
    """Acts for the unit in a role in which dossiers of this sort are kept; not as a deputy of one programme."""
    return keeps_sort(actor, row.record.owner_id, row.sort)


@keeps.beside
def _kept(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    return rows.where(sort__in=sorts_kept_by(actor), record__owner=unit.pk) if unit is not None else rows.none


@predicate
def is_of_role(actor: Actor, row: Any) -> bool:
    """Holds a role in which dossiers of this sort are kept."""
    return bool(actor.roles & roles_of(row.sort))


is_of_role.beside(lambda actor, rows: rows.where(sort__in=[one for one in DossierSort if actor.roles & roles_of(one)]))


def sorts_kept_by(actor: Actor) -> list[DossierSort]:
    """The sorts of which the actor keeps dossiers for the organisation they act for."""
    if actor.organisation is None or actor.programme:
        return []
    return [sort for sort in DossierSort if actor.roles & roles_of(sort)]
