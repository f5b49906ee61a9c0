"""Who may act on an introduction: its two sides and the officers."""

from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.supply import introduced_kinds
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.access import Actor, about_actor, is_nobodys, is_officer, predicate, represents_owner
from kezhuan.kernel.audit import may_audit
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Record
from kezhuan.kernel.predicates import Predicate, Rows
from kezhuan.kernel.registry import column_of, own_row


@predicate
def represents_need_side(actor: Actor, row: Any) -> bool:
    """Speaks for the firm that poses the need."""
    return represents_owner(actor, row.need.record)


represents_need_side.beside(lambda actor, rows: represents_owner.where(actor, rows.at("need", Need)))


@predicate
def represents_supply_side(actor: Actor, row: Any) -> bool:
    """Speaks for the unit that offers the result."""
    return represents_owner(actor, row.supply)


represents_supply_side.beside(lambda actor, rows: represents_owner.where(actor, rows.at("supply", Record)))


represents_a_side = represents_need_side | represents_supply_side


def watches(actor: Actor, need: Need, supply: Record) -> bool:
    """Is an officer in charge of one of the two sides."""
    return is_officer(actor, need) or is_officer(actor, own_row(supply))


def decides(actor: Actor, need: Need, supply: Record) -> bool:
    """Says yes or no to a suggested pair: its two sides, and the officers in charge of one of them."""
    return represents_owner(actor, need.record) or represents_owner(actor, supply) or watches(actor, need, supply)


def side_of(actor: Actor, need: Need, supply: Record) -> str:
    """For whom the actor speaks on a pair: need, supply or bureau; raises `NotAllowed` for anybody else."""
    if represents_owner(actor, need.record):
        return "need"
    if represents_owner(actor, supply):
        return "supply"
    if watches(actor, need, supply):
        return "bureau"
    raise NotAllowed(_("Only the two sides and the officers decide on a match."))


@predicate
def oversees(actor: Actor, row: Introduction) -> bool:
    """Is an officer in charge of one of the two sides."""
    return watches(actor, row.need, row.supply)


@oversees.beside
def _overseen(actor: Actor, rows: Rows) -> Q:
    return is_officer.where(actor, _needs(rows)) | _of_supply(is_officer, actor, rows)


@predicate
def mediates(actor: Actor, row: Introduction) -> bool:
    """Is the broker, in person, who brought the two together."""
    return actor.person is not None and actor.represented is None and row.broker_id == actor.person.pk


@mediates.beside
def _mediated(actor: Actor, rows: Rows) -> Q:
    if actor.person is None or actor.represented is not None:
        return rows.none
    return rows.where(broker=actor.person.pk)


plans = represents_a_side | oversees | mediates
"""Who plans the meeting of an introduction and says what came of it: its two sides, the officers in charge of one of
them, and its broker."""


consents = represents_owner | is_nobodys & is_officer
"""The actor's yes is the yes of this need's or result's side; officers speak for what nobody owns."""


def _needs(rows: Rows) -> Rows:
    return rows.at("need", Need)


def _of_supply(held: Predicate, actor: Actor, rows: Rows) -> Q:
    """A predicate holds of the side of supply, of whatever kind that is."""
    supply = rows.at("supply", Record)
    kinds = introduced_kinds()
    return reduce(or_, (held.where(actor, supply.at(column_of(kind), kind.model)) for kind in kinds))


def _own_sides(actor: Actor, row: Introduction) -> list[date | None]:
    """When each side that the actor speaks for agreed."""
    sides = ((row.need, row.need_agreed_on), (own_row(row.supply), row.supply_agreed_on))
    return [agreed_on for side, agreed_on in sides if consents.test(actor, side)]


@predicate
def may_agree(actor: Actor, row: Introduction) -> bool:
    """Speaks for a side."""
    return bool(_own_sides(actor, row))


may_agree.beside(lambda actor, rows: consents.where(actor, _needs(rows)) | _of_supply(consents, actor, rows))


@predicate
def has_agreed(actor: Actor, row: Introduction) -> bool:
    """Whether every side that the actor speaks for has agreed."""
    return None not in _own_sides(actor, row)


@has_agreed.beside
def _agreed(actor: Actor, rows: Rows) -> Q:
    on_need = consents.where(actor, _needs(rows)) & rows.where(need_agreed_on=None)
    return ~(on_need | _of_supply(consents, actor, rows) & rows.where(supply_agreed_on=None))


@about_actor
def weighs(actor: Actor, _row: Any) -> bool:
    """Switches a learnt weighting on or off: officers in charge of the whole city."""
    return actor.is_city_officer


@about_actor
def reads_figures(actor: Actor, _row: Any) -> bool:
    """Reads how suggestions are weighed and how they spread: officers and auditors."""
    return actor.is_officer or may_audit.test(actor, None)


@about_actor
def plans_meetings(actor: Actor, _row: Any) -> bool:
    """Matches a list of needs where room is short: officers."""
    return actor.is_officer


may_renew = plans
"""Decides on the pair anew."""
