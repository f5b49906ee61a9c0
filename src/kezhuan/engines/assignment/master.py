"""The best assignment as a linear program over few of its pairs; the others are priced, and come in when they pay.

A pair that is not in the program could make the total better only if its affinity is above the price of a seat of the
item plus the price of the expert's time plus the prices of the groups it counts in. Prices come from the program (its
duals); pairs above them are added and the program is solved again, until there is none. Then the prices prove the
bound for *all* pairs, whatever the solver did: see `bound_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # what it solves with is loaded by the first who needs it
import scipy.sparse as sp

from kezhuan.engines.assignment.blocking import Blocked, blocking, refuse_blocked
from kezhuan.engines.assignment.problem import Bools, Floats, Ints, Prices, Problem

FIRST = 28  # pairs of each item in the first program: with these one solving is mostly enough
MARGIN = 0.01  # pairs come in when they are that near to paying, in parts of the range of affinities
EXACT = 1e-7
FAIR_WEIGHT = 50.0  # of the worst item's mean against the total, for every item: more than any trade between them


@dataclass(frozen=True)
class Rows:
    """Rules of the mix that stand in the program, as pairs of arrays (item, group)."""

    least: tuple[Ints, Ints]
    most: tuple[Ints, Ints]
    fair: Ints


@dataclass(frozen=True)
class Relaxed:
    """The solved program: pairs in it with their shares, the prices, the bound in parts of the range of affinities."""

    inside: Bools
    shares: Floats
    prices: Prices
    bound: float
    short: float
    rows: Rows


class Scale:
    """Affinities in parts of their range; every item gets exactly what it needs, so that shifting changes no choice."""

    def __init__(self, problem: Problem) -> None:
        given = problem.affinity[problem.allowed]
        self.low = float(given.min()) if given.size else 0.0
        self.range = float(given.max()) - self.low if given.size else 1.0
        self.range = self.range or 1.0
        self.values: Floats = np.where(problem.allowed, (problem.affinity - self.low) / self.range, 0.0)
        self.best = own_best(problem, self.values)
        """The mean of the best experts of each item, were it alone."""
        self.target = float(self.best.min()) if problem.fair and len(self.best) else 0.0

    def total(self, problem: Problem, scaled: float) -> float:
        """A sum of scaled affinities in the given scale."""
        return scaled * self.range + self.low * float(problem.need.sum())

    def mean(self, scaled: float) -> float:
        """A mean of scaled affinities in the given scale."""
        return scaled * self.range + self.low


def own_best(problem: Problem, values: Floats) -> Floats:
    """The mean of each item's best allowed experts, were it alone; one where nobody is needed."""
    most = int(np.clip(problem.need.max(initial=1), 1, values.shape[1]))
    order = -np.sort(np.partition(np.where(problem.allowed, -values, np.inf), most - 1, axis=1)[:, :most], axis=1)
    sums = np.cumsum(np.where(np.isfinite(order), order, 0.0), axis=1)
    place = np.clip(problem.need, 1, most) - 1
    return np.where(problem.need > 0, sums[np.arange(len(sums)), place] / np.maximum(problem.need, 1), 1.0)


