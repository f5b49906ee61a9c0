"""In which script a record or need is written: Chinese, or else mostly English."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .config import Config
from .records import Item
from .units import is_cjk, units_of

_CHINESE = 0.3  # a text is Chinese from this share of pairs of characters among its pairs and words on


def kinds(
    row: NDArray[np.int64],
    counts: NDArray[np.uint8],
    pair: NDArray[np.bool_],
    word: NDArray[np.bool_],
    size: int,
    config: Config,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of `size` records by their units: whether each is Chinese, by its body where that holds any pair or word; and
    whether it is and is thin."""
    body = counts[:, 1].astype(np.int32) + counts[:, 2]  # ten times as quick as a sum of rows of three
    whole = body + counts[:, 0]
    pairs, words, all_pairs, all_words = (
        np.bincount(row, of * kind, size) for of in (body, whole) for kind in (pair, word)
    )
    bare = pairs + words == 0
    pairs, words = np.where(bare, all_pairs, pairs), np.where(bare, all_words, words)
    chinese = pairs >= np.maximum(_CHINESE * (pairs + words), 1e-9)
    return chinese, chinese & (all_pairs + all_words <= config.thin_units)


def marks_of(units: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether units are pairs of Chinese characters, and whether words of several letters, told by their text."""
    pair = np.array([is_cjk(unit) and len(unit) == 2 for unit in units], np.bool_)
    word = np.array([not is_cjk(unit) and len(unit) > 1 and not unit[0].isdigit() for unit in units], np.bool_)
    return pair, word


def kind_of(
    counts: NDArray[np.uint8], pair: NDArray[np.bool_], word: NDArray[np.bool_], config: Config
) -> tuple[bool, bool]:
    """Of one record by its units: whether it is Chinese, whether it is and is thin."""
    [chinese], [thin] = kinds(np.zeros(len(pair), np.int64), counts, pair, word, 1, config)
    return bool(chinese), bool(thin)


def is_chinese(need: Item) -> bool | None:
    """The script of a need by the rule that `kinds` has for records; None when it has neither."""
    for texts in ((*need.keywords, need.text), (need.title,)):
        units = [unit for text in texts for unit in units_of(text)]
        pairs = sum(is_cjk(unit) and len(unit) == 2 for unit in units)
        words = sum(not is_cjk(unit) and len(unit) > 1 and not unit[0].isdigit() for unit in units)
        if pairs + words:
            return pairs >= _CHINESE * (pairs + words)
    return None
