"""What is asked of an assignment: who may judge what, how well they fit, how many are needed, by which rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """Experts that a rule of the mix counts on every panel: enterprise experts, finance experts, those of one unit.

    `at_least` and `at_most` are by item; an expert may belong to several groups.
    """

    name: str
    members: Bools
    at_least: Ints
    at_most: Ints


@dataclass(frozen=True)
class Problem:
    """An assignment to be made. Rows are items, columns experts.

    `affinity` is how well a pair fits, on any scale, higher is better; it is read only where `allowed`. A pair is
    allowed when it has an affinity and no conflict. `need` is how many experts each item gets; `min_load` and
    `max_load` bound how many items each expert gets. With `fair` the worst-served item (by the mean affinity of its
    panel) is served as well as can be, before the total counts. With `max_probability` below one the panels are drawn
    at random so that no pair is made with a higher probability, which makes it useless to arrange oneself with an
    applicant.
    """

    items: tuple[str, ...]
    experts: tuple[str, ...]
    affinity: Floats
    allowed: Bools
    need: Ints
    min_load: Ints
    max_load: Ints
    groups: tuple[Group, ...] = ()
    fair: bool = False
    max_probability: float = 1.0

    def __post_init__(self) -> None:
        shape = (len(self.items), len(self.experts))
        if 0 in shape:
            raise ValueError("An assignment needs at least one item and one expert.")
        sizes = {self.affinity.shape == shape, self.allowed.shape == shape, self.need.shape == shape[:1]}
        sizes |= {self.min_load.shape == shape[1:], self.max_load.shape == shape[1:]}
        for group in self.groups:
            sizes |= {
                group.members.shape == shape[1:],
                group.at_least.shape == shape[:1],
                group.at_most.shape == shape[:1],
            }
        if sizes != {True}:
            raise ValueError("The arrays of the assignment do not fit its items and experts.")
        if not np.isfinite(self.affinity[self.allowed]).all():
            raise ValueError("An affinity of an allowed pair is no finite number.")
        if (self.need < 0).any() or (self.min_load < 0).any():
            raise ValueError("Nobody can need, or be given, fewer than none.")
        if not 0 < self.max_probability <= 1:
            raise ValueError("A probability lies above 0 and at most at 1.")

    @classmethod
    def of(
        cls,
        affinity: Floats,
        *,
        conflicts: Bools | None = None,
        need: int | Sequence[int] | Ints,
        max_load: int | Sequence[int] | Ints,
        min_load: int | Sequence[int] | Ints = 0,
        items: Sequence[str] | None = None,
        experts: Sequence[str] | None = None,
        groups: Sequence[Group] = (),
        fair: bool = False,
        max_probability: float = 1.0,
    ) -> Problem:
        """A problem from whole arrays; a single number counts for every item, or every expert."""
        count, people = affinity.shape
        values = np.where(np.isnan(affinity), 0.0, affinity).astype(float)
        allowed = ~np.isnan(affinity)
        return cls(
            tuple(items) if items is not None else tuple(map(str, range(count))),
            tuple(experts) if experts is not None else tuple(map(str, range(people))),
            values,
            allowed & ~conflicts if conflicts is not None else allowed,
            spread(need, count),
            spread(min_load, people),
            spread(max_load, people),
            tuple(groups),
            fair,
            max_probability,
        )


def spread(value: int | Sequence[int] | Ints, count: int) -> Ints:
    """One number for all, or one for each."""
    each: Ints = np.full(count, value, dtype=np.int64)
    return each


@dataclass(frozen=True)
class Assignment:
    """Panels and how good they are.

    `chosen` is a matrix of pairs. `total` is the sum of affinities, `bound` one that no assignment under the same rules
    can exceed, proven by `prices`; where both are equal the assignment is the best there is. With `fair` the total
    comes second, and `worst_bound` is the mean affinity that no assignment can give to all items. With a maximum
    probability `probability` holds that of each pair, and total and bound are those expected.
    """

    problem: Problem
    chosen: Bools
    total: float
    bound: float
    worst: float
    worst_bound: float
    prices: Prices
    probability: Floats | None = None

    @property
    def loads(self) -> Ints:
        """How many items each expert has."""
        loads: Ints = self.chosen.sum(axis=0)
        return loads

    @property
    def gap(self) -> float:
        """How far, at most, the total is from the best: a share of the bound, zero when it is proven to be the best."""
        apart = max(0.0, self.bound - self.total)
        return apart / abs(self.bound) if self.bound else apart


@dataclass(frozen=True)
class Prices:
    """What proves the bound, by weak duality: any prices of the right sign give one, these give the lowest.

    `item` is the price of a seat on an item's panel, `load` that of an expert's time (may be below zero where a minimum
    load pushes), `group` that of a group's seats on each panel, by (group, item).
    """

    item: Floats
    load: Floats
    least_load: Floats
    most_group: Floats
    least_group: Floats
    fair: Floats
    reduced: Floats = field(repr=False)
