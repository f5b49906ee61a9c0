"""Who may act on an introduction: its two sides and the officers."""

from typing import Any

from kezhuan.areas.matches.models import Introduction
from kezhuan.kernel.access import Actor, is_officer, predicate
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role

_WRITERS = {Role.ADMINISTRATOR, Role.MEMBER, Role.OFFICER}


def speaks_for(actor: Actor, record: Record) -> bool:
    """Acts, with more than reading rights, for the record's owner."""
    return (
        actor.organisation is not None
        and record.owner_id == actor.organisation.pk
        and not actor.roles.isdisjoint(_WRITERS)
    )


@predicate
def represents_need_side(actor: Actor, row: Any) -> bool:
    """Speaks for the firm that poses the need."""
    return speaks_for(actor, row.need.record)


@predicate
def represents_supply_side(actor: Actor, row: Any) -> bool:
    """Speaks for the unit that offers the result."""
    return speaks_for(actor, row.supply)


represents_a_side = represents_need_side | represents_supply_side


@predicate
def oversees(actor: Actor, row: Any) -> bool:
    """Is an officer in charge of one of the two sides."""
    return bool(is_officer.test(actor, row.need) or is_officer.test(actor, row.supply))


@predicate
def may_agree(actor: Actor, row: Introduction) -> bool:
    """Speaks for a side that has not agreed yet; an officer agrees for a record that nobody owns."""
    for record, agreed in ((row.need.record, row.need_agreed_on), (row.supply, row.supply_agreed_on)):
        if agreed is None and (
            speaks_for(actor, record) or (record.owner_id is None and is_officer.test(actor, record))
        ):
            return True
    return False
