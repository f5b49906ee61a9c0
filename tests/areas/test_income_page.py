"""The income calculator as visitors meet it: shareable address, sources, both languages, problems at their fields."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from kezhuan.areas.rights.queries import rules_on
from kezhuan.engines.contracts import EXEMPT, TAXED, income_tax_relief
from kezhuan.kernel import rulebook
from kezhuan.kernel.models import RuleValue
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db
WORKED = {
    "received": "1000000", "tax": "60000", "maintenance": "12000", "appraisal": "28000", "jurisdiction": "440100",
    "on": "2025-06-01",
}  # fmt: skip


def shown(language="en", **more):
    client = Client(headers={"accept-language": language})
    return client.get(reverse("income"), {**WORKED, **more})


def test_anybody_reckons_the_worked_example_by_its_address_alone():
    answer = shown()
    page = answer.content.decode()
    assert answer.status_code == 200
    for amount in ("900,000.00", "630,000.00", "315,000.00", "270,000.00"):
        assert amount in page
    assert "not verified" in page
    assert reverse("rule", args=["income.floor.pool"]) in page
    assert 'value="60000"' in page
    assert "奖励和报酬总额" in shown("zh-hans").content.decode()


def test_the_form_alone_asks_and_scolds_nobody():
    answer = Client().get(reverse("income"))
    assert answer.status_code == 200
    assert "problems-title" not in answer.content.decode()


def test_a_floor_that_the_city_sets_is_used_from_its_day():
    rulebook.add_rule_value(
        actor=city.officer(), code="income.floor.pool", jurisdiction="440100", value=8000, unit="basis points",
        effective_from=date(2025, 6, 1), source="穗科规字〔2025〕9号第三条",
    )  # fmt: skip
    page = shown().content.decode()
    assert "720,000.00" in page
    assert "穗科规字〔2025〕9号第三条" in page
    assert "630,000.00" in shown(on="2025-05-31").content.decode()


def test_the_relief_of_tax_stands_among_the_rules_and_follows_the_version_of_its_day():
    page = Client(headers={"accept-language": "en"}).get(reverse("rule", args=[EXEMPT])).content.decode()
    assert "CNY 5.00 million" in page
    assert "not verified" in page
    assert reverse("rule", args=[TAXED]) in Client().get("/rules/").content.decode()
    rulebook.add_rule_value(
        actor=city.officer(), code=EXEMPT, jurisdiction="000000", value=600_000_000, unit="fen",
        effective_from=date(2027, 1, 1), source="《企业所得税法实施条例》修订（示例）",
    )  # fmt: skip
    before, after = (
        income_tax_relief(700_000_000, rules_on(day, "440100")) for day in (date(2026, 12, 31), date(2027, 1, 1))
    )
    assert (before.exempt, before.taxable) == (500_000_000, 100_000_000)
    assert (after.exempt, after.taxable) == (600_000_000, 50_000_000)
    assert after.rules[0].source == "《企业所得税法实施条例》修订（示例）"


def test_notes_name_places_and_not_their_codes():
    said = shown().context["answer"]["notes"]
    assert "No least share of Guangzhou itself is known; the one of the province is used." in said
    assert "没有广州市自己的奖励最低比例，采用全省的。" in shown("zh-hans").context["answer"]["notes"]
    assert not any("440" in one for one in said)


def test_persons_are_numbered_and_owners_are_paid_first():
    page = shown(owners="70", owner="1, 1", main="60, 40", office="5").content.decode()
    for said in ("Owner 2", "315,000.00", "Main contributor 1", "Transfer office 1", "Unit"):
        assert said in page


@pytest.mark.parametrize(
    ("wrong", "sentence", "field"),
    [
        ({"received": "-1"}, "Enter an amount in yuan", "id_received"),
        ({"received": ""}, "This field is required.", "id_received"),
        ({"tax": "1.001"}, "Enter an amount in yuan", "id_tax"),
        ({"main": "a, b"}, "Enter at most 50 numbers", "id_main"),
        ({"main": "1e9999999"}, "Enter at most 50 numbers", "id_main"),
        ({"agreed": "101"}, "Enter a share from 0 to 100 percent", "id_agreed"),
        ({"owner": "1"}, "The owners", "id_owners"),
        ({"other": "1"}, "Name the main contributors", "id_main"),
        ({"on": "2015-01-01"}, "No least share for rewards is known", "id_agreed"),
        ({"jurisdiction": "999999"}, "Select a valid choice", "id_jurisdiction"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(wrong, sentence, field):
    answer = shown(**wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'href="#{field}"' in page


def test_queries_do_not_grow_with_the_persons(django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as one:
        shown(main="1")
    with django_assert_max_num_queries(len(one.captured_queries)):
        shown(main=" ".join(["1"] * 50))


def test_rewards_in_other_ways_are_reckoned_by_their_address_with_their_clauses():
    client, at = Client(headers={"accept-language": "en"}), {"jurisdiction": "440100", "on": "2025-06-01"}
    address = reverse("income-ways")
    assert address in client.get(reverse("income")).content.decode()
    asked = {"way": "equity", "contribution": "3000000", "post_money": "10000000", "shares": "10000001", **at}
    page = client.get(address, asked).content.decode()
    assert "1,500,000" in page
    assert "(2015), Art. 45" in page
    assert "第四十五条" not in page
    assert "第四十五条" in Client(headers={"accept-language": "zh-hans"}).get(address, asked).content.decode()
    assert client.get(address, asked | {"heads": "on", "jurisdiction": "110000"}).status_code == 422
    profit = {"way": "profit", "started_on": "2022-03-01", "profits": "1000000.01; -5; 200000", **at}
    page = client.get(address, profit).content.decode()
    assert "60,000.01" in page
    assert client.get(address, profit | {"profits": "viel"}).status_code == 422
    far = client.get(address, profit | {"started_on": "9999-01-01", "agreed": "3"}).content.decode()
    assert "The agreed 3 % lies below the floor" in far
    assert client.get(address, asked | {"contribution": "1e999999"}).status_code == 422
    award = {"way": "award", "inventions": "2", "others": "1", **at, "on": "2025-01-31"}
    page = Client(headers={"accept-language": "zh-hans"}).get(address, award).content.decode()
    assert "8,000.00" in page
    assert "2025年4月30日" in page
    assert "income.award.term" in page


def relief(language="en", **asked):
    client = Client(headers={"accept-language": language})
    return client.get(reverse("income-tax"), {"jurisdiction": "440100", "on": "2026-03-01", **asked})


def test_anybody_reckons_what_of_a_year_s_income_from_transfer_is_taxed():
    assert reverse("income-tax") in Client().get(reverse("income")).content.decode()
    answer = relief(income="6000000")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert [(one["amount"], one["rule"].code) for one in answer.context["figures"]] == [
        ("5,000,000.00", EXEMPT), ("500,000.00", TAXED),
    ]  # fmt: skip
    for said in ("Of 6,000,000.00 yuan in the year", "not verified", reverse("rule", args=[TAXED])):
        assert said in page
    assert "技术转让所得" in relief("zh-hans", income="1").content.decode()
    alone = Client().get(reverse("income-tax"))
    assert (alone.status_code, "problems-title" in alone.content.decode()) == (200, False)


@pytest.mark.parametrize(
    ("asked", "sentence", "field"),
    [
        ({"income": "6000000", "on": "2015-09-30"}, "nothing is reckoned", "id_on"),
        ({"income": "-1"}, "Enter an amount in yuan", "id_income"),
        ({"income": ""}, "This field is required.", "id_income"),
    ],
)
def test_without_a_rule_or_an_amount_no_relief_is_reckoned(asked, sentence, field):
    answer = relief(**asked)
    page = answer.content.decode()
    assert (answer.status_code, answer.context["figures"]) == (422, None)
    assert sentence in page
    assert f'href="#{field}"' in page


def beside(contract, by):
    client = client_of(by)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client.get(reverse("contract", args=[contract.record.code])).content.decode()


def test_a_registered_transfer_or_licence_says_whether_its_income_counts():
    unit = city.organisation("南粤大学", kind="university", region="440106")
    keeper = city.member(unit, Role.ADMINISTRATOR)

    def shown(stage="registered", **form):
        return beside(city.contract(unit, by=keeper, stage=stage, **form), keeper)

    sold = {"kind": "transfer", "subkind": "transfer-patent", "turnover": 700_000_000, "technology": 600_000_000,
            "deductions": {"equipment": 100_000_000}, "instalments": (700_000_000,), "payment": "once"}  # fmt: skip
    page = shown(**sold)
    for said in (
        "may count for the relief",
        "财税〔2010〕111号",
        "At most",
        "5,000,000.00",
        "500,000.00",
        reverse("income-tax"),
    ):
        assert said in page
    assert "The licence" not in page
    assert "Whether income from this contract counts is not known" in shown(**sold | {"subkind": "transfer-secret"})
    heading = "Tax relief on transfer of technology"
    assert heading not in shown(kind="service", subkind="service-general")
    assert heading not in shown(stage="draft", **sold)
    let = sold | {"kind": "licence", "subkind": "licence-patent", "valid_from": date(2025, 1, 1)}
    assert "too short to count" in shown(**let, valid_to=date(2029, 12, 30))
    assert "runs long enough" in shown(**let, valid_to=date(2029, 12, 31))
    RuleValue.objects.filter(code__startswith="contract.tax").delete()
    page = shown(**let, valid_to=date(2029, 12, 31))
    assert "nothing is reckoned" in page
    assert "the rule is missing" in page
    assert "At most" not in page
