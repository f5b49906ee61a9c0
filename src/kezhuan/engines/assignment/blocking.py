"""When there is no assignment: the smallest obligations that cannot all be kept, none of which could be left out.

Limits hold whatever happens: conflicts, the greatest loads, the sizes of panels, the most seats of a group.
Obligations are what must be reached within them: the experts each item needs, the seats each group must have, the
least load of an expert. Keeping none of them is always possible, so that there are smallest sets that cannot be kept
together; one of them is named. It is irreducible: without any one of its obligations the others can be kept. That it
has the fewest members of all such sets is not claimed; finding that one is hard in general.

Obligations of one kind are decided by flows: a set of items is blocked exactly when it needs more than its experts can
give (Hall). By the symmetric supply–demand theorem (Fulkerson) needs and least loads that can each be met alone can be
met together, so what is left, only where the mix is part of it, goes to an integer program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import scipy  # what it solves with is loaded by the first who needs it
import scipy.sparse as sp

from kezhuan.engines.assignment.problem import Bools, Ints, Problem

_STARTS = 12  # unserved items from which a blocked set is looked for; the smallest is taken


class Duty(StrEnum):
    """The kinds of obligation."""

    NEED = "need"
    SEATS = "seats"
    LOAD = "load"


@dataclass(frozen=True, order=True)
class Obligation:
    """So many experts for an item, seats of a group for an item, or items for an expert; by their places."""

    duty: Duty
    place: int
    group: int = -1


@dataclass(frozen=True)
class Blocking:
    """Obligations that cannot all be kept.

    `needed` is what they ask for together and `available` the most that can be given, in seats; with obligations of
    several kinds `available` is None. `others` are the experts, or items, that the obligations must be met from.
    """

    problem: Problem = field(repr=False)
    obligations: tuple[Obligation, ...]
    needed: int
    available: int | None
    others: tuple[str, ...]

    def names(self) -> list[dict[str, str | int]]:
        """The obligations in the words of the problem."""
        problem = self.problem
        told: list[dict[str, str | int]] = []
        for one in self.obligations:
            if one.duty is Duty.LOAD:
                told.append({"expert": problem.experts[one.place], "at_least": int(problem.min_load[one.place])})
            elif one.duty is Duty.NEED:
                told.append({"item": problem.items[one.place], "needs": int(problem.need[one.place])})
            else:
                group = problem.groups[one.group]
                told.append(
                    {"item": problem.items[one.place], "group": group.name, "needs": int(group.at_least[one.place])}
                )
        return told


class Blocked(Exception):
    """There is no assignment; `blocking` names why."""

    def __init__(self, blocking: Blocking) -> None:
        super().__init__(blocking)
        self.blocking = blocking


def refuse_blocked(problem: Problem) -> None:
    """Raise Blocked when obligations of one kind alone cannot be kept: by far the most frequent case, and fast."""
    if _of_one_kind(problem) is not None:
        raise Blocked(blocking(problem))


def blocking(problem: Problem) -> Blocking:
    """The obligations that block an assignment for which there is none."""
    found = _of_one_kind(problem)
    if found is None:
        everything = _obligations(problem)
        found = _smallest(_certain(problem, everything), lambda kept: _can_keep(problem, kept))
    elif any((group.at_most < problem.need).any() for group in problem.groups):
        # The most seats of a group may block fewer of them already.
        found = _smallest(found, lambda kept: _can_keep(problem, kept))
    return _told(problem, tuple(sorted(found)))


def _obligations(problem: Problem) -> list[Obligation]:
    told = [Obligation(Duty.NEED, place) for place in np.flatnonzero(problem.need).tolist()]
    for number, group in enumerate(problem.groups):
        told += [Obligation(Duty.SEATS, place, number) for place in np.flatnonzero(group.at_least).tolist()]
    return told + [Obligation(Duty.LOAD, place) for place in np.flatnonzero(problem.min_load).tolist()]


def _of_one_kind(problem: Problem) -> list[Obligation] | None:
    """A smallest blocked set among obligations of one kind, if there is one."""
    kinds: list[tuple[Duty, int, Bools, Ints, Ints]] = [
        (Duty.NEED, -1, problem.allowed, problem.need, np.maximum(problem.max_load, 0))
    ]
    for number, group in enumerate(problem.groups):
        within = problem.allowed & group.members
        kinds.append((Duty.SEATS, number, within, group.at_least, np.maximum(problem.max_load, 0)))
    kinds.append((Duty.LOAD, -1, problem.allowed.T, problem.min_load, problem.need))
    smallest: list[Obligation] | None = None
    for duty, of_group, allowed, need, room in kinds:
        rows = hall(allowed, need, room)
        if rows is not None and (smallest is None or len(rows) < len(smallest)):
            smallest = [Obligation(duty, int(row), of_group) for row in rows]
    return smallest


def hall(allowed: Bools, need: Ints, room: Ints) -> Ints | None:
    """An irreducible set of rows that need more than their columns have room for, each pair used once; None if none."""
    asked = np.flatnonzero(need)
    if not asked.size:
        return None
    use = allowed[asked] & (room > 0)
    alone = np.flatnonzero(use.sum(axis=1) < need[asked])
    if alone.size:
        return asked[alone[:1]]
    flow = _flow(use, need[asked], room)
    short = np.flatnonzero(flow.sum(axis=1) < need[asked])
    if not short.size:
        return None
    spread = np.unique(np.linspace(0, len(short) - 1, _STARTS).astype(int))
    reached = min((_reach(use, flow, int(row)) for row in short[spread]), key=len)
    rows = asked[_shrunk(use[reached], need[asked][reached], room, reached)]
    smaller = _reducible(allowed[rows] & (room > 0), need[rows], room)
    while smaller is not None:
        rows = rows[smaller]
        inner = hall(allowed[rows], need[rows], room)
        if inner is None:
            raise AssertionError("a set that was found blocked is not")
        return rows[inner]
    return rows


def _flow(use: Bools, need: Ints, room: Ints) -> Bools:
    """The most that can be given: which pairs are used."""
    count, people = use.shape
    i, e = np.nonzero(use)
    source, sink = count + people, count + people + 1
    tail = np.concatenate([np.full(count, source), i, count + np.arange(people)])
    head = np.concatenate([np.arange(count), count + e, np.full(people, sink)])
    most = np.concatenate([need, np.ones(len(i)), np.minimum(room, count)]).astype(np.int32)
    graph = sp.csr_array((most, (tail, head)), shape=(sink + 1, sink + 1))
    flow = scipy.sparse.csgraph.maximum_flow(graph, source, sink).flow
    return np.asarray(flow[:count, count : count + people].todense() > 0)


def _reach(use: Bools, flow: Bools, start: int) -> Ints:
    """The rows among which the shortage of a row can be moved around: all that hold a column somebody of them wants."""
    rows = np.zeros(len(use), dtype=bool)
    rows[start] = True
    while True:
        columns = (use[rows] & ~flow[rows]).any(axis=0)
        more = rows | flow[:, columns].any(axis=1)
        if (more == rows).all():
            return np.flatnonzero(rows)
        rows = more


def _shrunk(use: Bools, need: Ints, room: Ints, rows: Ints) -> Ints:
    """Leave out rows while what is left needs more than there is; those with the most ways first."""
    kept = np.ones(len(rows), dtype=bool)
    count = use.sum(axis=0)
    short = int(need.sum() - np.minimum(room, count).sum())
    for row in np.lexsort((-use.sum(axis=1), need)).tolist():
        without = count - use[row]
        left = short - int(need[row]) + int((np.minimum(room, count) - np.minimum(room, without)).sum())
        if left > 0:
            kept[row], count, short = False, without, left
    return rows[kept]


def _reducible(use: Bools, need: Ints, room: Ints) -> Ints | None:
    """Rows that are blocked without one of them, or None when the set is irreducible."""
    flow = _flow(use, need, room)
    for gone in range(len(use)):
        moved = flow.copy()
        moved[gone] = False
        spare = room - moved.sum(axis=0)
        for row in np.flatnonzero(moved.sum(axis=1) < need).tolist():
            while row != gone and moved[row].sum() < need[row]:
                if not _augment(use, moved, spare, row, gone):
                    return np.delete(np.arange(len(use)), gone)
    return None


def _augment(use: Bools, flow: Bools, spare: Ints, start: int, gone: int) -> bool:
    """Give a row one more column, others making room by moving; False when no moving helps."""
    taken_by, given_up = np.full(use.shape[1], -1), np.full(len(use), -1)
    seen = np.zeros(len(use), dtype=bool)
    seen[[start, gone]] = True
    turn = [start]
    while turn:
        later: list[int] = []
        for row in turn:
            columns = np.flatnonzero(use[row] & ~flow[row] & (taken_by < 0))
            taken_by[columns] = row
            free = columns[spare[columns] > 0]
            if free.size:
                column = int(free[0])
                spare[column] -= 1
                while True:
                    taker = int(taken_by[column])
                    flow[taker, column] = True
                    if taker == start:
                        return True
                    column = int(given_up[taker])
                    flow[taker, column] = False
            holds = flow[:, columns]
            for holder in np.flatnonzero(holds.any(axis=1) & ~seen).tolist():
                given_up[holder] = columns[int(holds[holder].argmax())]
                seen[holder] = True
                later.append(holder)
        turn = later
    return False


def _certain(problem: Problem, everything: list[Obligation]) -> list[Obligation]:
    """Obligations that already cannot be kept together, by prices of what falls short; all, where these do not tell."""
    matrix, least, limits, most, pairs = _rows(problem, everything)
    short = sp.csr_array(sp.hstack([matrix, sp.eye_array(len(everything))]))
    wide = sp.csr_array(sp.hstack([limits, sp.csr_array((limits.shape[0], len(everything)))]))
    bounds = np.column_stack(
        [np.zeros(pairs + len(everything)), np.append(np.ones(pairs), np.full(len(everything), np.inf))]
    )
    found = scipy.optimize.linprog(
        np.append(np.zeros(pairs), np.ones(len(everything))),
        A_ub=sp.csr_array(sp.vstack([-short, wide])),
        b_ub=np.append(-least, most),
        bounds=bounds,
        method="highs",
    )
    if found.status != 0:
        raise RuntimeError(f"The linear program was not solved: {found.message}")
    priced = np.flatnonzero(found.ineqlin.marginals[: len(everything)] < -1e-7)
    return [everything[place] for place in priced] if found.fun > 1e-6 else everything


def _rows(
    problem: Problem, kept: Sequence[Obligation]
) -> tuple[sp.csr_array, np.ndarray, sp.csr_array, np.ndarray, int]:
    """Obligations as matrix @ x >= least, limits as limits @ x <= most, over the pairs that they speak of."""
    touched = np.zeros_like(problem.allowed)
    for one in kept:
        if one.duty is Duty.LOAD:
            touched[:, one.place] = True
        else:
            touched[one.place] = True
    i, e = np.nonzero(problem.allowed & touched)
    (count, people), at, ones = problem.allowed.shape, np.arange(len(i)), np.ones(len(i))
    of_item = sp.csr_array((ones, (i, at)), shape=(count, len(i)))
    of_expert = sp.csr_array((ones, (e, at)), shape=(people, len(i)))
    within = [sp.csr_array(of_item.multiply(g.members[e].astype(float)[None, :])) for g in problem.groups]
    blocks = [sp.csr_array((0, len(i)))]
    least = []
    for one in kept:
        if one.duty is Duty.LOAD:
            blocks.append(of_expert[[one.place]])
            least.append(problem.min_load[one.place])
        elif one.duty is Duty.NEED:
            blocks.append(of_item[[one.place]])
            least.append(problem.need[one.place])
        else:
            blocks.append(within[one.group][[one.place]])
            least.append(problem.groups[one.group].at_least[one.place])
    limits = sp.csr_array(sp.vstack([of_item, of_expert, *within]))
    most = np.concatenate([problem.need, np.maximum(problem.max_load, 0), *(g.at_most for g in problem.groups)])
    return sp.csr_array(sp.vstack(blocks)), np.array(least, dtype=float), limits, most.astype(float), len(i)


def _can_keep(problem: Problem, kept: Sequence[Obligation]) -> bool:
    """Whether these obligations can be kept together, by an integer program."""
    if not kept:
        return True
    matrix, least, limits, most, pairs = _rows(problem, kept)
    if not pairs:
        return not least.any()
    found = scipy.optimize.milp(
        np.zeros(pairs),
        constraints=[
            scipy.optimize.LinearConstraint(matrix, least, np.inf),
            scipy.optimize.LinearConstraint(limits, -np.inf, most),
        ],
        integrality=np.ones(pairs),
        bounds=scipy.optimize.Bounds(0, 1),
    )
    if found.status not in {0, 2}:
        raise RuntimeError(f"Whether the obligations can be kept was not decided: {found.message}")
    return bool(found.status == 0)


def _smallest(found: Sequence[Obligation], can_keep: Callable[[Sequence[Obligation]], bool]) -> list[Obligation]:
    """An irreducible part of obligations that cannot be kept together (QuickXplain, Junker 2004)."""

    def needed(given: list[Obligation], new: bool, asked: list[Obligation]) -> list[Obligation]:
        if new and not can_keep(given):
            return []
        if len(asked) == 1:
            return asked
        half = len(asked) // 2
        first, second = asked[:half], asked[half:]
        of_second = needed(given + first, True, second)
        of_first = needed(given + of_second, bool(of_second), first)
        return of_first + of_second

    return needed([], False, list(found))


def _told(problem: Problem, obligations: tuple[Obligation, ...]) -> Blocking:
    kinds = {(one.duty, one.group) for one in obligations}
    places = np.array([one.place for one in obligations])
    asked = {
        Duty.NEED: lambda one: problem.need[one.place],
        Duty.SEATS: lambda one: problem.groups[one.group].at_least[one.place],
        Duty.LOAD: lambda one: problem.min_load[one.place],
    }
    needed = int(sum(asked[one.duty](one) for one in obligations))
    if len(kinds) > 1:
        return Blocking(problem, obligations, needed, None, ())
    [(duty, group)] = kinds
    if duty is Duty.LOAD:
        use = problem.allowed[:, places].T
        room, names = problem.need, problem.items
    else:
        use = problem.allowed[places] & (problem.groups[group].members if duty is Duty.SEATS else True)
        room, names = np.maximum(problem.max_load, 0), problem.experts
    available = int(np.minimum(room, use.sum(axis=0)).sum())
    others = tuple(names[place] for place in np.flatnonzero(use.any(axis=0)).tolist())
    return Blocking(problem, obligations, needed, available if available < needed else None, others)
