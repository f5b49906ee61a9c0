"""Persons' shares of a company's shares and of a year's profit: to the unit, floors never broken, nobody twice."""

from datetime import date
from random import Random

import pytest

from kezhuan.engines.findings import Unfit
from kezhuan.engines.income import (
    Agreement,
    Investment,
    Member,
    Owners,
    ProfitYear,
    Role,
    WayRules,
    distribute_equity,
    distribute_profit,
    equity,
    profit,
    ways_from,
)
from kezhuan.engines.rules import nearest
from kezhuan.kernel.rules import shipped

DAY = date(2025, 6, 1)
PUT = Investment(300_000_000, 1_000_000_000, 10_000_001, DAY)
YEAR = ProfitYear(100_000_001, 1, date(2022, 3, 1), DAY)
NOTHING_AGREED = Agreement()
TWO = (Member("韩主要", Role.MAIN, 1), Member("柳其他", Role.OTHER, 3))


def rules(place="440100", on=DAY):
    versions = shipped()
    return ways_from(place, lambda code: nearest(versions, code, on=on, jurisdiction=place))


def refused(distribute, given, agreement=NOTHING_AGREED, held=None):
    with pytest.raises(Unfit) as stopped:
        distribute(given, agreement, held or rules())
    return [one.code for one in stopped.value.findings]


def told(done):
    return {(one.name, one.role): one.fen for one in done.lines}


def codes(done):
    return [one.code for one in done.notes]


def test_the_shares_for_a_result_go_to_owners_rewarded_and_unit_by_the_floors_of_the_law():
    done = distribute_equity(PUT, Agreement(members=TWO), rules())
    # 30 % of the shares, half of them rewarded, half of that lifted to the main contributor.
    assert told(done) == {("韩主要", "main"): 750_000, ("柳其他", "other"): 750_000, ("", "unit"): 1_500_000}
    assert (done.in_shares, done.due, done.net) == (True, None, 3_000_000)
    figures = {one.code: one for one in done.figures}
    assert "第四十五条" in figures["pool"].rule.source
    assert figures["pool"].how.en == "50 % of the shares for the result (the floor)"
    assert (figures["held"].fen, "10,000,001" in figures["held"].how.zh) == (3_000_000, True)
    assert "equity-registered" in codes(done)
    assert "no-office-floor" not in codes(done)
    granted = Owners(7000, (("王持有", 1),), title=7000)
    split = distribute_equity(PUT, Agreement(members=TWO, owners=granted), rules())
    assert told(split) == {
        ("王持有", "owner"): 2_100_000, ("韩主要", "main"): 225_000, ("柳其他", "other"): 225_000,
        ("", "unit"): 450_000,
    }  # fmt: skip
    own = Agreement(members=(Member("王持有", Role.MAIN, 1),), owners=granted)
    assert refused(distribute_equity, PUT, own) == ["owner-rewarded"]


def test_what_cannot_be_of_an_investment_is_told_at_once():
    wrong = Investment(0, 1, 0, DAY)
    assert refused(distribute_equity, wrong) == ["equity-value", "equity-shares"]
    heads = Investment(1, 1, 1, DAY, heads=True)
    assert refused(distribute_equity, heads, held=rules("110108")) == ["head-equity"]
    assert "head-unknown" in codes(distribute_equity(heads, Agreement(), rules()))
    assert refused(distribute_equity, PUT, held=rules(on=date(2014, 1, 1))) == ["floor-unknown"]
    assert refused(distribute_equity, PUT, Agreement(members=TWO[1:])) == ["main-missing"]


def test_a_years_profit_is_rewarded_within_the_term_and_owners_take_no_share_of_it():
    done = distribute_profit(YEAR, Agreement(members=TWO), rules())
    assert told(done) == {("韩主要", "main"): 2_500_001, ("柳其他", "other"): 2_500_000, ("", "unit"): 95_000_000}
    assert (done.pool, done.due, done.in_shares) == (5_000_001, None, False)
    assert "2023-03-01" in done.figures[0].how.zh
    loss = distribute_profit(ProfitYear(-5, 3, YEAR.started_on, DAY), Agreement(members=TWO), rules())
    assert (loss.pool, loss.net, "loss" in loss.figures[0].how.en) == (0, 0, True)
    owners = Owners(7000, (("王持有", 1),))
    under = distribute_profit(YEAR, Agreement(members=TWO, owners=owners), rules())
    assert (told(under), "owners-of-profit" in codes(under)) == (told(done), True)
    own = Agreement(members=(Member("王持有", Role.MAIN, 1),), owners=owners)
    assert refused(distribute_profit, YEAR, own) == ["owner-rewarded"]
    assert refused(distribute_profit, ProfitYear(1, 4, YEAR.started_on, DAY)) == ["profit-count"]
    assert refused(distribute_profit, ProfitYear(1, 0, YEAR.started_on, DAY)) == ["profit-count"]
    assert refused(distribute_profit, ProfitYear(1, 1, YEAR.started_on, DAY, 2)) == ["profit-years"]
    assert refused(distribute_profit, ProfitYear(10**19, 1, YEAR.started_on, DAY)) == [
        "received-range",
        "profit-range",
    ] or ("profit-range" in refused(distribute_profit, ProfitYear(10**19, 1, YEAR.started_on, DAY)))
    longer = distribute_profit(ProfitYear(100, 6, YEAR.started_on, DAY, 6), Agreement(points=1000), rules())
    assert (longer.pool, "profit-agreed" in codes(longer)) == (10, True)
    none = WayRules("440100", {})
    assert refused(distribute_profit, ProfitYear(1, 1, YEAR.started_on, DAY, 3), held=none) == ["floor-unknown"]


def test_random_shares_and_profits_sum_and_equal_what_the_calculator_says():
    random, held = Random(6), rules()
    for _ in range(1000):
        members = tuple(
            Member(f"m{n}", role, random.randrange(1, 999))
            for n, role in enumerate([Role.MAIN, *random.choices(list(Role), k=random.randrange(6))])
        )
        agreed = random.choice([None, random.randrange(10_001)])
        post = random.randrange(1, 10**13)
        put = Investment(random.randrange(1, post + 1), post, random.randrange(1, 10**9), DAY)
        done = distribute_equity(put, Agreement(agreed, members), held)
        sums = {one.code: one.value for one in equity(
            contribution=put.contribution, post_money=post, shares=put.shares, agreed=agreed, heads=False, rules=held
        ).amounts}  # fmt: skip
        assert (done.net, done.pool, done.unit) == (sums["held"], sums["reward"], sums["unit"])
        assert sum(told(done).values()) == done.net
        assert sum(one.fen for one in done.lines if one.role != "unit") == done.pool
        assert done.main >= sums["main"]
        assert done.pool * 2 >= done.net
        earned = random.randrange(-(10**9), 10**13)
        year = distribute_profit(ProfitYear(earned, 1, YEAR.started_on, DAY), Agreement(agreed, members), held)
        told_by = profit(profits=[earned], started_on=YEAR.started_on, years=None, agreed=agreed, rules=held)
        assert (year.pool, sum(told(year).values())) == (told_by.amounts[0].value, max(0, earned))
        assert year.pool * 20 >= max(0, earned)
