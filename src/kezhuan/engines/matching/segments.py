"""Segments: stretches of slots whose records are stored by record and by unit, and never change once they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from .config import Config
from .rows import FIELDS, Rows
from .weights import Floats, Query, Statistics, bm25_counts, cosine_counts

Singles = NDArray[np.float32]
Room = Callable[[str, tuple[int, ...], Any], NDArray[Any]]
"""Gives an array of a name, shape and kind to be filled: in memory, or mapped to a file of that name."""
ARRAYS = ("ends", "units", "counts", "known", "first", "slots", "cosine", "bm25")
"""The names of what a segment holds: its rows, and its postings."""
_MANY_SLOTS = 1 << 16
_AT_ONCE = 1 << 20  # places in records whose worth is put together before it is added up
_MOST_KEPT = 64
"""Common units, or characters, of which a process keeps in bits which records of a segment have them."""


def in_memory(_name: str, shape: tuple[int, ...], kind: Any) -> NDArray[Any]:
    """Room in memory."""
    return np.empty(shape, kind)


def in_files(folder: Path) -> Room:
    """Room in files of a folder, mapped: what is written is no memory of the process's own."""

    def room(name: str, shape: tuple[int, ...], kind: Any) -> NDArray[Any]:
        if 0 in shape:  # nothing can be mapped of an empty array
            return np.empty(shape, kind)
        mapped: NDArray[Any] = np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=kind, shape=shape)
        return mapped.view(np.ndarray)  # the class of mapped arrays makes each of thousands of slices slow

    return room


