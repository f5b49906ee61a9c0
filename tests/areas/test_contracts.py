"""Technology contracts: prepared inside, looked at twice, registered outside and read back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kezhuan.areas.contracts.actions import (
    ContractFacts,
    Registration,
    edit_contract,
    number_contract,
    prepare_contract,
)
from kezhuan.areas.contracts.certificates import certified
from kezhuan.areas.contracts.figures import entry_of
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract, form_of
from kezhuan.areas.contracts.tables import ROWS
from kezhuan.exchange.undo import take_back
from kezhuan.kernel.access import GROUPS, VISITOR, can_view
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Filing, Identifier, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from kezhuan.kernel.workdays import add_days
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.imports import take_in

pytestmark = pytest.mark.django_db


def sees(row, *actors):
    record = Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)
    return [can_view(actor, record) for actor in actors]


def codes(refused):
    return {problem.code for problem in refused.value.problems}


def moved(row, *names, by):
    for name in names:
        row = advance(
            CONTRACT, row, name, actor=by, note="测试", reason="other" if name in {"cancel", "revoke"} else ""
        )
    return row


def edited(row, actor, **form):
    facts = ContractFacts(city.contract_form(**form))
    version = Record.objects.get(pk=row.pk).version
    return edit_contract(actor=actor, contract=row, facts=facts, expected_version=version)


def given(row, number="1" * 16, **more):
    amounts = {"turnover": row.turnover_fen, "technology": row.technology_fen}
    return Registration(**({"reg_no": number, "registered_on": today(), **amounts} | more))


# -- from the draft to the second look ---------------------------------------------------------------------------------


def test_a_draft_is_read_by_those_who_keep_it_and_handed_in_by_the_registrars_too(unit, keeper):
    others = (city.member(unit), city.member(unit, Role.FINANCE), city.member(city.organisation()), VISITOR)
    officer, elsewhere, district = city.officer(), city.officer("440112"), city.officer("440106")
    row = city.contract(unit, by=keeper)
    assert sees(row, keeper, *others, officer, district, elsewhere) == [True] + [False] * 7
    row = moved(row, "submit", by=keeper)
    assert sees(row, keeper, *others, officer, district, elsewhere) == [True] + [False] * 4 + [True, True, False]


def test_handing_in_files_the_form_as_it_stands_and_a_supplement_corrects_it(unit, keeper):
    row, registrar = city.contract(unit, by=keeper, stage="submitted"), city.registrars()[0]
    filed = Filing.objects.get(about=row.record)
    figures = {figure.name: figure.fen for figure in filed.figures.all()}
    assert figures == {"turnover": row.turnover_fen, "technology": row.technology_fen}
    row = moved(row, "ask-supplement", by=registrar)
    with pytest.raises(Refused) as refused:
        moved(row, "supplement", by=keeper)
    assert codes(refused) == {"filing-same"}
    row = moved(edited(row, keeper, name="补正后的合同"), "supplement", by=keeper)
    assert Filing.objects.get(corrects=filed).content["subject"] == "补正后的合同"
    # Opened again it may be handed in as it was: what is judged stands filed, and is not filed twice.
    row = moved(moved(row, "withdraw", by=keeper), "reopen", "submit", by=keeper)
    assert (row.record.stage, Filing.objects.filter(about=row.record).count()) == ("submitted", 2)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"form": "oral"}, "oral-contract"),
        ({"valid_to": today() - timedelta(days=1)}, "after-validity"),
        ({"rights": ()}, "field-missing"),
        ({"turnover": 100, "technology": 60, "deductions": {"equipment": 30}}, "amounts-do-not-add-up"),
    ],
)
def test_what_the_form_lacks_keeps_it_from_being_handed_in(unit, keeper, form, code):
    with pytest.raises(Refused) as refused:
        city.contract(unit, by=keeper, stage="submitted", **form)
    assert code in codes(refused)
    assert all(problem.clause for problem in refused.value.problems)


def test_what_only_a_reader_can_judge_keeps_nothing_back(unit, keeper):
    row = city.contract(unit, by=keeper, stage="submitted", text="没有条款" * 20, kind="development",
                        subkind="development-commissioned")  # fmt: skip
    assert row.record.stage == "submitted"
    page = client_of(keeper).get(f"/contracts/{row.record.code}/").content.decode()
    assert "253号" in page


def test_the_term_begins_with_acceptance_and_anew_after_a_supplement(unit, keeper, monkeypatch):
    row, registrar = city.contract(unit, by=keeper, stage="accepted"), city.registrars()[0]
    clock = Clock.objects.get(record=row.record, ended_on=None)
    assert (clock.started_on, clock.due_on, clock.day_kind) == (today(), today() + timedelta(days=30), "calendar")
    row = moved(row, "classify", by=registrar)
    assert Clock.objects.get(record=row.record, ended_on=None).due_on == clock.due_on
    # By the draft of 2024 experts are asked from five million on, and the term is counted in working days.
    Contract.objects.filter(pk=row.pk).update(rule_set="2024-draft", technology_fen=5_000_000_00)
    row = moved(row, "ask-experts", by=registrar)
    clock = Clock.objects.get(record=row.record, ended_on=None)
    assert (clock.due_on, clock.day_kind) == (add_days(today(), 30, "working"), "working")
    row = moved(row, "experts-answer", by=registrar)
    row = moved(row, "withdraw", "reopen", by=keeper)
    assert not Clock.objects.filter(record=row.record, ended_on=None).exists()
    later = today() + timedelta(days=20)
    for name in ("kezhuan.areas.contracts.registering_actions", "kezhuan.areas.contracts.checks"):
        monkeypatch.setattr(f"{name}.today", lambda: later)
    row = moved(moved(edited(row, keeper, name="又一版"), "submit", by=keeper), "accept", by=registrar)
    assert (row.accepted_on, Clock.objects.get(record=row.record, ended_on=None).started_on) == (later, later)
    assert row.rule_set == "2000-063"


def test_whoever_looked_first_does_not_look_second(unit, keeper):
    row, (first, second) = city.contract(unit, by=keeper, stage="reviewing"), city.registrars()
    assert "pass" not in {move.name for move in CONTRACT.open_to(first, row)}
    with pytest.raises(NotAllowed):
        moved(row, "pass", by=first)
    row = moved(row, "pass", by=second)
    assert (row.registrar, row.reviewer) == (first.person, second.person)
    # Nor is it refused by the same person once it is under review; before that whoever refuses is no second look.
    other = city.contract(unit, by=keeper, stage="reviewing")
    with pytest.raises(NotAllowed):
        moved(other, "reject", by=first)
    assert moved(other, "reject", by=second).reviewer == second.person
    early = moved(city.contract(unit, by=keeper, stage="accepted"), "refuse", by=first)
    assert (early.registrar, early.reviewer) == (first.person, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.filter(pk=row.pk).update(reviewer=first.person)


# -- registered outside ------------------------------------------------------------------------------------------------


def test_a_contract_is_registered_by_reading_back_number_day_and_both_amounts(unit, keeper):
    row, (first, _second) = city.contract(unit, by=keeper, stage="passed"), city.registrars()
    assert "register" not in {move.name for move in CONTRACT.open_to(first, row)}
    for wrong, code in (
        ({"number": "12"}, "registration-number"),
        ({"registered_on": today() + timedelta(days=1)}, "day-later"),
        ({"technology": None}, "amount-missing"),
        ({"technology": row.turnover_fen + 1}, "technology-above-turnover"),
    ):
        with pytest.raises(Refused) as refused:
            number_contract(actor=first, contract=row, given=given(row, **wrong))
        assert code in codes(refused)
    with pytest.raises(NotAllowed):
        number_contract(actor=keeper, contract=row, given=given(row))
    row = number_contract(actor=first, contract=row, given=given(row, technology=1))
    assert (row.record.stage, row.registered_technology_fen) == ("registered", 1)
    assert row.technology_fen != 1
    other = city.contract(unit, by=keeper, stage="passed")
    with pytest.raises(Refused) as refused:
        number_contract(actor=first, contract=other, given=given(other))
    assert codes(refused) == {"registration-number-taken"}


def test_the_page_says_where_a_contract_is_registered(unit, keeper, settings):
    rows = {
        stage: city.contract(unit, by=keeper, stage=stage) for stage in ("accepted", "passed", "registered", "amending")
    }

    def said(stage):
        page = client_of(keeper).get(f"/contracts/{rows[stage].record.code}/").content.decode()
        return [
            "To be registered at" in page,
            "Registered at" in page,
            "登记一站" in page,
            "https://reg.example/" in page,
        ]

    assert said("passed") == [True, False, False, False]
    Contract.objects.update(agency="")
    settings.REGISTRY_NAME, settings.REGISTRY_URL = "登记一站", "https://reg.example/"
    assert [said(stage) for stage in rows] == [
        [False] * 4, [True, False, True, True], [False, True, True, True], [False, True, True, True],
    ]  # fmt: skip
    # Another registry that the form names has another address.
    Contract.objects.filter(pk=rows["passed"].pk).update(agency="登记二站")
    assert said("passed") == [True, False, False, False]


def test_a_change_keeps_the_number_and_reads_the_amounts_anew(unit, keeper):
    row, (first, second) = city.contract(unit, by=keeper, stage="amending"), city.registrars()
    # Nothing changed is nothing to hand in: the registration is left as it is.
    with pytest.raises(Refused) as refused:
        moved(row, "hand-in-change", by=keeper)
    assert codes(refused) == {"filing-same"}
    row = moved(row, "keep-registration", by=keeper)
    assert (row.record.stage, row.numbered) == ("registered", True)
    row = edited(moved(row, "amend", by=keeper), keeper, rights=())
    with pytest.raises(Refused) as refused:
        moved(row, "keep-registration", by=keeper)
    assert codes(refused) == {"contract-changed"}
    with pytest.raises(Refused) as refused:
        moved(row, "hand-in-change", by=keeper)
    assert "field-missing" in codes(refused)
    row = edited(row, keeper, turnover=200, technology=100, deductions={"parts": 100})
    filed = row.record.filings.count()
    row = moved(row, "hand-in-change", by=keeper)
    assert row.record.filings.count() == filed + 1
    # It is looked at twice, by two people, like the form at first.
    for registrar in (first, second):
        with pytest.raises(NotAllowed):
            number_contract(actor=registrar, contract=row, given=given(row, number=row.reg_no))
    # What came back is no registration: the form as it was registered is filed again in its place, or changed anew.
    row = moved(row, "return-change", by=second)
    with pytest.raises(Refused) as refused:
        moved(row, "keep-registration", by=keeper)
    assert codes(refused) == {"contract-changed"}
    row = moved(edited(row, keeper), "keep-registration", by=keeper)
    assert (row.numbered, row.record.filings.count()) == (True, filed + 2)
    row = edited(moved(row, "amend", by=keeper), keeper, turnover=200, technology=120, deductions={"parts": 80})
    row = moved(moved(row, "hand-in-change", by=keeper), "confirm-change", by=second)
    with pytest.raises(NotAllowed):
        number_contract(actor=second, contract=row, given=given(row, number=row.reg_no))
    assert "registration/" not in client_of(second).get(f"/contracts/{row.record.code}/").content.decode()
    asked = [client_of(one).get(f"/contracts/{row.record.code}/registration/") for one in (second, first)]
    assert [one.status_code for one in asked] == [403, 200]
    assert "read back by another one" in asked[0].content.decode()
    assert "registration/" in client_of(first).get(f"/contracts/{row.record.code}/").content.decode()
    with pytest.raises(Refused) as refused:
        number_contract(actor=first, contract=row, given=given(row, number="9" * 16))
    assert codes(refused) == {"registration-number-other"}
    row = number_contract(actor=first, contract=row, given=given(row, number=row.reg_no))
    assert (row.record.stage, row.registered_turnover_fen, row.registered_technology_fen) == ("registered", 200, 120)
    assert (row.registrar_id, row.reviewer_id) == (second.person.pk, first.person.pk)


def test_a_total_that_is_open_is_registered_without_amounts_and_by_a_change_later(unit, keeper):
    open_total = {"payment": "royalty", "undetermined": True, "turnover": None, "technology": None, "deductions": {}}
    row, (first, second) = city.contract(unit, by=keeper, stage="passed", **open_total), city.registrars()
    with pytest.raises(Refused) as refused:  # one amount alone is told by mistake
        number_contract(actor=first, contract=row, given=given(row, technology=100))
    assert codes(refused) == {"amount-missing"}
    page = client_of(first).post(
        f"/contracts/{row.record.code}/registration/",
        {"reg_no": "1" * 16, "registered_on": today().isoformat(), "turnover": "", "technology": ""},
        follow=True,
    )
    assert "open: a change registers it" in page.content.decode()
    row = Contract.objects.select_related("record__owner").get(pk=row.pk)
    entry = entry_of(row)
    assert (row.numbered, entry.turnover_fen, entry.technology_fen) == (True, 0, 0)
    assert [text for _label, text in certified(row, 1, now()) if "待定" in text] == ["待定", "待定"]
    row = edited(moved(row, "amend", by=keeper), keeper, payment="royalty", turnover=500, technology=500, deductions={})
    row = moved(moved(row, "hand-in-change", by=keeper), "confirm-change", by=second)
    row = number_contract(actor=first, contract=row, given=given(row, number=row.reg_no))
    assert (row.undetermined, row.registered_turnover_fen, entry_of(row).turnover_fen) == (False, 500, 500)


@pytest.mark.parametrize(("move", "stage"), [("cancel", "cancelled"), ("revoke", "revoked")])
def test_a_registration_ends_with_a_reason_and_keeps_its_number(unit, keeper, move, stage):
    row, (first, _second) = city.contract(unit, by=keeper, stage="registered"), city.registrars()
    with pytest.raises(Refused):
        advance(CONTRACT, row, move, actor=first, note="测试")
    row = moved(row, move, by=first)
    assert row.record.stage == stage
    assert Identifier.objects.filter(value=row.reg_no, active=True).exists()
    with pytest.raises(Conflict):
        number_contract(actor=first, contract=row, given=given(row))


# -- who, and from what ------------------------------------------------------------------------------------------------


def test_a_contract_comes_from_what_the_unit_has_part_in(unit, keeper):
    own, foreign = city.achievement(unit, stage="listed"), city.achievement(city.organisation(), stage="listed")
    form = city.contract_form()
    row = prepare_contract(actor=keeper, owner=unit, facts=ContractFacts(form, achievement=own.record))
    assert client_of(keeper).get(f"/achievements/{own.record.code}/").content.decode().count(row.record.code)
    with pytest.raises(Refused) as refused:
        prepare_contract(actor=keeper, owner=unit, facts=ContractFacts(form, achievement=foreign.record))
    assert codes(refused) == {"contract-tie"}
    with pytest.raises(NotAllowed):
        prepare_contract(actor=city.member(unit), owner=unit, facts=ContractFacts(form))


def test_the_form_keeps_what_is_typed_and_tells_what_is_wrong(unit, keeper):
    client = client_of(keeper)
    typed = {
        "title": "轴承寿命", "kind": "development", "turnover": "100", "equipment": "30", "technology": "70",
        "instalments": "60万元；40", "rights": ["secret"], "content_goal": "寿命翻倍", "relief": "vat",
        "seller_name": "南粤大学",
    }  # fmt: skip
    assert client.post("/contracts/new/", typed).status_code == 302
    row = Contract.objects.select_related("record").get()
    assert (row.turnover_fen, row.deductions, row.technology_fen) == (
        100_000_000,
        {"equipment": 30_000_000},
        70_000_000,
    )
    assert (row.instalments, row.content, row.rights) == ([60_000_000, 40_000_000], {"goal": "寿命翻倍"}, ["secret"])
    assert row.relief == "vat"
    address = f"/contracts/{row.record.code}/edit/"
    page = client.get(address).content.decode()
    assert "60万元; 40万元" in page
    assert client.post(address, typed | {"technology": "101", "version": 1}).status_code == 422
    assert client.post(address, typed | {"seller_phone": "020", "version": 1}).status_code == 302
    row.refresh_from_db()
    assert (row.seller_phone, row.turnover_fen) == ("020", 100_000_000)
    assert form_of(row).deductions == {"equipment": 30_000_000}


# -- registers as files ------------------------------------------------------------------------------------------------

HEADERS = (
    "项目名称,合同登记编号,登记日期,合同类别,签订日期,卖方名称,买方名称,技术领域,合同成交总额(万元),设备费,"
    "技术交易额(万元),登记员,跟踪"
)
REGISTER = f"""{HEADERS}
轴承,2026440100000001,2026-03-18,技术开发,2026-03-01,南粤大学,甲公司,新材料,100,30,70,李登,A
轴承,2026440100000001,2026-03-18,技术开发,2026-03-01,南粤大学,甲公司,新材料,100,30,70,李登,A
无号,,2026-03-18,技术开发,2026-03-01,南粤大学,乙公司,新材料,100,,70,李登,B
超额,2026440100000002,2026-03-18,怪类,2026-03-01,无名氏,乙公司,新材料,100,,170,李登,C
怪类,2026440100000003,2026-03-18,怪类,2026-03-01,无名氏,乙公司,新材料,100,,100,李登,D
"""


def test_a_register_is_imported_with_its_numbers_and_taken_back(unit, keeper, tmp_path):
    file = tmp_path / "台账.csv"
    file.write_text(REGISTER, encoding="utf-8")
    importer = take_in(ROWS, file)
    counts = importer.counts
    assert (counts.created, counts.rejected, counts.updated + counts.unchanged) == (2, 2, 1)
    row = Contract.objects.select_related("record").get(reg_no="2026440100000001")
    assert (row.record.stage, row.record.owner, row.kind, row.field) == ("registered", unit, "development", "materials")
    assert (row.registered_turnover_fen, row.registered_technology_fen) == (100_000_000, 70_000_000)
    assert row.extra == {"登记员": "李登", "跟踪": "A"}
    strange = Contract.objects.get(reg_no="2026440100000003")
    assert (strange.kind, strange.extra["合同类别"]) == ("", "怪类")
    assert sees(row, keeper, city.officer(), VISITOR) == [True, True, False]
    counts = take_in(ROWS, file).counts
    assert (counts.created, counts.updated, counts.rejected) == (0, 0, 2)
    take_back(importer.kept.pk, actor=city.officer())
    assert not Identifier.objects.filter(value="2026440100000001", active=True).exists()
