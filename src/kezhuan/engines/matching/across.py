"""The semantic part of a score: how near a record in one language is to a need in the other.

Within one language shared words tell more than any vector, so there is nothing added and nothing is read for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .config import Config
from .meaning import Table, carries
from .records import Item
from .rows import Entries, Growing
from .units import is_cjk, units_of
from .weights import Floats

if TYPE_CHECKING:
    from .index import Index

TableSource = Callable[[], Table | None]
_CHINESE = 0.3  # a text is Chinese from this share of pairs of characters among its pairs and words on
_BLOCK = 4096
_ROUNDED = 0.02  # of a cosine, that rounding a direction to a byte a number changes at most
_NEAR = 0.35  # words less near than this say nothing to a reader
_EDGE = 0.07  # as in `words`: the share of places at a stretch's edge from which a pair may begin or end a word
_LONGEST = 4  # pairs in a word


class Asked(NamedTuple):
    """A need as the semantic part reads it: whether it is Chinese, and its direction."""

    chinese: bool
    direction: Floats


class _Side:
    """The records of one script: their slots in order, their directions in one byte a number, and the norms."""

    def __init__(self, dimensions: int) -> None:
        self.slots = Growing(np.zeros(0, np.int64))
        self.vectors = Growing(np.zeros((0, dimensions), np.int8))
        self.norms = Growing(np.zeros(0, np.float64))
        self.read = 0  # slots looked at so far

    def apart(self) -> _Side:
        twin = _Side(0)
        twin.slots, twin.norms = Growing(self.slots.view.copy()), Growing(self.norms.view.copy())
        twin.vectors, twin.read = Growing(self.vectors.view.copy()), self.read
        return twin


class Across:
    """Directions of the records of an index, made when a need of the other script is first asked, and kept.

    A slot's direction depends on its record and the table alone, so it holds until slots are renumbered.
    """

    def __init__(self, source: TableSource) -> None:
        self._source = source
        self._chinese = Growing(np.zeros(0, np.bool_))
        self._sides: dict[bool, _Side] = {}
        self._rows = Growing(np.zeros(0, np.int32))

    def afresh(self) -> Across:
        """Another one for slots numbered anew."""
        return Across(self._source)

    def apart(self) -> Across:
        """A copy that may be added to while this one is in use."""
        twin = Across(self._source)
        twin._chinese = Growing(self._chinese.view.copy())
        twin._rows = Growing(self._rows.view.copy())
        twin._sides = {script: side.apart() for script, side in self._sides.items()}
        return twin

    @property
    def table(self) -> Table | None:
        """The table in use."""
        return self._source()

    def ask(self, index: Index, need: Item) -> Asked | None:
        """Read a need; None where nothing can be nearer by meaning: no record is in the other script, or no table."""
        chinese = self.chinese(index)
        script = _is_chinese(need)
        if script is None or not len(chinese) or bool((chinese == script).all()):
            return None
        table = self.table
        if table is None:
            return None
        direction = table.text(
            unit
            for text in (need.title, *need.keywords, need.text)
            for unit in units_of(text)
            if is_cjk(unit) == script and carries(unit)
        )
        return Asked(script, direction) if direction.any() else None

    def chinese(self, index: Index) -> NDArray[np.bool_]:
        """Whether the record in each slot is Chinese."""
        for first in range(self._chinese.size, index.slots, _BLOCK):
            slots = np.arange(first, min(first + _BLOCK, index.slots))
            found = index.entries_of(slots)
            pair, word = index.edges.kinds(index.vocabulary, found.unit)
            body, whole = found.counts[:, 1:].sum(axis=1), found.counts.sum(axis=1)
            shares = [
                [np.bincount(found.row, counts * kind, len(slots)) for kind in (pair, word)] for counts in (body, whole)
            ]
            (pairs, words), (all_pairs, all_words) = shares
            bare = pairs + words == 0
            pairs, words = np.where(bare, all_pairs, pairs), np.where(bare, all_words, words)
            self._chinese.extend(pairs >= np.maximum(_CHINESE * (pairs + words), 1e-9))
        chinese: NDArray[np.bool_] = self._chinese.view
        return chinese

    def scores(self, index: Index, asked: Asked) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The slots that may be near, and the semantic worth of each to single precision, for finding candidates."""
        side = self._side(index, chinese=not asked.chinese)
        slots, vectors = side.slots.view, side.vectors.view
        direction = asked.direction.astype(np.float32)
        cosines = np.empty(len(slots), np.float32)
        for first in range(0, len(slots), _BLOCK):
            block = slice(first, first + _BLOCK)
            cosines[block] = vectors[block].astype(np.float32) @ direction
        cosines /= side.norms.view.astype(np.float32)
        return slots, _worth(cosines, index.config).astype(np.float32)

    def worth(self, index: Index, asked: Asked | None, slots: NDArray[np.int64], slack: float = 0.0) -> Floats:
        """The exact semantic worth of some slots, were the cosine higher by `slack`."""
        out = np.zeros(len(slots))
        if asked is None:
            return out
        side = self._side(index, chinese=not asked.chinese)
        at = np.searchsorted(side.slots.view, slots)
        at[at == len(side.slots.view)] = 0
        here = np.flatnonzero(side.slots.view[at] == slots) if side.slots.size else np.zeros(0, np.int64)
        vectors = side.vectors.view[at[here]].astype(np.float64)
        cosines = (vectors * asked.direction).sum(axis=1) / side.norms.view[at[here]]
        out[here] = _worth(cosines + slack, index.config)
        return out

    def bounds(self, index: Index, slot: int, slots: NDArray[np.int64]) -> Floats:
        """At most the semantic worth of the record in `slot` for the needs in `slots` as they may be asked.

        A Chinese need is asked with the pairs it has in the index; an English one may lack words that its title alone
        has there, so nothing is known of it but that it is worth no more than the whole share.
        """
        chinese, out = self.chinese(index), np.zeros(len(slots))
        script, table = bool(chinese[slot]), self.table
        other = chinese[slots] != script
        if table is None or not other.any():
            return out
        if script:
            return np.where(other, index.config.meaning_share, 0.0)
        side = self._side(index, chinese=script)
        at = np.searchsorted(side.slots.view, slot)
        if at < side.slots.size and side.slots.view[at] == slot:
            direction = side.vectors.view[at].astype(np.float64) / side.norms.view[at]
            # The direction of a need in the index is rounded to a byte a number, that of one asked is not.
            out = self.worth(index, Asked(script, direction), slots, _ROUNDED)
        return out

    def _side(self, index: Index, *, chinese: bool) -> _Side:
        """The records of a script, read up to the last slot."""
        table = self.table
        if table is None:
            return _Side(1)
        side = self._sides.setdefault(chinese, _Side(table.dimensions))
        wanted = self.chinese(index)
        rows = self._rows_of(index, table)
        for first in range(side.read, index.slots, _BLOCK):
            slots = first + np.flatnonzero(wanted[first : first + _BLOCK] == chinese)
            found = index.entries_of(slots)
            pair, word = index.edges.kinds(index.vocabulary, found.unit)
            kept = (rows[found.unit] >= 0) & (pair if chinese else word)
            counts = found.counts[kept].sum(axis=1, dtype=np.int64)
            summed = table.texts(found.row[kept], rows[found.unit[kept]], counts, len(slots))
            most = np.abs(summed).max(axis=1, initial=0.0)
            some = most > 0
            packed = np.rint(summed[some] / most[some, None] * 127).astype(np.int8)
            side.slots.extend(slots[some])
            side.vectors.extend(packed)
            side.norms.extend(np.sqrt((packed.astype(np.float64) ** 2).sum(axis=1)))
        side.read = index.slots
        return side

    def _rows_of(self, index: Index, table: Table) -> NDArray[np.int32]:
        """The row in the table of every unit of the vocabulary."""
        fresh = index.vocabulary.units[self._rows.size :]
        self._rows.extend(np.where([carries(unit) for unit in fresh], table.rows_of(fresh), -1).astype(np.int32))
        rows: NDArray[np.int32] = self._rows.view
        return rows


