"""A contract that its unit filed at an instance of its own is registered at the bureau's, and its number goes back."""

import json
import uuid
from dataclasses import replace
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from kezhuan.areas.contracts import reading_actions
from kezhuan.areas.contracts.actions import ContractFacts, Registration, edit_contract, number_contract
from kezhuan.areas.contracts.filed import applied_on
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract, form_of
from kezhuan.areas.contracts.sheets import form_cells
from kezhuan.areas.contracts.taking_actions import pack_answers, take_up_filing
from kezhuan.areas.filings.package_actions import pack_filings, take_package
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.engines.contracts import check_file
from kezhuan.engines.tables.opening import source_called
from kezhuan.kernel import jobs
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.documents import Upload, attach_document, documents_of
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Filing, Identifier, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_filing_packages import CODE, changed, refused, unit_here
from tests.factories import city

pytestmark = pytest.mark.django_db


class City:
    """What happens at the bureau's own instance: none of the unit's filings is there, and all is gone afterwards."""

    def __enter__(self) -> Actor:
        self.began = transaction.savepoint()
        for pk in Filing.objects.filter(instance="").values_list("pk", flat=True):
            Record.objects.filter(pk=pk).update(uid=uuid.uuid4())
        return city.registrars()[0]

    def __exit__(self, *_given: object) -> None:
        transaction.savepoint_rollback(self.began)


def handed_in(unit, boss, **form):
    """A contract that the unit has handed in at its own instance, with a paper, and the package of it."""
    row = city.contract(unit, by=boss, **form)
    attach_document(actor=boss, record=row.record, upload=Upload("合同.txt", "合同原件".encode(), True))
    advance(CONTRACT, row, "submit", actor=boss)
    return Contract.objects.select_related("record").get(pk=row.pk), packed(boss)


def packed(boss):
    return pack_filings(actor=boss, region="440106", programme="contract")[0]


def taken_in(registrar, package):
    return take_package(actor=registrar, upload=Upload("a.zip", package, True)).fresh[-1]


def registered(row, number="4401062026000017"):
    first, second = city.registrars()
    for name, actor in (("accept", first), ("classify", first), ("pass", second)):
        advance(CONTRACT, row, name, actor=actor)
    given = Registration(number, today(), row.turnover_fen, row.technology_fen)
    return number_contract(actor=first, contract=row, given=given)


def read_back(actor, content, **asked):
    kept = reading_actions.read_back(actor=actor, source=source_called("结果.xlsx", content=content), **asked)
    jobs.run_pending()
    return [(one.outcome, one.record and one.record.code, one.reason) for one in kept.rows.select_related("record")]


