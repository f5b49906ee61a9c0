"""The search box: all words first, some words as a fallback; and the places of found words in a text."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .candidates import line
from .index import Index
from .ranking import permitted
from .records import Found, Item
from .units import FUNCTION_WORDS, binds, is_cjk, places_of, places_of_characters, units_of
from .weights import Query, weigh

_COMMON = 0.2  # a unit in more than this share of records is not worth highlighting for a long need
_MOST_PAIRS = 64  # pairs by which records holding a single searched character are ordered


class Hits(NamedTuple):
    """The slots that a question of the search box finds, as a mask, and what orders them; complete as in `Found`."""

    mask: NDArray[np.bool_]
    complete: bool
    query: Query | None


def search(index: Index, text: str, allowed: NDArray[np.bool_] | None, top: int | None = None) -> Found:
    """See `Matcher.search`."""
    hits = find(index, text, allowed)
    slots = np.flatnonzero(hits.mask)
    if top == 0 or hits.query is None:
        return Found(slots, np.zeros(len(slots)), hits.complete)
    scores = index.word_scores(hits.query)
    first = ordered(index, slots, scores[slots], top)
    rest = np.ones(len(slots), np.bool_)
    rest[first] = False
    slots = np.concatenate([slots[first], slots[rest]])
    return Found(slots, scores[slots].astype(np.float64), hits.complete)


def find(index: Index, text: str, allowed: NDArray[np.bool_] | None) -> Hits:
    """The permitted slots whose records hold all words of the text, or some where none holds all."""
    permitted_slots = permitted(index, allowed)
    wanted = Counter(units_of(text))
    if not wanted:
        return Hits(permitted_slots, True, None)
    groups = [(unit, _numbers(index, unit)) for unit in wanted]
    required = [numbers for unit, numbers in groups if not _binds(unit)] or [numbers for _, numbers in groups]
    complete, some = permitted_slots.copy(), np.zeros(index.slots, np.bool_)
    for numbers in required:
        held = index.holders(numbers)
        complete &= held
        some |= held
    query = _query(index, wanted, groups)
    if complete.any():
        return Hits(complete, True, query)
    some &= permitted_slots
    return Hits(some, False, query)


class Behind(NamedTuple):
    """A position in an order by words: that of a slot, or where it has none any more the score and tie it had."""

    slot: int | None
    score: float
    tie: int


class Best(NamedTuple):
    """Slots, best first, and for each the score and tie that put it there."""

    slots: NDArray[np.int64]
    scores: NDArray[np.float32]
    ties: NDArray[np.uint64]


def best_of(index: Index, hits: Hits, slots: NDArray[np.int64], top: int, behind: Behind | None = None) -> Best:
    """See `Matcher.best_of`."""
    scores = np.zeros(index.slots, np.float32) if hits.query is None else index.word_scores(hits.query)
    ties = index.tie.view
    if behind is not None:
        score, tie = np.float32(behind.score), np.uint64(behind.tie)
        if behind.slot is not None:
            score, tie = scores[behind.slot], ties[behind.slot]
        theirs = scores[slots]
        slots = slots[(theirs < score) | ((theirs == score) & (ties[slots] > tie))]
    best = slots[ordered(index, slots, scores[slots], top)]
    return Best(best, scores[best], ties[best])


def ordered(
    index: Index, slots: NDArray[np.int64], scores: NDArray[np.float32], top: int | None = None
) -> NDArray[np.int64]:
    """The positions of the best `top` of some slots, best first; level ones by a number made from the id."""
    ahead = np.arange(len(slots))
    if top is not None and top < len(slots):
        least = line(scores, top)
        reach = np.flatnonzero(scores >= least)
        above = scores[reach] > least
        ahead, level = reach[above], reach[~above]
        missing = top - len(ahead)
        if missing < len(level):
            level = level[np.argpartition(index.tie.view[slots[level]], missing - 1)[:missing]]
        ahead = np.concatenate([ahead, level])
    order: NDArray[np.int64] = ahead[np.lexsort((index.tie.view[slots[ahead]], -scores[ahead]))]
    return order


def _binds(unit: str) -> bool:
    """Whether a unit is not to be required: English function words and pairs with 的."""
    return unit in FUNCTION_WORDS or (len(unit) == 2 and "的" in unit)


def _numbers(index: Index, unit: str) -> list[int]:
    """Vocabulary numbers that answer for a unit of a query; a single Chinese character stands for all its pairs."""
    if len(unit) == 1 and is_cjk(unit):
        return index.vocabulary.holding(unit)
    number = index.vocabulary.numbers.get(unit)
    return [] if number is None else [number]


def _query(index: Index, wanted: Counter[str], groups: list[tuple[str, list[int]]]) -> Query:
    counts: Counter[str] = Counter()
    for unit, numbers in groups:
        if len(unit) == 1 and is_cjk(unit):
            often = index.statistics.most_held(numbers, _MOST_PAIRS)
            counts.update({index.vocabulary.units[number]: 1 for number in often})
        else:
            counts[unit] += wanted[unit]
    return weigh(counts, index.vocabulary, index.statistics, index.config)


def highlight(index: Index, query: str | Item, text: str) -> list[tuple[int, int]]:
    """See `Matcher.highlight`."""
    if isinstance(query, str):
        return words_in(query, text)
    wanted = set(units_of("\n".join((query.title, *query.keywords, query.text))))
    return _apart(places_of(text, {unit for unit in wanted if _tells(index, unit)}))


def words_in(query: str, text: str) -> list[tuple[int, int]]:
    """Where a text holds words of a query: spans (start inclusive, end exclusive), apart and in order."""
    wanted = _wanted(query)
    singles = {unit for unit in wanted if len(unit) == 1 and is_cjk(unit)}
    spans = places_of(text, wanted - singles)
    if singles:
        spans += [(at, at + 1) for at in places_of_characters(text, singles)]
    return _apart(spans)


class Near(NamedTuple):
    """A stretch of a text around words that stand in it, and where these stand in the stretch."""

    start: int
    text: str
    marks: tuple[tuple[int, int], ...]

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.start + len(self.text)


def near_words(words: str, text: str, around: int = 16, most: int = 4) -> list[Near]:
    """The first stretches of a text, its white space made even, in which words stand; those close together are one."""
    flat = " ".join(text.split())
    found: list[list[tuple[int, int]]] = []
    for span in words_in(words, flat):
        if found and span[0] - found[-1][-1][1] <= 2 * around:
            found[-1].append(span)
        else:
            found.append([span])
    near = []
    for spans in found[:most]:
        start, end = max(0, spans[0][0] - around), min(len(flat), spans[-1][1] + around)
        near.append(Near(start, flat[start:end], tuple((a - start, b - start) for a, b in spans)))
    return near


@lru_cache(8)
def _wanted(query: str) -> frozenset[str]:
    """The units of a query that are shown where they are found: asked for each line of a page."""
    units = frozenset(units_of(query))
    return frozenset(unit for unit in units if not _binds(unit)) or units


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _tells(index: Index, unit: str) -> bool:
    """Whether a shared unit of a long need tells something."""
    if unit in FUNCTION_WORDS or (is_cjk(unit) and binds(unit)) or len(unit) < 2:
        return False
    number = index.vocabulary.numbers.get(unit, -1)
    return index.statistics.count(number) <= max(_COMMON * index.statistics.records, 3)
