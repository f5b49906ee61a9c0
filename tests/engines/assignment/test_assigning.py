"""Assignments are the best there are, keep every rule, or are refused with the smallest reason; against brute force."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kezhuan.engines.assignment import Blocked, Duty, Group, Problem, Why, alternates, assign, reasons, rule_costs
from kezhuan.engines.assignment.blocking import _can_keep, _obligations, hall
from kezhuan.engines.assignment.master import Scale, bound_of, relax
from kezhuan.engines.assignment.rounding import draw_panels

some = settings(max_examples=50, deadline=None)


@st.composite
def problems(draw: st.DrawFn, *, mix: bool = True) -> Problem:
    """Small ones, often tight, with ties and conflicts."""
    items, experts = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    values = draw(st.lists(st.integers(-2, 6), min_size=items * experts, max_size=items * experts))
    affinity = np.array(values, dtype=float).reshape(items, experts) / 4
    against = np.array(
        draw(st.lists(st.sampled_from([False, False, False, True]), min_size=len(values), max_size=len(values)))
    ).reshape(items, experts)
    need = draw(st.lists(st.integers(0, 2), min_size=items, max_size=items))
    most = draw(st.lists(st.integers(0, 3), min_size=experts, max_size=experts))
    least = [draw(st.integers(0, min(1, cap))) for cap in most] if draw(st.booleans()) else 0
    groups = []
    for number in range(draw(st.integers(0, 2)) if mix else 0):
        members = np.array(draw(st.lists(st.booleans(), min_size=experts, max_size=experts)))
        at_least = np.minimum(draw(st.integers(0, 1)), need)
        groups.append(Group(f"g{number}", members, at_least, np.maximum(at_least, draw(st.integers(0, 2)))))
    return Problem.of(
        affinity, conflicts=against, need=need, max_load=most, min_load=least, groups=groups, fair=draw(st.booleans())
    )


def panels(problem: Problem) -> list[np.ndarray]:
    """Every assignment that keeps all rules, by trying all panels."""
    people = range(len(problem.experts))
    choices = [
        [panel for panel in combinations(people, int(need)) if all(problem.allowed[item, list(panel)])]
        for item, need in enumerate(problem.need)
    ]
    found = []
    for panel_of in product(*choices):
        chosen = np.zeros(problem.allowed.shape, dtype=bool)
        for item, panel in enumerate(panel_of):
            chosen[item, list(panel)] = True
        if keeps_rules(problem, chosen):
            found.append(chosen)
    return found


def keeps_rules(problem: Problem, chosen: np.ndarray) -> bool:
    loads = chosen.sum(axis=0)
    seats = [(group, chosen[:, group.members].sum(axis=1)) for group in problem.groups]
    return bool(
        not (chosen & ~problem.allowed).any()
        and (chosen.sum(axis=1) == problem.need).all()
        and (loads <= problem.max_load).all()
        and (loads >= problem.min_load).all()
        and all((count >= group.at_least).all() and (count <= group.at_most).all() for group, count in seats)
    )


def worst(problem: Problem, chosen: np.ndarray) -> float:
    asked = problem.need > 0
    means = (chosen * problem.affinity).sum(axis=1)[asked] / problem.need[asked]
    return float(means.min()) if asked.any() else 0.0


@some
@given(problems())
def test_the_best_is_found_or_there_is_none(problem: Problem) -> None:
    every = panels(problem)
    if not every:
        with pytest.raises(Blocked):
            assign(problem)
        return
    made = assign(problem)
    assert keeps_rules(problem, made.chosen)
    totals = {chosen.tobytes(): float(problem.affinity[chosen].sum()) for chosen in every}
    best = max(totals.values())
    if problem.fair:
        best_worst = max(worst(problem, chosen) for chosen in every)
        assert made.worst == pytest.approx(best_worst, abs=1e-6)
        equal = [chosen for chosen in every if worst(problem, chosen) >= best_worst - 1e-9]
        best = max(totals[chosen.tobytes()] for chosen in equal)
        assert made.worst_bound >= best_worst - 1e-9
    assert made.total == pytest.approx(best, abs=1e-4)
    assert made.bound >= made.total - 1e-6


@some
@given(problems(mix=False), st.integers(0, 10**6))
def test_any_prices_of_the_right_sign_prove_a_bound(problem: Problem, seed: int) -> None:
    """The proof of the optimum does not trust the solver: the bound holds for prices that are plainly wrong too."""
    every = panels(problem)
    if not every:
        return
    scale = Scale(problem)
    prices = relax(problem, scale).prices
    rng = np.random.default_rng(seed)
    item = prices.item + rng.normal(0, 0.3, len(prices.item))
    load = np.maximum(0, prices.load + rng.normal(0, 0.3, len(prices.load)))
    reduced = scale.values * (1 + prices.fair / np.maximum(problem.need, 1))[:, None]
    reduced = reduced - item[:, None] - (load - prices.least_load)[None, :]
    wrong = type(prices)(item, load, prices.least_load, prices.most_group, prices.least_group, prices.fair, reduced)
    if not problem.fair:
        for chosen in every:
            assert bound_of(problem, scale, wrong) >= float(scale.values[chosen].sum()) - 1e-9


@some
@given(problems())
def test_what_blocks_is_irreducible(problem: Problem) -> None:
    if panels(problem):
        return
    with pytest.raises(Blocked) as caught:
        assign(problem)
    found = caught.value.blocking.obligations
    assert not kept_by_trying(problem, found)
    for one in found:
        assert kept_by_trying(problem, [other for other in found if other is not one])


def kept_by_trying(problem: Problem, kept: object) -> bool:
    """Whether obligations can be kept within the limits, by trying every set of pairs."""
    i, e = np.nonzero(problem.allowed)
    for picked in range(1 << len(i)):
        chosen = np.zeros(problem.allowed.shape, dtype=bool)
        on = [place for place in range(len(i)) if picked >> place & 1]
        chosen[i[on], e[on]] = True
        within = (chosen.sum(axis=1) <= problem.need).all() and (chosen.sum(axis=0) <= problem.max_load).all()
        if not within or any((chosen[:, g.members].sum(axis=1) > g.at_most).any() for g in problem.groups):
            continue
        for one in kept:
            if one.duty is Duty.LOAD:
                enough = chosen[:, one.place].sum() >= problem.min_load[one.place]
            elif one.duty is Duty.NEED:
                enough = chosen[one.place].sum() >= problem.need[one.place]
            else:
                group = problem.groups[one.group]
                enough = chosen[one.place, group.members].sum() >= group.at_least[one.place]
            if not enough:
                break
        else:
            return True
    return False


@some
@given(st.integers(0, 10**6))
def test_hall_names_rows_that_need_more_than_there_is_and_no_row_too_many(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(1, 9)), int(rng.integers(1, 7))
    allowed = rng.random((rows, columns)) < rng.uniform(0.2, 1)
    need, room = rng.integers(0, 4, rows), rng.integers(0, 5, columns)
    found = hall(allowed, need, room)
    blocked = [
        members
        for size in range(1, rows + 1)
        for members in combinations(range(rows), size)
        if need[list(members)].sum() > np.minimum(room, allowed[list(members)].sum(axis=0)).sum()
    ]
    if found is None:
        assert blocked == []
        return
    inside = [members for members in blocked if set(members) <= set(found.tolist())]
    assert inside == [tuple(sorted(found.tolist()))]


def test_a_mixed_deadlock_is_named_whole() -> None:
    # Two items need the one finance expert each and two of three experts; the finance expert may take one.
    finance = Group("财务", np.array([True, False, False]), np.array([1, 1]), np.array([2, 2]))
    problem = Problem.of(np.ones((2, 3)), need=2, max_load=[1, 2, 2], groups=[finance], items=["甲", "乙"])
    with pytest.raises(Blocked) as caught:
        assign(problem)
    blocking = caught.value.blocking
    assert [(one.duty, one.place) for one in blocking.obligations] == [(Duty.SEATS, 0), (Duty.SEATS, 1)]
    assert (blocking.needed, blocking.available, blocking.others) == (2, 1, ("0",))
    # Each kind alone can be kept; one item needs both, and the only way to two seats passes the most seats of a group.
    firm = Group("同一单位", np.array([True, True, False]), np.array([0]), np.array([1]))
    alone = Problem.of(np.ones((1, 3)), need=2, max_load=[1, 1, 0], groups=[firm])
    with pytest.raises(Blocked) as caught:
        assign(alone)
    assert [one.duty for one in caught.value.blocking.obligations] == [Duty.NEED]


def test_needs_and_least_loads_that_can_be_met_alone_are_met_together() -> None:
    rng = np.random.default_rng(8)
    for _ in range(40):
        allowed = rng.random((4, 4)) < 0.6
        need, least, most = rng.integers(0, 3, 4), rng.integers(0, 3, 4), 3
        if hall(allowed, need, np.full(4, most)) is None and hall(allowed.T, least, need) is None:
            affinity = np.where(allowed, rng.random((4, 4)), np.nan)
            made = assign(Problem.of(affinity, need=need, min_load=least, max_load=most))
            assert keeps_rules(made.problem, made.chosen)


def medium(seed: int = 4, **more: object) -> Problem:
    """Forty items, sixteen experts, tight: 120 seats of 128; a quarter of the pairs in conflict."""
    rng = np.random.default_rng(seed)
    return Problem.of(rng.random((40, 16)), conflicts=rng.random((40, 16)) < 0.25, need=3, max_load=8, **more)


def kinds(items: int = 40, experts: int = 16) -> list[Group]:
    units = np.arange(experts) // 2
    firms = units % 3 == 0
    each = [Group(f"unit {n}", units == n, np.zeros(items, int), np.ones(items, int)) for n in range(experts // 2)]
    return [Group("firm", firms, np.ones(items, int), np.full(items, 3)), *each]


def test_rules_cost_and_none_of_them_gains() -> None:
    made = assign(medium(groups=kinds(), fair=True, min_load=6))
    assert keeps_rules(made.problem, made.chosen)
    steps = rule_costs(made)
    assert [step.rule for step in steps] == ["plain", "min-load", "mix-least", "mix-most", "fair"]
    totals = [step.total for step in steps]
    assert all(later <= before + 1e-3 for before, later in pairwise(totals))
    assert steps[-1].worst >= steps[-2].worst
    assert steps[-1].total == made.total


def test_greedy_fails_where_the_flow_does_not() -> None:
    problem = replace(medium(), max_load=np.array([8, 7] * 8))
    free = problem.max_load.copy()
    served = 0
    for item in range(40):
        order = [e for e in np.argsort(-problem.affinity[item]) if problem.allowed[item, e] and free[e] > 0][:3]
        free[order] -= 1
        served += len(order)
    assert served < 120
    assert assign(problem).chosen.sum() == 120


def test_each_pair_is_explained_and_what_it_lost_is_true() -> None:
    made = assign(medium(groups=kinds(), fair=True))
    problem = made.problem
    told = list(reasons(made, shown=99))
    assert {(one.item, one.expert) for one in told} == {
        (problem.items[i], problem.experts[e]) for i, e in zip(*np.nonzero(made.chosen), strict=True)
    }
    whys = set()
    for one in told:
        item, expert = int(one.item), int(one.expert)
        values = problem.affinity[item]
        others = [e for e in np.flatnonzero(problem.allowed[item]) if values[e] > values[expert]]
        assert one.rank == 1 + len(others)
        assert one.possible == problem.allowed[item].sum()
        left = [e for e in others if not made.chosen[item, e]]
        assert one.better == len(left)
        assert [lost.expert for lost in one.lost] == [str(e) for e in sorted(left, key=lambda e: -values[e])]
        for lost in one.lost:
            whys.add(lost.why)
            other = int(lost.expert)
            changed = made.chosen.copy()
            changed[item, [expert, other]] = [False, True]
            if lost.why is Why.SEATS:
                assert not keeps_rules(problem, changed)
            elif lost.why is Why.FULL:
                assert made.loads[other] == problem.max_load[other]
                assert made.chosen[int(lost.loser), other]
                assert lost.loss >= lost.gain - 1e-9
    assert {Why.FULL, Why.SEATS} <= whys


def test_in_the_plain_best_no_better_expert_was_lost_without_a_dearer_loss_or_a_chain() -> None:
    made = assign(medium())
    for one in reasons(made, shown=99):
        assert all(lost.why is Why.FULL and lost.loss >= lost.gain - 1e-9 for lost in one.lost)


def test_alternates_are_free_have_time_and_keep_the_mix() -> None:
    made = assign(medium(groups=kinds()))
    problem = made.problem
    found = list(alternates(made, 2))
    assert len({one.item for one in found}) > 30
    for one in found:
        item, expert = int(one.item), int(one.expert)
        assert problem.allowed[item, expert]
        assert not made.chosen[item, expert]
        assert made.loads[expert] < problem.max_load[expert]
        assert one.stands_in_for
        for member in one.stands_in_for:
            changed = made.chosen.copy()
            changed[item, [int(member), expert]] = [False, True]
            assert all(
                group.at_least[item] <= changed[item, group.members].sum() <= group.at_most[item]
                for group in problem.groups
            )


def test_drawn_panels_keep_every_rule_and_no_pair_is_likelier_than_allowed() -> None:
    problem = medium(groups=kinds(), max_probability=0.6)
    draws = 120
    made = assign(problem, seed="0")
    shares = made.probability
    assert shares is not None
    assert shares.max() <= 0.6 + 1e-9
    times = made.chosen.astype(float)
    for seed in range(1, draws):
        chosen = draw_panels(problem, shares, str(seed))
        assert keeps_rules(problem, chosen)
        times += chosen
    assert keeps_rules(problem, made.chosen)
    # Each pair comes as often as its share says: within five deviations of a binomial.
    apart = np.abs(times / draws - shares)
    assert (apart <= 5 * np.sqrt(np.maximum(shares * (1 - shares), 1e-4) / draws) + 1e-9).all()
    assert (times[shares < 1e-9] == 0).all()


def test_a_draw_is_repeated_by_its_seed_and_needs_one() -> None:
    problem = medium(max_probability=0.5)
    assert (assign(problem, seed="a").chosen == assign(problem, seed="a").chosen).all()
    assert (assign(problem, seed="a").chosen != assign(problem, seed="b").chosen).any()
    with pytest.raises(ValueError, match="seed"):
        assign(problem)
    crossed = [
        Group("a", np.arange(16) < 8, np.ones(40, int), np.full(40, 3)),
        Group("b", np.arange(16) % 2 == 0, np.ones(40, int), np.full(40, 3)),
    ]
    with pytest.raises(ValueError, match="overlap"):
        assign(medium(max_probability=0.5, groups=crossed), seed="a")


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Problem.of(np.ones((0, 3)), need=1, max_load=1)
    with pytest.raises(ValueError, match="finite"):
        Problem.of(np.array([[np.inf]]), need=1, max_load=1)
    with pytest.raises(ValueError, match="fit"):
        Problem.of(np.ones((2, 2)), need=1, max_load=1, groups=[Group("g", np.ones(3, bool), np.ones(2), np.ones(2))])
    with pytest.raises(ValueError, match="probability"):
        Problem.of(np.ones((2, 2)), need=1, max_load=1, max_probability=0)
    with pytest.raises(ValueError, match="fewer than none"):
        Problem.of(np.ones((2, 2)), need=-1, max_load=1)


def test_obligations_of_a_problem_that_can_be_met_are_all_kept() -> None:
    problem = medium(groups=kinds(), min_load=6)
    assert _can_keep(problem, _obligations(problem))
