"""Technology contracts: amounts, terms, experts, completeness with clauses, and the test vectors of the field."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.contracts import (
    EXEMPT,
    STEPS,
    TAXED,
    Contract,
    File,
    acceptance_day,
    check,
    experts_asked,
    flags,
    hindrances,
    income_tax_relief,
    last_day,
    rule_set_on,
    rule_sets,
    step_named,
    tables,
    technology_amount,
    term_of,
)
from kezhuan.engines.findings import Unfit
from kezhuan.engines.rules import nearest
from kezhuan.kernel.rules import shipped
from tests.factories.registers import AS_OF, DAY, KINDS, SUBKINDS, honest, party

OLD, DRAFT = rule_sets()["2000-063"], rule_sets()["2024-draft"]


def contract(kind="service", **more) -> Contract:
    random = Random(7)
    one = honest(random, 2, [party(random, 1), party(random, 2)], DAY)
    return replace(one, **{"kind": kind, "subkind": SUBKINDS[kind], **more})


def codes(one, rules=OLD):
    return [finding.code for finding in check(one, rules)]


def yuan(amount):
    return round(amount * 100)


# -- test vectors ------------------------------------------------------------------------------------------------------


def test_vector_6_technology_amount_above_turnover_is_refused_and_deductions_are_taken_off():
    above = contract(turnover=yuan(100), technology=yuan(100.01), deductions={})
    (found,) = check(above, OLD)
    assert (found.code, found.field) == ("technology-above-turnover", "technology")
    assert "253号" in found.clause
    assert technology_amount(100, {"equipment": 20, "materials": 10}, OLD) == 70


def test_vector_7_experts_are_asked_from_five_million_of_technology_amount_by_the_draft():
    at, below = (contract(turnover=yuan(9_000_000), technology=yuan(one)) for one in (5_000_000, 4_999_999.99))
    asked = experts_asked(at, DRAFT)
    assert asked is not None
    assert "500 万元" in asked.say("zh")
    assert asked.field == "technology"
    assert experts_asked(below, DRAFT) is None
    assert experts_asked(below, DRAFT, disputed=True) is not None
    assert experts_asked(at, OLD, disputed=True) is None


def test_vector_8_supplement_on_day_20_is_the_acceptance_date_and_15_working_days_start_there():
    submitted, supplement = date(2025, 6, 1), date(2025, 6, 20)
    assert acceptance_day(submitted, [supplement], DRAFT) == supplement
    assert acceptance_day(submitted, [], DRAFT) == submitted
    small, large = contract(technology=1), contract(technology=yuan(5_000_000))
    term = term_of(small, DRAFT)
    assert (term.days, term.day_kind) == (15, "working")
    assert last_day(supplement, term, lambda day: day.weekday() < 5) == date(2025, 7, 11)
    assert term_of(large, DRAFT).days == 30
    old = term_of(large, OLD)
    assert (old.days, old.day_kind) == (30, "calendar")
    assert last_day(submitted, old, lambda _day: True) == date(2025, 7, 1)
    assert acceptance_day(submitted, [supplement], OLD) == submitted  # where no document was found to say otherwise


def test_vector_9_income_of_six_million_is_exempt_up_to_five_and_half_of_the_rest_is_taxed():
    def relief(income, on=date(2026, 3, 1)):
        return income_tax_relief(income, lambda code: nearest(shipped(), code, on=on, jurisdiction="440100"))

    found = relief(yuan(6_000_000))
    assert (found.exempt, found.taxable) == (yuan(5_000_000), yuan(500_000))
    assert [(one.code, one.jurisdiction) for one in found.rules] == [(EXEMPT, "000000"), (TAXED, "000000")]
    assert all("未核实" in one.source for one in found.rules)
    assert relief(-5).taxable == relief(yuan(5_000_000)).taxable == 0
    assert relief(yuan(5_000_000) + 1).taxable == 0  # half a 分 is not taxed
    assert relief(yuan(6_000_000), on=date(2015, 9, 30)) is None


@pytest.mark.parametrize("rules", [OLD, DRAFT])
def test_vector_10_oral_contract_is_refused(rules):
    (found,) = check(contract(form="oral"), rules)
    assert (found.code, found.clause) == ("oral-contract", rules.form)
    assert codes(contract(form="electronic"), rules) == []


def test_vector_12_application_after_the_end_is_refused():
    one = contract()
    late = replace(one, applied_on=date(2027, 1, 1))
    assert codes(late) == ["after-validity"]
    assert codes(replace(late, applied_on=one.valid_to)) == []


def test_vector_13_same_text_at_a_second_agency_is_flagged_and_not_refused():
    one = contract()
    other = replace(one, row=3, agency="乙登记处", seller=party(Random(1), 8), reg_no="1" * 16)
    (found,) = flags([one, other], as_of=AS_OF)
    assert (found.kind, found.rows) == ("second-agency", (2, 3))
    assert "一份合同只登记一次" in found.say("zh")
    assert codes(other) == []
    assert flags([one, replace(other, text="另一份" * 30)], as_of=AS_OF) == []


# -- rule sets ---------------------------------------------------------------------------------------------------------


def test_rule_set_is_chosen_by_date_and_a_draft_never():
    assert rule_set_on(date(2000, 2, 15)) is None
    assert rule_set_on(date(2000, 2, 16)) is rule_set_on(date(2030, 1, 1)) is OLD
    assert not DRAFT.in_force


def test_every_value_of_a_rule_set_names_its_source_and_what_is_unverified():
    for rules in (OLD, DRAFT):
        sources = [rules.source, rules.term.source, rules.form, rules.validity, rules.once, rules.amount]
        sources += [rules.review.source] if rules.review else []
        assert [one for one in sources if not one] == []
        assert any("未核实" in one for one in sources)


def test_code_tables_know_both_languages_and_say_where_they_come_from():
    assert {name: len(table.codes) for name, table in tables().items()} == {
        "kinds": 5, "subkinds": 19, "parties": 19, "fields": 11, "rights": 11, "plans": 5, "goals": 14, "payments": 4,
        "forms": 3, "reliefs": 5,
    }  # fmt: skip
    assert tables()["kinds"].code_of("技术许可") == tables()["kinds"].code_of("Licence") == "licence"
    assert tables()["parties"].code_of("022") == tables()["parties"].code_of("高校") == "022"
    assert tables()["fields"].code_of("魔法") is None
    assert [name for name, table in tables().items() if not table.source] == []
    for table in tables().values():
        assert [code for code, words in table.codes.items() if table.code_of(words.zh) != code] == []


# -- amounts -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**13), max_size=4))
def test_technology_amount_is_turnover_less_costs_or_refused(turnover, costs):
    deductions = dict(zip(("equipment", "instruments", "parts", "materials"), costs, strict=False))
    if sum(costs) <= turnover:
        assert technology_amount(turnover, deductions, OLD) + sum(costs) == turnover
    else:
        with pytest.raises(Unfit, match="exceed"):
            technology_amount(turnover, deductions, OLD)


def test_samples_and_unknown_costs_are_no_deductions():
    with pytest.raises(Unfit) as stopped:
        technology_amount(100, {"samples": 1, "dinner": 1}, OLD)
    assert [one.code for one in stopped.value.findings] == ["samples-not-deducted", "deduction-unknown"]


def test_amounts_that_do_not_add_up_are_told_with_what_they_should_be():
    (found,) = check(contract(turnover=10_000, technology=9_000, deductions={"parts": 500}), OLD)
    assert found.code == "amounts-do-not-add-up"
    assert "95.00" in found.say("zh")
    assert codes(contract(turnover=10_000, technology=9_500, deductions={"parts": 500})) == []
    assert codes(contract(instalments=(1,))) == ["instalments-do-not-add-up"]
    assert codes(contract(instalments=(-1,))) == ["instalments-unreadable"]
    assert codes(contract(turnover=0, technology=0, deductions={})) == ["turnover-range"]


def test_an_open_total_is_for_royalties():
    blank = {"turnover": None, "technology": None, "undetermined": True}
    assert codes(contract(**blank, payment="royalty")) == []
    assert codes(contract(**blank, payment="once")) == ["undetermined-without-royalty"]
    assert codes(contract(turnover=None, technology=None)) == ["field-missing", "field-missing"]


# -- completeness ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_complete_contract_of_each_kind_has_no_finding(kind):
    assert codes(contract(kind)) == []
    assert flags([contract(kind)], as_of=AS_OF) == []


@pytest.mark.parametrize(
    ("kind", "wrong", "found"),
    [
        ("service", {"name": ""}, ("field-missing", "name")),
        ("service", {"rights": ()}, ("field-missing", "rights")),
        ("transfer", {"new_output": None}, ("field-missing", "new_output")),
        ("service", {"field": "魔法"}, ("code-unknown", "field")),
        ("service", {"rights": ("none", "invention")}, ("rights-contradict", "rights")),
        ("service", {"subkind": "transfer-patent"}, ("subkind-of-another-kind", "subkind")),
        ("service", {"valid_from": date(2030, 1, 1)}, ("days-out-of-order", "valid_to")),
        ("service", {"registered_on": date(2020, 1, 1)}, ("days-out-of-order", "registered_on")),
        ("service", {"reg_no": "123"}, ("registration-number", "reg_no")),
        ("service", {"reviewer": "甲"}, ("same-reviewer", "reviewer")),
    ],
)
def test_what_is_wrong_is_told_at_its_field_with_its_clause(kind, wrong, found):
    (one,) = check(contract(kind, **wrong), OLD)
    assert (one.code, one.field) == found
    assert one.clause
    assert one.say("zh") != one.say("en")


def test_new_output_is_asked_of_transfers_only():
    assert codes(contract("service", new_investment=None, new_output=None)) == []


def test_parties_are_checked_by_where_they_are():
    one = contract()
    seller = one.seller
    assert codes(replace(one, seller=replace(seller, code="91440101X"))) == ["credit-code"]
    assert codes(replace(one, seller=replace(seller, region="天河"))) == ["region-code"]
    assert codes(replace(one, seller=replace(seller, country="840", code="", region=""))) == []
    assert codes(replace(one, seller=replace(seller, country="USA", code="", region=""))) == ["country-code"]
    assert codes(replace(one, seller=replace(seller, kind="400", code=""))) == []
    assert codes(replace(one, buyer=seller)) == ["same-party"]


def test_content_is_asked_by_kind_in_columns_or_in_the_text():
    bare = contract("development", text="")
    assert codes(bare).count("clause-missing") == 5
    told = dict.fromkeys(("goal", "novelty", "parameters", "acceptance", "disputes"), "有")
    assert codes(replace(bare, content=told)) == []
    assert codes(contract("consulting", text="")) == []
    found = [one.words.zh for one in check(contract("transfer", text="甲方向乙方付款。"), OLD)]
    assert len(found) == 2
    assert "权属" in found[1]
    assert [one.code for one in check(bare, OLD, lambda column: not column.startswith("content_"))] == []


# -- the way through registration --------------------------------------------------------------------------------------


def test_every_stage_is_reached_and_left_or_final():
    reached, left = {one.target for one in STEPS} | {"draft"}, {one.source for one in STEPS}
    assert left <= reached
    assert reached - left == {"cancelled", "revoked"}
    assert len({one.name for one in STEPS}) == len(STEPS)


def hindered(name, on=DAY, rules=DRAFT, **more):
    step = step_named(name)
    file = File(**{"stage": step.source, "contract": contract(technology=1), **more})
    return [one.code for one in hindrances(step, file, rules, on)]


def test_steps_wait_for_what_they_need():
    assert hindered("accept") == []
    assert hindered("accept", complete=False) == ["incomplete"]
    assert hindered("accept", contract=contract(form="oral")) == ["oral-contract"]
    assert hindered("accept", on=date(2030, 1, 1)) == ["after-validity"]
    assert hindered("register", stage="accepted") == ["stage"]
    assert hindered("register", registrar="甲", reviewer="甲") == ["same-reviewer"]
    large = contract(technology=yuan(5_000_000))
    assert hindered("register", contract=large) == ["experts"]
    assert hindered("register", contract=large, rules=OLD) == []
    assert hindered("register", contract=large, experts_heard=True, registrar="甲", reviewer="乙") == []
    assert hindered("register", disputed=True) == ["experts"]
