"""Scores add up exactly, are rounded once, drop one of each end, flag what is far off, and correct for harshness."""

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kezhuan.engines.scoring import (
    Criterion,
    DropRule,
    FlagRule,
    Sheet,
    corrected_scores,
    cut,
    item_score,
    places,
    sheet_total,
    to_hundredths,
)

ZERO, HUNDRED = Decimal(0), Decimal(100)
ONE = (Criterion("whole", 10_000, ZERO, HUNDRED),)
FLAGS = FlagRule(spread=Decimal(20), outlier=Decimal(15))
few = settings(max_examples=60, deadline=None)
marks = st.decimals(0, 100, places=2, allow_nan=False, allow_infinity=False)


def sheets(*given: object, item: str = "甲") -> list[Sheet]:
    return [Sheet(f"e{number}", item, {"whole": Decimal(str(mark))}) for number, mark in enumerate(given)]


def score(*given: object, drop: int | None = None):
    return item_score(sheets(*given), ONE, flags=FLAGS, drop=DropRule(drop) if drop else None)


def test_vector_18_video_90_and_roadshow_80_make_82():
    criteria = (Criterion("video", 2_000, ZERO, HUNDRED), Criterion("roadshow", 8_000, ZERO, HUNDRED))
    sheet = Sheet("e", "甲", {"video": Decimal(90), "roadshow": Decimal(80)})
    assert str(item_score([sheet], criteria, flags=FLAGS).score) == "82.00"


def test_vector_17_rank_51_gets_no_prize():
    ranked = places({f"机构{number:03}": Decimal(1000 - number) for number in range(100)})
    winners, undecided = cut(ranked, 50)
    assert len(winners) == 50
    assert ranked[50].rank == 51
    assert ranked[50].item not in winners + undecided


def test_means_are_rounded_once_and_half_up():
    assert str(score("80.01", "80.02").score) == "80.02"
    assert str(score("0.01", 0, 0, 0).score) == "0.00"
    assert str(score("0.01", "0.01", 0, 0).score) == "0.01"
    assert str(to_hundredths(Fraction(-1, 200))) == "-0.01"


def test_highest_and_lowest_are_left_out_from_the_number_of_experts_on():
    assert score(0, 80, 82, 84, 100, drop=5).score == Decimal(82)
    assert score(0, 80, 82, 84, 100, drop=5).dropped == ("e4", "e0")
    assert score(0, 80, 84, 100, drop=5).score == Decimal(66)
    assert score(0, 80, 84, 100, drop=5).dropped == ()
    assert score(70, 70, 70, drop=3).dropped == ("e0", "e1")
    with pytest.raises(ValueError, match="three"):
        DropRule(2)


def test_weight_zero_is_marked_and_not_counted():
    criteria = (*ONE, Criterion("ethics", 0, ZERO, Decimal(1)))
    for ethics in (0, 1):
        assert sheet_total(Sheet("e", "甲", {"whole": Decimal(70), "ethics": Decimal(ethics)}), criteria) == 70
    with pytest.raises(ValueError, match="ethics"):
        sheet_total(Sheet("e", "甲", {"whole": Decimal(70)}), criteria)


def test_spread_and_outliers_are_flagged_from_the_distance_on():
    far = score(80, 81, 82, 60)
    assert (far.spread, far.is_spread, far.outliers) == (Decimal(22), True, ("e3",))
    near = score(80, 81, 82, "66.01")
    assert (near.is_spread, near.outliers) == (False, ())
    assert score(80, 81, 82, 66).outliers == ("e3",)
    two = score(50, 90)
    assert (two.is_spread, two.outliers) == (True, ())


@pytest.mark.parametrize(
    ("mark", "said"),
    [("NaN", "NaN"), ("Infinity", "Infinity"), ("100.01", "0 to 100"), ("-1", "0 to 100")],
)
def test_what_is_no_mark_never_counts(mark, said):
    with pytest.raises(ValueError, match=said):
        score(mark)


def test_sheets_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="two sheets"):
        item_score([*sheets(1), *sheets(2)], ONE, flags=FLAGS)
    with pytest.raises(ValueError, match="exactly one"):
        item_score([*sheets(1), *sheets(2, item="乙")], ONE, flags=FLAGS)
    with pytest.raises(ValueError, match="exactly one"):
        item_score([], ONE, flags=FLAGS)
    with pytest.raises(ValueError, match="no criterion"):
        sheet_total(Sheet("e", "甲", {"whole": Decimal(1), "other": Decimal(1)}), ONE)
    with pytest.raises(ValueError, match="basis points"):
        sheet_total(sheets(1)[0], (Criterion("whole", 9_999, ZERO, HUNDRED),))


@few
@given(st.lists(marks, min_size=1, max_size=9), st.integers(3, 9), st.randoms())
def test_order_of_experts_changes_nothing_and_the_score_lies_between_what_was_counted(given, from_experts, rng):
    listed = sheets(*given)
    result = item_score(listed, ONE, flags=FLAGS, drop=DropRule(from_experts))
    rng.shuffle(listed)
    assert item_score(listed, ONE, flags=FLAGS, drop=DropRule(from_experts)) == result
    kept = sorted(given)[1:-1] if len(given) >= from_experts else given
    assert result.score == to_hundredths(sum(map(Fraction, kept), Fraction(0)) / len(kept))
    assert min(kept) <= result.score <= max(kept)


