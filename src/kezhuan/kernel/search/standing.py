"""What every question needs of the index as it stands, worked out once after each change and not once a question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kezhuan.kernel.search.columns import Bools, Columns

Slots = NDArray[np.int64]


@dataclass(frozen=True)
class Standing:
    """The living documents, the way from each to the next richer one of its record, and all of them newest first.

    `richer` holds a slot for each slot; the number of slots stands for "none".
    """

    alive: Bools
    richer: Slots
    newest: Slots

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

    def speaking(self, visible: Bools) -> Bools:
        """Of each record's visible documents the richest one, so that a record is counted once.

        Audiences nest: where a richer document is visible, so are all poorer ones, and the next richer one decides.
        """
        spoken: Bools = visible & ~np.append(visible, False)[self.richer]
        return spoken
