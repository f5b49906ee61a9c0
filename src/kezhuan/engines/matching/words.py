"""Shared and missing words of a need as a reader sees them: whole words and phrases of its own text, best first."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .edges import Habits
from .records import Item
from .units import FUNCTION_UNITS, FUNCTION_WORDS, Spot, binds, is_cjk, spots_of

_FUNCTION_UNITS = frozenset(FUNCTION_UNITS)
_EDGE = 0.07
"""A pair that stands at the edge of a stretch of text in at least this share of its places begins, or ends, words."""
_LONGEST_MEASURE = 3
"""Latin letters that a unit of measurement behind a number has at most (nm, MPa)."""
_APART = 2
"""A phrase is two words where the pair across is read so many times less often than those on both sides."""
_LONGEST_WORD = 6
"""Characters beyond which a stretch of a sentence that could not be taken apart is a clause and no word."""

Spans = NDArray[np.int64]


class _Told(NamedTuple):
    """Words of a need: as shown and in a plain form, and side by side the word and the unit of each that carries it."""

    said: list[tuple[str, str]]
    word: NDArray[np.int64]
    unit: NDArray[np.int64]


class NeedWords:
    """The places of a need's units in its text, made once per need and asked once per record.

    A run of units that a record shares is shown from the first to the last of its places at which a word may begin and
    end; what lies outside is a piece of a word that is not shared.
    """

    def __init__(self, need: Item, units: tuple[str, ...], habits: Habits, lone: frozenset[str] = frozenset()) -> None:
        """`habits` are those of the units in the corpus; `lone` are single characters that are words."""
        text = "\n".join((need.title, *need.keywords, need.text))
        position = {unit: number for number, unit in enumerate(units)}
        spots = [spot for spot in spots_of(text) if spot.unit in position]
        self._text = text
        self._keywords = range(len(need.title) + 1, len(text) - len(need.text))
        self._start = [spot.start for spot in spots]
        self._end = [spot.end for spot in spots]
        self._unit = unit = np.array([position[spot.unit] for spot in spots], np.int64)
        self._by_unit = np.argsort(unit, kind="stable")
        self._count = np.bincount(unit, minlength=len(units))
        self._first = np.cumsum(self._count) - self._count
        self._joined = np.array([False, *(_joins(text, a, b) for a, b in pairwise(spots))], np.bool_)[: len(spots)]
        self._plain = np.array([_is_plain(one) for one in units], np.bool_)[unit]
        self._times = habits.times[unit]
        self._begins, self._ends = _edges(units, unit, self._joined, habits, lone)
        # A character belongs to the side with which it is met more often: 英寸|碳化硅, not 寸碳化硅.
        pulled = self._joined[1:] & (self._times[:-1] > self._times[1:]) & ~self._plain[:-1]
        pulls = self._joined[1:] & (self._times[1:] > self._times[:-1]) & ~self._plain[1:]
        self._begins &= ~self._plain & ~np.append(False, pulled)[: len(spots)]
        self._ends &= ~self._plain & ~np.append(pulls, False)[: len(spots)]
        self._cut: dict[int, tuple[str, str]] = {}

    def shared(
        self,
        records: int,
        row: NDArray[np.int64],
        unit: NDArray[np.int32],
        worth: NDArray[np.float64],
        most: int,
    ) -> list[tuple[str, ...]]:
        """For every record the longest runs of units with worth above 0, at most `most`, ordered by worth.

        Record `row[i]` of `records` has unit `unit[i]` of the need, worth `worth[i]`; no pair comes twice. Units that
        only bind words are kept inside a run and cut from its ends. A run inside a longer one is left out, and where
        no whole word is shared there is none.
        """
        width, at = len(self._start), np.flatnonzero(worth > 0)
        count = self._count[unit[at]]
        entry = np.repeat(at, count)
        nth = np.arange(len(entry)) - np.repeat(np.cumsum(count) - count, count)
        place = row[entry] * width + self._by_unit[self._first[unit[entry]] + nth]
        order = np.argsort(place)
        return self._pick(records, *self._runs(place[order], worth[entry[order]]), most)

    def missing(self, worth: NDArray[np.float64], most: int) -> list[str]:
        """The words of the need that hold a unit with worth, the worthiest first, at most `most`; `worth` is by unit.

        A word of which only a piece is wanting is told whole. Of a need with keywords they alone are told.
        """
        told = self._told
        sums = np.bincount(told.word, np.maximum(worth, 0.0)[told.unit], minlength=len(told.said))
        found: dict[str, tuple[float, str]] = {}
        for word in np.flatnonzero(sums > 0).tolist():
            shown, plain = told.said[word]
            found.setdefault(plain, (float(sums[word]), shown))
        return [shown for _sum, shown in sorted(found.values(), key=lambda one: -one[0])][:most]

    @cached_property
    def _told(self) -> _Told:
        """The words that may be told as missing, read once: many records are asked about."""
        said, units = [], list[NDArray[np.int64]]()
        for first, last in self._words():
            if self._is_word(self._start[first], self._end[last]):
                spots = slice(first, last + 1)
                units.append(np.unique(self._unit[spots][~self._plain[spots]]))
                said.append(self._between(first * len(self._start) + last))
        word = np.repeat(np.arange(len(units)), [len(one) for one in units])
        return _Told(said, word, np.concatenate([self._unit[:0], *units]))

    def whole(self, units: tuple[str, ...]) -> list[str]:
        """The words of the need in their order, each once: English ones singly, Chinese ones as they stand apart."""
        chinese = self.missing(np.array([is_cjk(unit) for unit in units], np.float64), len(self._start) + 1)
        spots = zip(self._unit.tolist(), self._start, self._end, self._plain.tolist(), strict=True)
        english = [self._text[a:b] for unit, a, b, plain in spots if not plain and not is_cjk(units[unit])]
        return list(dict.fromkeys((*english, *chinese)))

    def _is_word(self, start: int, end: int) -> bool:
        """Whether a stretch may stand alone: a keyword of a need that has some, else one of a word's length."""
        return start in self._keywords if self._keywords else end - start <= _LONGEST_WORD

    def _words(self) -> list[tuple[int, int]]:
        """First and last spot of every word of the need that its neighbours set apart."""
        words: list[tuple[int, int]] = []
        last = len(self._start) - 1
        opened: int | None = None
        for spot in range(last + 1):
            if not self._joined[spot] or self._plain[spot]:
                opened = None
            if opened is None and self._begins[spot]:
                opened = spot
            if opened is not None and self._ends[spot] and self._stops(spot, last):
                words.append((opened, spot))
                opened = None
        return words

    def _stops(self, spot: int, last: int) -> bool:
        """Whether a stretch ends behind a spot, or another word begins there."""
        if spot == last or not self._joined[spot + 1] or self._plain[spot + 1]:
            return True
        if spot + 2 > last or not self._joined[spot + 2]:
            return False
        across = self._times[spot + 1] * _APART
        return bool(self._begins[spot + 2] and across < min(self._times[spot], self._times[spot + 2]))

    def _runs(self, place: Spans, values: NDArray[np.float64]) -> tuple[Spans, Spans]:
        """The runs of all records at once, as record and code (first spot × spots + last spot), the best first.

        `place` is record × spots + spot, in order.
        """
        width = max(len(self._start), 1)
        spot, record = place % width, place // width
        goes_on = np.zeros(len(place), np.bool_)
        goes_on[1:] = (np.diff(place) == 1) & self._joined[spot[1:]] & (spot[1:] > 0)
        run = np.cumsum(~goes_on) - 1
        begin, end = np.flatnonzero(self._begins[spot]), np.flatnonzero(self._ends[spot])
        begin = begin[np.flatnonzero(np.diff(run[begin], prepend=-1))]
        end = end[np.flatnonzero(np.diff(run[end], append=-1))]
        first, last = np.full((2, run[-1] + 1 if len(run) else 0), -1)
        first[run[begin]], last[run[end]] = begin, end
        whole = (first >= 0) & (first <= last)
        first, last = first[whole], last[whole]
        # Each by itself: what a sum is rounded to must not follow from the records beside it.
        sums = np.add.reduceat(np.append(values, 0.0), np.column_stack([first, last + 1]).ravel())[::2]
        order = np.lexsort((first, -sums, record[first]))
        return record[first][order], (spot[first] * width + spot[last])[order]

    def _pick(self, records: int, record: Spans, code: Spans, most: int) -> list[tuple[str, ...]]:
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


