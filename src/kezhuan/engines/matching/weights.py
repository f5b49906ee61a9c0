"""The word score: what each unit of a record is worth to a need, from counts, lengths and corpus statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from .config import Config
from .records import Item
from .rows import Entries, Rows, Vocabulary
from .units import FUNCTION_UNITS, units_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is known of the corpus as a whole, frozen at the last merge so that scores hold still between merges.

    records: how many were counted. document_counts: records per unit. mean_lengths: units per field over the
    records counted. rarity: weight of every unit counted, above 0. newcomer: rarity of a unit never counted.
    """

    records: int
    document_counts: NDArray[np.int64]
    mean_lengths: Floats
    rarity: Floats
    newcomer: float

    def idf(self, units: NDArray[np.int32]) -> Floats:
        """Rarity of units by number; −1 stands for a unit no record has."""
        known = (units >= 0) & (units < len(self.rarity))
        idf: Floats = np.where(known, self.rarity[np.where(known, units, 0)], self.newcomer)
        return idf


def measure(
    rows: Rows, alive: NDArray[np.bool_], lengths: NDArray[np.int32], vocabulary: int, config: Config
) -> Statistics:
    """Count a corpus: the rows of dead slots must be empty."""
    document_counts = np.bincount(rows.units.view, minlength=vocabulary)
    living = lengths[alive]
    mean = living.sum(axis=0, dtype=np.int64) / max(len(living), 1)
    records = max(len(living), 1)
    counts = np.maximum(document_counts, 1)
    rarity = np.log1p((records - counts + 0.5) / (counts + 0.5))
    newcomer = float(np.log1p((records - 0.5) / 1.5))
    rarity[: len(FUNCTION_UNITS)] *= config.function_word_share
    return Statistics(len(living), document_counts, np.where(mean > 0, mean, 1.0), rarity, newcomer)


def weighted_counts(entries: Entries, config: Config) -> Floats:
    """Counts per field times the weight of the field."""
    weights = np.array([config.title_weight, config.keyword_weight, config.text_weight])
    weighted: Floats = entries.counts * weights
    return weighted


def cosine_counts(entries: Entries, config: Config) -> Floats:
    """Bent weighted counts, before rarity and norm."""
    total = weighted_counts(entries, config).sum(axis=1)
    bent: Floats = (config.cosine_saturation + 1) * total / (config.cosine_saturation + total)
    return bent


def bm25_counts(entries: Entries, lengths: NDArray[np.int32], statistics: Statistics, config: Config) -> Floats:
    """Saturated weighted counts of BM25F, before rarity; `lengths` has one row per row that `entries` counts."""
    b = np.array([config.bm25_b_title, config.bm25_b_keyword, config.bm25_b_text])
    scale = 1 / (1 - b + b * lengths / statistics.mean_lengths)
    weighted = weighted_counts(entries, config)
    weighted *= scale[entries.row]
    total = weighted.sum(axis=1)
    bent: Floats = (config.bm25_k1 + 1) * total / (config.bm25_k1 + total)
    return bent


def norms(entries: Entries, rows: int, statistics: Statistics, config: Config) -> Floats:
    """Length of every row's cosine vector; 1 for an empty row. Summed in row order, so loading order is no matter."""
    weight = cosine_counts(entries, config) * statistics.idf(entries.unit) ** config.cosine_idf_power
    squares = np.bincount(entries.row, weight * weight, minlength=rows)
    return np.sqrt(np.where(squares > 0, squares, 1.0))


@dataclass(frozen=True, slots=True)
class Query:
    """A need as units with their worth, so that a word score is a sum over shared units.

    units: as text, by first appearance. numbers: vocabulary numbers, −1 when no record has the unit.
    cosine, bm25: factor of each unit for either measure, rarity on both sides and all scales included.
    """

    units: tuple[str, ...]
    numbers: NDArray[np.int32]
    cosine: Floats
    bm25: Floats