@dataclass(frozen=True, slots=True)
class Postings:
    """What each unit is worth in each record, unit by unit; single precision.

    Records of `units[i]` (ascending) stand at `first[i]:first[i + 1]` of `slots`, counted from the first slot of the
    segment and ascending, their cosine and BM25F worth beside them.
    """

    units: NDArray[np.int32]
    first: NDArray[np.int64]
    slots: NDArray[np.int32]
    cosine: Singles
    bm25: Singles
    kept: dict[bytes, NDArray[np.uint8]] = field(init=False, default_factory=dict, repr=False, compare=False)

    def stretches(self, numbers: NDArray[np.int32]) -> list[tuple[int, int, int]]:
        """Where the records of some units stand: position in `numbers`, first and end; without units that none has."""
        at = np.searchsorted(self.units, numbers)  # of one kind with `units`, which are copied otherwise
        held = np.flatnonzero(self.units.take(at, mode="clip") == numbers if len(self.units) else at[:0])
        first, end = self.first[at[held]], self.first[at[held] + 1]
        return list(zip(held.tolist(), first.tolist(), end.tolist(), strict=True))

    def mark(self, numbers: NDArray[np.int32], out: NDArray[np.bool_]) -> None:
        """Mark every record that has any of the units."""
        stretches = self.stretches(numbers)
        many = max(_MANY_SLOTS, len(out) // 16)
        if sum(end - first for _unit, first, end in stretches) <= many:
            for _unit, first, end in stretches:
                out[self.slots[first:end]] = True
            return
        # What many have is asked for often, and nothing here ever changes: it is worked out once.
        bits = self.kept.get(numbers.tobytes())
        if bits is None:
            held = np.zeros(len(out), np.bool_)
            for _unit, first, end in stretches:
                slots = self.slots[first:end]
                if len(slots) > many:  # one pass is quicker than so many writes
                    held |= added_up(np.ones(len(slots), np.bool_), slots, len(out))
                else:
                    held[slots] = True
            bits = np.packbits(held)
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            self.kept[numbers.tobytes()] = bits
        out |= np.unpackbits(bits, count=len(out)).view(np.bool_)

    def score(self, query: Query, out: Singles) -> None:
        """Put the word score of every record into `out`, which holds nothing yet: added up unit by unit in the order of
        the query, so that it does not matter in which segment a record lies."""
        cosine, bm25 = query.cosine.astype(np.float32), query.bm25.astype(np.float32)
        stretches = self.stretches(query.numbers)
        # One pass over all that many units have is quicker than as many writes as they have; memory bounds it.
        room = np.cumsum([end - first for _unit, first, end in stretches])
        together = int(np.searchsorted(room, _AT_ONCE, side="right"))
        size = int(room[together - 1]) if together else 0
        values, slots, filled = np.empty(size, np.float32), np.empty(size, np.int32), 0
        for unit, first, end in stretches[:together]:
            here = slice(filled, filled := filled + end - first)
            np.multiply(self.cosine[first:end], cosine[unit], out=values[here])
            values[here] += self.bm25[first:end] * bm25[unit]
            slots[here] = self.slots[first:end]
        out += added_up(values, slots, len(out))
        for unit, first, end in stretches[together:]:
            value = self.cosine[first:end] * cosine[unit]
            value += self.bm25[first:end] * bm25[unit]
            if (end - first) * 2 > len(out):  # one pass over all is quicker than so many writes
                out += added_up(value, self.slots[first:end], len(out))
            else:
                np.add.at(out, self.slots[first:end], value)


def added_up(values: NDArray[Any], slots: NDArray[np.int32], size: int) -> NDArray[Any]:
    """The sum of the values of each slot, in their order and of their kind: the product of a column with 1 is the
    quickest way to it."""
    column = csc_array((values, slots, np.array([0, len(slots)], np.int32)), shape=(size, 1))
    sums: NDArray[Any] = column @ np.ones(1, values.dtype)
    return sums


@dataclass(frozen=True, slots=True)
class KeptFile:
    """The file of an array that is mapped: its number tells it from a later one of the same name, and cannot be given
    to another as long as it is mapped. mark: its size and checksum, once they are known."""

    path: Path
    number: int
    mark: tuple[int, int] | None = None

    @classmethod
    def at(cls, path: Path, mark: tuple[int, int] | None = None) -> KeptFile:
        """The file that is there now."""
        return cls(path, path.stat().st_ino, mark)

    @property
    def is_there(self) -> bool:
        """Whether the path still names this file."""
        try:
            return self.path.stat().st_ino == self.number
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class Segment:
    """Slots from `first` on: their rows, and the postings by the statistics in force when they were made.

    files: those in which its arrays are kept, by name; they are as little changed as the segment.
    """

    first: int
    rows: Rows
    postings: Postings
    files: Mapping[str, KeptFile] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def end(self) -> int:
        """One past its last slot."""
        return self.first + len(self.rows)

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything it holds, by name."""
        rows, postings = self.rows, self.postings
        by_record = (rows.ends.view, rows.units.view, rows.counts.view)
        by_unit = (postings.units, postings.first, postings.slots, postings.cosine, postings.bm25)
        return dict(zip(ARRAYS, (*by_record, *by_unit), strict=True))


def segment_of(first: int, arrays: Mapping[str, NDArray[Any]], files: Mapping[str, KeptFile]) -> Segment:
    """The segment of which `arrays` are what `Segment.arrays` gave."""
    ends, units, counts, *by_unit = (arrays[name] for name in ARRAYS)
    return Segment(first, Rows(ends, units, counts), Postings(*by_unit), files)


def files_in(folder: Path) -> dict[str, KeptFile]:
    """What `in_files` made in a folder."""
    return {path.stem: KeptFile.at(path) for path in folder.glob("*.npy")}


def joined(layers: Sequence[Rows], keep: NDArray[np.bool_], room: Room = in_memory, *, renumber: bool = False) -> Rows:
    """The rows of several stores as one. Those not in `keep` become empty, so that numbering stays, or are left out."""
    if len(layers) == 1 and room is in_memory and keep.all():
        return layers[0]
    lengths = np.concatenate([np.zeros(0, np.int64), *(np.diff(layer.ends.view, prepend=0) for layer in layers)])
    whole = np.cumsum(np.where(keep, lengths, 0))
    size = int(whole[-1]) if len(whole) else 0
    if renumber:
        whole = whole[keep]
    ends = room("ends", whole.shape, np.int64)
    ends[:] = whole
    units, counts = room("units", (size,), np.int32), room("counts", (size, FIELDS), np.uint8)
    row = place = 0
    for layer in layers:
        for first, entries in layer.blocks():
            wanted = keep[row + first :][entries.row]
            kept = slice(place, place + int(wanted.sum()))
            units[kept], counts[kept] = entries.unit[wanted], entries.counts[wanted]
            place = kept.stop
        row += len(layer)
    return Rows(ends, units, counts)


def invert(
    rows: Rows,
    lengths: NDArray[np.int32],
    norm: Floats,
    statistics: Statistics,
    config: Config,
    room: Room = in_memory,
) -> Postings:
    """The postings of some rows, weighed by the statistics; `lengths` and `norm` have a row for each."""
    size = rows.units.size
    counts = document_counts(rows)
    units = np.flatnonzero(counts).astype(np.int32)
    first = np.append(0, np.cumsum(counts[units]))
    free = np.zeros(len(counts), np.int64)
    free[units] = first[:-1]
    slots = room("slots", (size,), np.int32)
    cosine, bm25 = room("cosine", (size,), np.float32), room("bm25", (size,), np.float32)
    for begin, entries in rows.blocks():
        order, place = _places(entries.unit, free)
        slots[place] = begin + entries.row[order]
        cosine[place] = (cosine_counts(entries, config) / norm[begin:][entries.row])[order]
        bm25[place] = bm25_counts(entries, lengths[begin:], statistics, config)[order]
    kept = {"known": units, "first": first}
    for name, array in kept.items():
        kept[name] = room(name, array.shape, array.dtype)
        kept[name][:] = array
    return Postings(kept["known"], kept["first"], slots, cosine, bm25)


def document_counts(rows: Rows, vocabulary: int = 0) -> NDArray[np.int64]:
    """How many rows have each unit, by number; at least so many numbers."""
    counts = np.zeros(vocabulary, np.int64)
    for piece in _pieces(rows.units.view):
        here = np.bincount(piece, minlength=len(counts))
        here[: len(counts)] += counts
        counts = here
    return counts


def _pieces(whole: NDArray[Any], size: int = 1 << 22) -> Iterator[NDArray[Any]]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def _places(units: NDArray[np.int32], free: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An order of entries by unit and the place of each, so ordered, in the postings.

    `free` is the next free place of every unit, and is moved on. So postings fill block by block and nothing of their
    size is needed beside them.
    """
    order = np.argsort(units, kind="stable")
    ordered = units[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    lengths = np.diff(begins, append=len(ordered))
    place = np.repeat(free[ordered[begins]] - begins, lengths) + np.arange(len(ordered))
    free[ordered[begins]] += lengths
    return order, place
