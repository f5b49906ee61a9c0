"""Give many the best of their own candidates where each candidate has room for few: needs and results, calls and teams.

Everybody has a short list; nobody else counts for them. The best total is a flow, that is, a linear program whose
corners are whole. An auction finds prices that are nearly right; pairs that pay well at them are taken, and the program
is solved over those that nearly pay. The least prices at which everybody is content with that prove the bound for all
pairs, as in `master`; where there are none, no pair is taken beforehand, and pairs that pay come in. There the matrix
of all is at hand; here it would be a thousand times the lists.
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
_STEPS = (0.05, 0.01, 0.002, 4e-4, 1e-4)  # of the auction, turn by turn, in parts of the range
_BACK = 30  # steps by which prices fall before the next turn, so that few begin above what they end at
_ROUNDS, _GROWTH = 5000, 1.05  # after so many rounds of a turn its step grows, so that it ends
_MARGIN = 1e-3  # pairs that pay, or fail to pay, by no more than this are the program's, in parts of the range
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
    inside, sure = table.near(_Auction(table).held(), _MARGIN * table.range)
    while True:
        taken, price, own = _solve(table, inside, sure)
        total = float(table.worth[taken].sum())
        least = _least_prices(table, taken)
        bound = table.bound(least)
        if bound - total <= _PROVEN * bound:
            break
        if sure.any():
            sure = np.zeros_like(sure)
            continue
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

    def near(self, price: Floats, margin: float) -> tuple[Bools, Bools]:
        """The pairs that pay or come near to it at these prices, and those of them that pay beyond doubt: all of these
        have room together."""
        left = self.worth - self.at(price)
        reduced = left - self.level(left)[:, None]
        sure = self.there & (reduced > margin)
        wanted = np.bincount(self.supply[sure], minlength=len(self.room))
        return self.there & (reduced >= -margin), sure & (wanted <= self.room)[self.supply]


class _Auction:
    """Prices that are nearly right: whoever has a seat free bids for the best pairs at the present prices up to what
    makes them level with the next best, and a step more; a supply keeps the highest bids it has room for.

    Turn by turn the steps are smaller, and all begins anew a few steps below the last prices: where many fight for
    little, prices would rise for ever by small steps alone (Bertsekas' ε-scaling). Nothing hangs on it but speed.
    Each supply's places stand one after another from `begin`, with the `bid` kept on each, on a free one the price that
    a turn begins with, and the `pair` that made it; a round looks at the places of those alone that were bid for.
    """

    def __init__(self, table: _Table) -> None:
        self.table, self.width = table, table.worth.shape[1]
        wanted = np.bincount(table.supply[table.there], minlength=len(table.room))
        self.room = np.minimum(table.room, wanted + 1)  # who has room for all that want it keeps a place free
        self.begin = np.cumsum(self.room) - self.room
        self.price = np.zeros(len(table.room))

    def held(self) -> Floats:
        """The price of a place with each supply; none where places stay free."""
        for step in _STEPS:
            self.price = np.maximum(self.price - _BACK * step * self.table.range, 0.0)
            self._turn(step * self.table.range)
            of = np.repeat(np.arange(len(self.room)), self.room)
            self.price[of[self.pair < 0]] = 0.0
        return self.price

    def _turn(self, step: float) -> None:
        """Bid until nobody has a seat free that any pair would pay for."""
        self.bid, self.pair = np.repeat(self.price, self.room), np.full(self.room.sum(), -1)
        self.left, self.free = self.table.worth.copy(), self.table.get.copy()
        active, rounds = np.flatnonzero(self.table.there.any(axis=1)), 0
        while active.size:
            rounds += 1
            if rounds > _ROUNDS:
                step *= _GROWTH
            pairs, bids = self._bids(active, step)
            lost = self._keep_highest(pairs, bids)
            self.left.ravel()[lost] = self.table.worth.ravel()[lost]
            np.add.at(self.free, lost // self.width, 1)
            active = np.unique(lost // self.width)

    def _bids(self, active: Ints, step: float) -> tuple[Ints, Floats]:
        """What those active bid, as places in the table and amounts; what they bid for is theirs until it is lost."""
        left = self.left[active] - self.price[self.table.supply[active]]
        seats = np.minimum(self.free[active], self.width)
        most = min(int(seats.max()) + 1, self.width)
        order = np.argpartition(-left, most - 1, axis=1)[:, :most]
        order = np.take_along_axis(order, np.argsort(-np.take_along_axis(left, order, 1), axis=1), 1)
        ranked = np.column_stack([np.take_along_axis(left, order, 1), np.zeros(len(active))])
        beyond = np.maximum(ranked[np.arange(len(active)), seats], 0.0)
        row, place = np.nonzero((np.arange(most) < seats[:, None]) & (ranked[:, :-1] > 0))
        pairs = active[row] * self.width + order[row, place]
        self.left.ravel()[pairs] = -np.inf
        np.subtract.at(self.free, active[row], 1)
        return pairs, self.table.worth.ravel()[pairs] - beyond[row] + step

    def _keep_highest(self, pairs: Ints, bids: Floats) -> Ints:
        """Keep the highest bids of each supply, whose lowest becomes its price; the pairs that lost their places."""
        asked = self.table.supply.ravel()[pairs]
        supplies = np.unique(asked)
        room = self.room[supplies]
        places = np.repeat(self.begin[supplies] - np.cumsum(room) + room, room) + np.arange(room.sum())
        of = np.concatenate([np.repeat(supplies, room), asked])
        bids, pairs = np.concatenate([self.bid[places], bids]), np.concatenate([self.pair[places], pairs])
        order = np.lexsort((-bids, of))
        of, bids, pairs = of[order], bids[order], pairs[order]
        begins = np.searchsorted(of, supplies)
        sizes = np.diff(begins, append=len(of))
        kept = np.arange(len(of)) - np.repeat(begins, sizes) < np.repeat(room, sizes)
        self.bid[places], self.pair[places] = bids[kept], pairs[kept]
        self.price[supplies] = bids[begins + room - 1]
        lost: Ints = pairs[~kept & (pairs >= 0)]
        return lost


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


def _solve(table: _Table, inside: Bools, sure: Bools) -> tuple[Bools, Floats, Floats]:
    """The program over the pairs inside, where those that are sure are taken: who is taken, the prices of the supplies,
    and of the needs' own seats."""
    need, pair = np.nonzero(inside & ~sure)
    supply, at = table.supply[need, pair], np.arange(len(need))
    get = table.get - sure.sum(axis=1)
    room = table.room - np.bincount(table.supply[sure], minlength=len(table.room))
    many = np.flatnonzero(np.bincount(need, minlength=len(get)) > get)
    tight = np.flatnonzero(np.bincount(supply, minlength=len(room)) > room)
    rows = [_rows(need, at, many, len(get)), _rows(supply, at, tight, len(room))]
    most = np.concatenate([get[many], room[tight]]).astype(float)
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
