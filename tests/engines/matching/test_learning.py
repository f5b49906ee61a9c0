"""What decisions teach: a weighting that would have ranked better, or none."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.matching import FROZEN, Item, Matcher
from kezhuan.engines.matching.learning import Decision, Pool, TooFewDecisions, learn, replay, split
from kezhuan.engines.matching.parts import NAMES, most_missed, weighed
from tests.factories.decided_year import Year, year_of

from .cases import few, needs, supplies

factors = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1.2), max_size=4)


@given(supplies(), needs, factors)
@few
def test_parts_sum_to_the_score_and_none_is_missed_by_any_weights(
    items: list[Item], need: Item, factors: dict[str, float]
) -> None:
    matcher = Matcher(table=lambda: None).fit(items)
    matches = matcher.kneighbors([need], len(items), factors=factors)[0]
    other = Matcher(weighed(FROZEN, factors), table=lambda: None).fit(items)
    assert matches == other.kneighbors([need], len(items))[0]
    assert matcher.kneighbors([need], 2, factors=factors)[0] == matches[:2]
    for match in matches:
        assert math.isclose(sum(one.value for one in match.parts), match.score, rel_tol=0, abs_tol=1e-9)
        assert replace(matcher.explain(need, match.supply, factors), rank=match.rank) == match
    for miss in matcher.why_not(need, 1, factors=factors):
        assert matches[miss.rank - 1].score == miss.score
    asking = Matcher(table=lambda: None).fit([*items, need])
    among = np.ones(len(items) + 1, np.bool_)
    for item in items[:2]:
        if asking.explain(need, item.id, factors).score >= 0.5:
            assert need.id in asking.may_ask(item.id, 0.5, among, factors)


def test_a_year_of_decisions_teaches_what_firms_look_at() -> None:
    year = year_of(200, 1000, seed=1)
    earlier, later = split(year.decisions)
    assert max(one.at for one in earlier) <= min(one.at for one in later)
    learnt = learn(earlier)
    found = replay(earlier, later, year.pools, learnt)
    assert found.is_better
    assert found.low < found.gain < found.high
    # Firms of that year want what is near and ripe, and do not care how they cooperate.
    assert min(learnt["region_match"], learnt["region_miss"], learnt["trl_miss"]) > 1.3
    assert max(learnt["mode_match"], learnt["mode_miss"]) < 0.8
    assert learnt["deadline_miss"] == 1  # nobody stated one
    missed = most_missed(weighed(FROZEN, learnt))
    assert sum(missed.values()) < 1  # a score stays above 0 whatever misses
    reversed_year = [replace(one, grade=1 - one.grade) for one in later]
    assert not replay(earlier, reversed_year, year.pools, learnt).is_better


def test_refusals_at_random_change_nothing() -> None:
    year: Year = year_of(120, 600, seed=3, at_random=True)
    earlier, later = split(year.decisions)
    assert not replay(earlier, later, year.pools, learn(earlier)).is_better


def test_what_was_decided_before_and_what_nobody_decided_on_is_no_success() -> None:
    parts = {"words": 0.4, "trl": 0.1}
    plain = {"words": 0.46}  # a little more than the others have in words, by the scale of similarities
    earlier = [Decision(n, "known", 0, 1, parts) for n in range(40)]
    later = [Decision(n, "taken", 1, 1, plain) for n in range(40)]
    pools = [Pool(n, {"known": parts, **{f"u{m}": parts for m in range(10)}}) for n in range(40)]
    found = replay(earlier, later, pools, {"trl_match": 0.0})
    assert (found.before, found.after) == (0.0, 0.1)  # behind ten with more, among level ones when that counts nothing
    assert replay([], later, pools, {}).after == 0.0


def test_few_decisions_teach_nothing() -> None:
    apart = [Decision(n, s, n, s == "a", {"words": 0.4}, s) for n in range(40) for s in "ab"]
    with pytest.raises(TooFewDecisions):  # what stands on two lists is not compared
        learn(apart)
    some = [Decision(n, s, n, s == "a", {"words": 0.4}) for n in range(29) for s in "ab"]
    with pytest.raises(TooFewDecisions):
        learn(some)
    with pytest.raises(TooFewDecisions):
        replay([], some, [], {})
    with pytest.raises(ValueError, match="from 0 on"):
        weighed(FROZEN, {"trl_miss": -1.0})
