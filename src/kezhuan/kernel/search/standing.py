"""What every question needs of the index as it stands: worked out once, and brought up to date by each change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kezhuan.kernel.search.columns import Bools, Columns, has_audience
from kezhuan.kernel.search.documents import LEVELS

Slots = NDArray[np.int64]
MOST_VIEWS = 16
"""Views kept at a time: most readers share one, that of the public."""
FEW = 1 / 16
"""Up to this share of all slots it is quicker to look at those chosen than at whole columns."""
AT_ONCE = 1 << 16
"""Slots of the order that are looked at together."""
DAY = 43
"""Bits of a place in the order that hold the document's number; the day stands above them."""


@dataclass
class View:
    """What readers of the same audiences see of the same kinds: the mask of the documents that speak for their records,
    and how many of them have each code of a facet, counted when first asked."""

    audiences: Bools
    kinds: tuple[str, ...]
    mask: Bools
    counts: dict[str, Slots] = field(default_factory=dict)

    def count(self, columns: Columns, name: str) -> Slots:
        """How many of all documents in view have each code of the facet."""
        if name not in self.counts:
            self.counts[name] = Chosen(self.mask).count(columns, name)
        return self.counts[name]


class Chosen:
    """Some slots, as a mask, and what is counted of them."""

    def __init__(self, mask: Bools) -> None:
        self.mask = mask
        self.total = int(np.count_nonzero(mask))

    @cached_property
    def slots(self) -> Slots:
        """The slots by number, in order."""
        return np.flatnonzero(self.mask)

    def count(self, columns: Columns, name: str) -> Slots:
        """How many of the documents at these slots have each code of the facet; those without one are not counted."""
        if self.total >= FEW * len(self.mask):
            return columns.count(name, self.mask)
        counted = np.bincount(columns.facet(name)[self.slots], minlength=1)
        counted[0] = 0
        return counted


class Standing:
    """The living documents, the way from each to the next richer one of its record, and all of them newest first.

    Slots that died since they were put in order stay there and are in no view. Use it under the index's lock.
    """

    def __init__(self, columns: Columns, alive: Bools) -> None:
        """Work it out: one sort over the whole index."""
        slots = np.flatnonzero(alive)
        self.alive = alive
        self.views: dict[object, View] = {}
        self._richer = np.full(columns.size, -1, np.int64)
        self._link(columns, slots)
        places = _places(columns, slots)
        order = np.argsort(places)
        self.newest, self._places = slots[order], places[order]

    def _link(self, columns: Columns, slots: Slots) -> None:
        """From each document to the next richer one of its record, among these slots, which hold whole records."""
        records = columns.number("record")
        in_order = slots[np.argsort(columns.document_ids[slots], kind="stable")]
        goes_on = np.flatnonzero(records[in_order[1:]] == records[in_order[:-1]])
        self._richer[in_order[goes_on]] = in_order[goes_on + 1]

    def replaced(self, columns: Columns, dead: Iterable[int]) -> None:
        """Follow a change: these slots are dead, and the columns hold new ones at the end; of whole records, both."""
        gone = np.fromiter(dead, np.int64)
        size = len(self.alive)
        fresh = np.arange(size, columns.size)
        self.alive = np.append(self.alive, np.ones(len(fresh), np.bool_))
        self.alive[gone] = False
        self._richer = np.append(self._richer, np.full(len(fresh), -1))
        self._link(columns, fresh)
        places = _places(columns, fresh)
        order = np.argsort(places)
        at = np.searchsorted(self._places, places[order])
        self.newest = np.insert(self.newest, at, fresh[order])
        self._places = np.insert(self._places, at, places[order])
        for view in self.views.values():
            out = gone[view.mask[gone]]
            seen = self._speaking(columns, view.audiences, view.kinds, fresh)
            view.mask = np.append(view.mask, seen)
            view.mask[gone] = False
            come = fresh[seen]
            for name, counted in view.counts.items():
                codes = columns.facet(name)
                size = max(len(columns.values.get(name, ("",))), len(counted))
                more, less = (np.bincount(codes[slots], minlength=size) for slots in (come, out))
                more[: len(counted)] += counted
                view.counts[name] = more - less
                view.counts[name][0] = 0

    def view(self, columns: Columns, audiences: Bools, kinds: tuple[str, ...]) -> View:
        """What readers who belong to these audiences see of these kinds (of all without one)."""
        key = (audiences.tobytes(), kinds)
        found = self.views.get(key)
        if found is None:
            found = View(audiences, kinds, self._speaking(columns, audiences, kinds, slice(0, columns.size)))
            while len(self.views) >= MOST_VIEWS:
                del self.views[next(iter(self.views))]
            self.views[key] = found
        return found

    def _speaking(self, columns: Columns, audiences: Bools, kinds: tuple[str, ...], slots: Slots | slice) -> Bools:
        """Of each record's visible documents the richest one, so that a record is counted once.

        Audiences nest: where a richer document is visible, so are all poorer ones, and the next richer one decides.
        """
        held = columns.number("audience")[slots]
        first = slots.start if isinstance(slots, slice) else len(columns.number("audience")) - len(held)
        visible = self.alive[slots] & has_audience(held, audiences)
        if kinds:
            visible &= columns.holds("kind", kinds)[slots]
        richer = self._richer[slots] - first
        spoken: Bools = visible & ~np.append(visible, False).take(np.where(richer < 0, len(visible), richer))
        return spoken

    def first(self, mask: Bools, count: int, after: tuple[int, int] | None = None) -> Slots:
        """The newest of the slots in a mask, at most so many; those after a day and record, when these are given."""
        found, missing = [self.newest[:0]], count
        begin = 0
        if after is not None:
            # Behind every document of that record, whichever of them spoke for it then or does now.
            opened, record = after
            begin = int(np.searchsorted(self._places, -(opened << DAY | record * LEVELS), side="right"))
        for start in range(begin, len(self.newest), AT_ONCE):
            slots = self.newest[start : start + AT_ONCE]
            found.append(slots[np.flatnonzero(mask.take(slots))[:missing]])
            missing -= len(found[-1])
            if missing <= 0:
                break
        return np.concatenate(found)


def _places(columns: Columns, slots: Slots) -> Slots:
    """Numbers by which the newest come first; on one day the later record."""
    places: Slots = -(columns.number("opened")[slots].astype(np.int64) << DAY | columns.document_ids[slots])
    return places
