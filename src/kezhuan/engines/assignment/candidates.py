"""Give many the best of their own candidates where each candidate has room for few: needs and results, calls and teams.

Everybody has a short list; nobody else counts for them. The best total is a flow, that is, a linear program whose
corners are whole. A quick auction finds prices that are nearly right, and the program is solved over the pairs that
come near to paying at them. The least prices at which everybody is content with that prove the bound for all pairs,
as in `master`; where there are none, pairs that pay come in. There the matrix of all is at hand; here it would be a
thousand times the lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy  # what it solves with is loaded by the first who needs it
import scipy.sparse as sp

from kezhuan.engines.assignment.problem import Bools, Floats, Ints, spread

EXACT = 1e-9  # of the range of worths: what a pair must pay to come in
_PROVEN = 1e-8  # of the bound: how far the total may be from it
_STEP, _LONGEST_STEP = 2e-4, 0.02  # of the auction, in parts of the range
_ROUNDS, _GROWTH = (
    80,
    1.05,
)  # after so many rounds its step grows: where many fight for little, prices rise step by step
_MARGIN = 1e-3  # pairs that come that near to paying are taken into the program, in parts of the range
_PATIENCE = 400  # rounds in which least prices must be found


@dataclass(frozen=True)
class Wishes:
    """Who wants whom how much. Pair number p is (need[p], supply[p]) with worth[p] above zero, each pair once.

    `per_need` is how many each need gets at most, `per_supply` how many needs each supply can serve at most.
    """

    need: Ints
    supply: Ints
    worth: Floats
    per_need: Ints
    per_supply: Ints

    @classmethod
    def of(cls, need: Ints, supply: Ints, worth: Floats, *, per_need: int | Ints, per_supply: int | Ints) -> Wishes:
        """Wishes with one capacity for all needs, or all supply, or one for each. Raises ValueError for nonsense."""
        if not len(need) == len(supply) == len(worth):
            raise ValueError("There must be one worth for each pair.")
        if not np.isfinite(worth).all() or (worth <= 0).any():
            raise ValueError("A worth is a number above zero.")
        needs = int(need.max(initial=-1)) + 1 if isinstance(per_need, int) else len(per_need)
        supplies = int(supply.max(initial=-1)) + 1 if isinstance(per_supply, int) else len(per_supply)
        made = cls(need, supply, worth, spread(per_need, needs), spread(per_supply, supplies))
        if (made.per_need < 0).any() or (made.per_supply < 0).any():
            raise ValueError("Nobody can get, or serve, fewer than none.")
        if len(np.unique(need * max(supplies, 1) + supply)) < len(need):
            raise ValueError("A pair is named twice.")
        return made

    @cached_property
    def lists(self) -> Ints:
        """The numbers of each need's pairs, a row for each, best first, level ones in the order given; −1 fills up."""
        order = np.lexsort((np.arange(len(self.need)), -self.worth, self.need))
        sizes = np.bincount(self.need, minlength=len(self.per_need))
        lists = np.full((len(sizes), max(1, int(sizes.max(initial=0)))), -1, np.int64)
        of = self.need[order]
        lists[of, np.arange(len(order)) - (np.cumsum(sizes) - sizes)[of]] = order
        return lists

    @cached_property
    def first(self) -> Bools:
        """Which pairs are first wishes: as many of the best of each need as it may get."""
        wished = (np.arange(self.lists.shape[1]) < self.per_need[:, None]) & (self.lists >= 0)
        first = np.zeros(len(self.need), np.bool_)
        first[self.lists[wished]] = True
        return first


@dataclass(frozen=True)
class Given:
    """Who gets whom. `chosen` is a mask over the pairs; `total` their worth, `bound` what no choice can exceed, proven
    by the `prices` of a place with each supply; where both are equal this is the best there is."""

    wishes: Wishes
    chosen: Bools
    total: float
    bound: float
    prices: Floats

    @property
    def wished(self) -> float:
        """The worth of everybody's first wishes, were there room for all."""
        return float(self.wishes.worth[self.wishes.first].sum())

    @property
    def loss(self) -> float:
        """What the room for few costs against everybody's first wishes."""
        return self.wished - self.total


def give(wishes: Wishes) -> Given:
    """The choice of the highest total worth, proven."""
    if not len(wishes.need):
        return Given(wishes, np.zeros(0, np.bool_), 0.0, 0.0, np.zeros(len(wishes.per_supply)))
    table = _Table(wishes)
    inside: Bools = table.near(_auction(table), _MARGIN * table.range)
    while True:
        taken, price, own = _solve(table, inside)
        total = float(table.worth[taken].sum())
        least = _least_prices(table, taken)
        bound = table.bound(least)
        if bound - total <= _PROVEN * bound:
            break
        reduced = table.worth - table.at(price) - own[:, None]
        paying: Bools = ~inside & (reduced > EXACT * table.range)
        if not paying.any():
            least, bound = price, table.bound(price)
            break
        touched = paying.any(axis=1).reshape(-1, 1)
        inside = inside | (table.there & touched & (reduced > -_MARGIN * table.range))
    chosen = np.zeros(len(wishes.need), np.bool_)
    chosen[wishes.lists[taken]] = True
    return Given(wishes, chosen, total, bound, least)


