"""Draw whole panels from shares so that each pair is made with its share as probability and every sum stays what it is.

Shares are a flow: from each item through its groups to the experts and from there out. As long as arcs carry a
fraction, they hold a cycle; along it the flow is pushed one way or the other until an arc becomes whole, with the
probabilities that leave the expected flow of every arc as it was. Whole sums (seats of a panel, loads at their bound)
never change; others end at the whole number below or above. This is the dependent rounding of Gandhi, Khuller,
Parthasarathy and Srinivasan.
"""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np

from kezhuan.engines.assignment.problem import Bools, Floats, Group, Problem

_WHOLE = 1e-9
Node = tuple[str, int, int]


def nested(groups: tuple[Group, ...]) -> bool:
    """Whether any two groups share no expert or one lies inside the other: only then is a panel's mix a flow."""
    for place, one in enumerate(groups):
        for other in groups[:place]:
            common = one.members & other.members
            if common.any() and (common != one.members).any() and (common != other.members).any():
                return False
    return True


def draw_panels(problem: Problem, shares: Floats, seed: str) -> Bools:
    """Whole panels, drawn by the seed; the same seed always draws the same. Groups must be nested."""
    rng = Random(f"kezhuan-assign-1\n{seed}")
    shares = np.where(np.abs(shares - np.round(shares)) < 1e-7, np.round(shares), shares)
    flow: dict[tuple[Node, Node], float] = {}
    near: dict[Node, set[Node]] = {}
    paths = _paths(problem.groups, shares.shape[1])
    items, experts = np.nonzero(shares)
    for item, expert in zip(items.tolist(), experts.tolist(), strict=True):
        share = float(shares[item, expert])
        nodes: list[Node] = [("item", item, 0), *(("group", item, g) for g in paths[expert]), ("expert", 0, expert)]
        nodes.append(("out", 0, 0))
        for arc in pairwise(nodes):
            flow[arc] = flow.get(arc, 0.0) + share
    for (tail, head), amount in flow.items():
        if _is_fraction(amount):
            near.setdefault(tail, set()).add(head)
            near.setdefault(head, set()).add(tail)
    for start in sorted(near):
        while near.get(start):
            _push(_cycle(start, near, rng), flow, near, rng)
    chosen = np.zeros(shares.shape, dtype=bool)
    for item, expert in zip(items.tolist(), experts.tolist(), strict=True):
        inner: Node = ("group", item, paths[expert][-1]) if paths[expert] else ("item", item, 0)
        chosen[item, expert] = flow[inner, ("expert", 0, expert)] > 0.5
    return chosen


def _paths(groups: tuple[Group, ...], people: int) -> list[list[int]]:
    """The groups of each expert, from the widest to the narrowest."""
    by_width = sorted(range(len(groups)), key=lambda place: (-int(groups[place].members.sum()), place))
    return [[place for place in by_width if groups[place].members[expert]] for expert in range(people)]


def _is_fraction(amount: float) -> bool:
    return abs(amount - round(amount)) > _WHOLE


def _cycle(start: Node, near: dict[Node, set[Node]], rng: Random) -> list[Node]:
    """A cycle of arcs that carry fractions: walk on, never back at once, until a node comes again."""
    walked, places = [start], {start: 0}
    before: Node | None = None
    while True:
        here = walked[-1]
        ways = sorted(near[here] - {before} if before is not None else near[here])
        if not ways:
            raise AssertionError("a sum of shares at a node is no whole number")
        step = ways[rng.randrange(len(ways))]
        if step in places:
            return walked[places[step] :]
        before = here
        places[step] = len(walked)
        walked.append(step)


def _push(cycle: list[Node], flow: dict[tuple[Node, Node], float], near: dict[Node, set[Node]], rng: Random) -> None:
    """Push along the cycle one way or the other until an arc is whole; the expected flow stays."""
    arcs = []
    for here, there in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        arcs.append(((here, there), 1) if (here, there) in flow else ((there, here), -1))
    up = min((np.ceil(flow[arc]) - flow[arc]) if way > 0 else (flow[arc] - np.floor(flow[arc])) for arc, way in arcs)
    down = min((flow[arc] - np.floor(flow[arc])) if way > 0 else (np.ceil(flow[arc]) - flow[arc]) for arc, way in arcs)
    by = float(up) if rng.random() < down / (up + down) else -float(down)
    for arc, way in arcs:
        flow[arc] += by * way
        if not _is_fraction(flow[arc]):
            flow[arc] = float(round(flow[arc]))
            near[arc[0]].discard(arc[1])
            near[arc[1]].discard(arc[0])