def test_a_filed_contract_is_registered_by_the_bureau_and_its_number_goes_back(settings):
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)
    other, _same = handed_in(
        unit,
        boss,
        name="另一合同",
        turnover=60_000_000,
        technology=60_000_000,
        deductions={},
        instalments=(),
        payment="once",
    )
    package = packed(boss)
    with City() as registrar:
        filings = take_package(actor=registrar, upload=Upload("a.zip", package, True)).fresh
        assert [one.about_code for one in filings] == [row.record.code, other.record.code]
        client = client_of(registrar)
        way = f"/contracts/filed/{filings[0].record.code}/"
        assert way in client.get(f"/filings/{filings[0].record.code}/").content.decode()
        assert client.get(way).status_code == 200
        assert client.post(way).status_code == 302
        case = Contract.objects.select_related("record", "filing").get(filing=filings[0])
        assert (case.record.stage, case.record.owner_id, case.applied_on) == ("submitted", unit.pk, row.applied_on)
        assert case.record.pk != row.pk
        mine, theirs = form_of(case), form_of(row)
        assert (mine, mine.turnover, mine.text) == (_same_row(theirs, mine), row.turnover_fen, row.text)
        assert [one.sha256 for one in documents_of(case.record, ("full",))] == [
            one.sha256 for one in documents_of(row.record, ("full",))
        ]
        assert not Filing.objects.filter(about=case.record).exists()
        page = client.get(f"/contracts/{case.record.code}/").content.decode()
        assert f"/filings/{filings[0].record.code}/" in page
        shown = client.get(f"/api/v1/contracts/{case.record.code}").json()
        assert shown["filing"]["code"] == filings[0].record.code
        page = client.get(f"/filings/{filings[0].record.code}/").content.decode()
        assert case.record.code in page
        assert way not in page
        second = client.post(f"/api/v1/contract-answers/{filings[1].record.code}")
        assert second.status_code == 200
        assert refused(lambda: take_up_filing(actor=registrar, filing=filings[0])) == ["filing-taken-up"]
        assert "/contracts/answers/" not in client.get("/contracts/").content.decode()
        registered(case)
        registered(Contract.objects.get(filing=filings[1]), "4401062026000018")
        Contract.objects.filter(filing=filings[1]).update(registered_turnover_fen=60_000_100)
        assert "/contracts/answers/" in client.get("/contracts/").content.decode()
        told = client.get(f"/api/v1/contract-answers?unit={CODE}").json()["items"]
        assert [(one["code"], one["uid"], one["reg_no"], one["turnover_fen"]) for one in told] == [
            (row.record.code, str(row.record.uid), "4401062026000017", row.turnover_fen),
            (other.record.code, str(other.record.uid), "4401062026000018", 60_000_100),
        ]
        sent = client.post("/contracts/answers/", {"unit": str(unit.pk)})
        assert sent.status_code == 200
        answer = sent.content
        assert client_of(boss).get("/contracts/answers/").status_code == 403
        assert client_of(boss).get(f"/api/v1/contract-answers?unit={CODE}").status_code == 403

    # At the unit: nobody of it registers anything unless its instance files to the bureau's.
    with pytest.raises(NotAllowed):
        read_back(boss, answer)
    given = Registration("4401062026000017", today(), row.turnover_fen, row.technology_fen)
    with pytest.raises(NotAllowed):
        number_contract(actor=boss, contract=row, given=given)
    settings.FILES_TO = "https://kj.example"
    for stranger in (city.member(unit), city.member(unit, Role.FINANCE)):
        with pytest.raises(NotAllowed):
            read_back(stranger, answer)
    assert "/contracts/read-back/" in client_of(boss).get("/contracts/").content.decode()
    (first, second) = read_back(boss, answer)
    assert (first[0], first[1]) == ("taken", row.record.code)
    assert (second[0], second[1]) == ("differs", other.record.code)
    assert "60.0001" in second[2]
    mine = Contract.objects.select_related("record").get(pk=row.pk)
    assert (mine.record.stage, mine.reg_no, mine.registered_on) == ("registered", "4401062026000017", today())
    assert (mine.registered_turnover_fen, mine.registered_technology_fen) == (row.turnover_fen, row.technology_fen)
    assert Record.objects.get(pk=other.pk).stage == "submitted"
    Contract.objects.filter(pk=row.pk).update(agency="")
    assert 'href="https://kj.example"' in client_of(boss).get(f"/contracts/{row.record.code}/").content.decode()
    entries = Entry.objects.count()
    assert [one[0] for one in read_back(boss, answer)] == ["same", "differs"]
    assert Entry.objects.count() == entries
    assert client_of(boss).post(
        f"/api/v1/contracts/{other.record.code}/registration",
        json.dumps({"reg_no": "4401062026000018", "registered_on": today().isoformat(), "turnover_fen": 60_000_100,
                    "technology_fen": 60_000_000}),
        content_type="application/json",
    ).json()["stage"] == "registered"  # fmt: skip
    with pytest.raises(Conflict):
        number_contract(actor=boss, contract=mine, given=given)


