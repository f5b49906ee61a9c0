"""Latent meaning: how words of one language stand together in the corpus itself, for English needs of few words.

A question of ten English words shares two or three with the records that answer it, and often other ones than with
those that do not. Which words stand in the same records tells the rest (flow near aerodynamic). It is a statistic of
the corpus like rarity: learnt when the corpus is counted, kept beside the index, and still until it is counted again,
so that a record added moves no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .config import Config
from .folding import folded, unit_rows
from .meaning import Floats32, Table, carries
from .records import Item
from .rows import Vocabulary
from .scripts import is_chinese
from .units import FUNCTION_UNITS, is_cjk, units_of
from .vectors import cosines, nearness, pack
from .weights import Floats

if TYPE_CHECKING:
    from .index import Index

ARRAYS = ("latent-numbers", "latent-vectors", "latent-scale")
"""The names of what is kept of it."""
_LEAST_RECORDS = 2  # a word of one record stands together with nothing that its other words do not tell
_SEED = 7


class Near(NamedTuple):
    """A need as it is read here: its direction, what the whole cosine is worth, up to which cosine it is worth nothing,
    and how many times the word score it adds at most."""

    direction: Floats
    share: float
    floor: float
    times: float


class Latent:
    """The directions of the English words of a corpus."""

    def __init__(self, numbers: NDArray[np.int64], table: Table) -> None:
        """`numbers` are those that the vocabulary gives the units of the table."""
        self.numbers, self.table = numbers, table
        self._rows = np.full(int(numbers.max(initial=-1)) + 1, -1, np.int32)
        self._rows[numbers] = np.arange(len(numbers))
        self._told: Table | None = None

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything it holds, by name; `restored` puts it together again."""
        return dict(zip(ARRAYS, (self.numbers, self.table.vectors, self.table.scale), strict=True))

    def told(self, shipped: Table | None) -> Table:
        """The table with words for readers, which the corpus does not keep: stems as another table writes them."""
        if self._told is None:
            rows = [-1] * len(self.table.units) if shipped is None else shipped.rows_of(self.table.units).tolist()
            shown = [
                shipped.shown[row] if shipped is not None and row >= 0 else unit
                for unit, row in zip(self.table.units, rows, strict=True)
            ]
            self._told = Table(self.table.units, shown, self.table.vectors, self.table.scale)
        return self._told

    def ask(self, need: Item, config: Config) -> Near | None:
        """Read a need; None where this tells nothing: it is not English, too long, or mostly of unknown words.

        The longer a need, the more its own words tell and the less is added: what the cosine is worth falls as one over
        the number of words.
        """
        if is_chinese(need) is not False:
            return None
        told = [unit for text in (need.title, *need.keywords, need.text) for unit in units_of(text) if _is_word(unit)]
        distinct = set(told)
        share = float(share_of(len(distinct), config))
        if not distinct or share <= 0:
            return None
        known = float((self.table.rows_of(distinct) >= 0).mean())
        share *= config.trust(known)
        direction = self.table.text(told)
        near = Near(direction, share, config.latent_floor, config.latent_times)
        return near if share > 0 and direction.any() else None

    def worth(self, index: Index, near: Near, slots: NDArray[np.int64], words: NDArray[np.floating]) -> Floats:
        """The worth of some slots with their word scores, whatever script their records are in."""
        found = index.entries_of(slots)
        late = found.unit >= len(self._rows)  # units that came since the corpus was counted
        rows = np.where(late, np.int32(-1), self._rows[np.where(late, 0, found.unit)])
        return _worth(near, self.table.records(found.row, rows, found.counts, len(slots)), words)

    def worth_with(self, near: Near, units: Sequence[str], counts: NDArray[np.uint8], words: float) -> float:
        """The worth of a record that is not Chinese, did it hold these units, each with these counts in its fields, and
        reach this word score by them."""
        row = np.zeros(len(units), np.int64)
        summed = self.table.records(row, self.table.rows_of(units), counts, 1)
        return float(_worth(near, summed, np.array([words]))[0])


def _worth(near: Near, summed: Floats32, words: NDArray[np.floating]) -> Floats:
    worth = np.zeros(len(summed))
    some = np.flatnonzero(summed.any(axis=1))
    packed, norms = pack(summed[some])
    worth[some] = nearness(cosines(packed, norms, near.direction), near.share, near.floor)
    most: Floats = np.minimum(worth, near.times * words)
    return most


