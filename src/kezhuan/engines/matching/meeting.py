"""Which words of a need met which words of a record, for whoever reads a reason."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from .encoder import Encoder
from .meaning import Table, carries
from .rows import Entries
from .units import is_cjk, is_generic, units_of
from .weights import Floats

if TYPE_CHECKING:
    from .index import Index

_NEAR = 0.35  # words less near than this say nothing to a reader
_EDGE = 0.07  # as in `words`: the share of places at a stretch's edge from which a pair may begin or end a word
_LONGEST = 4  # pairs in a word
_MOST_ASKED = 64  # words of a record, its title's first, that an encoder is asked about
Word = tuple[str, ...]
"""A word of a record by its units: an English stem, or Chinese pairs that follow on each other."""


class Teller(Protocol):
    """What knows the directions of words. near: the cosine from which two of them say something to a reader."""

    near: float

    def asked(self, words: Sequence[str]) -> Floats:
        """The directions of words of a need, a row for each."""

    def known(self, words: Sequence[Word]) -> list[Word]:
        """Those of a record's words of which it knows something."""

    def directions(self, words: Sequence[Word]) -> Floats:
        """The directions of words of a record that it knows."""

    def written(self, word: Word) -> str:
        """A word as a reader expects it, an English stem as the word it mostly comes from."""


class ByTable:
    """A table of meanings as a teller."""

    near = _NEAR

    def __init__(self, table: Table) -> None:
        self._table = table

    def asked(self, words: Sequence[str]) -> Floats:
        return self._table.directions([[unit for unit in units_of(word) if carries(unit)] for word in words])

    def known(self, words: Sequence[Word]) -> list[Word]:
        return [word for word in words if (self._table.rows_of(word) >= 0).all()]

    def directions(self, words: Sequence[Word]) -> Floats:
        return self._table.directions(words)

    def written(self, word: Word) -> str:
        return _written(self._table, word)


class ByEncoder:
    """An encoder as a teller; the table knows how stems are written."""

    def __init__(self, encoder: Encoder, table: Table | None) -> None:
        self._encoder, self._table = encoder, table
        self.near = max(_NEAR, encoder.ground.words)

    def asked(self, words: Sequence[str]) -> Floats:
        return self._encoder.words(words)

    def known(self, words: Sequence[Word]) -> list[Word]:
        return list(words)[:_MOST_ASKED]

    def directions(self, words: Sequence[Word]) -> Floats:
        return self._encoder.words([self.written(word) for word in words])

    def written(self, word: Word) -> str:
        return _written(self._table, word)


class TheirWords:
    """The words of some records, each as its units; read from the index at once, put together when asked for."""

    def __init__(self, index: Index, slots: NDArray[np.int64]) -> None:
        found = index.entries_of(slots)
        order = np.argsort(found.row, kind="stable")  # those added since the last merge stand behind the others
        found = Entries(found.row[order], found.unit[order], found.counts[order])
        units = index.vocabulary.units
        self._units = [units[number] for number in found.unit.tolist()]
        habits = index.edges.of(index.vocabulary, self._units, found.unit)
        self._begins, self._ends = (habits.begins >= _EDGE).tolist(), (habits.ends >= _EDGE).tolist()
        self._bounds = np.searchsorted(found.row, np.arange(len(slots) + 1)).tolist()

    def units(self, row: int) -> frozenset[str]:
        """All units of the record in `slots[row]`."""
        return frozenset(self._units[self._bounds[row] : self._bounds[row + 1]])

    def of(self, row: int) -> list[tuple[str, ...]]:
        """Those of the record in `slots[row]`: an English word, or Chinese pairs that follow on each other where the
        first mostly begins and the last mostly ends a stretch of text."""
        units, stop = self._units, self._bounds[row + 1]
        words: list[tuple[str, ...]] = []
        for first in range(self._bounds[row], stop):
            if not carries(units[first]):
                continue
            if not is_cjk(units[first]):
                words.append((units[first],))
            elif self._begins[first]:
                for last in range(first, min(first + _LONGEST, stop)):
                    if last > first and not (carries(units[last]) and units[last][0] == units[last - 1][-1]):
                        break
                    if self._ends[last]:
                        words.append(tuple(units[first : last + 1]))
        return list(dict.fromkeys(words))


def met(
    teller: Teller,
    asked: Sequence[str],
    directions: Floats,
    theirs: Sequence[Word],
    most: int,
    *,
    need: frozenset[str] = frozenset(),
    record: frozenset[str] = frozenset(),
) -> tuple[tuple[str, str], ...]:
    """Which word of a need met which word of a record in the other language, the nearest first, each word once.

    A word that the other side states itself met its like there, whatever else is near; `need` and `record` are all
    units of the two. Nor is a word told that could stand in the text of any project.
    """
    same = set(asked)
    known = teller.known([word for word in theirs if not need.issuperset(word)])
    # In one language it is among shared words.
    known = [word for word in known if (text := teller.written(word)) not in same and not is_generic(text)]
    own = [at for at, word in enumerate(asked) if not is_generic(word) and not _units(word) <= record]
    if not known or not own:
        return ()
    asked, directions = [asked[at] for at in own], directions[own]
    cosines = directions @ teller.directions(known).T
    best = cosines.argmax(axis=1)
    nearest = cosines[np.arange(len(asked)), best]
    found = [
        (float(nearest[at]), asked[at], teller.written(known[best[at]]))
        for at in np.flatnonzero(nearest > teller.near).tolist()
    ]
    out: dict[str, str] = {}
    for _cosine, word, answer in sorted(found, key=lambda one: -one[0]):
        out.setdefault(answer, word)
    return tuple((word, answer) for answer, word in out.items())[:most]


@lru_cache(1024)
def _units(word: str) -> frozenset[str]:
    return frozenset(units_of(word))


def _written(table: Table | None, word: Word) -> str:
    if is_cjk(word[0]):
        return word[0] + "".join(pair[-1] for pair in word[1:])
    row = -1 if table is None else int(table.rows_of(word)[0])
    return word[0] if table is None or row < 0 else table.shown[row]
