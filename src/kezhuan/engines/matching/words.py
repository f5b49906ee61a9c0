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
        self._start = [spot.start for spot in spots]
        self._end = [spot.end for spot in spots]
        unit = np.array([position[spot.unit] for spot in spots], np.int64)
        self._by_unit = np.argsort(unit, kind="stable")
        self._times = np.bincount(unit, minlength=len(units))
        self._first = np.cumsum(self._times) - self._times
        self._plain = np.array([_is_plain(spot.unit, text[spot.start : spot.end]) for spot in spots], np.bool_)
        self._joined = np.array([False, *(_joins(text, a, b) for a, b in pairwise(spots))], np.bool_)[: len(spots)]
        self._leans = np.zeros((2, len(spots)), np.bool_)
        often_here = often[unit]
        leaves = self._joined[1:] & (often_here[:-1] > _PULL * often_here[1:]) & ~self._plain[:-1]
        joins = self._joined[1:] & (often_here[1:] > _PULL * often_here[:-1]) & ~self._plain[1:]
        self._leans[0, 1:], self._leans[1, :-1] = leaves, joins
        self._cut: dict[int, tuple[str, str]] = {}

    def shared(
        self,
        records: int,
        row: NDArray[np.int64],
        unit: NDArray[np.int32],
        worth: NDArray[np.float64],
        most: int,
        *,
        through_plain: bool = True,
    ) -> list[tuple[str, ...]]:
        """For every record the longest runs of units with worth above 0, at most `most`, ordered by worth.

        Record `row[i]` of `records` has unit `unit[i]` of the need, worth `worth[i]`; no pair comes twice. Units that
        only bind words are kept inside a run and cut from its ends, unless nothing else is shared; with
        `through_plain` False they end a run. A run inside a longer one is left out.
        """
        width, at = len(self._start), np.flatnonzero(worth > 0)
        times = self._times[unit[at]]
        entry = np.repeat(at, times)
        nth = np.arange(len(entry)) - np.repeat(np.cumsum(times) - times, times)
        place = row[entry] * width + self._by_unit[self._first[unit[entry]] + nth]
        order = np.argsort(place)
        place, values = place[order], worth[entry[order]]
        if not through_plain:
            telling = ~self._plain[place % max(width, 1)]
            place, values = place[telling], values[telling]
        return self._pick(records, *self._runs(place, values), most) if len(place) else [()] * records

    def _runs(
        self, place: NDArray[np.int64], values: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The runs of all records at once, as record and code (first spot × spots + last spot), the best first.

        `place` is record × spots + spot, in order.
        """
        width = len(self._start)
        spot = place % width
        record = place // width
        goes_on = np.zeros(len(place), np.bool_)
        goes_on[1:] = (np.diff(place) == 1) & self._joined[spot[1:]] & (spot[1:] > 0)
        ends_here = np.ones(len(place), np.bool_)
        ends_here[:-1] = ~goes_on[1:]
        leans = (self._leans[0, spot] & ~goes_on) | (self._leans[1, spot] & ends_here)
        tells = ~self._plain[spot] & ~leans
        nothing_else = ~np.bincount(record, tells, minlength=record[-1] + 1).astype(np.bool_)
        core = np.flatnonzero(tells | nothing_else[record])
        run = np.cumsum(~goes_on)[core]
        first = core[np.flatnonzero(np.diff(run, prepend=-1))]
        last = core[np.flatnonzero(np.diff(run, append=-1))]
        total = np.cumsum(values)
        sums = total[last] - total[first] + values[first]
        order = np.lexsort((first, -sums, record[first]))
        return record[first][order], (spot[first] * width + spot[last])[order]

    def _pick(
        self, records: int, record: NDArray[np.int64], code: NDArray[np.int64], most: int
    ) -> list[tuple[str, ...]]:
        """The first `most` runs of each record that are not inside one already taken."""
        ends = np.cumsum(np.bincount(record, minlength=records)).tolist()
        codes, cut = code.tolist(), self._cut
        shown: list[tuple[str, ...]] = []
        begin = 0
        for end in ends:
            words: list[str] = []
            seen = ""
            for one in codes[begin:end]:
                word, plain = cut.get(one) or self._between(one)
                if plain not in seen:
                    seen = f"{seen}\n{plain}"  # a run holds no line break
                    words.append(word)
                    if len(words) == most:
                        break
            shown.append(tuple(words))
            begin = end
        return shown

    def _between(self, code: int) -> tuple[str, str]:
        """The need's own words of a run, and a form in which case and hyphens do not count."""
        first, last = divmod(code, len(self._start))
        shown = " ".join(self._text[self._start[first] : self._end[last]].split())
        self._cut[code] = (shown, shown.lower().replace("-", " "))
        return self._cut[code]


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
