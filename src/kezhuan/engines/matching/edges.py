"""Where words begin and end: how often each pair of characters stands at the edge of a stretch of text.

Chinese is written without blanks, and no dictionary is asked. A pair that often begins a title, a keyword or a clause
(碳化) begins a word; one that never does (化硅, 寸碳) stands inside one. Likewise for ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .rows import FIELDS, Growing, Vocabulary
from .units import BINDING_CHARACTERS, LAST_OTHER, LOCALIZERS

Floats = NDArray[np.float64]
_CODES = 0x33000  # above every character of Chinese writing
_WORD, _NUMBER, _LETTER = _CODES - 1, _CODES - 2, _CODES - 3
_BACKING = 2.0  # a pair counts as if it had been met so many times more, behaving like other pairs of its character
_BINDING = np.array(sorted(map(ord, BINDING_CHARACTERS)))
_LOCALIZING = np.array(sorted(map(ord, LOCALIZERS)))


class Habits(NamedTuple):
    """For some units: how often each was read, and the share of times that it began and that it ended a stretch.

    pair: whether it is one of Chinese characters. number: whether it is one. binding: whether its first character, and
    whether its last one, only binds; n × 2.
    """

    times: NDArray[np.int32]
    begins: Floats
    ends: Floats
    pair: NDArray[np.bool_]
    number: NDArray[np.bool_]
    binding: NDArray[np.bool_]


class Edges:
    """Counts of a corpus by unit. A stretch ends at punctuation, digits, Latin letters and characters that only bind.

    What was deleted since stays counted: these are habits of writing and not contents.
    """

    def __init__(self, counts: NDArray[np.int32] | None = None, codes: NDArray[np.int32] | None = None) -> None:
        """`counts` has a row per unit: how often it was read, began a stretch, ended one. `codes` is what `codes` gave
        for the first units; those of others are worked out."""
        self.counts = Growing(np.zeros((0, 3), np.int32) if counts is None else counts)
        self._codes = Growing(np.zeros((0, 2), np.int32) if codes is None else codes)
        self._by_character: tuple[Floats, Floats] | None = None

    @property
    def codes(self) -> NDArray[np.int32]:
        """First and last character of the first units, mostly of all: kept with an index, because to code a million
        units takes longer than an answer."""
        known: NDArray[np.int32] = self._codes.view
        return known

    def count(self, vocabulary: Vocabulary, numbers: NDArray[np.int64], place: NDArray[np.int64]) -> None:
        """Take in units in reading order; `place` is record × fields + field."""
        self._know(vocabulary)
        first, last = self._codes.view[numbers].T
        pair = first < _LETTER
        goes_on = (first[1:] == last[:-1]) & pair[1:] & pair[:-1] & (place[1:] == place[:-1])
        binds = np.isin(first, _BINDING) | np.isin(last, _BINDING)
        begins, ends = pair & ~binds, pair & ~binds
        begins[1:] &= (~goes_on | binds[:-1]) & (first[:-1] != _NUMBER)  # 个月 behind 12 is a measure
        ends[:-1] &= ~goes_on | binds[1:]
        # 淡水中 ends a clause and is no word, whereas a title or keyword that ends in 紫外 does so by right.
        sentence = place % FIELDS == FIELDS - 1
        begins &= ~(sentence & np.isin(first, _LOCALIZING))
        ends &= ~(sentence & np.isin(last, _LOCALIZING))
        for column, counted in enumerate((pair, begins, ends)):
            np.add.at(self.counts.view, (numbers[counted], column), 1)
        self._by_character = None

    def _know(self, vocabulary: Vocabulary) -> None:
        if self._codes.size == len(vocabulary) == self.counts.size:
            return  # mostly so; to pass over all that is known takes as long as an answer
        fresh = list(islice(vocabulary.numbers, self._codes.size, None))
        self._codes.extend(_codes(fresh))
        self.counts.extend(np.zeros((len(vocabulary) - self.counts.size, 3), np.int32))

    def of(self, vocabulary: Vocabulary, units: Sequence[str], numbers: NDArray[np.int32]) -> Habits:
        """The habits of units, by their numbers (−1 for one never read); rare ones are judged by a character too."""
        self._know(vocabulary)
        known, strange = numbers >= 0, np.flatnonzero(numbers < 0)
        counts = np.where(known[:, None], self.counts.view[numbers], 0)
        codes = self._codes.view[numbers]
        codes[strange] = _codes([units[at] for at in strange.tolist()])
        begins, ends = self._characters()
        return Habits(
            counts[:, 0],
            (counts[:, 1] + _BACKING * begins[codes[:, 0]]) / (counts[:, 0] + _BACKING),
            (counts[:, 2] + _BACKING * ends[codes[:, 1]]) / (counts[:, 0] + _BACKING),
            codes[:, 0] < _LETTER,
            codes[:, 0] == _NUMBER,
            np.isin(codes, _BINDING),
        )

    def kinds(self, vocabulary: Vocabulary, numbers: NDArray[np.int32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether units, by their numbers, are pairs of Chinese characters, and whether words of several letters."""
        self._know(vocabulary)
        codes = self._codes.view[numbers, 0]
        return codes < _LETTER, codes == _WORD

    def _characters(self) -> tuple[Floats, Floats]:
        """By character: the share of pairs beginning with it that begin a stretch, and likewise for ends."""
        if self._by_character is None:
            counts, codes = self.counts.view.astype(np.float64), self._codes.view
            begins, ends = (
                np.bincount(codes[:, side], counts[:, side + 1], _CODES)
                / np.maximum(np.bincount(codes[:, side], counts[:, 0], _CODES), 1)
                for side in (0, 1)
            )
            self._by_character = begins, ends
        return self._by_character


def _codes(units: Sequence[str]) -> NDArray[np.int32]:
    """First and last character of every pair of Chinese characters; numbers, letters and words have own codes."""
    # All at once: a million are read when an index is opened.
    begins = np.array(units, "U3") if units else np.zeros(0, "U3")
    first, second, third = begins.view(np.uint32).reshape(-1, 3).T
    kind = np.where(second == 0, _LETTER, _WORD)
    kind[np.strings.isdigit(begins.astype("U1"))] = _NUMBER
    pair = (first > ord(LAST_OTHER)) & (second > 0) & (third == 0)
    return np.where(pair, (first, second), kind).T.astype(np.int32)