def _is_plain(unit: str) -> bool:
    """Whether a unit carries no matter by itself."""
    return (len(unit) == 2 and binds(unit)) if is_cjk(unit) else unit in _FUNCTION_UNITS


def _joins(text: str, one: Spot, following: Spot) -> bool:
    """Whether two neighbouring units read as one phrase: 碳化|化硅, thermal management, 8|英寸, 510 mm, 碘-131."""
    between = text[one.end : following.start]
    if is_cjk(one.unit) and is_cjk(following.unit):
        return following.start < one.end
    if is_cjk(following.unit):
        return one.unit[0].isdigit() and between in ("", " ")
    if is_cjk(one.unit):
        return following.unit[0].isdigit() and between == "-"
    return between in ("", " ", "-") and text[one.start : one.end].lower() not in FUNCTION_WORDS


def _edges(
    units: tuple[str, ...],
    unit: NDArray[np.int64],
    joined: NDArray[np.bool_],
    habits: Habits,
    lone: frozenset[str],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """At which spots, of units by number, a word may begin and end.

    A pair does at the edge of a stretch, and where it mostly does elsewhere. A number begins what it counts and ends
    what it names (碘-131), and is no word alone; nor is the measure behind it.
    """
    pair, number, binding = habits.pair[unit], habits.number[unit], habits.binding[unit]
    before, after = joined, np.append(joined[1:], False)[: len(unit)]
    counted = before & np.roll(number, 1)
    stands_first = ~before | np.roll(binding[:, 0], 1)
    stands_last = ~after | np.roll(binding[:, 1], -1)
    begins = pair & ((habits.begins[unit] >= _EDGE) | stands_first) & ~counted
    ends = pair & ((habits.ends[unit] >= _EDGE) | stands_last)
    single = np.array([len(one) == 1 and is_cjk(one) for one in units], np.bool_)[unit]
    short = np.array([len(one) <= _LONGEST_MEASURE for one in units], np.bool_)[unit]
    latin = ~pair & ~number & ~single
    begins |= (number & after & ~before) | (single & after) | (latin & ~(counted & short))
    ends |= (number & before) | latin
    word = np.array([one in lone for one in units], np.bool_)[unit] & ~counted
    begins |= word
    ends |= word
    return begins, ends