class _Table:
    """Wishes as rows: worth and supply of each need's pairs, best first; no pair is worth −∞."""

    def __init__(self, wishes: Wishes) -> None:
        lists = wishes.lists
        self.there = lists >= 0
        self.worth: Floats = np.where(self.there, wishes.worth[lists], -np.inf)
        self.supply: Ints = np.where(self.there, wishes.supply[lists], 0)
        self.get, self.room = wishes.per_need, wishes.per_supply
        self.there &= (self.room[self.supply] > 0) & (self.get > 0)[:, None]
        self.worth[~self.there] = -np.inf
        self.range = float(wishes.worth.max())

    def at(self, price: Floats) -> Floats:
        """The price of each pair's supply."""
        prices: Floats = price[self.supply]
        return prices

    def level(self, left: Floats) -> Floats:
        """What the best pair beyond those that each need may get leaves it; zero where there is none."""
        most = int(min(self.get.max(initial=0), left.shape[1]))
        ordered = -np.sort(-left, axis=1)[:, : most + 1]
        ordered = np.column_stack([ordered, np.zeros((len(left), most + 1 - ordered.shape[1] + 1))])
        beyond: Floats = np.maximum(ordered[np.arange(len(left)), np.minimum(self.get, most + 1)], 0.0)
        return beyond

    def bound(self, price: Floats) -> float:
        """What no choice can exceed, by weak duality, from any prices that are not below zero."""
        left = self.worth - self.at(price)
        own = self.level(left)
        gains = np.maximum(left - own[:, None], 0.0).sum()
        return float(gains + own @ self.get + price @ self.room)

    def near(self, price: Floats, margin: float) -> Bools:
        """The pairs that come near to paying at these prices."""
        left = self.worth - self.at(price)
        near: Bools = self.there & (left >= self.level(left)[:, None] - margin)
        return near


def _auction(table: _Table) -> Floats:
    """Prices that are nearly right: whoever has a seat free bids for the best pairs at the present prices up to what
    makes them level with the next best; a supply keeps the highest bids it has room for.

    Nothing hangs on it but speed, so where many fight for little the step grows.
    """
    price, step = np.zeros(len(table.room)), _STEP * table.range
    held, bids = np.zeros(table.there.shape, np.bool_), np.zeros(table.there.shape)
    free, active, rounds = table.get.copy(), np.flatnonzero(table.there.any(axis=1)), 0
    while active.size:
        rounds += 1
        if rounds > _ROUNDS:
            step = min(step * _GROWTH, _LONGEST_STEP * table.range)
        left = np.where(held[active], -np.inf, table.worth[active] - price[table.supply[active]])
        order = np.argsort(-left, axis=1, kind="stable")
        ranked = np.column_stack([np.take_along_axis(left, order, 1), np.zeros(len(active))])
        seats = np.minimum(free[active], left.shape[1])
        beyond = np.maximum(ranked[np.arange(len(active)), seats], 0.0)
        row, place = np.nonzero((np.arange(left.shape[1]) < seats[:, None]) & (ranked[:, :-1] > 0))
        if not row.size:
            break
        needs, pairs = active[row], order[row, place]
        bids[needs, pairs] = table.worth[needs, pairs] - beyond[row] + step
        held[needs, pairs] = True
        np.subtract.at(free, needs, 1)
        losers, lost = _keep_highest(table, held, bids, np.unique(table.supply[needs, pairs]), price)
        held[losers, lost] = False
        np.add.at(free, losers, 1)
        active = np.unique(losers)
    return price


def _keep_highest(table: _Table, held: Bools, bids: Floats, asked: Ints, price: Floats) -> tuple[Ints, Ints]:
    """The bids for some supplies beyond their room; the lowest bid kept by a full one becomes its price."""
    wanted = np.zeros(len(table.room), np.bool_)
    wanted[asked] = True
    needs, pairs = np.nonzero(held)
    here = wanted[table.supply[needs, pairs]]
    needs, pairs = needs[here], pairs[here]
    of, bid = table.supply[needs, pairs], bids[needs, pairs]
    order = np.lexsort((-bid, of))
    needs, pairs, of, bid = needs[order], pairs[order], of[order], bid[order]
    begins = np.flatnonzero(np.diff(of, prepend=-1))
    sizes = np.diff(begins, append=len(of))
    place, room = np.arange(len(of)) - np.repeat(begins, sizes), table.room[of]
    full = begins[sizes >= room[begins]]
    price[of[full]] = bid[full + room[full] - 1]
    return needs[place >= room], pairs[place >= room]