def first_prices(problem: Problem, values: Floats) -> Floats:
    """Rough prices of the experts' time, by a few rounds of raising what is overbooked over a sample of the items."""
    count, people = values.shape
    step_by = max(1, count // 500)
    part = slice(None, None, step_by)
    need = problem.need[part]
    most = int(min(max(need.max(initial=1), 1), people))
    room = np.maximum(problem.max_load * (need.sum() / max(problem.need.sum(), 1)), 1e-3)
    worth = np.where(problem.allowed[part], values[part], -9.0).astype(np.float32)
    price, step = np.zeros(people, np.float32), 0.1
    for _ in range(30):
        left = worth - price
        limit = np.partition(left, people - most, axis=1)[:, people - most]
        load = (left >= limit[:, None]).sum(axis=0)
        price = np.maximum(0, price + step * np.clip((load - room) / room, -3, 3)).astype(np.float32)
        step *= 0.93
    return price.astype(float)


def first_pairs(problem: Problem, values: Floats, price: Floats, width: int) -> Bools:
    """The pairs of each item that look best at these prices, and the best of each group of which it needs some."""
    left = np.where(problem.allowed, values - price, -np.inf)
    inside = _best(left, np.maximum(width, 2 * problem.need))
    for group in problem.groups:
        if group.at_least.any():
            within = np.where(group.members, left, -np.inf)
            inside |= _best(within, np.where(group.at_least > 0, np.maximum(width // 4, 2 * group.at_least), 0))
    if problem.fair:
        inside |= _best(np.where(problem.allowed, values, -np.inf), np.minimum(width, 2 * problem.need))
    # Who has a minimum needs items to choose from.
    pushed = np.flatnonzero(problem.min_load > 0)
    if pushed.size:
        inside[:, pushed] |= _best(left[:, pushed].T, 2 * problem.min_load[pushed]).T
    return inside & problem.allowed


def _best(left: Floats, counts: Ints) -> Bools:
    """The `counts` highest of each row."""
    inside = np.zeros(left.shape, dtype=bool)
    most = int(min(counts.max(initial=0), left.shape[1]))
    if most == 0:
        return inside
    top = np.argpartition(-left, most - 1, axis=1)[:, :most]
    if (counts < most).any():
        top = np.take_along_axis(top, np.argsort(np.take_along_axis(-left, top, 1), axis=1, kind="stable"), 1)
    wanted = np.arange(most) < np.minimum(counts, most)[:, None]
    np.put_along_axis(inside, top, wanted, axis=1)
    return inside


def relax(problem: Problem, scale: Scale, *, inside: Bools | None = None) -> Relaxed:
    """Solve the linear program over all pairs. Raises Blocked when it has no solution at all."""
    values, width = scale.values, FIRST
    looked = False
    price = first_prices(problem, values)
    inside = first_pairs(problem, values, price, width) if inside is None else inside
    rows = _first_rows(problem, scale, inside)
    while True:
        solved = _solve(problem, scale, inside, rows)
        if solved is None:
            if not looked:
                refuse_blocked(problem)
                looked = True
            if (inside == problem.allowed).all():
                raise Blocked(blocking(problem))
            # Too few pairs for the rules, or none will do: take many more, and in the end all.
            width *= 8
            inside = inside | first_pairs(problem, values, price, width) if width < values.shape[1] else problem.allowed
            rows = _first_rows(problem, scale, inside)
            continue
        shares, prices, short = solved
        broken = _broken(problem, scale, shares, short, rows)
        paying: Bools = problem.allowed & ~inside & (prices.reduced > EXACT)
        if not paying.any() and broken is None:
            bound = bound_of(problem, scale, prices)
            return Relaxed(inside, shares, prices, bound, short, rows)
        if paying.any():
            of_items = paying.any(axis=1).reshape(-1, 1)
            inside = inside | paying | (problem.allowed & of_items & (prices.reduced > -MARGIN))
        rows = _joined(rows, broken)


def _first_rows(problem: Problem, scale: Scale, inside: Bools) -> Rows:
    least, most = [], []
    for number, group in enumerate(problem.groups):
        asked = np.flatnonzero(group.at_least > 0)
        least.append((asked, np.full(len(asked), number)))
        within = inside[:, group.members].sum(axis=1)
        bound = np.flatnonzero(within > group.at_most)
        most.append((bound, np.full(len(bound), number)))
    fair = np.array([], dtype=np.int64)
    if problem.fair:
        fair = np.argsort(scale.best, kind="stable")[: max(20, len(scale.best) // 20)]
        fair = fair[problem.need[fair] > 0]
    return Rows(in_pairs(least), in_pairs(most), fair)


def in_pairs(parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Several pairs of arrays as one."""
    none = np.array([], dtype=np.int64)
    return (
        np.concatenate([none, *(part[0] for part in parts)]).astype(np.int64),
        np.concatenate([none, *(part[1] for part in parts)]).astype(np.int64),
    )


def _joined(rows: Rows, more: Rows | None) -> Rows:
    if more is None:
        return rows
    return Rows(rows.least, in_pairs([rows.most, more.most]), np.concatenate([rows.fair, more.fair]))


def _broken(problem: Problem, scale: Scale, shares: Floats, short: float, rows: Rows) -> Rows | None:
    """Rules that the solution breaks because they do not stand in the program yet."""
    most = []
    for number, group in enumerate(problem.groups):
        over = np.flatnonzero(shares[:, group.members].sum(axis=1) > group.at_most + EXACT)
        most.append((over, np.full(len(over), number)))
    fair = np.array([], dtype=np.int64)
    if problem.fair:
        means = (shares * scale.values).sum(axis=1) / np.maximum(problem.need, 1)
        poor = np.flatnonzero((means + short < scale.target - EXACT) & (problem.need > 0))
        fair = np.setdiff1d(poor, rows.fair)
    pairs = in_pairs(most)
    known = set(zip(*map(np.ndarray.tolist, rows.most), strict=True))
    fresh = np.array([pair not in known for pair in zip(*map(np.ndarray.tolist, pairs), strict=True)], dtype=bool)
    none = np.array([], dtype=np.int64)
    new = (pairs[0][fresh], pairs[1][fresh]) if fresh.size else (none, none)
    return Rows((none, none), new, fair) if len(new[0]) or len(fair) else None


@dataclass(frozen=True)
class Program:
    """Matrices of a program over the pairs (i, e), and one last column for what the worst item falls short."""

    i: Ints
    e: Ints
    gain: Floats
    equal: sp.csr_array
    need: Floats
    upper: sp.csr_array
    most: Floats
    sizes: tuple[int, ...]


def program(problem: Problem, scale: Scale, inside: Bools, rows: Rows) -> Program:
    """The program over the pairs inside: the highest gain is sought with equal @ x = need and upper @ x <= most."""
    i, e = np.nonzero(inside)
    pairs, (count, people) = len(i), inside.shape
    last = 1
    at = np.arange(pairs)
    value = scale.values[i, e]
    ones = np.ones(pairs)
    equal = sp.csr_array((ones, (i, at)), shape=(count, pairs + last))
    loads = sp.csr_array((ones, (e, at)), shape=(people, pairs + last))
    pushed = np.flatnonzero(problem.min_load > 0)
    blocks = [loads, -loads[pushed]]
    most = [problem.max_load.astype(float), -problem.min_load[pushed].astype(float)]
    for sign, (of_item, of_group) in ((-1.0, rows.least), (1.0, rows.most)):
        blocks.append(sign * _seats(problem, equal, e, of_item, of_group, last))
        bounds = [(g.at_least if sign < 0 else g.at_most) for g in problem.groups]
        asked = [bounds[group][item] for item, group in zip(of_item, of_group, strict=True)]
        most.append(sign * np.array(asked, dtype=float))
    gain = np.append(value, -FAIR_WEIGHT * count)
    if problem.fair:
        means = sp.csr_array((value / np.maximum(problem.need, 1)[i], (i, at)), shape=(count, pairs + last))[rows.fair]
        short = sp.csr_array(np.ones((len(rows.fair), 1)))
        blocks.append(-sp.csr_array(sp.hstack([means[:, :pairs], short])))
        most.append(np.full(len(rows.fair), -scale.target))
    sizes = tuple(block.shape[0] for block in blocks)
    return Program(
        i, e, gain, equal, problem.need.astype(float), sp.csr_array(sp.vstack(blocks)), np.concatenate(most), sizes
    )


def _seats(problem: Problem, equal: sp.csr_array, e: Ints, of_item: Ints, of_group: Ints, last: int) -> sp.csr_array:
    """For each (item, group) the pairs of the item with members of the group."""
    parts, places = [sp.csr_array((0, equal.shape[1]))], [np.array([], dtype=np.int64)]
    for number, group in enumerate(problem.groups):
        which = np.flatnonzero(of_group == number)
        if which.size:
            member = np.append(group.members[e], np.zeros(last, dtype=bool)).astype(float)
            parts.append(sp.csr_array(equal[of_item[which]].multiply(member[None, :])))
            places.append(which)
    stacked = sp.csr_array(sp.vstack(parts))
    return stacked[np.argsort(np.concatenate(places), kind="stable")]


def _solve(problem: Problem, scale: Scale, inside: Bools, rows: Rows) -> tuple[Floats, Prices, float] | None:
    """Shares of all pairs, prices, what the worst item falls short; None when there is no solution over these pairs."""
    one = program(problem, scale, inside, rows)
    pairs = len(one.i)
    bounds = np.zeros((len(one.gain), 2))
    bounds[:pairs, 1] = problem.max_probability
    bounds[pairs, 1] = np.inf if problem.fair else 0.0
    found = scipy.optimize.linprog(
        -one.gain, A_ub=one.upper, b_ub=one.most, A_eq=one.equal, b_eq=one.need, bounds=bounds, method="highs-ds"
    )
    if found.status == 2:
        return None
    if found.status != 0:
        raise RuntimeError(f"The linear program was not solved: {found.message}")
    shares = np.zeros(inside.shape)
    shares[one.i, one.e] = np.clip(found.x[:pairs], 0, 1)
    return shares, _prices(problem, scale, one, rows, found), float(found.x[pairs])


def _prices(problem: Problem, scale: Scale, one: Program, rows: Rows, found: Any) -> Prices:
    item = -np.asarray(found.eqlin.marginals)
    upper = np.maximum(0.0, -np.asarray(found.ineqlin.marginals))
    load, least_load, least, most, *rest = np.split(upper, np.cumsum(one.sizes)[:-1])
    count, people = scale.values.shape
    pushed = np.zeros(people)
    pushed[problem.min_load > 0] = least_load
    groups = (len(problem.groups), count)
    least_group, most_group, fair = np.zeros(groups), np.zeros(groups), np.zeros(count)
    least_group[rows.least[1], rows.least[0]] = least
    most_group[rows.most[1], rows.most[0]] = most
    if problem.fair:
        fair[rows.fair] = rest[0]
        # The price of falling short bounds the sum, up to the solver's tolerance.
        fair *= min(1.0, FAIR_WEIGHT * count / fair.sum()) if fair.sum() > 0 else 1.0
    reduced = scale.values * (1 + fair / np.maximum(problem.need, 1))[:, None]
    reduced -= item[:, None]
    reduced -= (load - pushed)[None, :]
    if problem.groups:
        members = np.array([group.members for group in problem.groups], dtype=float)
        reduced -= (most_group - least_group).T @ members
    return Prices(item, load, pushed, most_group, least_group, fair, reduced)


def bound_of(problem: Problem, scale: Scale, prices: Prices) -> float:
    """What no assignment under the rules can exceed, from the prices alone and over all allowed pairs."""
    value = float(prices.item @ problem.need + prices.load @ problem.max_load - prices.least_load @ problem.min_load)
    for number, group in enumerate(problem.groups):
        value += float(prices.most_group[number] @ np.minimum(group.at_most, problem.need.max(initial=0)))
        value -= float(prices.least_group[number] @ group.at_least)
    value -= float(prices.fair.sum()) * scale.target
    return value + problem.max_probability * float(np.maximum(0.0, prices.reduced)[problem.allowed].sum())
