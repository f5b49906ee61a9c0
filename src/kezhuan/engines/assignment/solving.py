"""Make an assignment: the linear program, whole panels from it, or a draw where chance is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kezhuan.engines.assignment.master import FAIR_WEIGHT, Relaxed, Scale, relax
from kezhuan.engines.assignment.panels import whole
from kezhuan.engines.assignment.problem import Assignment, Bools, Problem
from kezhuan.engines.assignment.rounding import draw_panels, nested


def assign(problem: Problem, *, seed: str | None = None) -> Assignment:
    """The best assignment under the rules; with a maximum probability below one, one drawn by the seed.

    Raises Blocked, which names the smallest rules that cannot be kept together, when there is none; ValueError when
    panels are to be drawn without a seed, or with groups that overlap.
    """
    drawn = problem.max_probability < 1
    if drawn and seed is None:
        raise ValueError("Panels are drawn by a seed; give one.")
    if drawn and not nested(problem.groups):
        raise ValueError("Panels can be drawn only when groups of the mix do not overlap, or lie one inside the other.")
    scale = Scale(problem)
    relaxed = relax(problem, scale)
    if drawn:
        return _drawn(problem, scale, relaxed, str(seed))
    return _told(problem, scale, relaxed, whole(problem, scale, relaxed))


def _told(problem: Problem, scale: Scale, relaxed: Relaxed, chosen: Bools) -> Assignment:
    worst = worst_mean(problem, chosen)
    bound = relaxed.bound
    if problem.fair:
        # The bound is on the total less the weight of what the worst falls short; what it does fall short is known.
        bound += FAIR_WEIGHT * len(problem.items) * max(0.0, scale.target - (worst - scale.low) / scale.range)
    total = float(problem.affinity[chosen].sum())
    best = scale.mean(float(own.min(initial=1.0))) if (own := scale.best[problem.need > 0]).size else worst
    return Assignment(problem, chosen, total, scale.total(problem, bound), worst, best, relaxed.prices)


def _drawn(problem: Problem, scale: Scale, relaxed: Relaxed, seed: str) -> Assignment:
    chosen = draw_panels(problem, relaxed.shares, seed)
    told = _told(problem, scale, relaxed, chosen)
    expected = float((relaxed.shares * np.where(problem.allowed, problem.affinity, 0.0)).sum())
    return replace(told, total=expected, probability=relaxed.shares)


def worst_mean(problem: Problem, chosen: Bools) -> float:
    """The mean affinity of the worst-served item's panel; zero when no item needs anybody."""
    asked = problem.need > 0
    if not asked.any():
        return 0.0
    sums = np.where(chosen, problem.affinity, 0.0).sum(axis=1)
    return float((sums[asked] / problem.need[asked]).min())


@dataclass(frozen=True, slots=True)
class Step:
    """The rules up to one of them: the total of the best assignment under them, and its worst-served item's mean."""

    rule: str
    total: float
    worst: float


def rule_costs(made: Assignment) -> list[Step]:
    """What each rule costs, each beside those before it: needs, conflicts and greatest loads (`plain`), least loads
    (`min-load`), the seats that groups must have (`mix-least`) and may have (`mix-most`), the worst served first
    (`fair`), panels drawn at random (`chance`, as expected).

    Every step but the last, which is what was made, is solved anew.
    """
    full = made.problem
    free = [replace(group, at_most=np.maximum(group.at_most, full.need)) for group in full.groups]
    bound = any((group.at_most < full.need).any() for group in full.groups)
    asked = any(group.at_least.any() for group in full.groups)
    now = replace(full, min_load=np.zeros_like(full.min_load), groups=(), fair=False, max_probability=1.0)
    steps = [("plain", now)]
    for rule, holds, more in (
        ("min-load", bool(full.min_load.any()), {"min_load": full.min_load}),
        ("mix-least", asked, {"groups": tuple(group for group in free if group.at_least.any())}),
        ("mix-most", bound, {"groups": full.groups}),
        ("fair", full.fair, {"fair": True}),
        ("chance", full.max_probability < 1, {"max_probability": full.max_probability}),
    ):
        if holds:
            now = replace(now, **more)
            steps.append((rule, now))
    told = []
    for place, (rule, problem) in enumerate(steps):
        one = made if place == len(steps) - 1 else assign(problem)
        told.append(Step(rule, one.total, one.worst))
    return told
