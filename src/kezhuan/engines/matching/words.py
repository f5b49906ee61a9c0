"""Shared words of a need and a record as a reader sees them: runs of the need's own text, best first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .records import Item
from .units import FUNCTION_CHARACTERS, FUNCTION_WORDS, Spot, is_cjk, spots_of

_PULL = 2
"""A pair at the end of a run is cut when the need goes on and its next pair stands in this many times more records:
then the outer character belongs to a word that is not shared (尺寸|碳化硅 meeting 英寸|碳化硅)."""


class NeedWords:
    """The places of a need's units in its text, made once per need and asked once per record."""

    def __init__(self, need: Item, units: tuple[str, ...], often: NDArray[np.int64]) -> None:
        """`units` and in how many records each stands."""
        text = "\n".join((need.title, *need.keywords, need.text))
        position = {unit: number for number, unit in enumerate(units)}
        spots = [spot for spot in spots_of(text) if spot.unit in position]
        self._text = text
        self._unit = np.array([position[spot.unit] for spot in spots], np.int64)
        self._start = [spot.start for spot in spots]
        self._end = [spot.end for spot in spots]
        self._plain = np.array([_is_plain(spot.unit, text[spot.start : spot.end]) for spot in spots], np.bool_)
        self._joined = np.array([False, *(_joins(text, a, b) for a, b in pairwise(spots))], np.bool_)[: len(spots)]
        self._leans = np.zeros((2, len(spots)), np.bool_)
        often_here = often[self._unit]
        leaves = self._joined[1:] & (often_here[:-1] > _PULL * often_here[1:]) & ~self._plain[:-1]
        joins = self._joined[1:] & (often_here[1:] > _PULL * often_here[:-1]) & ~self._plain[1:]
        self._leans[0, 1:], self._leans[1, :-1] = leaves, joins
        self._cut: dict[tuple[int, int], tuple[str, str]] = {}

    def shared(self, worth: NDArray[np.float64], most: int, *, through_plain: bool = True) -> list[tuple[str, ...]]:
        """For every record (row of `worth`, one column per unit) the longest runs of units with worth above 0.

        Ordered by worth, at most `most`. Units that only bind words are kept inside a run and cut from its ends,
        unless nothing else is shared; with `through_plain` False they end a run. A run inside a longer one is left
        out.
        """
        values = worth[:, self._unit]
        if not through_plain:
            values[:, self._plain] = 0
        shown = self._runs(values, most)
        for row in [row for row, runs in enumerate(shown) if not runs and values[row].any()]:
            shown[row] = self._runs(values[row : row + 1], most, cut=False)[0]
        return shown

    def _runs(self, values: NDArray[np.float64], most: int, *, cut: bool = True) -> list[tuple[str, ...]]:
        """Runs of all records at once: numbered along the flattened table, then cut to their telling units."""
        inside = values > 0
        goes_on = np.zeros_like(inside)
        goes_on[:, 1:] = inside[:, 1:] & inside[:, :-1] & self._joined[1:]
        run = np.cumsum(inside & ~goes_on)
        ends_here = np.ones_like(inside)
        ends_here[:, :-1] = ~goes_on[:, 1:]
        leans = (self._leans[0] & ~goes_on) | (self._leans[1] & ends_here)
        core = np.flatnonzero(inside & ~self._plain & ~leans if cut else inside)
        shown: list[list[str]] = [[] for _ in values]
        seen: list[list[str]] = [[] for _ in values]
        if not len(core):
            return [() for _ in values]
        first = core[np.flatnonzero(np.diff(run[core], prepend=-1))]
        last = core[np.flatnonzero(np.diff(run[core], append=-1))]
        total = np.cumsum(values)
        sums = total[last] - total[first] + values.ravel()[first]
        width = values.shape[1]
        order = np.lexsort((first, -sums, first // width))
        for row, a, b in np.stack([first // width, first % width, last % width])[:, order].T.tolist():
            words = shown[row]
            if len(words) < most:
                word, plain = self._between(a, b)
                if not any(plain in longer for longer in seen[row]):
                    words.append(word)
                    seen[row].append(plain)
        return [tuple(words) for words in shown]

    def _between(self, first: int, last: int) -> tuple[str, str]:
        """The need's own words from one unit to another, and a form in which case and hyphens do not count."""
        word = self._cut.get((first, last))
        if word is None:
            shown = " ".join(self._text[self._start[first] : self._end[last]].split())
            word = self._cut[first, last] = (shown, shown.lower().replace("-", " "))
        return word


def _is_plain(unit: str, shown: str) -> bool:
    """Whether a unit carries no matter by itself."""
    if is_cjk(unit):
        return not FUNCTION_CHARACTERS.isdisjoint(unit)
    return shown.lower() in FUNCTION_WORDS or len(unit) < 2


def _joins(text: str, one: Spot, following: Spot) -> bool:
    """Whether two neighbouring units read as one phrase."""
    if is_cjk(one.unit) and is_cjk(following.unit):
        return following.start < one.end
    if is_cjk(one.unit) or is_cjk(following.unit):
        return False
    return text[one.end : following.start] in (" ", "-") and text[one.start : one.end].lower() not in FUNCTION_WORDS
