"""Scores corrected for harsh and lenient experts, shown beside the raw ones and never instead of them.

The model is additive: what an expert gives is the item's worth plus the expert's own lean, plus chance. Worths `w` and
leans `h` are those that make

    sum over all scores (score − w[item] − h[expert])²  +  caution × sum over experts h[expert]²

smallest. `caution` (above zero) is the ratio of the variance of chance to that of the leans: it draws the lean of an
expert with few scores towards zero, n scores counting n ÷ (n + caution). The solution is unique. Leans add up to zero
within each group of experts and items that scores tie together; between groups that share no expert nothing can be
compared, so every item carries the number of its group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy  # what it solves with is loaded by the first who needs it
from scipy.sparse import csr_array


@dataclass(frozen=True)
class Corrected:
    """Corrected scores by item, leans by expert (above zero: lenient), and the group in which items compare."""

    scores: Mapping[str, float]
    leans: Mapping[str, float]
    groups: Mapping[str, int]


def corrected_scores(totals: Mapping[tuple[str, str], float], *, caution: float) -> Corrected:
    """Correct the totals given by (expert, item), in points.

    Raises ValueError when there is nothing to correct, a total is no finite number, or `caution` is not above zero.
    """
    if not totals:
        raise ValueError("There are no scores to correct.")
    if not caution > 0:
        raise ValueError("The caution must be above zero.")
    experts, items = (sorted({pair[side] for pair in totals}) for side in (0, 1))
    expert_at = {name: place for place, name in enumerate(experts)}
    item_at = {name: place for place, name in enumerate(items)}
    pairs = sorted(totals)
    e = np.array([expert_at[expert] for expert, _ in pairs])
    i = np.array([item_at[item] for _, item in pairs])
    given = np.array([float(totals[pair]) for pair in pairs])
    if not np.isfinite(given).all():
        raise ValueError("A score is no finite number; an incomplete sheet never counts.")
    # Worths are eliminated: each is the mean of what the item got, less the leans; the leans remain, one equation each.
    seen = csr_array((np.ones(len(pairs)), (i, e)), shape=(len(items), len(experts)))
    each = seen.sum(axis=1)
    means = np.bincount(i, given, len(items)) / each
    shares = csr_array((np.ones(len(pairs)) / each[i], (i, e)), shape=seen.shape)
    left = np.diag(seen.sum(axis=0) + caution) - (seen.T @ shares).toarray()
    right = np.bincount(e, given, len(experts)) - seen.T @ means
    leans = np.linalg.solve(left, right)
    worth = means - shares @ leans
    tied = csr_array((np.ones(len(pairs)), (i, e + len(items))), shape=(len(items) + len(experts),) * 2)
    _, group = scipy.sparse.csgraph.connected_components(tied, directed=False)
    return Corrected(
        dict(zip(items, worth.tolist(), strict=True)),
        dict(zip(experts, leans.tolist(), strict=True)),
        {name: int(group[place]) for name, place in item_at.items()},
    )
