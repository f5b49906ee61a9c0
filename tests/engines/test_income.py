"""Income distributed: the worked example, floors that are never broken, parts that sum to the fen, no yuan twice."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.findings import Unfit
from kezhuan.engines.income import (
    CODES,
    Agreement,
    Deduction,
    Floors,
    Member,
    Owners,
    Receipt,
    Role,
    deduction_kind,
    distribute,
    distribute_all,
    divide,
    floors_from,
)
from kezhuan.engines.rules import RuleVersion, nearest
from kezhuan.kernel.rules import shipped
from tests.factories.incomes import check, random_case

DAY = date(2025, 6, 1)


def rule(code, value, place="440000"):
    return RuleVersion(code, place, value, CODES[code][1], date(2024, 1, 1), None, f"document of {code}")


def floors(pool=7000, main=5000, office=None):
    return Floors(
        "440100",
        rule("income.floor.pool", pool) if pool is not None else None,
        rule("income.floor.main", main, "000000") if main is not None else None,
        rule("income.floor.office", office) if office is not None else None,
    )


def of_guangzhou(on=DAY, place="440100"):
    versions = shipped()
    return floors_from(place, lambda code: nearest(versions, code, on=on, jurisdiction=place))


def receipt(yuan, **costs):
    return Receipt(yuan * 100, DAY, tuple(Deduction(kind, fen * 100) for kind, fen in costs.items()))


def people(*members):
    return tuple(Member(name, Role(role), weight) for name, role, weight in members)


def refused(*given, **more):
    with pytest.raises(Unfit) as stopped:
        distribute(*given, **more)
    return [one.code for one in stopped.value.findings]


WORKED = receipt(1_000_000, tax=60_000, maintenance=12_000, appraisal=28_000)


def test_worked_example_with_the_shipped_rules_of_guangzhou():
    done = distribute(WORKED, Agreement(), of_guangzhou())
    assert (done.net, done.pool, done.main, done.unit) == (90_000_000, 63_000_000, 31_500_000, 27_000_000)
    by_code = {one.code: one for one in done.figures}
    pool, main = by_code["pool"].rule, by_code["main"].rule
    assert (pool.jurisdiction, pool.value, pool.effective_from) == ("440000", 7000, date(2024, 10, 18))
    assert "未核实" in pool.source
    assert "not verified" in pool.source
    assert (main.jurisdiction, main.value) == ("000000", 5000)
    assert [one.code for one in done.notes] == ["floor-of-wider-place", "no-office-floor"]
    assert [(one.role, one.fen) for one in done.lines] == [("reward", 63_000_000), ("unit", 27_000_000)]


def test_floor_follows_the_day_and_the_place():
    before = distribute(WORKED, Agreement(), of_guangzhou(date(2024, 10, 17)))
    assert (before.pool, before.figures[1].rule.jurisdiction) == (45_000_000, "000000")
    hangzhou = distribute(WORKED, Agreement(), of_guangzhou(place="330106"))
    assert (hangzhou.pool, hangzhou.main, hangzhou.office) == (63_000_000, 44_100_000, 3_150_000)
    assert hangzhou.due == date(2025, 12, 1)
    assert distribute(WORKED, Agreement(), of_guangzhou()).due is None
    assert refused(WORKED, Agreement(), of_guangzhou(date(2015, 9, 30))) == ["floor-unknown"]
    told = distribute(WORKED, Agreement(points=3000), of_guangzhou(date(2015, 9, 30)))
    assert (told.pool, told.unit) == (27_000_000, 63_000_000)


def test_no_rule_of_guangzhou_itself_ships():
    assert [one for one in shipped() if one.code in CODES and one.jurisdiction[:4] == "4401"] == []


def test_every_shipped_floor_names_its_document():
    held = [one for one in shipped() if one.code in CODES]
    assert len(held) == 7
    assert [one for one in held if "《" not in one.source and "方案" not in one.source] == []
    assert [one for one in held if one.unit != CODES[one.code][1]] == []


@pytest.mark.parametrize("typed", ["research", "R&D", "研发费", "研究开发费用"])
def test_research_cost_is_refused_with_its_clause(typed):
    costs = Receipt(100, DAY, (Deduction(deduction_kind(typed), 1),))
    with pytest.raises(Unfit) as stopped:
        distribute(costs, Agreement(), floors())
    (found,) = stopped.value.findings
    assert found.code == "research-cost"
    assert "第三十七条" in found.say("zh")
    assert "Take it out" in found.say("en")


def test_kinds_of_deductions_are_known_in_both_languages():
    assert [deduction_kind(one) for one in ("税费", "维护费用", "Broker", "中介费")] == [
        "tax", "maintenance", "broker", "broker",
    ]  # fmt: skip
    assert refused(receipt(1, dinner=1), Agreement(), floors()) == ["deduction-unknown"]


def test_everything_wrong_is_told_at_once():
    wrong = Agreement(
        points=10_001, members=people(("a", "main", 0), ("a", "other", 1)), owners=Owners(0, ()), unit_parts=(("x", 0),)
    )
    assert refused(Receipt(-1, DAY, (Deduction("tax", -1),)), wrong, floors(), carried=1) == [
        "received-range", "deduction-range", "carried-range", "agreed-range", "owners-range", "weight-range",
        "person-twice", "owners-missing",
    ]  # fmt: skip


def test_persons_share_by_largest_remainder_and_the_first_named_gets_the_residue():
    done = distribute(Receipt(10, DAY), Agreement(10_000, people(*((n, "main", 1) for n in "abc"))), floors())
    assert [(one.name, one.fen) for one in done.lines] == [("a", 4), ("b", 3), ("c", 3), ("", 0)]


def test_groups_are_lifted_to_their_floors_from_those_that_are_above():
    named = people(("a", "main", 10), ("b", "other", 60), ("c", "office", 30))
    done = distribute(Receipt(10_000, DAY), Agreement(10_000, named), floors(office=500))
    assert [one.fen for one in done.lines] == [5000, 2000, 3000, 0]
    crowded = people(("a", "main", 10), ("c", "office", 90))
    done = distribute(Receipt(10_000, DAY), Agreement(10_000, crowded), floors(main=7000, office=500))
    assert [one.fen for one in done.lines] == [7000, 3000, 0]
    alone = distribute(Receipt(10_000, DAY), Agreement(10_000, people(("a", "main", 1))), floors(office=500))
    assert [(one.name, one.role, one.fen) for one in alone.lines] == [
        ("a", "main", 9500), ("", "office", 500), ("", "unit", 0),
    ]  # fmt: skip
    assert refused(WORKED, Agreement(None, people(("b", "other", 1))), floors()) == ["main-missing"]


def test_a_fen_that_both_floors_claim_goes_to_the_main_contributors():
    done = distribute(Receipt(1, DAY), Agreement(), floors(pool=5000, main=7000, office=500))
    assert (done.pool, done.main, done.office) == (1, 1, 0)


def test_an_agreed_share_below_the_floor_is_lifted_and_said():
    low, high = (distribute(WORKED, Agreement(points=points), floors()) for points in (6000, 8000))
    assert (low.pool, high.pool) == (63_000_000, 72_000_000)
    assert "agreed-below-floor" in [one.code for one in low.notes]
    assert "agreed-below-floor" not in [one.code for one in high.notes]
    assert "约定" in {one.code: one.how.zh for one in high.figures}["pool"]


def test_owners_under_a_grant_are_paid_as_owners_and_not_again():
    granted = Owners(7000, (("a", 60), ("b", 40)))
    done = distribute(WORKED, Agreement(owners=granted), floors())
    assert [(one.name, one.role, one.fen) for one in done.lines] == [
        ("a", "owner", 37_800_000), ("b", "owner", 25_200_000), ("", "unit", 27_000_000),
    ]  # fmt: skip
    both = people(("a", "main", 1), ("c", "main", 1))
    assert refused(WORKED, Agreement(members=both, owners=granted), floors()) == ["owner-rewarded"]
    vague = Owners(7000, granted.people, also_rewarded=True)
    assert refused(WORKED, Agreement(members=both, owners=vague), floors()) == ["clause-missing"]
    agreed = Owners(7000, granted.people, also_rewarded=True, clause="协议第6条")
    paid = distribute(WORKED, Agreement(members=both, owners=agreed), floors())
    assert [one.fen for one in paid.lines] == [37_800_000, 25_200_000, 9_450_000, 9_450_000, 8_100_000]
    assert "协议第6条" in {one.code: one.say() for one in paid.notes}["owners-also-rewarded"]

    def basis(**more):
        done = distribute(WORKED, Agreement(owners=Owners(8000, granted.people, **more)), floors())
        return done.figures[1].how.zh, done.notes[2]

    assert "作为权利人取得" in basis()[0]
    assert [basis(title=points)[1].code for points in (8000, 7000)] == ["owners-split", "owners-split-differs"]
    assert "不是权属份额 70 %" in basis(title=7000)[1].words.zh
    assert (basis(use=True)[1].code, "约定的收益分配" in basis(use=True)[0]) == ("owners-use", True)
    others = Agreement(members=people(("c", "main", 1)), owners=granted)
    assert [one.fen for one in distribute(WORKED, others, floors()).lines][2:] == [18_900_000, 8_100_000]


def test_instalments_carry_a_negative_balance_and_never_count_a_receipt_twice():
    first = Receipt(5_000, date(2025, 1, 5), (Deduction("broker", 8_000),), "1")
    second, third = Receipt(2_000, date(2025, 3, 1), (), "2"), Receipt(10_000, date(2025, 2, 1), (), "3")
    done = distribute_all([second, first, third], Agreement(), lambda _day: floors())
    assert [(one.receipt.reference, one.net, one.carried) for one in done] == [
        ("1", 0, -3_000), ("3", 7_000, 0), ("2", 2_000, 0),
    ]  # fmt: skip
    assert done[0].figures[1].code == "carried"
    with pytest.raises(Unfit) as stopped:
        distribute_all([first, second, first], Agreement(), lambda _day: floors())
    assert [one.code for one in stopped.value.findings] == ["receipt-twice"]


def test_instalments_follow_the_floor_of_their_own_day():
    days = [date(2024, 10, 17), date(2024, 10, 18)]
    done = distribute_all([Receipt(100, day) for day in days], Agreement(), of_guangzhou)
    assert [one.pool for one in done] == [50, 70]


def test_what_stays_with_the_unit_is_divided_as_the_unit_has_set():
    parts = (("学校", 50), ("学院", 30), ("转移机构", 20))
    done = distribute(WORKED, Agreement(unit_parts=parts), floors())
    assert [(one.name, one.fen) for one in done.lines if one.role == "unit"] == [
        ("学校", 13_500_000), ("学院", 8_100_000), ("转移机构", 5_400_000),
    ]  # fmt: skip


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_any_division_sums_to_the_fen_and_is_exact_to_less_than_one(total, weights):
    parts, whole = divide(total, weights), sum(weights)
    assert sum(parts) == total
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, []), (1, [0]), (1, [2, -1])])
def test_what_cannot_be_divided_is_refused(total, weights):
    with pytest.raises(ValueError, match="needed"):
        divide(total, weights)


@given(st.randoms(use_true_random=False))
def test_any_distribution_sums_keeps_the_floors_and_pays_no_yuan_twice(random):
    check(*random_case(random))
