"""Why not: the fewest changes that would lift a record just under the line over it, or where the gap lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .candidates import most_factor
from .changes import Changes, Question
from .facts import NAMES, reason
from .index import Index
from .ranking import Ranking, best, shown_score
from .reasons import Reason
from .records import Item, NearMiss

_OVER = 1 + 1e-12  # above the line, not level with it
NEAR_LEAST = 0.9
"""What is like a need would reach at least this share of the line by its words alone; below it the two merely share
some. Counted in the demo city: with .5 words are named as what would lift 496 of 970 lines, 316 of them of records in
another field than the need's; with .8 of 35, with .9 of 5, with 1 of none."""
Told = Callable[[NearMiss], bool]
"""Whether something holds of a record as it stands under the line."""


def is_like(miss: NearMiss, line: float | None = None) -> bool:
    """Whether a record as it stands is like the need, so that words of the need are what is missing in it; what merely
    shares words is of another matter, and would be made up by adding some. `line` where another one counts."""
    return miss.alike >= NEAR_LEAST * (miss.line if line is None else line)


def near_misses(
    index: Index,
    need: Item,
    k: int,
    below: int,
    allowed: NDArray[np.bool_] | None,
    least: float,
    wanted: Told | None = None,
    worded: Told | None = None,
    enough: int | None = None,
) -> list[NearMiss]:
    """See `Matcher.why_not`."""
    ranking = best(index, need, k + below, allowed)
    question = Question.of(index, need, ranking)
    line = max(least * least, float(ranking.scores[k - 1]) if len(ranking.scores) >= k else 0.0)
    first = min(k, int((ranking.scores * _OVER >= line).sum()))
    most = most_factor(index.config, ranking.weights)
    missed: list[NearMiss] = []
    lifted = 0
    for row in range(first, min(first + below, len(ranking.slots))):
        bare = _bare(index, ranking, row=row, line=line)
        if wanted is None or wanted(_shown(bare)):
            may_add = worded is None or worded(_shown(bare))
            if enough is not None and len(missed) >= enough and not may_add and bare.alike * most < line:
                continue  # nothing lifts it, and so many are found that stand before it
            missed.append(_shown(_near_miss(question, bare, may_add=may_add)))
            lifted += len(missed[-1].changes) == 1
            if lifted == enough:
                break
    return missed


def _shown(miss: NearMiss) -> NearMiss:
    """With scores as people read them."""
    return replace(
        miss,
        score=shown_score(miss.score),
        line=shown_score(miss.line),
        alike=shown_score(miss.alike),
        new_score=shown_score(miss.new_score),
    )


def _bare(index: Index, ranking: Ranking, *, row: int, line: float) -> NearMiss:
    """How a record stands, before it is looked for what would lift it."""
    slot = int(ranking.slots[row])
    return NearMiss(
        supply=index.ids[slot],
        rank=row + 1,
        score=float(ranking.scores[row]),
        line=line,
        alike=float(ranking.words[row] + ranking.meaning[row]),
        new_score=float(ranking.scores[row]),
        new_rank=row + 1,
    )


def _near_miss(question: Question, bare: NearMiss, *, may_add: bool) -> NearMiss:
    ranking, ours = question.ranking, question.ours
    changes = Changes(question, bare.rank - 1, worded=may_add and not _is_across(question, bare.rank - 1))
    said = (reason(name, ours, changes.theirs) for name in NAMES if changes.weights.get(name, 0.0) < 0)
    miss = replace(bare, held=tuple(one for one in said if one is not None))
    lift = changes.smallest(miss.line * _OVER)
    if lift is None:
        return replace(miss, gap=_gap(question, miss, changes))
    rank = 1 + int((ranking.scores >= lift.score).sum())
    return replace(miss, changes=lift.changes, facts=lift.facts, words=lift.words, new_score=lift.score, new_rank=rank)


def _is_across(question: Question, row: int) -> bool:
    """Whether a record is in the other language: words of the need are not missing in what says them otherwise."""
    asked = question.ranking.asked
    if asked is None:
        return False
    return bool(question.index.across.chinese(question.index)[question.ranking.slots[row]] != asked.chinese)


def _gap(question: Question, miss: NearMiss, changes: Changes) -> Reason:
    """What keeps a record under the line though all that could be changed were."""
    match = question.index.config.region_match
    if changes.most(match - changes.weights.get("region", match)) > miss.line * _OVER:
        if changes.theirs.region is None:
            return Reason("region-unknown", {"need": question.ours.region})
        return Reason("gap-region", {"need": question.ours.region, "supply": changes.theirs.region})
    most = changes.most()
    if most >= miss.line / _OVER:
        return Reason("gap-level", {})
    figures = dict(zip(("reach", "line"), _apart(shown_score(most), shown_score(miss.line)), strict=True))
    if changes.words:
        return Reason("gap-more-words", {"words": changes.words} | figures)
    return Reason("gap-meaning" if _is_across(question, miss.rank - 1) else "gap-words", figures)


def _apart(low: float, high: float) -> tuple[str, str]:
    """Two scores with as many decimals as it takes to tell them apart."""
    pairs = ((f"{low:.{decimals}f}", f"{high:.{decimals}f}") for decimals in range(2, 16))
    return next((pair for pair in pairs if pair[0] != pair[1]), (str(low), str(high)))
