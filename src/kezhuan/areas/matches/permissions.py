"""Who may act on an introduction: its two sides and the officers."""

from datetime import date
from typing import Any

from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.access import Actor, is_officer, predicate, represents_owner
from kezhuan.kernel.models import Record


def speaks_for(actor: Actor, record: Record) -> bool:
    """Acts, with more than reading rights, for the record's owner."""
    return bool(represents_owner.test(actor, record))


@predicate
def represents_need_side(actor: Actor, row: Any) -> bool:
    """Speaks for the firm that poses the need."""
    return speaks_for(actor, row.need.record)


@predicate
def represents_supply_side(actor: Actor, row: Any) -> bool:
    """Speaks for the unit that offers the result."""
    return speaks_for(actor, row.supply)


represents_a_side = represents_need_side | represents_supply_side


def watches(actor: Actor, need: Need, supply: Record) -> bool:
    """Is an officer in charge of one of the two sides."""
    return bool(is_officer.test(actor, need) or is_officer.test(actor, supply.achievement))


def decides(actor: Actor, need: Need, supply: Record) -> bool:
    """Says yes or no to a suggested pair: its two sides, and the officers in charge of one of them."""
    return speaks_for(actor, need.record) or speaks_for(actor, supply) or watches(actor, need, supply)


@predicate
def oversees(actor: Actor, row: Introduction) -> bool:
    """Is an officer in charge of one of the two sides."""
    return watches(actor, row.need, row.supply)


plans = represents_a_side | oversees
"""Who plans the meeting of an introduction: its two sides, and the officers in charge of one of them."""


def consents(actor: Actor, row: Any) -> bool:
    """Whether the actor's yes is the yes of this need's or result's side; officers speak for what nobody owns."""
    record: Record = row.record
    return speaks_for(actor, record) or (record.owner_id is None and bool(is_officer.test(actor, row)))


def _own_sides(actor: Actor, row: Introduction) -> list[date | None]:
    """When each side that the actor speaks for agreed."""
    sides = ((row.need, row.need_agreed_on), (row.supply.achievement, row.supply_agreed_on))
    return [agreed_on for side, agreed_on in sides if consents(actor, side)]


@predicate
def may_agree(actor: Actor, row: Introduction) -> bool:
    """Speaks for a side."""
    return bool(_own_sides(actor, row))


@predicate
def has_agreed(actor: Actor, row: Introduction) -> bool:
    """Whether every side that the actor speaks for has agreed."""
    return None not in _own_sides(actor, row)


@predicate
def may_renew(actor: Actor, row: Introduction) -> bool:
    """Decides on the pair."""
    return decides(actor, row.need, row.supply)
