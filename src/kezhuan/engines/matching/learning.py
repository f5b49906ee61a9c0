"""Learning from decisions: by how much each part of a score should count, and whether that would have ranked better.

A decision is a pair that somebody took up or refused, with the parts it had then by the shipped weights. Of two pairs
of one need the one that came further should score higher: a logistic regression on the difference of the logarithms of
their scores, in which each weight is the shipped one times a factor from 0 on, drawn towards 1. So a score stays the
sum of its parts, each factor can be read, and few decisions change little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy  # what it solves with is loaded by the first who needs it
from numpy.typing import NDArray

from .config import FROZEN
from .parts import NAMES, SHIPPED, Factors, most_missed
from .records import Id, Match

Floats = NDArray[np.float64]

# Decision 0042 and `./kezhuan prove replay` say what these do together: three years with a rule gain .055 to .066, and
# twenty by a coin are not switched on. What was tried beside them stands at each: two small years (200 needs, 1,200
# results) with a rule, and four by a coin, of which none was switched on by any of it.
LEAST_NEEDS = 30
"""Needs with something to compare, and needs to judge by, without which nothing is learnt: an interval over fewer
says nothing."""
# With 10, 20 and 45 the small years come out as with 30, as all of them have more; with 60 those with a rule are not
# judged. Without any least number none of 120 years by a coin is switched on either (30 each of 12, 25, 50 and 100
# needs, 3 to 35 of them to judge by); of years with a rule none of 36 of at most 50 needs, and two of twelve of 100.
TOP = 10
EARLIER = 0.7
"""Share of the decisions, the earliest, that are learnt from; the later ones judge."""
# .5, .6 and .8 gained .014 and .016, .011 and .018, .005 and .026 where .7 gained .013 and .022: within each other's
# intervals. .9 left too few needs to judge by.
# Two small years (200 needs, 1,200 results) with a rule gained .027 and .034 by a draw of 2, .013 and .022 by 20, .005
# and .005 by 200; of four years by a coin none was switched on by any, and their gains were off 0 by .0036, .0028 and
# .0008 on average. 20 gives some of the gain for less that moves by chance. Bounds of 2 and 20 in place of 5 gave both
# years the same gains as 5.
_DRAW = 20.0  # what holds a factor at 1, in decisions: so many that all say otherwise move it far
_MOST_FACTOR = 5.0
# .5 and .8 took the gain away (-.004 and -.009, .004 and .007), since the shipped weights come near them; .99 as .95.
_MOST_MISSED = 0.95  # of the words that all facts together may cost, so that a score stays above 0
_SHARPEST = 40.0  # of the slope; no year came near it: from 5 to 160 all were the same
_TOLD = 1e-6
_RESAMPLED = 10_000
_OUTSIDE = 0.005  # of the resamplings on each side of the interval: with .025 two of twenty years by a coin passed


@dataclass(frozen=True, slots=True)
class Decision:
    """A pair that was decided on.

    at: when, in any unit that rises with time. grade: 0 refused, from 1 on taken up, higher the further it came.
    parts: values by name as the shipped weights gave them then. among: of which of the need's lists it is, each of
    which is ranked by itself.
    """

    need: Id
    supply: Id
    at: float
    grade: int
    parts: Mapping[str, float]
    among: str = ""


class Pool(NamedTuple):
    """What was shown for a need on one of its lists, by supply the parts that the shipped weights give; not all of it
    was decided on."""

    need: Id
    parts: Mapping[Id, Mapping[str, float]]
    among: str = ""


class TooFewDecisions(Exception):
    """Fewer needs than `LEAST_NEEDS` have something to compare, or to judge by; the message counts them."""

    def __init__(self, learnt: int, judged: int) -> None:
        super().__init__(f"{learnt} needs to learn from and {judged} to judge by, {LEAST_NEEDS} of each are needed")
        self.learnt, self.judged = learnt, judged


@dataclass(frozen=True, slots=True)
class Replay:
    """How past needs would have been served: precision among the first ten before and after, and the gain with an
    interval that 99 of 100 resamplings of the needs keep to. What nobody decided on counts as not taken up."""

    needs: int
    before: float
    after: float
    low: float
    high: float

    @property
    def gain(self) -> float:
        """By how much the precision rises."""
        return self.after - self.before

    @property
    def is_better(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0


def parts_of(match: Match) -> dict[str, float]:
    """The parts of a match by name, as a decision keeps them."""
    return {part.name: part.value for part in match.parts}


class _Pairs:
    """Pairs as columns: words, meaning, and for each fact by how much it lifts or lowers, by the shipped weights."""

    def __init__(self, parts: Sequence[Mapping[str, float]]) -> None:
        self.words = np.array([one.get("title", 0.0) + one.get("words", 0.0) for one in parts])
        self.meaning = np.array([one.get("meaning", 0.0) for one in parts])
        alike = self.words + self.meaning
        self.usable = alike > 0
        alike = np.where(self.usable, alike, 1.0)
        columns = []
        for name in NAMES[1:]:
            fact, _, side = name.partition("_")
            shares = np.array([one.get(fact, 0.0) for one in parts]) / alike
            columns.append(np.maximum(shares, 0.0) if side == "match" else np.minimum(shares, 0.0))
        self.facts = np.array(columns).T.reshape(len(parts), len(NAMES) - 1)
        # Parts are scaled to the root of the similarity; squared they are on the scale of similarities.
        whole = np.array([sum(one.values()) for one in parts])
        self.words, self.meaning = self.words * whole, self.meaning * whole

    def logs(self, factors: Floats) -> Floats:
        """The logarithms of the similarities by these factors, in the order of `NAMES`."""
        alike = self.words + factors[0] * self.meaning
        out: Floats = np.log(np.maximum(alike, 1e-12)) + np.log(np.maximum(1 + self.facts @ factors[1:], 1e-6))
        return out

    def slopes(self, factors: Floats) -> Floats:
        """By how much those rise with each factor."""
        alike = np.maximum(self.words + factors[0] * self.meaning, 1e-12)
        whole = np.maximum(1 + self.facts @ factors[1:], 1e-6)
        return np.column_stack([self.meaning / alike, self.facts / whole[:, None]])


def learn(decisions: Sequence[Decision]) -> dict[str, float]:
    """Factors by which pairs that came further would have scored higher. Raises TooFewDecisions."""
    pairs = _Pairs([one.parts for one in decisions])
    lists: dict[tuple[Id, str], list[int]] = defaultdict(list)
    for at, one in enumerate(decisions):
        if pairs.usable[at]:
            lists[one.need, one.among].append(at)
    better, worse, weight = [], [], []
    told = set[Id]()
    for (need, _among), rows in lists.items():
        held = [(one, other) for one in rows for other in rows if decisions[one].grade > decisions[other].grade]
        if not held:
            continue
        told.add(need)
        better += [one for one, _ in held]
        worse += [other for _, other in held]
        weight += [len(rows) / len(held)] * len(held)  # a list counts by its decisions, not by their pairs
    if len(told) < LEAST_NEEDS:
        raise TooFewDecisions(len(told), len(told))
    return _fitted(pairs, np.array(better), np.array(worse), np.array(weight))


def _fitted(pairs: _Pairs, better: NDArray[np.int64], worse: NDArray[np.int64], weight: Floats) -> dict[str, float]:
    size = len(NAMES)
    missed = most_missed(FROZEN)
    costs = np.array([missed.get(name, 0.0) for name in NAMES])
    # What never told two pairs of a need apart stays as it is, and does not make room for the others.
    slopes = pairs.slopes(np.ones(size))
    told = np.abs(slopes[better] - slopes[worse]).max(axis=0) > _TOLD
    bounds = [(0.0, _MOST_FACTOR) if one else (1.0, 1.0) for one in told.tolist()]

    def loss(point: Floats) -> tuple[float, Floats]:
        factors, sharpness = point[:size], float(np.exp(point[size]))
        logs, slopes = pairs.logs(factors), pairs.slopes(factors)
        apart = logs[better] - logs[worse]
        wrong = 1 / (1 + np.exp(np.clip(sharpness * apart, -500, 500)))
        value = float((weight * np.logaddexp(0, -sharpness * apart)).sum() + _DRAW / 2 * ((factors - 1) ** 2).sum())
        pull = -weight * wrong
        slope = (pull * sharpness) @ (slopes[better] - slopes[worse]) + _DRAW * (factors - 1)
        return value, np.append(slope, (pull * apart).sum() * sharpness)

    found: Any = scipy.optimize.minimize(
        loss,
        np.append(np.ones(size), 0.0),
        jac=True,
        method="SLSQP",
        bounds=[*bounds, (-3.0, float(np.log(_SHARPEST)))],
        constraints={
            "type": "ineq",
            "fun": lambda point: _MOST_MISSED - costs @ point[:size],
            "jac": lambda _point: np.append(-costs, 0.0),
        },
        options={"maxiter": 300},
    )
    factors = np.clip(found.x[:size], 0.0, _MOST_FACTOR)
    return {name: round(float(factor), 4) for name, factor in zip(NAMES, factors, strict=True)}


def split(decisions: Iterable[Decision]) -> tuple[list[Decision], list[Decision]]:
    """The earlier decisions, to learn from, and the later ones, to judge by."""
    ordered = sorted(decisions, key=lambda one: (one.at, str(one.need), str(one.supply)))
    cut = int(len(ordered) * EARLIER)
    return ordered[:cut], ordered[cut:]


def replay(
    earlier: Iterable[Decision],
    later: Iterable[Decision],
    pools: Iterable[Pool],
    factors: Factors,
    than: Factors = SHIPPED,
) -> Replay:
    """Serve the needs of the later decisions anew by two weightings. Raises TooFewDecisions.

    Each list of a need is put in order by both; the pairs decided on before are left out of it. A list counts of whose
    pairs one at least was taken up later, and a need by the mean of its lists.
    """
    known = {(one.need, one.supply) for one in earlier}
    shown = {(pool.need, pool.among): pool.parts for pool in pools}
    decided: dict[tuple[Id, str], dict[Id, Decision]] = defaultdict(dict)
    for one in later:
        decided[one.need, one.among][one.supply] = one
    served: dict[Id, list[tuple[float, float]]] = defaultdict(list)
    for (need, among), of_list in decided.items():
        taken = {supply for supply, one in of_list.items() if one.grade > 0}
        if not taken:
            continue
        pool = {supply: parts for supply, parts in shown.get((need, among), {}).items() if (need, supply) not in known}
        pool |= {supply: one.parts for supply, one in of_list.items()}
        ids = sorted(pool, key=str)
        pairs = _Pairs([pool[one] for one in ids])
        before, after = (_precision(ids, pairs, taken, weights) for weights in (than, factors))
        served[need].append((before, after))
    if len(served) < LEAST_NEEDS:
        raise TooFewDecisions(LEAST_NEEDS, len(served))
    befores, afters = np.array([np.mean(of_need, axis=0) for of_need in served.values()]).T
    rise = afters - befores
    random = np.random.default_rng(0)
    drawn = random.multinomial(len(rise), np.full(len(rise), 1 / len(rise)), _RESAMPLED) @ rise / len(rise)
    low, high = np.quantile(drawn, (_OUTSIDE, 1 - _OUTSIDE)).tolist()
    before = float(befores.mean())
    return Replay(len(rise), before, before + float(rise.mean()), low, high)


def _precision(ids: Sequence[Id], pairs: _Pairs, taken: set[Id], factors: Factors) -> float:
    order = np.argsort(-pairs.logs(np.array([factors.get(name, 1.0) for name in NAMES])), kind="stable")
    return sum(ids[at] in taken for at in order[:TOP].tolist()) / TOP
