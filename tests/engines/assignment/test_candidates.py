"""Candidates of each need given by capacities: always the best there is, proven, and the loss is told."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kezhuan.engines.assignment import candidates
from kezhuan.engines.assignment.candidates import Given, Wishes, give, lost_wishes


@st.composite
def small(draw: st.DrawFn) -> Wishes:
    needs, supplies = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    pairs = draw(st.lists(st.tuples(st.integers(0, needs - 1), st.integers(0, supplies - 1)), max_size=9, unique=True))
    worth = draw(st.lists(st.integers(1, 6), min_size=len(pairs), max_size=len(pairs)))
    per_need = draw(st.lists(st.integers(0, 3), min_size=needs, max_size=needs))
    per_supply = draw(st.lists(st.integers(0, 2), min_size=supplies, max_size=supplies))
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return Wishes.of(
        table[:, 0],
        table[:, 1],
        np.array(worth, float) / 7,
        per_need=np.array(per_need),
        per_supply=np.array(per_supply),
    )


def keeps_the_rules(wishes: Wishes, chosen: np.ndarray) -> bool:
    got = np.bincount(wishes.need[chosen], minlength=len(wishes.per_need))
    served = np.bincount(wishes.supply[chosen], minlength=len(wishes.per_supply))
    return bool((got <= wishes.per_need).all() and (served <= wishes.per_supply).all())


def best_of_all(wishes: Wishes) -> float:
    choices = (np.array(one, np.bool_) for one in product((False, True), repeat=len(wishes.need)))
    return max(float(wishes.worth[one].sum()) for one in choices if keeps_the_rules(wishes, one))


@given(small())
@settings(max_examples=60)
def test_it_is_the_best_of_all_choices_and_proven(wishes: Wishes) -> None:
    made = give(wishes)
    assert keeps_the_rules(wishes, made.chosen)
    assert made.total == pytest.approx(wishes.worth[made.chosen].sum(), abs=1e-12)
    assert made.total == pytest.approx(best_of_all(wishes), abs=1e-9)
    assert made.bound == pytest.approx(made.total, abs=1e-6)
    assert (made.prices >= 0).all()
    first = sum(
        sum(sorted(wishes.worth[wishes.need == need].tolist(), reverse=True)[:most])
        for need, most in enumerate(wishes.per_need.tolist())
    )
    assert made.wished == pytest.approx(first, abs=1e-9)
    assert made.loss >= -1e-9


def contested(seed: int, needs: int = 120, supplies: int = 60, each: int = 12) -> Wishes:
    draw = np.random.default_rng(seed)
    supply = np.concatenate([draw.choice(supplies, each, replace=False) for _ in range(needs)])
    worth = draw.random(needs * each) ** 0.5 + 0.5 * (supply < 10) + 0.001
    return Wishes.of(
        np.repeat(np.arange(needs), each),
        supply,
        worth,
        per_need=draw.integers(0, 4, needs),
        per_supply=draw.integers(0, 4, supplies),
    )


@pytest.mark.parametrize("seed", range(4))
def test_an_independent_solver_finds_no_better(seed: int) -> None:
    flow = pytest.importorskip("ortools.graph.python.min_cost_flow").SimpleMinCostFlow()
    wishes = contested(seed)
    whole = Wishes.of(
        wishes.need,
        wishes.supply,
        np.ceil(wishes.worth * 1e6),
        per_need=wishes.per_need,
        per_supply=wishes.per_supply,
    )
    needs, supplies = len(wishes.per_need), len(wishes.per_supply)
    source, sink = needs + supplies, needs + supplies + 1
    for need in range(needs):
        flow.add_arc_with_capacity_and_unit_cost(source, need, int(whole.per_need[need]), 0)
    for need, supply, worth in zip(whole.need.tolist(), whole.supply.tolist(), whole.worth.tolist(), strict=True):
        flow.add_arc_with_capacity_and_unit_cost(need, needs + supply, 1, -int(worth))
    for supply in range(supplies):
        flow.add_arc_with_capacity_and_unit_cost(needs + supply, sink, int(whole.per_supply[supply]), 0)
    most = int(whole.per_need.sum())
    flow.add_arc_with_capacity_and_unit_cost(source, sink, most, 0)  # seats may stay free
    flow.set_nodes_supplies([source, sink], [most, -most])
    assert flow.solve() == flow.OPTIMAL
    made = give(whole)
    assert made.total == -flow.optimal_cost()
    assert made.bound == pytest.approx(made.total, rel=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_wrong_prices_of_the_auction_cost_time_and_nothing_else(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes = contested(seed)
    best = give(wishes).total
    for prices in (np.zeros(60), np.full(60, 9.0), np.random.default_rng(seed).random(60)):
        monkeypatch.setattr(candidates._Auction, "held", lambda _auction, prices=prices: prices)
        made = give(wishes)
        assert keeps_the_rules(wishes, made.chosen)
        assert made.total == pytest.approx(best, rel=1e-9)
        assert made.bound == pytest.approx(best, rel=1e-8)


def named(made: Given) -> list[tuple[int, int]]:
    wishes = made.wishes
    return sorted(zip(wishes.need[made.chosen].tolist(), wishes.supply[made.chosen].tolist(), strict=True))


def test_lost_first_wishes_say_who_would_lose_how_much() -> None:
    # Both want 0; need 1 has nothing as good beside it, need 0 has.
    wishes = Wishes.of(
        np.array([0, 0, 1, 1]), np.array([0, 1, 0, 2]), np.array([0.9, 0.8, 0.9, 0.3]), per_need=1, per_supply=1
    )
    made = give(wishes)
    assert named(made) == [(0, 1), (1, 0)]
    assert (made.wished, made.total) == (pytest.approx(1.8), pytest.approx(1.7))
    [lost] = lost_wishes(made)
    assert (lost.pair, lost.instead, lost.loser) == (0, 1, 1)
    assert (lost.gain, lost.loss) == (pytest.approx(0.1), pytest.approx(0.6))


@pytest.mark.parametrize("seed", range(3))
def test_every_lost_wish_is_told_and_none_could_be_swapped_for_gain(seed: int) -> None:
    made = give(contested(seed))
    wishes, told = made.wishes, list(lost_wishes(made))
    assert sorted(one.pair for one in told) == np.flatnonzero(wishes.first & ~made.chosen).tolist()
    assert all(one.loss >= one.gain - 1e-9 for one in told if one.loser >= 0)
    assert {int(wishes.per_supply[wishes.supply[one.pair]]) for one in told if one.loser < 0} <= {0}


def test_without_pairs_nobody_gets_anything() -> None:
    none = np.zeros(0, np.int64)
    made = give(Wishes.of(none, none, np.zeros(0), per_need=np.array([1]), per_supply=np.array([1])))
    assert (made.total, made.bound, list(lost_wishes(made))) == (0.0, 0.0, [])


@pytest.mark.parametrize(
    ("need", "worth", "per_need"), [([0, 0], [1.0, 1.0], 1), ([0, 1], [0.0, 1.0], 1), ([0, 1], [1.0, 1.0], -1)]
)
def test_nonsense_is_refused(need: list[int], worth: list[float], per_need: int) -> None:
    with pytest.raises(ValueError, match=r"\."):
        Wishes.of(np.array(need), np.array([0, 0]), np.array(worth), per_need=per_need, per_supply=1)
