"""Records and needs as many as one likes, with the habits of real text that speed depends on.

Words of two characters are drawn by Zipf's law, half of them from the words of the record's subject and half from all;
they stand in clauses, so that pairs of characters across two words are units too, as they are in Chinese. A record has
about 275 distinct units, and a need is as long. What is made depends on the numbers given and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kezhuan.engines.matching import Item

_CHARACTERS = 2500
_WORDS = 30_000
_OF_SUBJECT = 300
_PER_SUBJECT = 400  # records that share a subject, on average
_TITLE, _TEXT = 8, 150  # words
_CLAUSE = 7
_AT_ONCE = 1000
_FIRST_CHARACTER = 0x4E00


def records(count: int, seed: int = 0) -> Iterator[Item]:
    """So many records."""
    return _items("S", count, count, seed)


def needs(count: int, of: int, seed: int = 0) -> Iterator[Item]:
    """So many needs for a corpus of `of` records."""
    return _items("N", count, of, seed + 1_000_003)


@cache
def _words() -> list[str]:
    """Words by how common they are; common characters stand in many."""
    random = np.random.default_rng(17)
    characters = random.permutation(_CHARACTERS) + _FIRST_CHARACTER
    drawn = _zipf(random, (_WORDS * 8, 2), _CHARACTERS, 1.5)
    pairs = dict.fromkeys(chr(characters[a]) + chr(characters[b]) for a, b in drawn.tolist())
    return list(pairs)[:_WORDS]


def _zipf(random: np.random.Generator, shape: tuple[int, ...], count: int, power: float) -> NDArray[np.int64]:
    """Numbers below `count`, the n-th with a chance in proportion to 1 / (n + 10) ** power."""
    chances = np.cumsum(1 / (np.arange(count) + 10.0) ** power)
    return np.searchsorted(chances / chances[-1], random.random(shape)).astype(np.int64)


def _items(letter: str, count: int, of: int, seed: int) -> Iterator[Item]:
    words, subjects = _words(), max(1, of // _PER_SUBJECT)
    for first in range(0, count, _AT_ONCE):
        random = np.random.default_rng((seed, first))
        size = min(_AT_ONCE, count - first)
        subject = random.integers(subjects, size=size)
        general = _zipf(random, (size, _TITLE + _TEXT), len(words), 1.0)
        rank = _zipf(random, general.shape, _OF_SUBJECT, 0.7)
        # The words of a subject are scattered over all by a fixed step, the rarer half of them mostly.
        own = (subject[:, None] * 7919 + rank * 104_729 + rank * rank * 31) % (len(words) - 500) + 500
        chosen = np.where(random.random(general.shape) < 0.5, own, general)
        for row, numbers in enumerate(chosen.tolist()):
            told = [words[number] for number in numbers]
            clauses = ["".join(told[at : at + _CLAUSE]) for at in range(_TITLE, len(told), _CLAUSE)]
            yield Item(f"{letter}{first + row}", "".join(told[:_TITLE]), "，".join(clauses))