def test_an_answer_to_another_unit_registers_nothing_though_code_and_amounts_agree(settings):
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)
    with City() as registrar:
        case = take_up_filing(actor=registrar, filing=taken_in(registrar, package))
        registered(case)
        answer = pack_answers(actor=registrar, unit=unit)
    settings.FILES_TO = "https://kj.example"
    assert "that the bureau made of what it registered" in client_of(boss).get("/contracts/read-back/").content.decode()
    was = {f"{side}_{end}": getattr(row, f"{side}_{end}") for side in ("seller", "buyer") for end in ("name", "code")}
    assert all(was.values())
    entries = Entry.objects.count()
    for asked in ({}, {"take_amounts": True}):
        for other, named in (
            ({"seller_name": "别的大学", "seller_code": "12440104455866048X"}, "the seller"),
            ({"buyer_name": "别的公司", "buyer_code": ""}, "the buyer"),
        ):
            Contract.objects.filter(pk=row.pk).update(**was | other)
            ((outcome, code, reason),) = read_back(boss, answer, **asked)
            assert (outcome, code, named in reason) == ("differs", row.record.code, True)
            assert ("the buyer" in reason) != ("the seller" in reason)
    assert Record.objects.get(pk=row.pk).stage == "submitted"
    assert not Entry.objects.filter(kind="contract.answered").exists()
    assert Entry.objects.count() == entries
    # A party that changed its name, or whose code is told by one alone, is the same.
    Contract.objects.filter(pk=row.pk).update(**was | {"seller_name": "南粤大学（新校名）", "buyer_code": ""})
    assert [one[0] for one in read_back(boss, answer)] == ["taken"]
    Contract.objects.filter(pk=row.pk).update(seller_name="别的大学", seller_code="12440104455866048X")
    assert [one[0] for one in read_back(boss, answer)] == ["differs"]


def _same_row(form, other):
    """The same, but for what names it here."""
    return replace(form, row=other.row, called=other.called)


def test_a_form_that_says_otherwise_than_what_was_filed_keeps_the_package_out(tmp_path):
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)

    def cells(**other):
        def act(listed):
            listed["filings"][0]["form"] |= other

        return changed(package, list=act)

    def figures(listed):
        listed["filings"][0]["form"]["签订日期"] = "2020-01-01"

    with City() as registrar:

        def said(content):
            page = client_of(registrar).post(
                "/filings/take/", {"file": SimpleUploadedFile("a.zip", content), "declared_open": "on"},
                headers={"accept-language": "zh"},
            )  # fmt: skip
            assert page.status_code == 422
            assert not Filing.objects.exclude(instance="").exists()
            return page.content.decode()

        for field, value in (
            ("合同成交总额(万元)", "1"), ("技术交易额(万元)", "1"), ("买方名称", "别家"), ("卖方统一社会信用代码", ""),
            ("签订日期", "2020-01-01"), ("项目名称", "别的"), ("知识产权", ""), ("技术指标", "另一"),
        ):  # fmt: skip
            assert f"“{field.replace('(', ' (')}”" in said(cells(**{field: value})), field
        assert "“签订日期”" in said(changed(package, list=figures))
        assert "“合同成交总额(万元)”无法读取" in said(cells(**{"合同成交总额(万元)": "很多"}))
        assert "“不认识”" in said(cells(不认识="一"))
        assert refused(lambda: take_package(actor=registrar, upload=Upload("a.zip", cells(买方名称="别家"), True))) == [
            "package-form"
        ]
        assert client_of(registrar).get("/api/v1/contract-answers?unit=1").status_code == 422
        # An older instance sends no form: the filing comes in, and is no case here.
        plain = changed(package, list=lambda listed: listed["filings"][0].pop("form"))
        filing = taken_in(registrar, plain)
        assert refused(lambda: take_up_filing(actor=registrar, filing=filing)) == ["filing-formless"]
    # The form has the layout that a check in a file knows.
    path = tmp_path / "表.jsonl"
    path.write_text(json.dumps(form_cells(row) | {"合同正文": row.text}, ensure_ascii=False))
    (read,) = check_file(path, rules=None, as_of=today()).contracts
    assert (read.turnover, read.technology, read.seller) == (row.turnover_fen, row.technology_fen, form_of(row).seller)


