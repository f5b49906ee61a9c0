"""Risk flags: every seeded fraud is found, honest contracts are left alone, and a flag decides nothing."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from kezhuan.engines.contracts import KINDS, flags, shipped_limits
from tests.factories.registers import AS_OF, DAY, honest, party, register

pytestmark = pytest.mark.xdist_group("risks")


def seen(contracts, kind):
    return [set(one.rows) for one in flags(contracts, as_of=AS_OF) if one.kind == kind]


@pytest.fixture(scope="module")
def seeded():
    contracts, frauds = register(Random(3), 1_500, 2)
    return contracts, frauds, flags(contracts, as_of=AS_OF)


def test_frauds_of_every_kind_are_seeded(seeded):
    assert set(seeded[1]) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_seeded_fraud_is_found(seeded, kind):
    _, frauds, found = seeded
    rows = [set(one.rows) for one in found if one.kind == kind]
    assert [fraud for fraud in frauds[kind] if not any(one <= fraud for one in rows)] == []


def test_few_honest_contracts_are_flagged_and_each_flag_has_words(seeded):
    contracts, frauds, found = seeded
    guilty = set().union(*(fraud for group in frauds.values() for fraud in group))
    accused = {row for one in found for row in one.rows} - guilty
    assert len(accused) <= (len(contracts) - len(guilty)) // 100
    assert [one for one in found if not one.say("zh") or not one.say("en")] == []


def test_a_second_transfer_is_of_the_same_right_of_the_same_achievement():
    random = Random(5)
    one = honest(random, 2, [party(random, 1), party(random, 2)], DAY)
    one = replace(one, kind="transfer", achievement="7", rights=("invention", "secret"))

    def with_second(**more):
        second = replace(one, **{"row": 3, "text": "", "name": "另一项", "rights": ("secret", "software"), **more})
        return seen([one, second], "second-transfer")

    assert with_second() == [{2, 3}]
    assert with_second(achievement="8") == with_second(achievement="") == with_second(kind="licence") == []
    assert with_second(rights=("software",)) == []
    third = replace(one, row=4, text="", name="又一项", rights=("invention",))
    second = replace(one, row=3, text="", name="另一项", rights=("secret",))
    found = [flag for flag in flags([one, second, third], as_of=AS_OF) if flag.kind == "second-transfer"]
    assert sorted(flag.rows for flag in found) == [(2, 3), (2, 4)]
    said = next(flag for flag in found if flag.rows == (2, 3))
    assert "技术秘密" in said.say("zh")
    assert "发明" not in said.say("zh")


def test_near_the_limits():
    random, limits = Random(5), shipped_limits()
    one = honest(random, 2, [party(random, 1), party(random, 2)], DAY)

    def again(days, **more):
        day = one.signed_on + timedelta(days=days)
        return replace(one, **{"row": 3, "signed_on": day, "text": "", **more})

    assert seen([one, again(7)], "same-deal") == [{2, 3}]
    assert seen([one, again(8)], "same-deal") == []
    assert seen([one, again(1, turnover=one.turnover + 1)], "same-deal") == []
    back = {"seller": one.buyer, "buyer": one.seller, "name": "x"}
    assert seen([one, again(90, **back)], "round-trip") == [{2, 3}]
    assert seen([one, again(91, **back)], "round-trip") == []
    assert seen([one, again(9, **back, turnover=one.turnover * 89 // 100)], "round-trip") == []
    half = limits.split_fen // 2
    parts = [again(days, row=days + 3, turnover=half, name=f"n{days}") for days in (0, 3, 7)]
    assert seen(parts, "split") == [{3, 6, 10}]
    assert seen(parts[:2], "split") == []
    assert seen([*parts[:2], again(8, row=9, turnover=half)], "split") == []
    assert seen([replace(one, revenue=one.turnover // 5 + 1)], "beyond-means") == []
    unpaid = replace(one, paid=0)
    assert [bool(flags([unpaid], as_of=day)) for day in (date(2026, 5, 31), date(2026, 6, 1))] == [False, True]
    assert seen([replace(unpaid, paid=None)], "dead") == []
    assert seen([replace(one, buyer=replace(one.buyer, phone=one.seller.phone), related=True)], "related-parties") == []


def test_a_common_name_is_not_passed_on():
    random = Random(9)
    parties = [party(random, number) for number in range(30)]
    chain = [
        replace(honest(random, row, parties, DAY), name="技术服务", seller=parties[row], buyer=parties[row + 1])
        for row in range(12)
    ]
    assert seen(chain, "passed-on") == []
    assert len(seen(chain[:3], "passed-on")) == 2


def test_december_counts_from_twenty_contracts_of_a_year():
    random = Random(11)
    parties = [party(random, number) for number in range(40)]

    def year(december, rest):
        months = [12] * december + [1 + place % 11 for place in range(rest)]
        days = [date(2025, month, 10) for month in months]
        made = [honest(random, row, parties, day) for row, day in enumerate(days, 2)]
        return [
            replace(one, seller=parties[0], buyer=parties[1 + one.row], registered_on=one.signed_on) for one in made
        ]

    assert len(seen(year(7, 13), "year-end")) == 1
    assert seen(year(6, 14), "year-end") == []
    assert seen(year(9, 10), "year-end") == []
