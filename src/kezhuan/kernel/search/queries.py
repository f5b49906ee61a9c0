"""Ask the index as an actor: words, filters and order in; a page of record ids, exact counts and facets out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kezhuan.kernel.access import Actor, allowed_audiences, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.search.columns import Bools, Columns
from kezhuan.kernel.search.live import LiveIndex, Status, has_audience, live_index

Slots = NDArray[np.int64]
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


def speaking(columns: Columns, visible: Bools) -> Bools:
    """Of each record's visible documents the richest one: audiences nest, so a record is counted once."""
    slots = np.flatnonzero(visible)
    order = np.lexsort((columns.number("level")[slots], columns.number("record")[slots]))
    slots = slots[order]
    records = columns.number("record")[slots]
    last = np.ones(len(slots), np.bool_)
    last[:-1] = records[1:] != records[:-1]
    chosen = np.zeros(columns.size, np.bool_)
    chosen[slots[last]] = True
    return chosen


def search(actor: Actor, asked: Asked, *, index: LiveIndex | None = None) -> Results:
    """What the actor may see of what is asked; every count, facet and order comes from visible documents only.

    Takes one query for the journal's head and one for the actor's audiences, whatever the size of the city.
    """
    index = index or live_index()
    status = index.catch_up()
    audiences = audience_mask(actor)
    with index.lock:
        columns = index.columns
        alive = np.zeros(columns.size, np.bool_)
        found_all = index.matcher.search("")
        alive[found_all.slots] = True
        visible = alive & has_audience(columns, audiences)
        if asked.kinds:
            codes = [columns.known("kind", kind) for kind in asked.kinds]
            visible &= np.isin(columns.facet("kind"), codes)
        spoken = speaking(columns, visible)
        found = index.matcher.search(asked.words, allowed=spoken)
        hits = found.slots
        passed = {
            name: np.isin(columns.facet(name)[hits], [columns.known(name, value) for value in values])
            for name, values in asked.chosen.items()
            if values
        }
        facets = {name: _counts(columns, name, hits, passed) for name in asked.facets}
        keep = np.ones(len(hits), np.bool_)
        for mask in passed.values():
            keep &= mask
        chosen = hits[keep]
        if asked.order == NEWEST or not asked.words.strip():
            chosen = chosen[np.lexsort((-columns.number("record")[chosen], -columns.number("opened")[chosen]))]
        start = asked.page * asked.size
        records = [int(pk) for pk in columns.number("record")[chosen[start : start + asked.size]]]
    if status.behind:
        # What was withdrawn since is not shown, though it is still counted until the index has caught up.
        shown = set(visible_to(actor, Record.objects.filter(pk__in=records)).values_list("pk", flat=True))
        records = [pk for pk in records if pk in shown]
    return Results(records, len(chosen), facets, found.complete, status)


def _counts(columns: Columns, name: str, hits: Slots, passed: Mapping[str, Bools]) -> list[FacetCount]:
    keep = np.ones(len(hits), np.bool_)
    for other, mask in passed.items():
        if other != name:
            keep &= mask
    counts = np.bincount(columns.facet(name)[hits[keep]], minlength=1)
    values = columns.values.get(name, [""])
    rows = [FacetCount(values[code], int(count)) for code, count in enumerate(counts) if code and count]
    return sorted(rows, key=lambda row: (-row.count, row.value))
