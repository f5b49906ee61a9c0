"""Why each pair was made, what better ones it lost and to what, and who stands ready when somebody drops out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from kezhuan.engines.assignment.problem import Assignment, Bools, Ints


class Why(StrEnum):
    """What a better expert was lost to."""

    FULL = "full"
    """The expert has the greatest load, and setting it free would cost another item more than this one gains."""
    SEATS = "seats"
    """The panel has the most seats of the expert's group, or this seat is needed for another group."""
    LOAD = "load"
    """The seat is needed for somebody to reach the least load."""
    FAIR = "fair"
    """The exchange would gain more here, and leave the worst-served item worse served."""
    CHANCE = "chance"
    """Panels are drawn so that no pair is certain."""
    TOGETHER = "together"
    """Only several exchanges at once could bring the expert here, and they would cost more than they gain."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A better expert who is not on the panel: what this item would gain, and the item that would lose, by how much."""

    expert: str
    affinity: float
    why: Why
    gain: float
    group: str = ""
    loser: str = ""
    loss: float = 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a pair was made.

    `rank` counts from 1 among the `possible` experts of the item, those without conflict; equals share it. `lost`
    tells of the best of the `better` who are not on the panel.
    """

    item: str
    expert: str
    affinity: float
    rank: int
    possible: int
    better: int
    lost: tuple[Lost, ...]


@dataclass(frozen=True, slots=True)
class Alternate:
    """Somebody free of conflict with time left, and for whom of the panel they can stand in so that the mix holds."""

    item: str
    expert: str
    affinity: float
    stands_in_for: tuple[str, ...]


def reasons(made: Assignment, *, shown: int = 3) -> Iterator[Reason]:
    """The reason of each pair, item by item, the best first, telling of up to `shown` better experts each."""
    exchange = _Exchange(made)
    problem = made.problem
    for item in range(len(problem.items)):
        panel = np.flatnonzero(made.chosen[item])
        if not panel.size:
            continue
        possible = np.flatnonzero(problem.allowed[item])
        values = problem.affinity[item]
        outside = possible[~made.chosen[item, possible]]
        outside = outside[np.argsort(-values[outside], kind="stable")]
        sorted_all = np.sort(values[possible])
        for expert in panel[np.argsort(-values[panel], kind="stable")].tolist():
            own = float(values[expert])
            rank = 1 + len(possible) - int(np.searchsorted(sorted_all, own, side="right"))
            better = int(np.searchsorted(-values[outside], -own, side="left"))
            lost = tuple(exchange.why(item, expert, int(other)) for other in outside[: min(better, shown)])
            yield Reason(problem.items[item], problem.experts[expert], own, rank, len(possible), better, lost)


class _Exchange:
    """What it would cost to bring a better expert in."""

    def __init__(self, made: Assignment) -> None:
        self.made, self.problem = made, made.problem
        self.loads = made.loads
        self.spare = self.loads < self.problem.max_load
        free = np.where(self.problem.allowed & ~made.chosen & self.spare, self.problem.affinity, -np.inf)
        self.instead = free.max(axis=1)
        """The affinity of the best who has time and could take a seat of the item."""
        self.of_expert = [np.flatnonzero(made.chosen[:, place]) for place in range(made.chosen.shape[1])]
        self.seats = [made.chosen[:, group.members].sum(axis=1) for group in self.problem.groups]

    def why(self, item: int, expert: int, other: int) -> Lost:
        """Why `other`, who fits better, is not in the seat of `expert`."""
        problem = self.problem
        name, value = problem.experts[other], float(problem.affinity[item, other])
        gain = value - float(problem.affinity[item, expert])
        if problem.max_probability < 1:
            return Lost(name, value, Why.CHANCE, gain)
        for group, seats in zip(problem.groups, self.seats, strict=True):
            goes, comes = bool(group.members[expert]), bool(group.members[other])
            if (comes and not goes and seats[item] >= group.at_most[item]) or (
                goes and not comes and seats[item] <= group.at_least[item]
            ):
                return Lost(name, value, Why.SEATS, gain, group=group.name)
        if self.spare[other]:
            pushed = self.loads[expert] <= problem.min_load[expert]
            return Lost(name, value, Why.LOAD if pushed else Why.TOGETHER, gain)
        if not self.of_expert[other].size:
            return Lost(name, value, Why.FULL, gain)
        served = self.of_expert[other]
        taken = problem.allowed[served, expert] & ~self.made.chosen[served, expert]
        instead = np.where(
            taken, np.maximum(self.instead[served], problem.affinity[served, expert]), self.instead[served]
        )
        losses = problem.affinity[served, other] - instead
        least = int(losses.argmin())
        loss = float(losses[least])
        if not np.isfinite(loss):
            return Lost(name, value, Why.TOGETHER, gain)
        why = Why.FULL if loss >= gain - 1e-9 * max(1.0, abs(gain)) else Why.FAIR if problem.fair else Why.TOGETHER
        return Lost(name, value, why, gain, loser=problem.items[int(served[least])], loss=loss)


def alternates(made: Assignment, count: int) -> Iterator[Alternate]:
    """Up to `count` alternates of each item, so that as many of its panel as possible have one, the best first.

    An alternate has time for at least one item more and may stand ready for several; ask again after one was called.
    """
    problem = made.problem
    spare = made.loads < problem.max_load
    shape = (len(problem.groups), len(problem.experts))
    members = np.array([group.members for group in problem.groups], dtype=np.int64).reshape(shape)
    bounds = (shape[0], len(problem.items))
    least = np.array([group.at_least for group in problem.groups], dtype=np.int64).reshape(bounds)
    most = np.array([group.at_most for group in problem.groups], dtype=np.int64).reshape(bounds)
    for item in range(len(problem.items)):
        panel = np.flatnonzero(made.chosen[item])
        ready = np.flatnonzero(problem.allowed[item] & ~made.chosen[item] & spare)
        if not panel.size or not ready.size:
            continue
        ready = ready[np.argsort(-problem.affinity[item, ready], kind="stable")]
        fits = _fits(members, least, most, item, panel, ready)
        uncovered = np.ones(len(panel), dtype=bool)
        open_to = fits.any(axis=1)
        for _ in range(count):
            if not open_to.any():
                break
            new = open_to & (fits & uncovered).any(axis=1)
            place = int((new if new.any() else open_to).argmax())
            open_to = open_to & (np.arange(len(ready)) != place)
            uncovered = uncovered & ~fits[place]
            expert = int(ready[place])
            whom = tuple(problem.experts[member] for member in panel[fits[place]])
            yield Alternate(problem.items[item], problem.experts[expert], float(problem.affinity[item, expert]), whom)


def _fits(members: Ints, least: Ints, most: Ints, item: int, panel: Ints, ready: Ints) -> Bools:
    """For each who is ready and each of the panel, whether the exchange keeps the mix."""
    fits: Bools = np.ones((len(ready), len(panel)), dtype=np.bool_)
    inside = members[:, panel]
    seats = inside.sum(axis=1)
    tight = np.flatnonzero((seats <= least[:, item]) | (seats >= most[:, item]))
    for number in tight.tolist():
        after = seats[number] + members[number, ready][:, None] - inside[number][None, :]
        fits = fits & (after >= least[number, item]) & (after <= most[number, item])
    return fits
