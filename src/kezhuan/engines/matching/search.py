"""The search box: all words first, some words as a fallback; and the places of found words in a text."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from .index import Index
from .ranking import permitted
from .records import Found, Item
from .units import FUNCTION_WORDS, binds, fold_character, is_cjk, spots_of, units_of
from .weights import weigh

_COMMON = 0.2  # a unit in more than this share of records is not worth highlighting for a long need
_MOST_PAIRS = 64  # pairs by which records holding a single searched character are ordered


def search(index: Index, query: str, allowed: NDArray[np.bool_] | None, top: int | None = None) -> Found:
    """See `Matcher.search`."""
    open_slots = permitted(index, allowed)
    wanted = Counter(units_of(query))
    if not wanted:
        slots = np.flatnonzero(open_slots)
        return Found(slots, np.zeros(len(slots)), complete=True)
    groups = [(unit, _numbers(index, unit)) for unit in wanted]
    required = [numbers for unit, numbers in groups if not _binds(unit)] or [numbers for _, numbers in groups]
    holds = np.zeros(index.slots, np.int32)
    for numbers in required:
        hit = np.zeros(index.slots, np.bool_)
        hit[_holders(index, numbers)] = True
        holds += hit
    complete = open_slots & (holds == len(required))
    found = complete if complete.any() else open_slots & (holds > 0)
    slots = np.flatnonzero(found)
    if top == 0:
        return Found(slots, np.zeros(len(slots)), complete=bool(complete.any()))
    scores = _scores(index, wanted, groups)[slots]
    if top is not None and top < len(slots):
        # Whatever is level with the last of the first `top` is put in order too, so that ties fall as they always do.
        ahead = scores >= np.partition(scores, len(slots) - top)[len(slots) - top]
        sorted_first = np.flatnonzero(ahead)
        order = np.lexsort((index.tie.view[slots[sorted_first]], -scores[sorted_first]))
        order = np.concatenate([sorted_first[order], np.flatnonzero(~ahead)])
    else:
        order = np.lexsort((index.tie.view[slots], -scores))
    return Found(slots[order], scores[order].astype(np.float64), complete=bool(complete.any()))


def _binds(unit: str) -> bool:
    """Whether a unit is not to be required: English function words and pairs with 的."""
    return unit in FUNCTION_WORDS or (len(unit) == 2 and "的" in unit)


def _numbers(index: Index, unit: str) -> list[int]:
    """Vocabulary numbers that answer for a unit of a query; a single Chinese character stands for all its pairs."""
    if len(unit) == 1 and is_cjk(unit):
        return index.vocabulary.holding(unit)
    number = index.vocabulary.numbers.get(unit)
    return [] if number is None else [number]


def _holders(index: Index, numbers: list[int]) -> NDArray[np.int64]:
    """Slots whose record has any of some units, dead slots and repetitions included."""
    pieces = [index.postings.of(number) for number in numbers]
    if len(index.live) and numbers:
        units = index.live.units.view
        at = np.flatnonzero(units == numbers[0] if len(numbers) == 1 else np.isin(units, numbers))
        pieces.append((np.searchsorted(index.live.ends.view, at, side="right") + len(index.merged)).astype(np.int32))
    return np.concatenate([np.zeros(0, np.int64), *pieces])


def _scores(index: Index, wanted: Counter[str], groups: list[tuple[str, list[int]]]) -> NDArray[np.float32]:
    counts: Counter[str] = Counter()
    for unit, numbers in groups:
        if len(unit) == 1 and is_cjk(unit):
            often = sorted(numbers, key=lambda number: -len(index.postings.of(number)))[:_MOST_PAIRS]
            counts.update({index.vocabulary.units[number]: 1 for number in often})
        else:
            counts[unit] += wanted[unit]
    return index.word_scores(weigh(counts, index.vocabulary, index.statistics, index.config))


def highlight(index: Index, query: str | Item, text: str) -> list[tuple[int, int]]:
    """See `Matcher.highlight`."""
    if isinstance(query, Item):
        wanted = set(units_of("\n".join((query.title, *query.keywords, query.text))))
        wanted = {unit for unit in wanted if _tells(index, unit)}
        singles: set[str] = set()
    else:
        wanted = {unit for unit in units_of(query) if not _binds(unit)} or set(units_of(query))
        singles = {unit for unit in wanted if len(unit) == 1 and is_cjk(unit)}
    spans = [(start, end) for _unit, start, end in spots_of(text, wanted)]
    spans += [(i, i + 1) for i, character in enumerate(text) if singles and fold_character(character) in singles]
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
    counts = index.statistics.document_counts
    return number < 0 or number >= len(counts) or counts[number] <= max(_COMMON * index.statistics.records, 3)
