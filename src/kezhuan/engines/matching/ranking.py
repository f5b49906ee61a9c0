"""Order records for one need by exact scores."""

from __future__ import annotations

import math
from heapq import nsmallest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .across import Asked
from .candidates import factor, likely, line
from .index import Index, Shared
from .latent import Near, worth
from .order import natural
from .records import Item
from .units import FUNCTION_UNITS
from .weights import Floats, Query, read_query

_BITS = 40  # of a score that count: what sums differ by beyond them is rounding, and not a reason to stand first


class _Read(NamedTuple):
    """A need as it is read: by its words, by their meaning across languages and by what stands together with them."""

    query: Query
    asked: Asked | None
    near: Near | None


class Ranking(NamedTuple):
    """Records in order, best first.

    asked, near: the need as its meaning is read, across languages and by what stands together in the corpus. slots:
    their slots. scores: (word score + meaning) × (1 + sum of weights), to `_BITS` binary digits.
    words: word scores. meaning: the worth of what is near. weights: for each fact that the need states, the signed
    weight. shared: units in common, `row` counting positions in `slots`.
    """

    query: Query
    asked: Asked | None
    near: Near | None
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
    read = _read(index, need)
    slots = likely(index, need.facts, *read, permitted(index, allowed), k)
    return rank(index, need, slots, read, k)


def _read(index: Index, need: Item) -> _Read:
    query = read_query(need, index.vocabulary, index.statistics, index.config)
    near = None if index.latent is None else index.latent.ask(need, index.config)
    return _Read(query, index.across.ask(index, need), near)


def rank(
    index: Index, need: Item, slots: NDArray[np.int64], read: _Read | None = None, k: int | None = None
) -> Ranking:
    """Score some slots exactly and put them in order, the best `k` when given; `read` is the need where it is read.

    Of records with equal scores the one that states more facts stands first, then the one whose id comes first as
    people count: S-9 before S-10.
    """
    query, asked, near = _read(index, need) if read is None else read
    shared = _telling(index.shared(query, slots), query, len(slots))
    words: Floats = np.bincount(shared.row, shared.worth, minlength=len(slots)).astype(np.float64)
    meaning = index.across.worth(index, asked, slots, words) + worth(index, near, slots, words)
    weights = index.facts.weights(need.facts, index.config, slots)
    scores = _rounded((words + meaning) * factor(weights, len(slots)))
    order = _order(index, slots, scores, len(slots) if k is None else k)
    if k is not None:
        order = order[scores[order] > 0]
    return _reorder(Ranking(query, asked, near, slots, scores, words, meaning, weights, shared), order)


def _telling(shared: Shared, query: Query, records: int) -> Shared:
    """What is shared with records that have more than function words (in, of, the) of the need: by these alone nothing
    is like it, and among few records they would stand first where nothing fits."""
    more = np.bincount(shared.row, query.numbers[shared.unit] >= len(FUNCTION_UNITS), records) > 0
    if more.all():
        return shared
    kept = more[shared.row]
    return Shared(shared.row[kept], shared.unit[kept], shared.worth[kept], shared.title[kept])


def _rounded(scores: Floats) -> Floats:
    whole, power = np.frexp(scores)
    rounded: Floats = np.ldexp(np.rint(np.ldexp(whole, _BITS)), power - _BITS)
    return rounded


def _order(index: Index, slots: NDArray[np.int64], scores: Floats, k: int) -> NDArray[np.int64]:
    """The positions of the first `k`, best first."""
    ahead = np.arange(len(slots))
    if 0 < k < len(slots):
        ahead = np.flatnonzero(scores >= line(scores, k))
    stated = index.facts.stated(slots[ahead])
    first_of_all = np.lexsort((-stated, -scores[ahead]))
    order = ahead[first_of_all]
    scores, stated = scores[order], stated[first_of_all]
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
        ranking.near,
        ranking.slots[order],
        ranking.scores[order],
        ranking.words[order],
        ranking.meaning[order],
        {name: weight[order] for name, weight in ranking.weights.items()},
        Shared(row[kept], shared.unit[kept], shared.worth[kept], shared.title[kept]),
    )
