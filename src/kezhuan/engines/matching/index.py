"""The slots of a matcher: records added, replaced and deleted, their rows, columns and postings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .across import Across, TableSource
from .config import Config
from .edges import Edges, Habits
from .facts import FactColumns
from .records import Id, Item
from .rows import FIELDS, Entries, Growing, Rows, Vocabulary, append_items
from .weights import Floats, Query, bm25_counts, cosine_counts, invert, measure, norms, weighted_counts

_BATCH = 1000


class Shared(NamedTuple):
    """Units shared by a need and some records.

    row: position in the list of slots asked for. unit: position in the need's units. worth: share of the word score.
    title: the part of `worth` that the record's title brings.
    """

    row: NDArray[np.int64]
    unit: NDArray[np.int32]
    worth: Floats
    title: Floats


class Index:
    """Records in slots. A slot is given in order of arrival and never given again before the next renumbering.

    Two layers: rows merged into postings with the corpus statistics of that moment, and live rows added since, which
    are weighed by the same statistics and scanned. A merge recounts the statistics. Dead slots keep their number
    until they are more than half of all; then the slots are renumbered and `generation` rises.
    """

    def __init__(self, config: Config, table: TableSource) -> None:
        self.config = config
        self.across = Across(table)
        self.generation = 1
        self.vocabulary = Vocabulary()
        self.ids: list[Id] = []
        self.slot_by_id: dict[Id, int] = {}
        self.alive = Growing(np.zeros(0, np.bool_))
        self.lengths = Growing(np.zeros((0, FIELDS), np.int32))
        self.norm = Growing(np.zeros(0, np.float64))
        self.tie = Growing(np.zeros(0, np.uint64))
        self.facts = FactColumns()
        self.edges = Edges()
        self.merged, self.live = Rows(), Rows()
        self.statistics = measure(self.merged, self.alive.view, self.lengths.view, len(self.vocabulary), self.config)
        _, self.postings = invert(self.merged, self.lengths.view, self.statistics, self.config)
        self._position = np.zeros(0, np.int32)

    def __len__(self) -> int:
        return len(self.slot_by_id)

    @property
    def slots(self) -> int:
        """How many slots there are, dead ones included: the length of every mask."""
        return len(self.ids)

    def fill(self, items: Iterable[Item]) -> None:
        """Add many records and merge; they are read once, a batch at a time, and not kept."""
        reading = iter(items)
        while batch := list(islice(reading, _BATCH)):
            self._append(batch)
        self.merge()

    def add(self, items: Sequence[Item]) -> None:
        """Add records; one whose id is there takes a new slot. Of records with one id in `items` the last counts."""
        first = len(self.live)
        self._append(items)
        added = self.live.entries(np.arange(first, len(self.live)))
        self.norm.extend(norms(added, len(self.live) - first, self.statistics, self.config))

    @property
    def merge_due(self) -> bool:
        """Whether so many live rows have come together that scanning them costs more than a merge."""
        return len(self.live) > max(self.config.live_least, self.config.live_share * len(self.merged))

    def _append(self, items: Sequence[Item]) -> None:
        latest = list({item.id: item for item in items}.values())
        for item in latest:
            self._bury(item.id)
        lengths, numbers, places = append_items(self.live, self.vocabulary, latest)
        self.edges.count(self.vocabulary, numbers, places)
        for item in latest:
            self.slot_by_id[item.id] = len(self.ids)
            self.ids.append(item.id)
        self.alive.extend(np.ones(len(latest), np.bool_))
        self.lengths.extend(lengths)
        self.tie.extend(np.fromiter(map(_tie, latest), np.uint64, len(latest)))
        self.facts.extend(item.facts for item in latest)

    def delete(self, ids: Iterable[Id]) -> int:
        """Delete records and return how many were there."""
        return sum([self._bury(one) for one in ids])

    def _bury(self, one: Id) -> bool:
        slot = self.slot_by_id.pop(one, None)
        if slot is not None:
            self.alive.view[slot] = False
        return slot is not None

    def merge(self) -> None:
        """Take the live rows into the postings and count the statistics anew; drop the dead, renumber if many.

        Attributes are replaced and nothing of the former state is changed in place, see `merged_copy`.
        """
        alive, rows, border = self.alive.view, Rows(), len(self.merged)
        if border == 0 and alive.all():
            rows = self.live
        else:
            rows.extend(self.merged, alive[:border])
            rows.extend(self.live, alive[border:])
        self.merged, self.live = rows, Rows()
        if len(alive) - len(self) > max(self.config.live_least, len(self)):
            self._renumber(np.flatnonzero(alive))
        rows, alive, lengths = self.merged, self.alive.view, self.lengths.view
        self.statistics = measure(rows, alive, lengths, len(self.vocabulary), self.config)
        norm, self.postings = invert(rows, lengths, self.statistics, self.config)
        self.norm = Growing(norm)

    def merged_copy(self) -> Index:
        """This index as a merge would leave it; this one may go on answering, but must not be changed again."""
        fresh = copy(self)
        fresh._position = np.zeros(0, np.int32)  # noqa: SLF001  its own scratch
        fresh.across = self.across.apart()
        fresh.merge()
        return fresh

    def _renumber(self, slots: NDArray[np.int64]) -> None:
        rows, lengths = self.merged.entries(slots), np.diff(self.merged.ends.view, prepend=0)
        self.merged = Rows(np.cumsum(lengths[slots]), rows.unit, rows.counts)
        self.ids = [self.ids[slot] for slot in slots.tolist()]
        self.slot_by_id = {one: slot for slot, one in enumerate(self.ids)}
        self.alive = Growing(np.ones(len(slots), np.bool_))
        self.lengths, self.tie = Growing(self.lengths.view[slots]), Growing(self.tie.view[slots])
        self.facts = self.facts.only(slots)
        self.across = self.across.afresh()
        self.generation += 1

    def entries(self, slot: int) -> Entries:
        """The entries of one slot."""
        return self.entries_of(np.array([slot]))

    def entries_of(self, slots: NDArray[np.int64]) -> Entries:
        """The entries of some slots; `row` counts positions in `slots`, which is in order within either layer."""
        border, parts = len(self.merged), []
        for rows, first, inside in ((self.merged, 0, slots < border), (self.live, border, slots >= border)):
            at = np.flatnonzero(inside)
            found = rows.entries(slots[at] - first)
            parts.append(Entries(at[found.row], found.unit, found.counts))
        return Entries(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def shared(self, query: Query, slots: NDArray[np.int64]) -> Shared:
        """What a need shares with the records in some slots. Exact; order does not depend on loading or layer."""
        if len(self._position) < len(self.vocabulary):
            self._position = np.full(len(self.vocabulary) * 3 // 2, -1, np.int32)
        known = query.numbers >= 0
        self._position[query.numbers[known]] = np.flatnonzero(known)
        border = len(self.merged)
        layers = ((self.merged, 0, slots < border), (self.live, border, slots >= border))
        parts = [
            self._shared(query, slots, np.flatnonzero(inside), rows, first)
            for rows, first, inside in layers
            if inside.any()
        ]
        self._position[query.numbers[known]] = -1
        if not parts:
            return Shared(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
        return Shared(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _shared(self, query: Query, slots: NDArray[np.int64], at: NDArray[np.int64], rows: Rows, first: int) -> Shared:
        """One layer's part: `at` are the positions in `slots` that stand in `rows`, whose first slot is `first`."""
        slots = slots[at]
        row, place = rows.places(slots - first)
        units = rows.units.view[place]
        position = self._position[units]
        hits = np.flatnonzero(position >= 0)
        hit = Entries(row[hits], units[hits], rows.counts.view[place[hits]])
        unit = position[hits]
        cosine = cosine_counts(hit, self.config) / self.norm.view[slots][hit.row] * query.cosine[unit]
        bm25 = bm25_counts(hit, self.lengths.view[slots], self.statistics, self.config) * query.bm25[unit]
        weighted = weighted_counts(hit, self.config)
        worth = cosine + bm25
        return Shared(at[hit.row], unit, worth, worth * (weighted[:, 0] / weighted.sum(axis=1)))

    def habits(self, query: Query) -> Habits:
        """How the units of a need stand in the corpus: how often, and how often at the edge of a stretch of text."""
        return self.edges.of(self.vocabulary, query.units, query.numbers)

    def word_scores(self, query: Query) -> NDArray[np.float32]:
        """The word score of every slot to single precision, for finding candidates."""
        out = self.postings.score(query, self.slots)
        border = len(self.merged)
        if border < self.slots:
            shared = self.shared(query, np.arange(border, self.slots))
            out[border:] = np.bincount(shared.row, shared.worth, minlength=self.slots - border)
        return out


def _tie(item: Item) -> int:
    """A number that orders records of equal score in the same way whatever the loading order."""
    return int.from_bytes(blake2b(repr(item.id).encode(), digest_size=8).digest(), "big")
