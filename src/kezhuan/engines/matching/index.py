"""The slots of a matcher: records added, replaced and deleted, their rows, columns and postings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .across import Across, TableSource
from .config import Config
from .edges import Edges, Habits
from .encoder import Encoder
from .facts import FactColumns
from .latent import Latent, learn
from .parts import Factors, weighed
from .records import Id, Item
from .rows import FIELDS, Entries, Growing, Rows, Vocabulary, append_items
from .segments import Segment, Singles, added_up, document_counts, files_in, in_files, in_memory, invert, joined
from .weights import Floats, Query, bm25_counts, brevity, cosine_counts, measure, norms, summed, weighted_counts

_BATCH = 1000
_SPILL = 1 << 25  # entries read while fitting into files that are held in memory at most


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

    Segments never change; the live rows behind them are those added last, which are scanned. When the live rows are
    many they become a segment, joined with the small ones before it, so that there are few. All are weighed by the
    statistics of the last merge. A merge makes one segment of everything and counts anew; it is due when the corpus has
    grown by an eighth and by more than `live_least`. Dead slots keep their number until they are more than half of all;
    then the slots are renumbered and `generation` rises.
    """

    def __init__(self, config: Config, table: TableSource, encoder: Encoder | None = None) -> None:
        self.config = config
        self.across = Across(table, encoder=encoder)
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
        self.segments: tuple[Segment, ...] = ()
        self.live = Rows()
        self.statistics = measure(np.zeros(len(self.vocabulary), np.int64), self.lengths.view, config)
        self.latent: Latent | None = None
        self._position, self._wanted = np.zeros(0, np.int32), np.zeros(0, np.bool_)

    def __len__(self) -> int:
        return len(self.slot_by_id)

    @property
    def slots(self) -> int:
        """How many slots there are, dead ones included: the length of every mask."""
        return len(self.ids)

    @property
    def border(self) -> int:
        """The first live slot."""
        return self.segments[-1].end if self.segments else 0

    def weighed(self, factors: Factors) -> Index:
        """The same records, asked with other weights of the parts; for one question, while nothing changes."""
        if not factors:
            return self
        other = copy(self)
        other.config = weighed(self.config, factors)
        return other

    def layers(self) -> list[tuple[int, Rows]]:
        """Every store of rows with its first slot, in order."""
        return [*((one.first, one.rows) for one in self.segments), (self.border, self.live)]

    def fill(self, items: Iterable[Item], folder: Path | None = None) -> None:
        """Add many records and merge; they are read once, a batch at a time, and not kept.

        With a folder what grows with the records is written there as it comes.
        """
        reading, read = iter(items), list[Rows]()
        while batch := list(islice(reading, _BATCH)):
            self._append(batch)
            if folder is not None and self.live.units.size > _SPILL:
                part = folder / f"read-{len(read)}"
                part.mkdir()
                read.append(joined([self.live], np.ones(len(self.live), np.bool_), in_files(part)))
                self.live = Rows()
        read.append(self.live)
        self.merge(folder, read)

    def add(self, items: Sequence[Item]) -> None:
        """Add records; one whose id is there takes a new slot. Of records with one id in `items` the last counts."""
        first = len(self.live)
        self._append(items)
        added = self.live.entries(np.arange(first, len(self.live)))
        self.norm.extend(norms(added, len(self.live) - first, self.statistics, self.config))

    @property
    def merge_due(self) -> bool:
        """Whether so many live rows have come together that scanning them costs more than taking them in."""
        config, counted = self.config, len(self.segments[0]) if self.segments else 0
        return len(self.live) > max(config.live_least, min(config.live_share * counted, config.live_most))

    @property
    def recount_due(self) -> bool:
        """Whether the statistics are out of date, or most slots dead."""
        least, share = self.config.live_least, self.config.live_share
        counted = len(self.segments[0]) if self.segments else 0
        dead = self.slots - len(self)
        return self.slots - counted > max(least, share * counted) or dead > max(least, len(self))

    def _append(self, items: Sequence[Item]) -> None:
        latest = list({item.id: item for item in items}.values())
        for item in latest:
            self._bury(item.id)
        slot, row = len(self.ids), len(self.live)
        lengths, numbers, places = append_items(self.live, self.vocabulary, latest)
        self.edges.count(self.vocabulary, numbers, places)
        self.across.read(self, slot, self.live.entries(np.arange(row, len(self.live))), len(latest))
        self.across.encode(latest)
        for item in latest:
            self.slot_by_id[item.id] = len(self.ids)
            self.ids.append(item.id)
        self.alive.extend(np.ones(len(latest), np.bool_))
        self.lengths.extend(lengths)
        self.tie.extend(np.fromiter(map(_tie, latest), np.uint64, len(latest)))
        self.facts.extend(item.facts for item in latest)
        self.across.follow(self, slot)

    def delete(self, ids: Iterable[Id]) -> int:
        """Delete records and return how many were there."""
        return sum([self._bury(one) for one in ids])

    def _bury(self, one: Id) -> bool:
        slot = self.slot_by_id.pop(one, None)
        if slot is not None:
            self.alive.view[slot] = False
        return slot is not None

    def seal(self) -> None:
        """Make a segment of the live rows and of the small segments before them; the statistics stay as they are.

        Never of the first segment, which is the one counted. Attributes are replaced, as by `merge`.
        """
        segments, layers = list(self.segments), [self.live]
        while len(segments) > 1 and len(segments[-1]) < 2 * sum(map(len, layers)):
            layers.insert(0, segments.pop().rows)
        first = segments[-1].end if segments else 0
        rows = joined(layers, self.alive.view[first:])
        here = slice(first, self.slots)
        postings = invert(rows, self.lengths.view[here], self.norm.view[here], self.statistics, self.config)
        self.segments, self.live = (*segments, Segment(first, rows, postings)), Rows()

    def merge(self, folder: Path | None = None, layers: list[Rows] | None = None) -> None:
        """Make one segment of everything and count the statistics anew; drop the dead, renumber if many.

        Attributes are replaced and nothing of the former state is changed in place, see `settled_copy`. With a folder
        the segment is written there. `layers` are the rows when they are not those of the index; they are given up.
        """
        alive, room = self.alive.view, in_memory if folder is None else in_files(folder)
        renumber = len(alive) - len(self) > max(self.config.live_least, len(self))
        layers = [rows for _, rows in self.layers()] if layers is None else layers
        rows, self.live = joined(layers, alive, room, renumber=renumber), Rows()
        layers.clear()  # else what was read stays in memory beside the postings that are made of it
        if renumber:
            self._renumber(np.flatnonzero(alive))
        alive, lengths = self.alive.view, self.lengths.view
        self.statistics = measure(document_counts(rows, len(self.vocabulary)), lengths[alive], self.config)
        norm = np.ones(len(rows))
        for first, entries in rows.blocks():
            size = int(entries.row[-1]) + 1 if len(entries.row) else 0
            norm[first : first + size] = norms(entries, size, self.statistics, self.config)
        self.norm = Growing(norm)
        postings = invert(rows, lengths, norm, self.statistics, self.config, room)
        self.segments = (Segment(0, rows, postings, {} if folder is None else files_in(folder)),)
        self.latent = learn(self)

    def settle(self, folder: Path | None = None, *, recount: bool = True) -> None:
        """Leave nothing to scan: recount when that is due and wanted (`merge`), else seal the live rows (`seal`)."""
        if (recount and self.recount_due) or not self.segments:
            self.merge(folder)
        else:
            self.seal()

    def settled_copy(self, folder: Path | None = None, *, recount: bool = True) -> Index:
        """This index settled; this one may go on answering, but must not be changed again."""
        fresh = copy(self)
        fresh._position, fresh._wanted = np.zeros(0, np.int32), np.zeros(0, np.bool_)  # noqa: SLF001  its own scratch
        fresh.across = self.across.apart()
        fresh.settle(folder, recount=recount)
        return fresh

    def _renumber(self, slots: NDArray[np.int64]) -> None:
        self.ids = [self.ids[slot] for slot in slots.tolist()]
        self.slot_by_id = {one: slot for slot, one in enumerate(self.ids)}
        self.alive = Growing(np.ones(len(slots), np.bool_))
        self.lengths, self.tie = Growing(self.lengths.view[slots]), Growing(self.tie.view[slots])
        self.facts = self.facts.only(slots)
        self.across = self.across.afresh(slots)
        self.generation += 1

    def entries(self, slot: int) -> Entries:
        """The entries of one slot."""
        return self.entries_of(np.array([slot]))

    def entries_of(self, slots: NDArray[np.int64]) -> Entries:
        """The entries of some slots; `row` counts positions in `slots`, which is in order within each layer."""
        parts = [Entries(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros((0, FIELDS), np.uint8))]
        for rows, first, at in self._layers_of(slots):
            found = rows.entries(slots[at] - first)
            parts.append(Entries(at[found.row], found.unit, found.counts))
        return Entries(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _layers_of(self, slots: NDArray[np.int64]) -> Iterator[tuple[Rows, int, NDArray[np.int64]]]:
        """The stores of rows in which some slots lie: each with its first slot and the positions in `slots`."""
        for first, rows in self.layers():
            at = np.flatnonzero((slots >= first) & (slots < first + len(rows)))
            if len(at):
                yield rows, first, at

    def shared(self, query: Query, slots: NDArray[np.int64]) -> Shared:
        """What a need shares with the records in some slots. Exact; order does not depend on loading or layer."""
        self._mark(query)
        parts = [self._shared(query, slots, at, rows, first) for rows, first, at in self._layers_of(slots)]
        self._unmark(query)
        if not parts:
            return Shared(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
        return Shared(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _mark(self, query: Query) -> None:
        """Note for every unit whether the query has it, and where; `_unmark` must follow."""
        if len(self._position) < len(self.vocabulary):
            size = len(self.vocabulary) * 3 // 2
            self._position, self._wanted = np.zeros(size, np.int32), np.zeros(size, np.bool_)
        known = np.flatnonzero(query.numbers >= 0)
        self._position[query.numbers[known]] = known
        self._wanted[query.numbers[known]] = True

    def _unmark(self, query: Query) -> None:
        self._wanted[query.numbers[query.numbers >= 0]] = False

    def _hits(self, units: NDArray[np.int32]) -> NDArray[np.int64]:
        """Which of some units the marked query has: looked up in a byte each, of which far more stay near at hand."""
        return np.flatnonzero(self._wanted.take(units, mode="clip"))

    def _shared(
        self,
        query: Query,
        slots: NDArray[np.int64],
        at: NDArray[np.int64],
        rows: Rows,
        first: int,
    ) -> Shared:
        """One layer's part: `at` are the positions in `slots` that stand in `rows`, whose first slot is `first`."""
        slots = slots[at]
        row, place = rows.places(slots - first)
        units = rows.units.view.take(place, mode="clip")  # all lie within, and are not checked one by one
        hits = self._hits(units)
        hit = Entries(row[hits], units[hits], rows.counts.view[place[hits]])
        unit = self._position[hit.unit]
        cosine = cosine_counts(hit, self.config) / self.norm.view[slots][hit.row] * query.cosine[unit]
        bm25 = bm25_counts(hit, self.lengths.view[slots], self.statistics, self.config) * query.bm25[unit]
        weighted = weighted_counts(hit, self.config)
        worth = cosine + bm25
        if query.bend:
            worth *= brevity(self.lengths.view[slots], query.bend, self.statistics)[hit.row]
        return Shared(at[hit.row], unit, worth, worth * (weighted[0] / summed(weighted)))

    def holders(self, numbers: Sequence[int]) -> NDArray[np.bool_]:
        """Mask of the slots, dead ones included, whose record has any of some units."""
        held, wanted = np.zeros(self.slots, np.bool_), np.asarray(numbers, np.int32)
        for segment in self.segments:
            segment.postings.mark(wanted, held[segment.first : segment.end])
        live = self.live
        at = np.flatnonzero(np.isin(live.units.view, wanted))
        held[np.searchsorted(live.ends.view, at, side="right") + self.border] = True
        return held

    def habits(self, query: Query) -> Habits:
        """How the units of a need stand in the corpus: how often, and how often at the edge of a stretch of text."""
        return self.edges.of(self.vocabulary, query.units, query.numbers)

    def word_scores(self, query: Query) -> NDArray[np.float32]:
        """The word score of every slot to single precision, for finding candidates and ordering searches."""
        out = np.zeros(self.slots, np.float32)
        for segment in self.segments:
            segment.postings.score(query, out[segment.first : segment.end])
        self._score_live(query, out[self.border :])
        if query.bend:
            out *= brevity(self.lengths.view, query.bend, self.statistics)
        return out

    def _score_live(self, query: Query, out: Singles) -> None:
        """The scores of the live rows by the same steps in the same order as from postings."""
        live = self.live
        if not len(live):
            return
        self._mark(query)
        places = self._hits(live.units.view)
        self._unmark(query)
        unit = self._position[live.units.view[places]]
        order = np.argsort(unit, kind="stable")
        places, unit = places[order], unit[order]
        row = np.searchsorted(live.ends.view, places, side="right")
        hit = Entries(row, live.units.view[places], live.counts.view[places])
        norm, lengths = self.norm.view[self.border :], self.lengths.view[self.border :]
        cosine = (cosine_counts(hit, self.config) / norm[row]).astype(np.float32)
        bm25 = bm25_counts(hit, lengths, self.statistics, self.config).astype(np.float32)
        worth = cosine * query.cosine.astype(np.float32)[unit] + bm25 * query.bm25.astype(np.float32)[unit]
        out += added_up(worth, row.astype(np.int32), len(out))


def _tie(item: Item) -> int:
    """A number that orders records of equal score in the same way whatever the loading order."""
    return int.from_bytes(blake2b(repr(item.id).encode(), digest_size=8).digest(), "big")
