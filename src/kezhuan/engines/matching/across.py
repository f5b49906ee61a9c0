"""The semantic part of a score: how near a record is to a need in the other language, or a thin one to one in its own.

Within one language shared words tell more than any vector, so nothing is added; but a Chinese record of few words (an
instrument, a project that is a title and no more) holds too few to share. Directions come from a table of meanings, by
the units of a record, or from a city's own encoder, by its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .config import Config
from .encoder import Encoder
from .meaning import Floats32, Table, carries
from .meeting import ByEncoder, ByTable, Teller
from .records import Item
from .rows import Entries, Growing
from .scripts import is_chinese, kind_of, kinds
from .units import is_cjk, units_of
from .vectors import Vectors, cosines, nearness, norms_of, pack
from .weights import Floats

if TYPE_CHECKING:
    from .index import Index

TableSource = Callable[[], Table | None]
Scripts = tuple[NDArray[np.bool_], NDArray[np.bool_]]
_Near = tuple[NDArray[np.int64], NDArray[np.float32], bool]
_NONE: NDArray[np.bool_] = np.zeros(0, np.bool_)
_NO_NORMS: Floats = np.zeros(0)
_BLOCK = 4096
_NUMBERS = 1 << 18
"""So many numbers are multiplied at a time: of more the library calls in threads, which wait for each other many times
longer than they work where the machine has other things to do."""
_ROUNDED = 1e-4  # of a cosine, by which single precision may be wrong, and by far less


class Asked(NamedTuple):
    """A need as the semantic part reads it: whether it is Chinese, its direction, and how far that can be trusted."""

    chinese: bool
    direction: Floats
    trust: float


class _Side:
    """The records of one script that have a direction: their slots in order, and the norms of their directions."""

    def __init__(self) -> None:
        self.slots = Growing(np.zeros(0, np.int64))
        self.norms = Growing(np.zeros(0, np.float64))
        self.read = 0  # slots looked at so far

    def apart(self) -> _Side:
        twin = _Side()
        twin.slots, twin.norms = Growing(self.slots.view.copy()), Growing(self.norms.view.copy())
        twin.read = self.read
        return twin


class Across:
    """Which records are Chinese and which of them thin, told as they are added; and their directions.

    A slot's direction depends on its record and the table or encoder alone, so it holds until slots are renumbered. An
    encoder makes it when the record is added. By a table all are made at once, when the index is saved or a need of the
    other script is first asked, and from then on as records are added.
    """

    def __init__(
        self,
        source: TableSource,
        scripts: Scripts = (_NONE, _NONE),
        encoder: Encoder | None = None,
        vectors: Vectors | None = None,
        norms: Floats = _NO_NORMS,
    ) -> None:
        """`vectors` are directions of the first slots, of all with an encoder; `norms` their lengths, where known."""
        self._source, self.encoder = source, encoder
        self.vectors = Vectors() if vectors is None else vectors
        self._chinese, self._thin = map(Growing, scripts)
        self._norms = Growing(norms)
        self._sides: dict[tuple[bool, bool], _Side] = {}
        self._rows = Growing(np.zeros(0, np.int32))

    @property
    def scripts(self) -> Scripts:
        """For the first slots, mostly for all, whether the record is Chinese, and whether it is and is thin."""
        return self._chinese.view, self._thin.view

    def afresh(self, slots: NDArray[np.int64]) -> Across:
        """Another one for slots numbered anew: the first is that of `slots[0]`, and so on."""
        kept = slots[slots < self._chinese.size]
        scripts = (self._chinese.view[kept], self._thin.view[kept])
        told = slots[slots < len(self.vectors)]
        vectors = self.vectors.only(told) if len(told) else None
        norms = self._norms.view[slots[slots < self._norms.size]]
        twin = Across(self._source, scripts, self.encoder, vectors, norms)
        twin._rows = Growing(self._rows.view.copy())
        return twin

    def read(self, index: Index, first: int, found: Entries, size: int) -> None:
        """Take in so many records, from a slot on, by their entries; those before it must have been taken in, too, or
        all are read when they are first asked for: an index of older code does not say."""
        if self._chinese.size == first:
            pair, word = index.edges.kinds(index.vocabulary, found.unit)
            chinese, thin = kinds(found.row, found.counts, pair, word, size, index.config)
            self._chinese.extend(chinese)
            self._thin.extend(thin)

    def encode(self, items: Sequence[Item]) -> None:
        """Give the next slots their directions, where an encoder makes them."""
        if self.encoder is not None and items:
            self.vectors.extend(pack(self.encoder.records(items))[0])

    def follow(self, index: Index, first: int) -> None:
        """Give the slots from one on their directions, where all before them have theirs."""
        if 0 < first == self._norms.size:
            self.complete(index)

    def complete(self, index: Index, most: int | None = None) -> bool:
        """Give slots without a direction theirs, at most so many; returns whether none is left."""
        table = self.table if self.encoder is None else None
        if table is None and self.encoder is None:
            return True
        end = index.slots if most is None else min(index.slots, self._norms.size + most)
        for first in range(self._norms.size, end, _BLOCK):
            slots = np.arange(first, min(first + _BLOCK, end))
            if table is not None and len(self.vectors) == first:
                self.vectors.extend(pack(self._summed(index, table, slots))[0])
            self._norms.extend(norms_of(self.vectors.take(slots)))
        return self._norms.size == index.slots

    @property
    def norms(self) -> Floats:
        """The length of the direction of each slot that has one; 0 where nothing is known of the record."""
        known: Floats = self._norms.view
        return known

    def kept_in(self, vectors: Vectors) -> Across:
        """The same with its vectors in another place."""
        twin = copy(self)
        twin.vectors = vectors
        return twin

    def apart(self) -> Across:
        """A copy that may be added to while this one is in use."""
        scripts = (self._chinese.view.copy(), self._thin.view.copy())
        twin = Across(self._source, scripts, self.encoder, self.vectors.apart(), self._norms.view.copy())
        twin._rows = Growing(self._rows.view.copy())
        twin._sides = {script: side.apart() for script, side in self._sides.items()}
        return twin

    @property
    def table(self) -> Table | None:
        """The table in use."""
        return self._source()

    @property
    def made_by(self) -> str:
        """The mark of the table that gives the directions; empty where none does."""
        table = self.table if self.encoder is None else None
        return "" if table is None else table.mark

    @property
    def teller(self) -> Teller | None:
        """What knows which words are near."""
        table = self.table
        if self.encoder is not None:
            return ByEncoder(self.encoder, table)
        return None if table is None else ByTable(table)

    def ask(self, index: Index, need: Item) -> Asked | None:
        """Read a need; None where nothing can be nearer by meaning: no table, or no record of those that may be."""
        chinese = self.chinese(index)
        script = is_chinese(need)
        other = script is not None and not (chinese.all() if script else not chinese.any())
        if script is None or not (other or (script and self._thin.view.any())):
            return None
        if self.encoder is not None:
            read = self.encoder.need(need)
            trust = index.config.trust(read.known)
            return Asked(script, read.direction, trust) if trust > 0 and read.direction.any() else None
        table = self.table
        if table is None:
            return None
        told = [
            unit
            for text in (need.title, *need.keywords, need.text)
            for unit in units_of(text)
            if is_cjk(unit) == script and carries(unit)
        ]
        known = float((table.rows_of(set(told)) >= 0).mean()) if told else 0.0
        direction, trust = table.text(told), index.config.trust(known)
        return Asked(script, direction, trust) if trust > 0 and direction.any() else None

    def chinese(self, index: Index) -> NDArray[np.bool_]:
        """Whether the record in each slot is Chinese."""
        for first in range(self._chinese.size, index.slots, _BLOCK):
            slots = np.arange(first, min(first + _BLOCK, index.slots))
            self.read(index, first, index.entries_of(slots), len(slots))
        known: NDArray[np.bool_] = self._chinese.view
        return known

    def scores(self, index: Index, asked: Asked, *, alone: bool = False) -> Iterator[_Near]:
        """Slots that may be near, the semantic worth of each to single precision, for finding candidates; and whether
        it counts for those that share no word, too. Where `alone`, those of which it does not are left out."""
        direction, near = asked.direction.astype(np.float32), self._near(index, asked)
        for side, share, floor, counts_alone in (one for one in near if one[3] >= alone):
            found = np.empty(side.norms.size, np.float32)
            size = max(1, _NUMBERS // len(direction))
            for first in range(0, len(found), size):
                block = slice(first, first + size)
                found[block] = self.vectors.take(side.slots.view[block]).astype(np.float32) @ direction
            found /= side.norms.view.astype(np.float32)
            yield side.slots.view, nearness(found, share, floor).astype(np.float32), counts_alone

    def worth(self, index: Index, asked: Asked | None, slots: NDArray[np.int64], words: Floats) -> Floats:
        """The exact semantic worth of some slots with their word scores."""
        out = np.zeros(len(slots))
        if asked is None:
            return out
        for side, share, floor, alone in self._near(index, asked):
            at = np.searchsorted(side.slots.view, slots)
            at[at == len(side.slots.view)] = 0
            here = np.flatnonzero(side.slots.view[at] == slots) if side.slots.size else np.zeros(0, np.int64)
            here = here if alone else here[words[here] > 0]
            found = cosines(self.vectors.take(slots[here]), side.norms.view[at[here]], asked.direction)
            out[here] = nearness(found, share, floor)
        return out

    def _near(self, index: Index, asked: Asked) -> Iterator[tuple[_Side, float, float, bool]]:
        """The records that may be near to a need, with share and floor of their worth, and whether without a word."""
        config = index.config
        (across, floor), (akin, low) = self._worths(config)
        yield self._side(index, chinese=not asked.chinese), across * asked.trust, floor, True
        if asked.chinese:
            yield self._side(index, chinese=True, thin=True), akin * asked.trust, low, False

    def _worths(self, config: Config) -> tuple[tuple[float, float], tuple[float, float]]:
        """Share and floor of the worth of what is near in the other language, and of what is thin in one's own."""
        across, akin = (config.meaning_share, config.meaning_floor), (config.thin_share, 0.0)
        if self.encoder is None:
            return across, akin
        ground = self.encoder.ground  # a model may hold any two texts for near
        return (across[0], max(across[1], ground.across)), (akin[0], max(akin[1], ground.akin))

    def worth_with(
        self,
        index: Index,
        asked: Asked | None,
        units: Callable[[], Sequence[str]],
        counts: NDArray[np.uint8],
        marks: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    ) -> float:
        """The worth of a record, did it hold these units, each with these counts in its fields and marks as `marks_of`
        has them; by an encoder, which reads texts and not units, no more than is certain: nothing. The units are asked
        for where it may be near at all."""
        table = self.table if asked is not None and self.encoder is None else None
        if asked is None or table is None:
            return 0.0
        chinese, thin = kind_of(counts, *marks, index.config)
        if chinese == asked.chinese and not thin:
            return 0.0
        texts, (pair, word) = units(), marks
        kept = (pair if chinese else word) & np.array([carries(unit) for unit in texts], np.bool_)
        rows = np.where(kept, table.rows_of(texts), np.int32(-1))
        packed, norm = pack(table.records(np.zeros(len(texts), np.int64), rows, counts, 1))
        share, floor = self._worths(index.config)[int(chinese == asked.chinese)]
        return (
            float(nearness(cosines(packed, norm, asked.direction), share * asked.trust, floor)[0]) if norm[0] else 0.0
        )

    def bounds(self, index: Index, slot: int, slots: NDArray[np.int64]) -> Floats:
        """At most the semantic worth of the record in `slot` for the needs in `slots` as they may be asked.

        A Chinese need is asked with the pairs it has in the index; an English one may lack words that its title alone
        has there, so nothing is known of it but that it is worth no more than the whole share.
        """
        chinese, out = self.chinese(index), np.zeros(len(slots))
        script, config = bool(chinese[slot]), index.config
        other = chinese[slots] != script
        if self.encoder is not None:  # a need may be asked with other texts than it has in the index
            akin = config.thin_share if script and self._thin.view[slot] else 0.0
            return np.where(other, config.meaning_share, akin)
        table = self.table
        if table is None:
            return out
        if script:
            out = np.where(other, config.meaning_share, 0.0)
        own = self._summed(index, table, np.array([slot]))
        near = np.flatnonzero(~other if script and self._thin.view[slot] else other & (not script))
        if own.any() and len(near):
            # Needs in the index are read in the same way as they are when asked, but for rounding.
            [packed], [norm] = pack(own)
            directions = self._summed(index, table, slots[near])
            directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-9)
            found = directions @ (packed.astype(np.float32) / np.float32(norm)) + _ROUNDED
            share, floor = self._worths(config)[int(script)]
            out[near] = nearness(found, share, floor)
        return out

    def _side(self, index: Index, *, chinese: bool, thin: bool = False) -> _Side:
        """The records of a script, or the thin ones among them, read up to the last slot."""
        side = self._sides.setdefault((chinese, thin), _Side())
        if side.read == index.slots:
            return side  # mostly so; to tell the script of every record takes longer than most that is asked of them
        self.complete(index)
        late = slice(side.read, self._norms.size)
        wanted = (self.chinese(index)[late] == chinese) & (self.norms[late] > 0)
        if thin:
            wanted &= self._thin.view[late]
        slots = side.read + np.flatnonzero(wanted)
        if side.read:
            side.slots.extend(slots)
            side.norms.extend(self.norms[slots])
        else:  # nearly all; copied once less
            side.slots, side.norms = Growing(slots), Growing(self.norms[slots])
        side.read = late.stop
        return side

    def _summed(self, index: Index, table: Table, slots: NDArray[np.int64]) -> Floats32:
        """The vectors of some records by their units of their own script, in full."""
        rows = self._rows_of(index, table)
        found = index.entries_of(slots)
        pair, word = index.edges.kinds(index.vocabulary, found.unit)
        own = np.where(np.where(self.chinese(index)[slots][found.row], pair, word), rows[found.unit], np.int32(-1))
        return table.records(found.row, own, found.counts, len(slots))

    def _rows_of(self, index: Index, table: Table) -> NDArray[np.int32]:
        """The row in the table of every unit of the vocabulary."""
        known, numbers = self._rows.size, index.vocabulary.numbers
        fresh = np.full(len(numbers) - known, -1, np.int32)
        # A large vocabulary is mostly of what no table holds.
        units = table.units if len(fresh) > len(table.units) else index.vocabulary.units[known:]
        for unit, row in zip(units, table.rows_of(units).tolist(), strict=True):
            if row >= 0 and numbers.get(unit, -1) >= known and carries(unit):
                fresh[numbers[unit] - known] = row
        self._rows.extend(fresh)
        rows: NDArray[np.int32] = self._rows.view
        return rows
