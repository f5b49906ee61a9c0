"""Rewards in other ways: vectors with the shipped rules, their sources, and what is refused."""

from datetime import date

import pytest

from kezhuan.engines.findings import Unfit
from kezhuan.engines.income import award, equity, profit, ways_from
from kezhuan.engines.rules import nearest
from kezhuan.kernel.rules import shipped

DAY = date(2025, 6, 1)


def rules(place="440100", on=DAY):
    versions = shipped()
    return ways_from(place, lambda code: nearest(versions, code, on=on, jurisdiction=place))


def refused(reckon, **given):
    with pytest.raises(Unfit) as stopped:
        reckon(**given)
    return [one.code for one in stopped.value.findings]


def values(done):
    return {one.code: one.value for one in done.amounts}


def test_equity_is_rewarded_with_half_of_the_results_shares_at_least():
    asked = {"contribution": 300_000_000, "post_money": 1_000_000_000, "shares": 10_000_001, "heads": False}
    done = equity(**asked, agreed=None, rules=rules())
    # 30 % of the shares rounded down, half of them rounded up, half of that main contributors'.
    assert values(done) == {"held": 3_000_000, "reward": 1_500_000, "main": 750_000, "unit": 1_500_000}
    assert "第四十五条" in done.amounts[1].rule.source
    assert values(equity(**asked, agreed=7000, rules=rules()))["reward"] == 2_100_000
    low = equity(**asked | {"shares": 11}, agreed=100, rules=rules())
    assert values(low) == {"held": 3, "reward": 2, "main": 1, "unit": 1}
    assert low.notes[0].code == "agreed-below-floor"
    assert refused(equity, **asked | {"contribution": 2 * 10**9, "shares": 0}, agreed=None, rules=rules()) == [
        "equity-value", "equity-shares",
    ]  # fmt: skip
    assert refused(equity, **asked, agreed=None, rules=rules(on=date(2014, 1, 1))) == ["floor-unknown"]
    # A head of the unit: refused where a rule says so, to be looked into where none is known.
    asked["heads"] = True
    assert refused(equity, **asked, agreed=None, rules=rules("110108")) == ["head-equity"]
    assert "head-unknown" in [one.code for one in equity(**asked, agreed=None, rules=rules()).notes]


def test_profit_of_ones_own_production_is_shared_for_three_to_five_years():
    asked = {"started_on": date(2022, 3, 1), "years": None, "agreed": None, "rules": rules()}
    done = profit(profits=(100_000_001, -5_000_000, 20_000_000), **asked)
    assert values(done) == {"year-1": 5_000_001, "year-2": 0, "year-3": 1_000_000, "total": 6_000_001}
    assert "2023-03-01" in done.amounts[0].how.en
    assert refused(profit, profits=(1, 1, 1, 1), **asked) == ["profit-count"]
    assert refused(profit, profits=(1,), **asked | {"years": 2}) == ["profit-years"]
    longer = profit(profits=(100,), **asked | {"years": 6, "agreed": 1000})
    assert (values(longer)["year-1"], [one.code for one in longer.notes]) == (10, ["profit-books", "profit-agreed"])


def test_a_patent_is_awarded_by_number_and_kind_within_three_months():
    done = award(inventions=2, others=1, granted_on=date(2025, 1, 31), rules=rules())
    assert [one.value for one in done.amounts] == [800_000, 150_000]
    assert (done.due, "第九十三条" in done.amounts[0].rule.source) == (date(2025, 4, 30), True)
    assert refused(award, inventions=0, others=0, granted_on=DAY, rules=rules()) == ["award-count"]
    assert refused(award, inventions=1, others=0, granted_on=DAY, rules=rules(on=date(2020, 1, 1))) == ["award-unknown"]
