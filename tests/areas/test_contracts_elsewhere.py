"""Contracts in the API, in lists and searches: the same to the same readers, and nothing of a draft to anybody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.contracts import forms
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.tables import ROWS
from kezhuan.kernel import search
from kezhuan.kernel.models import Clock, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.api.actors import Api
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.imports import take_in
from tests.factories.registers import credit_code

pytestmark = pytest.mark.django_db
BODY = {
    "title": "轴承寿命", "contract_kind": "development", "subkind": "development-commissioned", "form": "written",
    "signed_on": "2026-11-01", "valid_from": "2026-11-01", "valid_to": "2030-11-01",
    "seller": {"name": "南粤大学", "code": credit_code(1), "kind": "022", "country": "156", "region": "440106"},
    "buyer": {"name": "Bearing Ltd", "kind": "300", "country": "840"},
    "field": "materials", "rights": ["secret"], "plan": "none", "goal": "industry", "industry": "C34",
    "payment": "once", "turnover_fen": 100_00, "technology_fen": 70_00, "deductions": {"parts": 30_00},
    "content": {"goal": "寿命翻倍"},
}  # fmt: skip


def api_of(actor):
    if not User.objects.filter(person=actor.person).exists():
        User.objects.create_user(f"{actor.person.record.code}@example.com", "", person=actor.person)
    return Api(actor)


def test_a_program_takes_a_contract_from_its_draft_to_its_registration(unit, keeper):
    keeper = api_of(keeper)
    first, second = map(api_of, city.registrars())
    place = f"/contracts/{keeper.send('/contracts', BODY, 201)['code']}"
    made = keeper.read(place)
    assert (made["turnover_fen"], made["technology_fen"], made["deductions"]) == (100_00, 70_00, {"parts": 30_00})
    assert {one["code"] for one in made["findings"]} == {"clause-missing"}
    assert not any(one["refuses"] for one in made["findings"])
    keeper.send(place, BODY | {"technology_fen": 60_00, "version": made["version"]}, 200, "PUT")
    changed = keeper.read(place)
    assert "amounts-do-not-add-up" in {one["code"] for one in changed["findings"] if one["refuses"]}
    assert keeper.refused(f"{place}/moves/submit", 422) == {"technology": "amounts-do-not-add-up"}
    keeper.send(place, BODY | {"version": changed["version"]}, 200, "PUT")
    first.read(place, 404)
    keeper.send(f"{place}/moves/submit")
    for api, move in ((first, "accept"), (first, "classify"), (second, "pass")):
        api.send(f"{place}/moves/{move}")
    given = {"reg_no": "2" * 16, "registered_on": str(today()), "turnover_fen": 100_00, "technology_fen": 70_00}
    assert first.refused(f"{place}/registration", 422, given | {"reg_no": "2"}) == {"reg_no": "registration-number"}
    assert first.send(f"{place}/registration", given)["stage"] == "registered"
    shown = first.read(place)
    assert (shown["reg_no"], shown["registered_turnover_fen"]) == ("2" * 16, 100_00)
    assert first.read("/contracts", stage="registered", contract_kind="development")["total"] == 1
    first.send(f"{place}/registration", given, 409)


def test_no_word_of_a_draft_is_found_by_others(unit, keeper):
    word = "钼铼合金焊缝"
    row = city.contract(unit, by=keeper, text=f"{word}的研制" * 5, name=f"{word}合同")
    others = [city.officer(), city.member(unit), city.member(city.organisation(), Role.LEGAL), None]
    search.forget_live_index()
    for address in ("/contracts/", "/search/"):
        assert row.record.code in client_of(keeper).get(address, {"q": word}).content.decode()
        for other in others:
            page = client_of(other).get(address, {"q": word}).content.decode()
            assert row.record.code not in page
    for other in others:
        client = client_of(other)
        for page in ("", "edit/", "desk/", "registration/"):
            assert client.get(f"/contracts/{row.record.code}/{page}").status_code in {302, 403, 404}
        exported = client.post(f"/contracts/?q={word}", {"export": "csv"})
        assert word.encode() not in b"".join(exported)


def test_a_list_asks_as_much_for_three_contracts_as_for_one(unit, keeper):
    counted = []
    for _ in range(2):
        city.contract(unit, by=keeper)
        search.forget_live_index()
        client = client_of(keeper)
        client.get("/contracts/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/contracts/")
        counted.append(len(queries))
        city.contract(unit, by=keeper)
    assert counted[0] == counted[1]


def test_the_life_line_names_stages_aside_only_where_the_contract_came_by(unit, keeper):
    def line(row):
        page = client_of(keeper).get(f"/contracts/{row.record.code}/").content.decode()
        return page.partition('<ol class="stages"')[2].partition("</ol>")[0]

    plain, heard = line(city.contract(unit, by=keeper)), line(city.contract(unit, by=keeper, stage="experts"))
    assert "being examined" in plain
    assert "with experts" not in plain
    assert "with experts" in heard


def test_a_supplement_waits_for_the_unit_where_the_city_sets_a_term(unit, keeper):
    city.rule("clock.contract.supplementing", 10, "calendar days")
    row = city.contract(unit, by=keeper, stage="supplementing")
    clock = Clock.objects.get(record=row.record, ended_on=None)
    assert (clock.party, clock.name) == (unit, "supplementing")


def test_a_file_changes_no_contract_that_was_registered_here(unit, keeper, tmp_path):
    row = city.contract(unit, by=keeper, stage="registered")
    file = tmp_path / "台账.csv"
    file.write_text(
        "项目名称,合同登记编号,登记日期,卖方名称,合同成交总额(万元),技术交易额(万元)\n"
        f"改过的名称,{row.reg_no},{today()},南粤大学,1,1\n", encoding="utf-8"
    )  # fmt: skip
    importer = take_in(ROWS, file, actor=city.officer(), is_trusted=False)
    assert (importer.counts.updated, importer.counts.rejected) == (0, 1)
    again = Contract.objects.select_related("record").get(pk=row.pk)
    assert (again.record.title, again.registered_turnover_fen) == (row.record.title, row.registered_turnover_fen)


def test_places_and_countries_of_a_form_are_named_on_page_and_desk(unit, keeper):
    client = api_of(keeper)
    code = client.send(
        "/contracts", {**BODY, "buyer": {"name": "深圳公司", "country": "156", "region": "440305"}}, 201
    )["code"]
    page = client.get(f"/contracts/{code}/", headers={"accept-language": "zh-hans"}).content.decode()
    assert all(words in page for words in ("天河区", "深圳市南山区", "中国"))
    assert "440106" not in page


def test_a_record_older_than_those_that_the_form_offers_is_named_all_the_same(unit, keeper, monkeypatch):
    monkeypatch.setattr(forms, "MOST_TIES", 1)
    older, newer = (city.achievement(unit, stage="listed").record.code for _ in range(2))
    offered = client_of(keeper).get("/contracts/new/").content.decode()
    assert (older in offered, newer in offered) == (False, True)
    assert api_of(keeper).send("/contracts", {**BODY, "achievement": older}, 201)["stage"] == "draft"
