"""How good a ranking is: nDCG@10, MRR and recall, and whether two rankings differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Judged = Mapping[str, Mapping[str, int]]
"""Grades by need and record; what is not judged counts as 0."""
ROUNDS = 10_000
_AT_ONCE = 250


class Figures(NamedTuple):
    """nDCG at 10 with gain 2^grade − 1, reciprocal rank of the first relevant record, share of relevant records found
    among the first 20 and 100; relevant is any grade from 1."""

    ndcg: float
    mrr: float
    recall_20: float
    recall_100: float


def figures(grades: Mapping[str, int], ranking: Sequence[str]) -> Figures:
    """The figures of one need. Raises ValueError when a record is ranked twice or none is relevant."""
    if len(set(ranking)) < len(ranking):
        raise ValueError("a record is ranked twice")
    relevant = {one for one, grade in grades.items() if grade >= 1}
    if not relevant:
        raise ValueError("a need without a relevant record has no figures")
    best = _gain(sorted(grades.values(), reverse=True)[:10])
    first = next((rank for rank, one in enumerate(ranking, 1) if one in relevant), None)
    return Figures(
        _gain([grades.get(one, 0) for one in ranking[:10]]) / best,
        0.0 if first is None else 1 / first,
        len(relevant.intersection(ranking[:20])) / len(relevant),
        len(relevant.intersection(ranking[:100])) / len(relevant),
    )


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def chance(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """The probability of a mean difference at least this large, were the two the same: a paired randomisation test.

    The sign of every need's difference is drawn anew, ROUNDS times, from a fixed seed; with nothing different it is 1.
    """
    differences = ours - theirs
    draw, observed, hits = np.random.default_rng(7), abs(differences.sum()) * (1 - 1e-12), 0
    for _ in range(0, ROUNDS, _AT_ONCE):
        signs = draw.integers(0, 2, (_AT_ONCE, len(differences)), np.int8) * 2.0 - 1
        hits += int((np.abs(signs @ differences) >= observed).sum())
    return (hits + 1) / (ROUNDS + 1)