def worth(index: Index, near: Near | None, slots: NDArray[np.int64], words: NDArray[np.floating]) -> Floats:
    """The worth of some slots with their word scores: nothing for those that share no word or are not English."""
    out = np.zeros(len(slots))
    if near is not None and index.latent is not None:
        here = np.flatnonzero((words > 0) & ~index.across.chinese(index)[slots])
        out[here] = index.latent.worth(index, near, slots[here], words[here])
    return out


def share_of(words: NDArray[np.int64] | int, config: Config) -> NDArray[np.float64]:
    """What the whole cosine is worth for needs of so many words at most."""
    share = np.minimum(config.latent_share, config.latent_words / np.maximum(words, 1))
    return np.where(np.asarray(words) <= config.latent_longest, share, 0.0)


def bounds(index: Index, slot: int, slots: NDArray[np.int64]) -> Floats:
    """At most the worth of the record in `slot` for the needs in `slots` as they may be asked, where they share a word.

    A need may be asked without the words that its title alone has in the index, but not without the others.
    """
    chinese = index.across.chinese(index)
    if index.latent is None or chinese[slot]:
        return np.zeros(len(slots))
    found = index.entries_of(slots)
    word = index.edges.kinds(index.vocabulary, found.unit)[1]
    kept = word & (found.unit >= len(FUNCTION_UNITS)) & found.counts[:, 1:].any(axis=1)
    words = np.bincount(found.row[kept], minlength=len(slots))
    return np.where(chinese[slots], 0.0, share_of(words, index.config))


def restored(vocabulary: Vocabulary, numbers: NDArray[np.int64], vectors: NDArray[np.int8], scale: Floats32) -> Latent:
    """What `Latent.arrays` gave, by the vocabulary it was learnt with."""
    units = [vocabulary.units[number] for number in numbers.tolist()]
    return Latent(numbers, Table(units, units, vectors, scale))


def learn(index: Index) -> Latent | None:
    """Learn the directions from the English records of a corpus, counted just now; None where they are few.

    Of many records those are read that come first by a number made from their ids, and all in that order, with words
    in theirs: neither loading order nor the numbers of units move anything. TF-IDF vectors of one length are folded by
    a truncated SVD, found by random projection from a fixed draw with rounds of refinement; a word's direction is its
    right singular vector times the roots of the singular values, times its rarity.
    """
    config = index.config
    slots = np.flatnonzero(index.alive.view & ~index.across.chinese(index))
    if len(slots) < config.latent_least:
        return None
    slots = slots[np.argsort(index.tie.view[slots], kind="stable")[: config.latent_sample]]
    order = np.argsort(slots)
    found = index.entries_of(slots[order])
    column, numbers = _columns(index, found.unit)
    if len(numbers) <= config.latent_dimensions:
        return None
    rarity, inside = index.statistics.idf(numbers), column >= 0
    column, times = column[inside], found.counts[inside].sum(axis=1, dtype=np.int64)
    shape = (len(slots), len(numbers))
    matrix = csr_array(((1 + np.log(times)) * rarity[column], (order[found.row[inside]], column)), shape=shape)
    values, right = folded(unit_rows(matrix), config.latent_dimensions, np.random.default_rng(_SEED))
    vectors = right.T * np.sqrt(values) * rarity[:, None]
    units = [index.vocabulary.units[number] for number in numbers.tolist()]
    return Latent(numbers.astype(np.int64), Table.packed(units, units, vectors))


def _columns(index: Index, units: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """For units of some records, each once a record, their columns, -1 for those that have none; and the numbers of
    the columns. Words of several records have one, in their order."""
    numbers, place, held = np.unique(units, return_inverse=True, return_counts=True)
    texts = index.vocabulary.units
    kept = [at for at in np.flatnonzero(held >= _LEAST_RECORDS).tolist() if _is_word(texts[int(numbers[at])])]
    kept.sort(key=lambda at: texts[int(numbers[at])])
    columns = np.full(len(numbers), -1, np.int64)
    columns[kept] = np.arange(len(kept))
    return columns[place], numbers[kept].astype(np.int32)


def _is_word(unit: str) -> bool:
    return not is_cjk(unit) and carries(unit)