def read_query(need: Item, vocabulary: Vocabulary, statistics: Statistics, config: Config) -> Query:
    """Weigh a need's units; title and keywords count `query_title_weight` times as often as text."""
    counts: dict[str, float] = dict(Counter(units_of(need.text)))
    for text in (need.title, *need.keywords):
        for unit in units_of(text):
            counts[unit] = counts.get(unit, 0.0) + config.query_title_weight
    return weigh(counts, vocabulary, statistics, config)


def weigh(counts: Mapping[str, float], vocabulary: Vocabulary, statistics: Statistics, config: Config) -> Query:
    """Weigh units with their counts."""
    units = tuple(counts)
    numbers = np.fromiter((vocabulary.numbers.get(unit, -1) for unit in units), np.int32, len(units))
    often = np.fromiter(counts.values(), np.float64, len(units))
    idf = statistics.idf(numbers)
    low, high = idf**config.cosine_idf_power, idf**config.bm25_idf_power
    cosine = (1 + np.log(often)) * low
    bm25 = np.sqrt(often) * high
    whole = 1 + config.bm25_share
    length = np.sqrt((cosine * cosine).sum()) or 1.0
    ideal = bm25.sum() * (config.bm25_k1 + 1) or 1.0
    return Query(units, numbers, cosine * low / (length * whole), bm25 * config.bm25_share / (ideal * whole))


@dataclass(frozen=True, slots=True)
class Postings:
    """The same worth turned round, unit by unit, for finding candidates; single precision.

    Records of unit u stand at `first[u]:first[u + 1]` of `slots`, their cosine and BM25F worth beside them.
    """

    first: NDArray[np.int64]
    slots: NDArray[np.int32]
    cosine: NDArray[np.float32]
    bm25: NDArray[np.float32]

    def score(self, query: Query, size: int) -> NDArray[np.float32]:
        """The word score of `size` slots; 0 for those not indexed."""
        at = np.flatnonzero((query.numbers >= 0) & (query.numbers < len(self.first) - 1))
        numbers = query.numbers[at]
        starts, ends = self.first[numbers], self.first[numbers + 1]
        pieces = [slice(*bounds) for bounds in zip(starts.tolist(), ends.tolist(), strict=True)]
        if not pieces:
            return np.zeros(size, np.float32)
        lengths = ends - starts
        worth = np.concatenate([self.cosine[piece] for piece in pieces])
        worth *= np.repeat(query.cosine[at].astype(np.float32), lengths)
        other = np.concatenate([self.bm25[piece] for piece in pieces])
        other *= np.repeat(query.bm25[at].astype(np.float32), lengths)
        worth += other
        slots = np.concatenate([self.slots[piece] for piece in pieces])
        column = csc_array((worth, slots, np.array([0, len(slots)])), shape=(size, 1))
        scores: NDArray[np.float32] = column @ np.ones(1, np.float32)
        return scores

    def of(self, number: int) -> NDArray[np.int32]:
        """The slots whose record has a unit."""
        if 0 <= number < len(self.first) - 1:
            return self.slots[self.first[number] : self.first[number + 1]]
        return self.slots[:0]


def invert(rows: Rows, lengths: NDArray[np.int32], statistics: Statistics, config: Config) -> tuple[Floats, Postings]:
    """Weigh all rows by the statistics: the norm of every row, and the postings."""
    size, norm = rows.units.size, np.ones(len(rows))
    slots = np.empty(size, np.int32)
    cosine, bm25 = np.empty(size, np.float32), np.empty(size, np.float32)
    first_place = np.append(0, np.cumsum(statistics.document_counts))
    free = first_place[:-1].copy()
    for first, entries in rows.blocks():
        here = slice(first, first + int(entries.row[-1]) + 1 if len(entries.row) else first)
        norm[here] = norms(entries, here.stop - first, statistics, config)
        order, place = _places(entries.unit, free)
        slots[place] = first + entries.row[order]
        cosine[place] = (cosine_counts(entries, config) / norm[first:][entries.row])[order]
        bm25[place] = bm25_counts(entries, lengths[first:], statistics, config)[order]
    return norm, Postings(first_place, slots, cosine, bm25)


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
