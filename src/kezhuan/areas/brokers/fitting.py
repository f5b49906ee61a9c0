"""How brokers fit pairs: by field, district and what they brought about before; never one who is tied to a side."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, prefetch_related_objects

from kezhuan.areas.brokers.models import Broker, BrokeredPair
from kezhuan.areas.brokers.queries import DONE
from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.supply import facts_of, related_rows
from kezhuan.areas.reviews.clearing import Adviser, tied
from kezhuan.kernel.access import Actor, actor_as, can_view, region_of
from kezhuan.kernel.models import Record
from kezhuan.kernel.registry import own_row

FIELD, REGION, PAST = 0.5, 0.3, 0.2
"""Shares of the parts of a fit; the whole is 1. The program's own, no rule's."""
ENOUGH = 3
"""So many earlier pairs with one of the two sides that came to a contract count in full."""
UNKNOWN = 0.5
"""What a field or district counts that no side names; and the whole city, against a district of one's own."""


@dataclass(frozen=True)
class Fit:
    """How a broker fits a pair: the parts in `why`, or what `bars` them, a key of `wording.NOBODY`."""

    why: tuple[dict[str, Any], ...] = ()
    bars: str = ""

    @property
    def value(self) -> float:
        """Their sum, from 0 to 1."""
        return float(sum(one["value"] for one in self.why))


def fits_of(actor: Actor, rows: Sequence[Suggestion], brokers: Sequence[Broker]) -> dict[tuple[int, int], Fit]:
    """How each broker fits each pair, by the numbers of suggestion and broker. `actor` plans: ties count by the rules
    of their office. Some queries, a few more for each broker, none for each pair."""
    prefetch_related_objects(rows, *related_rows("supply__"))
    sides = {row.pk: _sides(row) for row in rows}
    records = {one.pk: one for row in rows for one in (row.need.record, row.supply)}
    ties = _ties(actor, records.values(), brokers)
    returned = set(
        BrokeredPair.objects.filter(broker__in=[one.pk for one in brokers], record__stage="returned").values_list(
            "broker", "need", "supply"
        )
    )
    past = _past(brokers)
    found = {}
    for broker in brokers:
        reader = actor_as(broker.person, broker.organisation_id)
        read = {pk for pk, one in records.items() if reader is not None and can_view(reader, one, "public")}
        for row in rows:
            fit = _fit(broker, sides[row.pk], past[broker.pk])
            # By what they may do anyway: a pair opens nothing to them.
            if not fit.bars and not {row.need_id, row.supply_id} <= read:
                fit = Fit(bars="read")
            if not fit.bars and {(row.need_id, broker.pk), (row.supply_id, broker.pk)} & ties:
                fit = Fit(bars="tied")
            if not fit.bars and (broker.pk, row.need_id, row.supply_id) in returned:
                fit = Fit(bars="returned")
            found[row.pk, broker.pk] = fit
    return found


@dataclass(frozen=True)
class _Sides:
    """What is compared of the two sides of a pair."""

    fields: tuple[str, ...]
    regions: tuple[str, ...]
    owners: frozenset[int]


def _sides(row: Suggestion) -> _Sides:
    fields = (row.need.field, facts_of(row.supply).field or "")
    regions = (region_of(row.need), region_of(own_row(row.supply)))
    owners = (row.need.record.owner_id, row.supply.owner_id)
    return _Sides(
        tuple(filter(None, fields)), tuple(filter(None, regions)), frozenset(one for one in owners if one is not None)
    )


def _fit(broker: Broker, sides: _Sides, past: Mapping[int, int]) -> Fit:
    field, fields = _share(sides.fields, broker.fields)
    region, regions = _share(sides.regions, broker.regions)
    if not field or not region:
        return Fit(bars="fit")
    count = sum(past.get(owner, 0) for owner in sides.owners)
    return Fit(
        (
            {"name": "field", "value": FIELD * field, "codes": fields},
            {"name": "region", "value": REGION * region, "codes": regions},
            {"name": "past", "value": PAST * min(1.0, count / ENOUGH), "count": count},
        )
    )


def _share(named: Sequence[str], own: Sequence[str]) -> tuple[float, list[str]]:
    """The share of what the sides name that is among the broker's own, and which that is."""
    if not named or not own:
        return UNKNOWN, []
    met = [one for one in named if one in own]
    return len(met) / len(named), list(dict.fromkeys(met))


def _ties(actor: Actor, records: Iterable[Record], brokers: Sequence[Broker]) -> set[tuple[int, int]]:
    """Records and brokers who are tied to whose they are: an organisation, or the person whom a record names."""
    whose = {record.pk: {one for one in (record.owner_id, record.contact_id) if one is not None} for record in records}
    people = [Adviser(one.pk, one.person_id, one.organisation_id) for one in brokers]
    return tied(whose, people, actor.organisation.region if actor.organisation is not None else "")


def _past(brokers: Sequence[Broker]) -> dict[int, dict[int, int]]:
    """By broker and organisation how many of their pairs came to a contract; a pair counts for both its sides."""
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = BrokeredPair.objects.filter(broker__in=[one.pk for one in brokers], record__stage=DONE).order_by()
    for side in ("need__record__owner", "supply__owner"):
        for broker, owner, number in rows.values_list("broker", side).annotate(number=Count("pk")):
            if owner is not None:
                found[broker][owner] += number
    return found
