"""Who keeps the pool of experts, who runs a panel, and whose review is whose."""

from typing import Any

from django.db.models import Q

from kezhuan.areas.reviews.judging import judged_kinds, sided_with
from kezhuan.areas.reviews.models import Expert, Panel, PanelItem, Review
from kezhuan.kernel.access import WRITERS, Actor, is_officer, predicate
from kezhuan.kernel.models import Record
from kezhuan.kernel.predicates import Rows

POOL = "expert"
"""The programme of those in charge of the pool."""
GONE = frozenset({"declined", "released"})
"""Stages of reviews of experts who are no longer on the panel."""


def keeps_pool(actor: Actor) -> bool:
    """Whether the actor enters experts for the office they act for."""
    office = actor.organisation
    return office is not None and actor.is_officer and actor.is_in_charge(office.region, POOL)


def may_judge(actor: Actor, programme: str) -> bool:
    """Whether the actor makes panels of a programme for the office they act for."""
    office = actor.organisation
    known = programme in judged_kinds()
    return known and office is not None and actor.is_officer and actor.is_in_charge(office.region, programme)


def _panel_of(row: Any) -> Panel:
    panel: Panel = row if isinstance(row, Panel) else row.panel
    return panel


def _panels(rows: Rows) -> Rows:
    return rows if rows.model is Panel else rows.at("panel", Panel)


@predicate
def is_of_agency(actor: Actor, row: Any) -> bool:
    """Acts, with more than reading rights, for the contracted agency of the panel."""
    unit, panel = actor.organisation, _panel_of(row)
    acts = unit is not None and bool(actor.roles & WRITERS) and actor.acts_in(panel.programme)
    return acts and unit is not None and panel.agency_id == unit.pk


@is_of_agency.beside
def _of_agency(actor: Actor, rows: Rows) -> Q:
    panels = _panels(rows)
    if actor.organisation is None or not actor.roles & WRITERS:
        return panels.none
    found = panels.where(agency=actor.organisation.pk)
    return found & panels.where(about__kind=actor.programme) if actor.programme else found


@predicate
def judges_or_is_judged(actor: Actor, row: Any) -> bool:
    """Is an expert of the panel, or acts, now or elsewhere, for a unit whose item it judges, as its owner or another
    side of it: nobody runs a panel about their own."""
    panel = _panel_of(row)
    return bool(_on_panels(actor).filter(pk=panel.pk).exists())


@judges_or_is_judged.beside
def _judging_or_judged(actor: Actor, rows: Rows) -> Q:
    return _panels(rows).where(pk__in=_on_panels(actor).values("pk"))


def _on_panels(actor: Actor) -> Any:
    mine = [one.pk for one in actor.choices]
    # One subquery for each way to an item: in one of all together a database reads every item there is.
    ways = [Q(record__owner__in=mine), *(Q(record__in=sided) for sided in sided_with(mine))]
    found = Q()
    for way in ways:
        found |= Q(pk__in=PanelItem.objects.filter(way).values("panel"))
    if actor.person is not None:
        judging = Review.objects.filter(expert__person=actor.person.pk).exclude(record__stage__in=GONE)
        found |= Q(pk__in=judging.values("panel"))
    return Panel.objects.filter(found)


@predicate
def _is_in_charge(actor: Actor, row: Any) -> bool:
    return bool(is_officer.test(actor, _panel_of(row)))


_is_in_charge.beside(lambda actor, rows: is_officer.where(actor, _panels(rows)))

runs = (_is_in_charge | is_of_agency) & ~judges_or_is_judged
"""Runs a panel, or looks after one of its reviews: an officer in charge or the contracted agency, neither judging nor
judged by it."""


@predicate
def is_themselves(actor: Actor, row: Any) -> bool:
    """Is the expert, or the expert of the review, in person: no deputy judges."""
    expert = row if isinstance(row, Expert) else row.expert
    return actor.person is not None and actor.represented is None and expert.person_id == actor.person.pk


@is_themselves.beside
def _themselves(actor: Actor, rows: Rows) -> Q:
    experts = rows if rows.model is Expert else rows.at("expert", Expert)
    if actor.person is None or actor.represented is not None:
        return experts.none
    return experts.where(person=actor.person.pk)


def is_own_item(actor: Actor, record: Record) -> bool:
    """Whether an item is the actor's own: of a unit they act for, or with them as its contact."""
    mine = {one.pk for one in actor.choices}
    own = actor.person is not None and record.contact_id == actor.person.pk
    return own or record.owner_id in mine