def _worth(cosines: NDArray[np.floating], config: Config) -> Floats:
    """What nearness is worth: nothing up to what records with nothing in common reach, then in proportion."""
    above = (cosines - config.meaning_floor) / (1 - config.meaning_floor)
    worth: Floats = config.meaning_share * np.maximum(above, 0.0)
    return worth


def _is_chinese(need: Item) -> bool | None:
    """The script of a need by the rule that `Across.chinese` has for records; None when it has neither."""
    for texts in ((*need.keywords, need.text), (need.title,)):
        units = [unit for text in texts for unit in units_of(text)]
        pairs = sum(is_cjk(unit) and len(unit) == 2 for unit in units)
        words = sum(not is_cjk(unit) and len(unit) > 1 and not unit[0].isdigit() for unit in units)
        if pairs + words:
            return pairs >= _CHINESE * (pairs + words)
    return None


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
    table: Table, asked: Sequence[str], theirs: Sequence[tuple[str, ...]], most: int
) -> tuple[tuple[str, str], ...]:
    """Which word of a need met which word of a record in the other language, the nearest first, each word once."""
    known = [word for word in theirs if (table.rows_of(word) >= 0).all()]
    if not known:
        return ()
    vectors = np.array([table.text(word) for word in known])
    found: list[tuple[float, str, str]] = []
    for word in asked:
        cosines = vectors @ table.text(unit for unit in units_of(word) if carries(unit))
        best = int(np.argmax(cosines))
        if cosines[best] > _NEAR:
            found.append((float(cosines[best]), word, _written(table, known[best])))
    out: dict[str, str] = {}
    for _cosine, word, answer in sorted(found, key=lambda one: -one[0]):
        out.setdefault(answer, word)
    return tuple((word, answer) for answer, word in out.items())[:most]


def _written(table: Table, word: tuple[str, ...]) -> str:
    """A word as a reader expects it, an English stem as the word it mostly comes from."""
    if is_cjk(word[0]):
        return word[0] + "".join(pair[-1] for pair in word[1:])
    return table.shown[int(table.rows_of(word)[0])]
