"""Ask the index as an actor: words, filters and order in; a page of record ids, exact counts and facets out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kezhuan.kernel.access import Actor, allowed_audiences, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.search.columns import Bools, Columns
from kezhuan.kernel.search.live import LiveIndex, Status, has_audience, live_index
from kezhuan.kernel.search.standing import Slots, Standing

NEWEST, BEST = "newest", "best"


@dataclass(frozen=True)
class Asked:
    """What is asked: words, kinds, chosen facet values (any of one facet, all facets), order, page (from 0)."""

    words: str = ""
    kinds: tuple[str, ...] = ()
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    order: str = BEST
    page: int = 0
    size: int = 25


@dataclass(frozen=True)
class FacetCount:
    """How many of the records found under all other filters have this value."""

    value: str
    count: int


@dataclass(frozen=True)
class Results:
    """A page of record ids, how many there are in all, the counts, and whether every word was found together."""

    records: list[int]
    total: int
    facets: dict[str, list[FacetCount]]
    complete: bool
    status: Status


def audience_mask(actor: Actor) -> Bools:
    """Which audience ids the actor belongs to."""
    ids = np.fromiter(allowed_audiences(actor), np.int64)
    mask = np.zeros(int(ids.max()) + 1 if len(ids) else 1, np.bool_)
    mask[ids] = True
    return mask


def search(actor: Actor, asked: Asked, *, index: LiveIndex | None = None) -> Results:
    """What the actor may see of what is asked; every count, facet and order comes from visible documents only.

    Takes one query for the journal's head and one for the actor's audiences, whatever the size of the city.
    """
    index = index or live_index()
    status = index.catch_up()
    audiences = audience_mask(actor)
    with index.lock:
        columns = index.columns
        standing = index.standing
        visible = standing.alive & has_audience(columns, audiences)
        if asked.kinds:
            visible &= columns.holds("kind", asked.kinds)
        spoken = standing.speaking(visible)
        hits, complete = _hits(index, standing, asked, spoken)
        passed = {name: columns.holds(name, values)[hits] for name, values in asked.chosen.items() if values}
        facets = {name: _counts(columns, name, hits, passed) for name in asked.facets}
        keep = np.ones(len(hits), np.bool_)
        for mask in passed.values():
            keep &= mask
        chosen = hits[keep]
        start = asked.page * asked.size
        records = [int(pk) for pk in columns.number("record")[chosen[start : start + asked.size]]]
    if status.behind:
        # What was withdrawn since is not shown, though it is still counted until the index has caught up.
        shown = set(visible_to(actor, Record.objects.filter(pk__in=records)).values_list("pk", flat=True))
        records = [pk for pk in records if pk in shown]
    return Results(records, len(chosen), facets, complete, status)


def _hits(index: LiveIndex, standing: Standing, asked: Asked, spoken: Bools) -> tuple[Slots, bool]:
    """The documents found, in the order asked for, and whether every word was found together."""
    if not asked.words.strip():
        return standing.newest[spoken[standing.newest]], True
    found = index.matcher.search(asked.words, allowed=spoken)
    if asked.order != NEWEST:
        return found.slots, found.complete
    hit = np.zeros(len(spoken), np.bool_)
    hit[found.slots] = True
    return standing.newest[hit[standing.newest]], found.complete


def _counts(columns: Columns, name: str, hits: Slots, passed: Mapping[str, Bools]) -> list[FacetCount]:
    keep = np.ones(len(hits), np.bool_)
    for other, mask in passed.items():
        if other != name:
            keep &= mask
    counts = np.bincount(columns.facet(name)[hits[keep]], minlength=1)
    values = columns.values.get(name, [""])
    rows = [FacetCount(values[code], int(count)) for code, count in enumerate(counts) if code and count]
    return sorted(rows, key=lambda row: (-row.count, row.value))
