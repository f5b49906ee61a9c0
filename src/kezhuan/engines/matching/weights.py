"""The word score: what each unit of a record is worth to a need, from counts, lengths and corpus statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from .config import Config
from .records import Item
from .rows import Entries, Vocabulary
from .units import FUNCTION_UNITS, is_generic, is_mark, names_alone, units_of

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
    lone: single characters of a short need for which pairs stand; these come behind the need's own units, and `stands`
    has their number and the place of the character for which each does.
    """

    units: tuple[str, ...]
    numbers: NDArray[np.int32]
    cosine: Floats
    bm25: Floats
    bend: float = 0.0
    lone: frozenset[str] = frozenset()
    stands: tuple[int, ...] = ()

    def stated(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        """The places of units with that of its character in place of each pair that stands for one."""
        if not self.stands:
            return places
        own = len(self.units) - len(self.stands)
        stated: NDArray[np.int32] = np.array([*range(own), *self.stands], np.int32)[places]
        return stated

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
    """Weigh a need's units; title and keywords count `query_title_weight` times as often as text. One of nothing but
    numbers and single letters (5 种, ???? 1) asks for nothing."""
    counts: dict[str, float] = dict(Counter(units_of(need.text)))
    for text in (need.title, *need.keywords):
        for unit in units_of(text):
            counts[unit] = counts.get(unit, 0.0) + config.query_title_weight
    if all(map(is_mark, counts)):
        counts = {}
    lone = frozenset(filter(names_alone, counts)) if len(counts) <= config.short_need else frozenset[str]()
    if lone:
        return _weigh_lone(counts, lone, vocabulary, statistics, config)
    return weigh(counts, vocabulary, statistics, config)


def _weigh_lone(
    counts: Mapping[str, float], lone: frozenset[str], vocabulary: Vocabulary, statistics: Statistics, config: Config
) -> Query:
    """Weigh a need some of whose units are single characters: pairs that hold one stand for it, beside itself."""
    pairs: dict[str, str] = {}
    share, weighed = dict.fromkeys(counts, 1), dict.fromkeys(counts, 1.0)
    for character in sorted(lone):
        counted, later = _holding(character, vocabulary, statistics, config)
        known, fresh = ([one for one in some if one not in counts and one not in pairs] for some in (counted, later))
        share[character] = 1 + len(known)
        # What came since the last merge is found, and moves nothing of what others are worth.
        share |= dict.fromkeys([*known, *fresh], share[character])
        weighed |= dict.fromkeys(known, 1.0) | dict.fromkeys(fresh, 0.0)
        pairs |= dict.fromkeys([*known, *fresh], character)
    every = {**counts, **{pair: counts[character] for pair, character in pairs.items()}}
    shares, among = (np.array([of[unit] for unit in every], np.float64) for of in (share, weighed))
    query = weigh(every, vocabulary, statistics, config, shares, among)
    place = {unit: at for at, unit in enumerate(counts)}
    return replace(
        query,
        bend=float(bend_of(len(counts), config)),
        lone=lone,
        stands=tuple(place[character] for character in pairs.values()),
    )


def _holding(
    character: str, vocabulary: Vocabulary, statistics: Statistics, config: Config
) -> tuple[list[str], list[str]]:
    """Pairs that hold a character: those in the most records when these were counted, without such as any text may have
    (水平), and all that came later."""
    units, numbers = vocabulary.units, vocabulary.holding(character)
    counts = statistics.counts(np.array(numbers, np.int32)).tolist()
    held = sorted((-count, units[number]) for number, count in zip(numbers, counts, strict=True) if count)
    # Of thousands that hold a common character few are looked at: no more than are wanted are found fit.
    fit = (unit for _count, unit in held if unit != character and not is_generic(unit))
    later = sorted(units[number] for number in numbers if number >= len(statistics.document_counts))
    return list(islice(fit, config.short_pairs)), [unit for unit in later if unit != character]


def weigh(
    counts: Mapping[str, float],
    vocabulary: Vocabulary,
    statistics: Statistics,
    config: Config,
    shares: Floats | float = 1.0,
    among: Floats | float = 1.0,
) -> Query:
    """Weigh units with their counts. `shares`: among so many a unit's worth is divided; `among` is 1 for a unit that
    counts in what the need is worth as a whole, else 0."""
    units = tuple(counts)
    numbers = np.fromiter((vocabulary.numbers.get(unit, -1) for unit in units), np.int32, len(units))
    often = np.fromiter(counts.values(), np.float64, len(units))
    idf = statistics.idf(numbers)
    low, high = idf**config.cosine_idf_power, idf**config.bm25_idf_power
    cosine = (1 + np.log(often)) * low / np.sqrt(shares)
    bm25 = np.sqrt(often) * high / shares
    whole = 1 + config.bm25_share
    length = np.sqrt((cosine * cosine * among).sum()) or 1.0
    ideal = (bm25 * among).sum() * (config.bm25_k1 + 1) or 1.0
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
