"""Whole panels from the shares of the linear program, by branching over the few items whose shares are not whole."""

from __future__ import annotations

import numpy as np
import scipy  # what it solves with is loaded by the first who needs it

from kezhuan.engines.assignment.blocking import Blocked, blocking
from kezhuan.engines.assignment.master import FAIR_WEIGHT, Relaxed, Rows, Scale, in_pairs, program
from kezhuan.engines.assignment.problem import Bools, Group, Ints, Problem

NEAR = 1e-5  # a total that is so near to the bound, as a share of it, is good enough to stop
NODES = 2_000


def whole(problem: Problem, scale: Scale, relaxed: Relaxed) -> Bools:
    """Whole panels from shares: those that are whole stay, the few others are decided by branching.

    When that costs more than a hundred-thousandth, more of the panels are opened, in the end all of them; the best is
    kept. Raises Blocked when the rules have no whole solution.
    """
    shares = relaxed.shares
    chosen: Bools = shares > 0.5
    fraction = np.abs(shares - np.round(shares)) > 1e-6
    if not fraction.any():
        return chosen
    open_items = fraction.any(axis=1)
    # Next those served worst, and those whose experts are wanted by the open ones.
    wanted = relaxed.inside[open_items].any(axis=0)
    means = (shares * scale.values).sum(axis=1) / np.maximum(problem.need, 1)
    every: Bools = np.ones(len(chosen), dtype=np.bool_)
    some: Bools = every & open_items
    some[np.argsort(means, kind="stable")[:100]] = True
    some[np.argsort(-(chosen & wanted).sum(axis=1), kind="stable")[:200]] = True
    best: tuple[float, Bools] | None = None
    for inside, items in (
        (relaxed.inside, open_items),
        (relaxed.inside, some),
        (relaxed.inside, every),
        (problem.allowed, every),
    ):
        if inside is problem.allowed and best is not None:
            break
        found = _branch(problem, scale, inside, np.flatnonzero(items), chosen)
        if found is not None and (best is None or worth(problem, scale, found) > best[0]):
            best = (worth(problem, scale, found), found)
        if best is not None and best[0] >= relaxed.bound - NEAR * abs(relaxed.bound):
            break
    if best is None:
        raise Blocked(blocking(problem))
    return best[1]


def worth(problem: Problem, scale: Scale, chosen: Bools) -> float:
    """What the program seeks: the total, less the weight of what the worst-served item falls short."""
    total = float(scale.values[chosen].sum())
    if not problem.fair:
        return total
    means = (chosen * scale.values).sum(axis=1)[problem.need > 0] / problem.need[problem.need > 0]
    short = max(0.0, scale.target - float(means.min(initial=scale.target)))
    return total - FAIR_WEIGHT * len(chosen) * short


def _branch(problem: Problem, scale: Scale, inside: Bools, items: Ints, chosen: Bools) -> Bools | None:
    """Decide the panels of some items, the others staying as they are; None when these cannot be decided so."""
    kept = np.ones(len(chosen), dtype=bool)
    kept[items] = False
    taken = (chosen & kept[:, None]).sum(axis=0)
    part = Problem(
        tuple(problem.items[item] for item in items),
        problem.experts,
        problem.affinity[items],
        problem.allowed[items],
        problem.need[items],
        np.maximum(problem.min_load - taken, 0),
        problem.max_load - taken,
        tuple(Group(g.name, g.members, g.at_least[items], g.at_most[items]) for g in problem.groups),
        problem.fair,
    )
    small = Scale.__new__(Scale)
    small.low, small.range, small.target = scale.low, scale.range, scale.target
    small.values, small.best = scale.values[items], scale.best[items]
    groups = range(len(problem.groups))
    every = np.arange(len(items))
    both = in_pairs([(every, np.full(len(items), group)) for group in groups])
    rows = Rows(both, both, every[part.need > 0])
    one = program(part, small, inside[items], rows)
    low, high = np.zeros(len(one.gain)), np.ones(len(one.gain))
    kept_means = ((chosen * scale.values).sum(axis=1) / np.maximum(problem.need, 1))[kept & (problem.need > 0)]
    low[-1] = max(0.0, scale.target - float(kept_means.min(initial=scale.target))) if problem.fair else 0.0
    high[-1] = np.inf
    gain = np.append(one.gain[:-1], -FAIR_WEIGHT * len(chosen))
    found = scipy.optimize.milp(
        -gain,
        constraints=[
            scipy.optimize.LinearConstraint(one.equal, one.need, one.need),
            scipy.optimize.LinearConstraint(one.upper, -np.inf, one.most),
        ],
        integrality=np.append(np.ones(len(one.i)), 0),
        bounds=scipy.optimize.Bounds(low, high),
        # Over all pairs it must be decided whether there is an assignment; before that, so many nodes are enough.
        options={"mip_rel_gap": 1e-5} | ({} if inside is problem.allowed else {"node_limit": NODES}),
    )
    if found.status == 2 or (found.status == 1 and found.x is None):
        return None
    if found.x is None:
        raise RuntimeError(f"The panels could not be decided: {found.message}")
    result = chosen & kept[:, None]
    on = found.x[: len(one.i)] > 0.5
    result[items[one.i[on]], one.e[on]] = True
    return result
