"""Ask the index as an actor: words, filters and order in; a page of record ids, exact counts and facets out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kezhuan.engines.matching import Behind
from kezhuan.kernel import followers
from kezhuan.kernel.access import Actor, allowed_audiences, visible_to
from kezhuan.kernel.memory import UntilNextEntry
from kezhuan.kernel.models import Record
from kezhuan.kernel.search.columns import SEVERAL, Bools, Columns
from kezhuan.kernel.search.held import live_index
from kezhuan.kernel.search.live import LiveIndex
from kezhuan.kernel.search.standing import Chosen, Slots
from kezhuan.kernel.search.status import Status

NEWEST, BEST = "newest", "best"


@dataclass(frozen=True)
class Position:
    """Where a record stands in an order: its day and number where the newest come first; by words its score, which is
    held for the case that the record is no longer among what is found."""

    record: int
    opened: int
    score: float = 0.0
    tie: int = 0


@dataclass(frozen=True)
class Asked:
    """What is asked: words, kinds, chosen facet values (any of one facet, all facets), order, page (from 0), or instead
    of a page the position behind which to go on."""

    words: str = ""
    kinds: tuple[str, ...] = ()
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    order: str = BEST
    page: int = 0
    size: int = 25
    after: Position | None = None


@dataclass(frozen=True)
class FacetCount:
    """How many of the records found under all other filters have this value."""

    value: str
    count: int


@dataclass(frozen=True)
class Results:
    """A page of record ids, how many there are in all, the counts, whether every word was found together, and the
    position of the last one when there are more behind it."""

    records: list[int]
    total: int
    facets: dict[str, list[FacetCount]]
    complete: bool
    status: Status
    last: Position | None = None


_masks: UntilNextEntry[Bools] = UntilNextEntry(256)


def audience_mask(actor: Actor, as_of: tuple[int, str] | None = None) -> Bools:
    """Which audience ids the actor belongs to. An officer belongs to thousands: they are read again when one may have
    come, that is when the journal's head (read now when it is not given) is another."""

    def asked() -> Bools:
        ids = np.fromiter(allowed_audiences(actor), np.int64)
        mask = np.zeros(int(ids.max()) + 1 if len(ids) else 1, np.bool_)
        mask[ids] = True
        return mask

    return _masks.get(followers.head() if as_of is None else as_of, actor.tokens, asked)


def search(actor: Actor, asked: Asked, *, index: LiveIndex | None = None) -> Results:
    """What the actor may see of what is asked; every count, facet and order comes from visible documents only.

    Takes one query for the journal's head and at most one for the actor's audiences, whatever the size of the city.
    """
    index = index or live_index()
    status = index.catch_up()
    audiences = audience_mask(actor, status.as_of)
    with index.lock:
        columns, standing = index.columns, index.standing
        view = standing.view(columns, audiences, asked.kinds)
        hits = index.matcher.find(asked.words, allowed=view.mask) if asked.words.strip() else None
        found = view.mask if hits is None else hits.mask
        passed = {name: columns.holds(name, values) for name, values in asked.chosen.items() if values}
        chosen = Chosen(_narrowed(found, list(passed.values())))
        facets = {}
        for name in asked.facets:
            others = [mask for other, mask in passed.items() if other != name]
            if found is view.mask and not others:
                counts = view.count(columns, name)
            else:
                same = len(others) == len(passed)
                counts = (chosen if same else Chosen(_narrowed(found, others))).count(columns, name)
            facets[name] = _shown(columns, name, counts)
        start, end = asked.page * asked.size, (asked.page + 1) * asked.size
        if hits is None or hits.query is None or asked.order == NEWEST:
            after = None if asked.after is None else (asked.after.opened, asked.after.record)
            slots, places = standing.first(chosen.mask, end + 1, after), None
        else:
            behind = _behind(columns, chosen.mask, asked.after)
            places = index.matcher.best_of(hits, chosen.slots, end + 1, behind)
            slots = places.slots
        records = [int(pk) for pk in columns.number("record")[slots[start:end]]]
        last = None
        if len(slots) > end:
            score, tie = (0.0, 0) if places is None else (float(places.scores[end - 1]), int(places.ties[end - 1]))
            last = Position(records[-1], int(columns.number("opened")[slots[end - 1]]), score, tie)
        complete = hits is None or hits.complete
    if status.behind:
        # What was withdrawn since is not shown, though it is still counted until the index has caught up.
        shown = set(visible_to(actor, Record.objects.filter(pk__in=records)).values_list("pk", flat=True))
        records = [pk for pk in records if pk in shown]
    return Results(records, chosen.total, facets, complete, status, last)


def _behind(columns: Columns, mask: Bools, after: Position | None) -> Behind | None:
    """Where the record of a position stands among what is found now, or where it stood when it is not among it."""
    if after is None:
        return None
    present = np.flatnonzero(mask & (columns.number("record") == after.record))
    return Behind(int(present[0]) if len(present) else None, after.score, after.tie)


def matching(actor: Actor, asked: Asked, among: Sequence[int], *, index: LiveIndex | None = None) -> list[int]:
    """Which of these records the actor may see and the question finds, every word of it together; in no order.

    The index is brought up to date first: this is for jobs, not for pages.
    """
    if not among:
        return []
    index = index or live_index()
    audiences = audience_mask(actor, index.catch_up(wait=True).as_of)
    with index.lock:
        columns, standing = index.columns, index.standing
        view = standing.view(columns, audiences, asked.kinds)
        mask = view.mask & np.isin(columns.number("record"), np.asarray(among, np.int64))
        for name, values in asked.chosen.items():
            if values:
                mask = mask & columns.holds(name, values)
        slots = np.flatnonzero(mask)
        if asked.words.strip() and len(slots):
            found = index.matcher.search(asked.words, allowed=mask, top=0)
            slots = found.slots if found.complete else slots[:0]
        return [int(pk) for pk in columns.number("record")[slots]]


def _narrowed(mask: Bools, others: Sequence[Bools]) -> Bools:
    for other in others:
        mask = mask & other
    return mask


def _shown(columns: Columns, name: str, counts: Slots) -> list[FacetCount]:
    values = columns.values.get(name, [""])
    found: Counter[str] = Counter()
    for code in np.flatnonzero(counts):  # of several values each is counted
        if code:
            found.update(dict.fromkeys(values[code].split(SEVERAL), int(counts[code])))
    rows = [FacetCount(value, number) for value, number in found.items()]
    return sorted(rows, key=lambda row: (-row.count, row.value))
