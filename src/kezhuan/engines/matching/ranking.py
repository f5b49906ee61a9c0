"""Order records for one need: candidates by single-precision scores of all slots, then exact scores."""

from __future__ import annotations

import math
from heapq import nsmallest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .across import Asked
from .index import Index, Shared
from .order import natural
from .records import Item
from .weights import Floats, Query, read_query

_MORE = 4  # times the records asked for, whose facts tell what a record has to reach
_SLACK = 1e-5  # single precision errs by far less, so no record of the true first k is missed
_BITS = 40  # of a score that count: what sums differ by beyond them is rounding, and not a reason to stand first


class Ranking(NamedTuple):
    """Records in order, best first.

    asked: the need as its meaning is read. slots: their slots. scores: (word score + meaning) × (1 + sum of weights),
    to `_BITS` binary digits.
    words: word scores. meaning: the worth of what is near. weights: for each fact that the need states, the signed
    weight. shared: units in common, `row` counting positions in `slots`.
    """

    query: Query
    asked: Asked | None
    slots: NDArray[np.int64]
    scores: Floats
    words: Floats
    meaning: Floats
    weights: dict[str, Floats]
    shared: Shared


def shown_score(similarity: float) -> float:
    """A similarity as people read it: its square root, from 0 to about 1.

    Even a record written for a need shares few of its words, so similarities crowd near 0; the root spreads them where
    people decide. It keeps every order, and the parts of a score are scaled with it, so that they still add up.
    """
    return math.sqrt(similarity) if similarity > 0 else 0.0


def permitted(index: Index, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Living and allowed slots. Raises ValueError when the mask does not have one boolean per slot."""
    alive: NDArray[np.bool_] = index.alive.view
    if allowed is None:
        return alive
    if allowed.shape != alive.shape or allowed.dtype != np.bool_:
        raise ValueError(f"allowed must hold one boolean for each of {len(alive)} slots, not {allowed.shape}")
    both: NDArray[np.bool_] = alive & allowed
    return both


def best(index: Index, need: Item, k: int, allowed: NDArray[np.bool_] | None) -> Ranking:
    """The best `k` permitted records that share a unit with the need or are near to it in the other language."""
    query = read_query(need, index.vocabulary, index.statistics, index.config)
    scores = index.word_scores(query)
    asked = index.across.ask(index, need)
    if asked is not None:
        for slots, worth, alone in index.across.scores(index, asked):
            scores[slots] += worth if alone else np.where(scores[slots] > 0, worth, 0)
    scores[~permitted(index, allowed)] = 0
    return rank(index, need, _hopeful(index, need, scores, k), query, asked, k)


def _hopeful(index: Index, need: Item, alike: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Slots that may belong to the first `k` once facts count, by their scores before.

    Facts are read of few: what the best of them reach with their facts is out of reach for most, did all facts agree.
    """

    def reached(slots: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
        weights = index.facts.weights(need.facts, index.config, slots)
        return alike[slots] * _factor(weights, len(slots)), weights

    hopeful = candidates(alike, _MORE * k)
    scores, weights = reached(hopeful)
    if weights and len(hopeful) >= k:
        least = float(np.partition(scores, len(scores) - k)[len(scores) - k])
        most = 1 + sum(getattr(index.config, f"{name}_match") for name in weights)
        hopeful = np.flatnonzero((alike > 0) & (alike * np.float32(most) >= least * (1 - _SLACK)))
        scores, _weights = reached(hopeful)
    return hopeful[candidates(scores, k)]


def _factor(weights: dict[str, Floats], size: int) -> Floats:
    """By what the facts multiply the scores of so many records."""
    return 1 + sum(weights.values(), np.zeros(size))


def candidates(scores: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """Slots that may belong to the first `k`: all within rounding of the k-th positive score."""
    positive = np.flatnonzero(scores > 0)
    if not 0 < k < len(positive):
        return positive
    # Among the positive ones only: thousands of equal zeros make the selection many times slower.
    reached = scores[positive]
    least = float(np.partition(reached, len(reached) - k)[len(reached) - k]) * (1 - _SLACK)
    return positive[reached >= least]


def rank(
    index: Index,
    need: Item,
    slots: NDArray[np.int64],
    query: Query | None = None,
    asked: Asked | None = None,
    k: int | None = None,
) -> Ranking:
    """Score some slots exactly and put them in order, the best `k` when given.

    Of records with equal scores the one that states more facts stands first, then the one whose id comes first as
    people count: S-9 before S-10.
    """
    if query is None:
        query = read_query(need, index.vocabulary, index.statistics, index.config)
        asked = index.across.ask(index, need)
    shared = index.shared(query, slots)
    words: Floats = np.bincount(shared.row, shared.worth, minlength=len(slots)).astype(np.float64)
    meaning = index.across.worth(index, asked, slots, words)
    weights = index.facts.weights(need.facts, index.config, slots)
    scores = _rounded((words + meaning) * _factor(weights, len(slots)))
    order = _order(index, slots, scores, len(slots) if k is None else k)
    return _reorder(Ranking(query, asked, slots, scores, words, meaning, weights, shared), order)


def _rounded(scores: Floats) -> Floats:
    whole, power = np.frexp(scores)
    rounded: Floats = np.ldexp(np.rint(np.ldexp(whole, _BITS)), power - _BITS)
    return rounded


def _order(index: Index, slots: NDArray[np.int64], scores: Floats, k: int) -> NDArray[np.int64]:
    """The positions of the first `k`, best first."""
    stated = index.facts.stated(slots)
    order = np.lexsort((-stated, -scores))
    scores, stated = scores[order], stated[order]
    starts = np.flatnonzero((np.diff(scores, prepend=np.nan) != 0) | (np.diff(stated, prepend=-1) != 0))
    for first, end in zip(starts.tolist(), np.append(starts, len(order))[1:].tolist(), strict=True):
        if first >= k:
            break
        if end - first > 1:
            level = [(natural(index.ids[slots[at]]), at) for at in order[first:end].tolist()]
            best_level = [at for _id, at in nsmallest(k - first, level)]
            order[first : first + len(best_level)] = best_level
    return order[:k]


def _reorder(ranking: Ranking, order: NDArray[np.int64]) -> Ranking:
    place = np.full(len(ranking.slots), -1)
    place[order] = np.arange(len(order))
    shared = ranking.shared
    row = place[shared.row]
    kept = row >= 0
    return Ranking(
        ranking.query,
        ranking.asked,
        ranking.slots[order],
        ranking.scores[order],
        ranking.words[order],
        ranking.meaning[order],
        {name: weight[order] for name, weight in ranking.weights.items()},
        Shared(row[kept], shared.unit[kept], shared.worth[kept], shared.title[kept]),
    )