@few
@given(
    st.lists(st.integers(0, 5_000), min_size=1, max_size=3).filter(lambda weights: sum(weights) <= 10_000), st.data()
)
def test_a_better_mark_never_lowers_the_total(weights, data):
    weights = [*weights, 10_000 - sum(weights)]
    criteria = [Criterion(str(n), weight, ZERO, HUNDRED) for n, weight in enumerate(weights)]
    low = {one.code: data.draw(marks) for one in criteria}
    high = {code: max(mark, data.draw(marks)) for code, mark in low.items()}
    assert sheet_total(Sheet("e", "甲", low), criteria) <= sheet_total(Sheet("e", "甲", high), criteria)


@few
@given(st.lists(st.sampled_from([Decimal(n) for n in range(5)]), max_size=12), st.integers(0, 12))
def test_ranks_count_the_better_ones_and_a_tie_across_the_line_is_left_to_people(given, line):
    scores = {f"i{n}": one for n, one in enumerate(given)}
    ranked = places(scores)
    assert {place.item: place.rank for place in ranked} == {
        item: 1 + sum(other > own for other in given) for item, own in scores.items()
    }
    inside, undecided = cut(ranked, line)
    # Whoever is inside is so however ties are broken; whoever is undecided is so by some ways of breaking them.
    sure = {item for item, own in scores.items() if sum(other >= own for other in given) <= line}
    possible = {item for item, own in scores.items() if sum(other > own for other in given) < line}
    assert set(inside) == sure
    assert set(undecided) == possible - sure


def given_by(worth, leans, design, chance=0.0, seed=0):
    rng = random.Random(seed)
    return {(f"e{e}", f"i{i}"): worth[i] + leans[e] + chance * rng.gauss(0, 1) for e, i in design}


def test_a_harsh_expert_is_corrected_and_the_raw_order_was_wrong():
    # i0 is better than i1, and was read by the harsh one.
    worth, leans = [80, 76, 70, 74], [-9, 3, 6]
    design = [(0, 0), (1, 0), (1, 1), (2, 1), (0, 2), (2, 2), (0, 3), (1, 3)]
    totals = given_by(worth, leans, design)
    raw = {item: np.mean([v for (_, i), v in totals.items() if i == item]) for item in ("i0", "i1")}
    assert raw["i0"] < raw["i1"]
    result = corrected_scores(totals, caution=1e-6)
    assert result.scores["i0"] > result.scores["i1"]
    assert [round(result.leans[f"e{e}"]) for e in range(3)] == leans
    assert [round(result.scores[f"i{i}"]) for i in range(4)] == worth


@few
@given(st.integers(0, 10_000), st.floats(0.1, 20))
def test_leans_are_the_least_squares_of_the_documented_sum(seed, caution):
    rng = np.random.default_rng(seed)
    experts, items = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    design = [(e, i) for e in range(experts) for i in range(items) if rng.random() < 0.6] or [(0, 0)]
    totals = {(f"e{e}", f"i{i}"): float(rng.normal(70, 10)) for e, i in design}
    result = corrected_scores(totals, caution=caution)

    def loss(scores, leans):
        apart = sum((v - scores[i] - leans[e]) ** 2 for (e, i), v in totals.items())
        return apart + caution * sum(lean**2 for lean in leans.values())

    least = loss(result.scores, result.leans)
    for _ in range(20):
        scores = {i: v + rng.normal(0, 0.5) for i, v in result.scores.items()}
        leans = {e: v + rng.normal(0, 0.5) for e, v in result.leans.items()}
        assert loss(scores, leans) >= least - 1e-9
    for group in set(result.groups.values()):
        members = {e for (e, i) in totals if result.groups[i] == group}
        assert abs(sum(result.leans[e] for e in members)) < 1e-6


def test_experts_who_read_everything_change_no_order():
    rng = np.random.default_rng(3)
    totals = {(f"e{e}", f"i{i}"): float(rng.normal(70, 10)) for e in range(4) for i in range(8)}
    result = corrected_scores(totals, caution=5)
    for i in range(8):
        assert result.scores[f"i{i}"] == pytest.approx(np.mean([totals[f"e{e}", f"i{i}"] for e in range(4)]))


def test_items_without_a_common_expert_are_not_comparable():
    result = corrected_scores({("a", "1"): 60, ("a", "2"): 70, ("b", "3"): 90}, caution=2)
    assert result.groups["1"] == result.groups["2"] != result.groups["3"]


def test_what_cannot_be_corrected_is_refused():
    with pytest.raises(ValueError, match="no scores"):
        corrected_scores({}, caution=1)
    with pytest.raises(ValueError, match="caution"):
        corrected_scores({("a", "1"): 60}, caution=0)
    with pytest.raises(ValueError, match="finite"):
        corrected_scores({("a", "1"): float("nan")}, caution=1)


def test_correction_finds_the_leans_again_under_chance():
    rng = np.random.default_rng(11)
    worth, leans = rng.normal(70, 6, 400), rng.normal(0, 8, 60)
    design = [(e, i) for i in range(400) for e in rng.choice(60, 5, replace=False)]
    totals = given_by(worth, leans, design, chance=3)
    result = corrected_scores(totals, caution=9 / 64)
    raw = [np.mean([totals[f"e{e}", f"i{i}"] for e, j in design[i * 5 : i * 5 + 5]]) for i in range(400)]
    fixed = [result.scores[f"i{i}"] for i in range(400)]
    # A worth that is measured five times with a deviation of 3 cannot be known better than to 1.34 points.
    apart = np.std(np.array(fixed) - worth)
    assert apart < 1.7
    assert apart < 0.5 * np.std(np.array(raw) - worth)
