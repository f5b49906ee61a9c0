"""Who admits an inspector."""

from typing import Any

from django.db.models import Q

from kezhuan.areas.people.permissions import administers
from kezhuan.kernel.access import Actor, predicate
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.predicates import Rows


def may_admit_for(actor: Actor, unit: Organisation | None) -> bool:
    """Whether the actor admits inspectors: to a unit's own records its administrators, else the officers of the whole
    city. Deputies do not: the letter is addressed to whoever answers for the records."""
    if actor.represented is not None:
        return False
    return bool(administers.test(actor, unit)) if unit is not None else actor.is_city_officer


def side_of(actor: Actor) -> Organisation | None:
    """For whom the actor admits: the bureau (None) as a city officer, else their own unit."""
    return None if actor.is_city_officer else actor.organisation


def may_prepare(actor: Actor) -> bool:
    """Whether the actor prepares inspections at all."""
    side = side_of(actor)
    return (side is not None or actor.is_city_officer) and may_admit_for(actor, side)


@predicate
def admits(actor: Actor, row: Any) -> bool:
    """Admits an inspector by this inspection, and ends it."""
    return may_admit_for(actor, row.unit)


@admits.beside
def _admitted_by(actor: Actor, rows: Rows) -> Q:
    if actor.represented is not None:
        return rows.none
    by_units = administers.where(actor, rows.at("unit", Organisation))
    return by_units | rows.where(unit=None) if actor.is_city_officer else by_units
