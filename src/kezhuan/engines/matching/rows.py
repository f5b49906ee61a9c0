"""The forward store: for every slot the units of its record with their counts per field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .records import Item
from .units import FUNCTION_UNITS, LAST_OTHER, units_of

FIELDS = 3  # title, keywords, text
_MOST = 255  # counts are kept in one byte; nothing is lost in practice, because every use of a count saturates


class Growing:
    """An array that takes appended pieces in amortised constant time."""

    __slots__ = ("_room", "size")

    def __init__(self, start: NDArray[Any]) -> None:
        self._room = start
        self.size = len(start)

    def extend(self, piece: NDArray[Any]) -> None:
        """Append along the first axis."""
        if not len(piece):
            return  # the room may be mapped from a file, full and not to be written to
        end = self.size + len(piece)
        if end > len(self._room):
            room = np.empty((max(64, end + end // 2), *self._room.shape[1:]), self._room.dtype)
            room[: self.size] = self._room[: self.size]
            self._room = room
        self._room[self.size : end] = piece
        self.size = end

    @property
    def view(self) -> NDArray[Any]:
        """What was appended so far, without copying; valid until the next append."""
        return self._room[: self.size]


class Entries(NamedTuple):
    """Unit occurrences of some rows, in row order and, within a row, by first appearance.

    row: position in the list of slots that was asked for. unit: vocabulary number. counts: n × 3, per field.
    """

    row: NDArray[np.int64]
    unit: NDArray[np.int32]
    counts: NDArray[np.uint8]


class Read(NamedTuple):
    """Some items as read: the length of their fields in units, n × 3; the units' numbers in order, and of each its
    place, which is item × fields + field."""

    lengths: NDArray[np.int32]
    numbers: NDArray[np.int64]
    places: NDArray[np.int64]


class Rows:
    """Rows of (unit, counts per field), appended and never changed; order within a row does not depend on loading."""

    __slots__ = ("counts", "ends", "units")

    def __init__(
        self,
        ends: NDArray[np.int64] | None = None,
        units: NDArray[np.int32] | None = None,
        counts: NDArray[np.uint8] | None = None,
    ) -> None:
        self.ends = Growing(np.zeros(0, np.int64) if ends is None else ends)
        self.units = Growing(np.zeros(0, np.int32) if units is None else units)
        self.counts = Growing(np.zeros((0, FIELDS), np.uint8) if counts is None else counts)

    def __len__(self) -> int:
        return self.ends.size

    def bounds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and one-past-last entry of every row."""
        ends: NDArray[np.int64] = self.ends.view
        starts = np.empty_like(ends)
        starts[:1] = 0
        starts[1:] = ends[:-1]
        return starts, ends

    def places(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For every entry of the named rows the position of its row in `rows`, and its own place in the store."""
        ends = self.ends.view
        first = np.where(rows > 0, ends[rows - 1], 0)
        lengths = ends[rows] - first
        offset = np.cumsum(lengths) - lengths
        at = np.repeat(first - offset, lengths)
        at += np.arange(len(at))
        return np.repeat(np.arange(len(rows)), lengths), at

    def entries(self, rows: NDArray[np.int64]) -> Entries:
        """The entries of the named rows; `row` counts positions in `rows`."""
        row, at = self.places(rows)
        return Entries(row, self.units.view[at], self.counts.view[at])

    def blocks(self, step: int = 1024) -> Iterator[tuple[int, Entries]]:
        """All entries, some rows at a time, each with the number of its first row, from which its `row` counts.

        Blocks keep working memory low however large the corpus.
        """
        starts, ends = self.bounds()
        for first in range(0, len(ends), step):
            lengths = (ends - starts)[first : first + step]
            at = slice(int(starts[first]), int(starts[first] + lengths.sum()))
            row = np.repeat(np.arange(len(lengths)), lengths)
            yield first, Entries(row, self.units.view[at], self.counts.view[at])

    def extend(self, other: Rows, keep: NDArray[np.bool_] | None = None) -> None:
        """Append the rows of another store; rows not in `keep` are appended empty, so that numbering stays."""
        starts, ends = other.bounds()
        lengths = ends - starts
        units, counts = other.units.view, other.counts.view
        if keep is not None:
            wanted = np.repeat(keep, lengths)
            units, counts, lengths = units[wanted], counts[wanted], np.where(keep, lengths, 0)
        base = self.units.size
        self.ends.extend(base + np.cumsum(lengths))
        self.units.extend(units)
        self.counts.extend(counts)


class _Numbers(dict[str, int]):
    """Unit to number; looking up a new unit gives it the next number. Use `get` to look without giving."""

    def __missing__(self, unit: str) -> int:
        self[unit] = number = len(self)
        return number


class Vocabulary:
    """Numbers for units: function words first, then in order of first appearance; never shrinks between fits."""

    __slots__ = ("_by_character", "_read", "_units", "numbers")

    def __init__(self, units: Iterable[str] = FUNCTION_UNITS) -> None:
        self.numbers: dict[str, int] = _Numbers(zip(units, count(), strict=False))
        self._units: list[str] = []
        self._by_character: dict[str, list[int]] = {}
        self._read = 0

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def units(self) -> list[str]:
        """Units in order of their numbers."""
        if len(self._units) < len(self.numbers):
            self._units = list(self.numbers)
        return self._units

    def holding(self, character: str) -> list[int]:
        """Numbers of the Chinese units that hold a character."""
        units = self.units
        for number in range(self._read, len(units)):
            unit = units[number]
            if unit[0] > LAST_OTHER and len(unit) <= 2:
                for one in unit if unit[0] != unit[-1] else unit[0]:
                    self._by_character.setdefault(one, []).append(number)
        self._read = len(units)
        return self._by_character.get(character, [])


def append_items(rows: Rows, vocabulary: Vocabulary, items: Sequence[Item]) -> Read:
    """Append a row per item and return what was read."""
    units: list[str] = []
    ends: list[int] = []
    for item in items:
        units += units_of(item.title)
        ends.append(len(units))
        for keyword in item.keywords:
            units += units_of(keyword)
        ends.append(len(units))
        units += units_of(item.text)
        ends.append(len(units))
    lengths = np.diff(np.array([0, *ends]))
    numbers = np.fromiter(map(vocabulary.numbers.__getitem__, units), np.int64, len(units))
    place = np.repeat(np.arange(len(ends)), lengths)  # item × 3 + field
    _, first, group = np.unique(place // FIELDS << 32 | numbers, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    counts = np.bincount(rank[group] * FIELDS + place % FIELDS, minlength=len(order) * FIELDS)
    base = rows.units.size
    rows.units.extend(numbers[first[order]].astype(np.int32))
    rows.counts.extend(np.minimum(counts, _MOST).astype(np.uint8).reshape(-1, FIELDS))
    per_item = np.bincount(place[first] // FIELDS, minlength=len(items))
    rows.ends.extend(base + np.cumsum(per_item))
    return Read(lengths.reshape(-1, FIELDS).astype(np.int32), numbers, place)