def test_a_supplement_is_completed_by_a_newer_filing_and_only_registrars_take_up():
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)
    registrar = city.registrars()[0]
    advance(CONTRACT, row, "ask-supplement", actor=registrar, note="请补充验收方式")
    row = Contract.objects.select_related("record").get(pk=row.pk)
    facts = ContractFacts(city.contract_form(name="补正后的合同"))
    edit_contract(actor=boss, contract=row, facts=facts, expected_version=row.record.version)
    advance(CONTRACT, row, "supplement", actor=boss)
    newer = packed(boss)
    with City() as registrar:
        filing = taken_in(registrar, package)
        for stranger in (boss, city.officer("440112")):
            with pytest.raises(NotAllowed):
                take_up_filing(actor=stranger, filing=filing)
            assert client_of(stranger).post(f"/contracts/filed/{filing.record.code}/").status_code in {403, 404}
        case = take_up_filing(actor=registrar, filing=filing)
        advance(CONTRACT, case, "ask-supplement", actor=registrar, note="请补充验收方式")
        assert refused(lambda: take_up_filing(actor=registrar, filing=filing)) == ["filing-taken-up"]
        second = taken_in(registrar, newer)
        filing.record.refresh_from_db()
        assert refused(lambda: take_up_filing(actor=registrar, filing=filing)) == ["filing-superseded"]
        completed = take_up_filing(actor=registrar, filing=second)
        assert (completed.pk, completed.filing_id, completed.record.stage, completed.record.title) == (
            case.pk, second.pk, "submitted", "补正后的合同"
        )  # fmt: skip
        assert completed.supplemented_on == today()
        assert not Filing.objects.filter(about=case.record).exists()
        assert documents_of(case.record, ("full",)).count() == 1
        # Once the case is over, the unit's next filing opens another one; the same filing does not.
        advance(CONTRACT, completed, "refuse", actor=registrar, note="不属技术合同")
        assert refused(lambda: take_up_filing(actor=registrar, filing=second)) == ["filing-taken-up"]
        Contract.objects.filter(pk=case.pk).update(filing=filing)
        again = take_up_filing(actor=registrar, filing=second)
        assert (again.pk != case.pk, again.filing_id) == (True, second.pk)


def test_a_day_of_handing_in_after_the_package_came_is_the_day_on_which_it_came():
    form = city.contract_form(applied_on=date(2031, 1, 1))
    assert applied_on(form, date(2026, 5, 1)) == date(2026, 5, 1)
    assert applied_on(city.contract_form(applied_on=date(2026, 4, 1)), date(2026, 5, 1)) == date(2026, 4, 1)
    assert applied_on(city.contract_form(applied_on=None), date(2026, 5, 1)) == date(2026, 5, 1)


def test_a_registrar_who_acts_for_the_buyer_takes_up_nothing_of_it():
    unit, boss = unit_here("")
    _row, package = handed_in(unit, boss, buyer=replace(city.contract_form().buyer, code="91440101MA59HUKE23"))
    with City() as registrar:
        filing = taken_in(registrar, package)
        firm = city.organisation("买方公司")
        Identifier.objects.create(record=firm.record, scheme="uscc", value="91440101MA59HUKE23")
        person = city.member(firm).person
        add_member(actor=SYSTEM, organisation=registrar.organisation, person=person, role=Role.OFFICER)
        with pytest.raises(NotAllowed, match="act for a party"):
            take_up_filing(actor=actor_for(person, registrar.organisation.pk), filing=filing)
        assert take_up_filing(actor=registrar, filing=filing).record.stage == "submitted"