def _least_prices(table: _Table, taken: Bools) -> Floats:
    """The least prices at which every need is content with what it got and no seat is worth more than it brings.

    Where the choice is the best, raising them from nothing comes to an end with free places still costing nothing;
    otherwise what is returned proves less.
    """
    room = np.bincount(table.supply[taken], minlength=len(table.room)) < table.room
    open_seat = taken.sum(axis=1) < table.get
    others = np.flatnonzero((table.there & ~taken).ravel())
    others = others[np.argsort(table.supply.ravel()[others], kind="stable")]
    of = table.supply.ravel()[others]
    begins = np.flatnonzero(np.diff(of, prepend=-1))
    asked, needs, worth = of[begins], others // table.supply.shape[1], table.worth.ravel()[others]
    price = np.zeros(len(table.room))
    if not len(others):
        return price
    held_by, held = np.nonzero(taken)
    held_worth, held_of = table.worth[held_by, held], table.supply[held_by, held]
    for _ in range(_PATIENCE):
        content = np.full(len(table.get), np.inf)
        np.minimum.at(content, held_by, held_worth - price[held_of])
        content[open_seat] = 0.0
        wanted = np.maximum.reduceat(worth - content[needs], begins)
        rising = wanted > price[asked] + EXACT * table.range
        if not rising.any() or room[asked[rising]].any():
            break
        price[asked[rising]] = wanted[rising]
    return price


def _solve(table: _Table, inside: Bools) -> tuple[Bools, Floats, Floats]:
    """The program over the pairs inside: who is taken, the prices of the supplies, and of the needs' own seats."""
    need, pair = np.nonzero(inside)
    supply, at = table.supply[need, pair], np.arange(len(need))
    many = np.flatnonzero(inside.sum(axis=1) > table.get)
    loads = np.bincount(supply, minlength=len(table.room))
    tight = np.flatnonzero(loads > table.room)
    rows = [_rows(need, at, many, len(table.get)), _rows(supply, at, tight, len(table.room))]
    most = np.concatenate([table.get[many], table.room[tight]]).astype(float)
    price, own = np.zeros(len(table.room)), np.zeros(len(table.get))
    taken = inside.copy()
    if len(most):
        found = scipy.optimize.linprog(
            -table.worth[need, pair] / table.range,
            A_ub=sp.csr_array(sp.vstack(rows)),
            b_ub=most,
            bounds=(0, 1),
            method="highs-ds",
        )
        if found.status != 0:
            raise RuntimeError(f"The linear program was not solved: {found.message}")
        taken[need, pair] = found.x > 0.5  # its corners are whole
        paid = np.maximum(0.0, -np.asarray(found.ineqlin.marginals)) * table.range
        own[many], price[tight] = paid[: len(many)], paid[len(many) :]
    return taken, price, own


def _rows(of: Ints, at: Ints, wanted: Ints, size: int) -> sp.csr_array:
    """A row for each of those wanted, with its pairs."""
    number = np.full(size, -1)
    number[wanted] = np.arange(len(wanted))
    kept = number[of] >= 0
    ones = np.ones(int(kept.sum()))
    return sp.csr_array((ones, (number[of][kept], at[kept])), shape=(len(wanted), len(at)))


@dataclass(frozen=True, slots=True)
class LostWish:
    """A first wish that was not granted, by numbers of pairs and needs.

    `gain` is what the need would have more with it, in the place of the least it got beyond its wishes (`instead`, a
    pair, or None for a seat left free). `loser` would have to give up its place, and would lose at least `loss` by it.
    """

    pair: int
    gain: float
    instead: int | None
    loser: int
    loss: float


def lost_wishes(given: Given) -> Iterator[LostWish]:
    """Every first wish not granted, need by need, best first, with the least that granting it would cost another."""
    wishes, chosen = given.wishes, given.chosen
    loads = np.bincount(wishes.supply[chosen], minlength=len(wishes.per_supply))
    spare = loads < wishes.per_supply
    free = ~chosen & spare[wishes.supply]
    order = np.argsort(wishes.supply[chosen], kind="stable")
    served = np.flatnonzero(chosen)[order]
    begins = np.searchsorted(wishes.supply[served], np.arange(len(wishes.per_supply) + 1))
    instead = np.zeros(len(wishes.per_need))
    np.maximum.at(instead, wishes.need[free], wishes.worth[free])
    for row in wishes.lists:
        pairs = row[row >= 0]
        beyond = [int(pair) for pair in pairs if chosen[pair] and not wishes.first[pair]]
        for pair in pairs[wishes.first[pairs] & ~chosen[pairs]].tolist():
            supply = int(wishes.supply[pair])
            holders = served[begins[supply] : begins[supply + 1]]
            replaced = beyond[-1] if beyond else None
            gain = float(wishes.worth[pair] - (wishes.worth[replaced] if replaced is not None else 0.0))
            if not holders.size:
                yield LostWish(pair, gain, replaced, -1, 0.0)  # it has room for nobody
                continue
            losses = wishes.worth[holders] - instead[wishes.need[holders]]
            least = int(losses.argmin())
            yield LostWish(pair, gain, replaced, int(wishes.need[holders[least]]), float(losses[least]))
