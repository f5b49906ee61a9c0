"""The word score: what each unit of a record is worth to a need, from counts, lengths and corpus statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .config import Config
from .records import Item
from .rows import Entries, Vocabulary
from .units import FUNCTION_UNITS, units_of

Floats = NDArray[np.float64]
_FAR = 4.0  # times the mean length; what is longer or shorter by more counts as if it were not


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

    @property
    def mean_length(self) -> float:
        """Units of a record, over all fields."""
        return float(self.mean_lengths.sum())

    def count(self, unit: int) -> int:
        """Records that had a unit when they were counted; 0 for −1 and for units that came later."""
        return int(self.document_counts[unit]) if 0 <= unit < len(self.document_counts) else 0

    def counts(self, units: NDArray[np.int32]) -> NDArray[np.int64]:
        """The same of several units."""
        counted = (units >= 0) & (units < len(self.document_counts))
        held: NDArray[np.int64] = np.where(counted, self.document_counts[np.where(counted, units, 0)], 0)
        return held

    def most_held(self, units: Sequence[int], most: int) -> list[int]:
        """Of some units those in the most records, at most so many; without any that no record had when counted."""
        numbers = np.asarray(units, np.int64)
        counted = numbers < len(self.document_counts)
        counts = np.zeros(len(numbers), np.int64)
        counts[counted] = self.document_counts[numbers[counted]]
        numbers, counts = numbers[~counted | (counts > 0)], counts[~counted | (counts > 0)]
        return [int(one) for one in numbers[np.argsort(-counts, kind="stable")][:most]]

    def idf(self, units: NDArray[np.int32]) -> Floats:
        """Rarity of units by number; −1 stands for a unit no record has."""
        known = (units >= 0) & (units < len(self.rarity))
        idf: Floats = np.where(known, self.rarity[np.where(known, units, 0)], self.newcomer)
        return idf


def measure(document_counts: NDArray[np.int64], living: NDArray[np.int32], config: Config) -> Statistics:
    """The statistics of a corpus from the records per unit and the lengths of the living records."""
    mean = living.sum(axis=0, dtype=np.int64) / max(len(living), 1)
    records = max(len(living), 1)
    counts = np.maximum(document_counts, 1)
    rarity = np.log1p((records - counts + 0.5) / (counts + 0.5))
    newcomer = float(np.log1p((records - 0.5) / 1.5))
    rarity[: len(FUNCTION_UNITS)] *= config.function_word_share
    return Statistics(len(living), document_counts, np.where(mean > 0, mean, 1.0), rarity, newcomer)


def weighted_counts(entries: Entries, config: Config) -> list[Floats]:
    """For each field the counts times the weight of the field."""
    weights = (config.title_weight, config.keyword_weight, config.text_weight)
    return [np.multiply(entries.counts[:, at], weight, dtype=np.float64) for at, weight in enumerate(weights)]


def summed(fields: Sequence[Floats]) -> Floats:
    """The sum over the three fields; many times as quick as numpy's over rows of three."""
    title, keywords, text = fields
    total: Floats = title + keywords
    total += text
    return total


def cosine_counts(entries: Entries, config: Config) -> Floats:
    """Bent weighted counts, before rarity and norm."""
    total = summed(weighted_counts(entries, config))
    bent: Floats = (config.cosine_saturation + 1) * total / (config.cosine_saturation + total)
    return bent


def bm25_counts(entries: Entries, lengths: NDArray[np.int32], statistics: Statistics, config: Config) -> Floats:
    """Saturated weighted counts of BM25F, before rarity; `lengths` has one row per row that `entries` counts."""
    b = np.array([config.bm25_b_title, config.bm25_b_keyword, config.bm25_b_text])
    scale = 1 / (1 - b + b * lengths / statistics.mean_lengths)
    weighted = weighted_counts(entries, config)
    for field, counts in enumerate(weighted):
        counts *= scale[:, field][entries.row]
    total = summed(weighted)
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
    bend: the power of a record's length by which its score is divided, see `brevity`.
    """

    units: tuple[str, ...]
    numbers: NDArray[np.int32]
    cosine: Floats
    bm25: Floats
    bend: float = 0.0

    def telling(self, statistics: Statistics, most: int) -> Query:
        """The same need by those of its units that tell most and stand, all together, at most so many times in records;
        in their order, whatever a record's length. All of it where it is no more than that."""
        counts = statistics.counts(self.numbers)
        if counts.sum() <= most:
            return self
        order = np.argsort(-self.bm25, kind="stable")
        kept = np.sort(order[np.cumsum(counts[order]) <= most])
        units = tuple(self.units[at] for at in kept.tolist())
        return Query(units, self.numbers[kept], self.cosine[kept], self.bm25[kept])


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
    return Query(
        units,
        numbers,
        cosine * low / (length * whole),
        bm25 * config.bm25_share / (ideal * whole),
        float(bend_of(len(units), config)),
    )


def bend_of(units: NDArray[np.int64] | int, config: Config) -> Floats:
    """The power of a record's length by which its score is divided, for needs of so many units."""
    least, most = config.long_need
    reached = np.log2(np.maximum(units, 1) / least) / np.log2(most / least)
    bend: Floats = config.length_power * np.clip(reached, 0.0, 1.0)
    return bend


def brevity(lengths: NDArray[np.int32], bend: Floats | float, statistics: Statistics) -> Floats:
    """What the word scores of records of these lengths, a row of three fields each, are multiplied by.

    The more a need says, the more of it a long record meets by chance.
    """
    whole = lengths[:, 0].astype(np.float64)
    whole += lengths[:, 1]
    whole += lengths[:, 2]
    short: Floats = np.clip(whole / statistics.mean_length, 1 / _FAR, _FAR) ** -np.asarray(bend)
    return short
