"""What every question needs of the index as it stands, worked out once after each change and not once a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kezhuan.kernel.search.columns import Bools, Columns

Slots = NDArray[np.int64]
MOST_VIEWS = 16
"""Views kept at a time: most readers share one, that of the public."""


@dataclass(frozen=True)
class View:
    """What readers of the same audiences see of the same kinds: the mask of the documents that speak for their records,
    their slots newest first, and how many have each code of a facet, counted when first asked."""

    mask: Bools
    newest: Slots
    counts: dict[str, Slots] = field(default_factory=dict)

    def count(self, columns: Columns, name: str) -> Slots:
        """How many of all documents in view have each code of the facet."""
        if name not in self.counts:
            self.counts[name] = count(columns, name, self.newest)
        return self.counts[name]


def count(columns: Columns, name: str, slots: Slots) -> Slots:
    """How many of the documents at these slots have each code of the facet."""
    counted: Slots = np.bincount(columns.facet(name)[slots], minlength=1)
    return counted


@dataclass(frozen=True)
class Standing:
    """The living documents, the way from each to the next richer one of its record, and all of them newest first.

    `richer` holds a slot for each slot; the number of slots stands for "none".
    """

    alive: Bools
    richer: Slots
    newest: Slots
    views: dict[object, View] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Columns, alive: Bools) -> Standing:
        """Work it out: one sort over the whole index."""
        size = columns.size
        slots = np.flatnonzero(alive)
        ids = columns.document_ids[slots]
        in_order = slots[np.argsort(ids, kind="stable")]  # by record and, within it, poorest document first
        records = columns.number("record")[in_order]
        goes_on = np.flatnonzero(records[1:] == records[:-1])
        richer = np.full(size, size, np.int64)
        richer[in_order[goes_on]] = in_order[goes_on + 1]
        # Stable: on one day the later record stands first, as `in_order` reversed has it.
        backwards = in_order[::-1]
        newest = backwards[np.argsort(-columns.number("opened")[backwards], kind="stable")]
        return cls(alive, richer, newest)

    def view(self, key: object, visible: Callable[[], Bools]) -> View:
        """The view kept under a key; `visible` gives the mask of the documents it rests on when it is not there yet."""
        found = self.views.get(key)
        if found is None:
            mask = self.speaking(visible())
            found = View(mask, self.newest[mask[self.newest]])
            while len(self.views) >= MOST_VIEWS:
                del self.views[next(iter(self.views))]
            self.views[key] = found
        return found

    def speaking(self, visible: Bools) -> Bools:
        """Of each record's visible documents the richest one, so that a record is counted once.

        Audiences nest: where a richer document is visible, so are all poorer ones, and the next richer one decides.
        """
        spoken: Bools = visible & ~np.append(visible, False)[self.richer]
        return spoken
