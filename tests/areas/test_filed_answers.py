"""What a bureau decides of a unit's filings goes back to its own instance: supplements, refusals, ends and changes."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import transaction
from openpyxl import load_workbook

from kezhuan.areas.contracts.actions import ContractFacts, Registration, edit_contract, number_contract
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.taking_actions import pack_answers, take_up_filing
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Filing, Identifier, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_filed_contracts import City, handed_in, packed, read_back, registered, taken_in
from tests.areas.test_filing_packages import CODE, refused, unit_here
from tests.factories import city

pytestmark = pytest.mark.django_db


def test_a_supplement_and_a_refusal_go_back_with_their_reasons_and_are_noted_once(settings):
    settings.FILES_TO = "https://kj.example"
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)
    with City() as registrar:
        case = take_up_filing(actor=registrar, filing=taken_in(registrar, package))
        assert refused(lambda: pack_answers(actor=registrar, unit=unit)) == ["answers-none"]
        advance(CONTRACT, case, "ask-supplement", actor=registrar, note="请补充验收方式")
        (told,) = client_of(registrar).get(f"/api/v1/contract-answers?unit={CODE}").json()["items"]
        assert [told[name] for name in ("code", "filed_no", "result", "decided_on", "why", "reg_no")] == [
            row.record.code, 1, "supplementing", today().isoformat(), "请补充验收方式", "",
        ]  # fmt: skip
        asked = pack_answers(actor=registrar, unit=unit)
    assert [one[:2] for one in read_back(boss, asked, only_check=True)] == [("part", row.record.code)]
    assert Record.objects.get(pk=row.pk).stage == "submitted"
    with pytest.raises(NotAllowed):
        read_back(city.member(unit, Role.FINANCE), asked)
    ((outcome, _code, reason),) = read_back(boss, asked)
    assert (outcome, "请补充验收方式" in reason) == ("part", True)
    assert Record.objects.get(pk=row.pk).stage == "supplementing"
    page = client_of(boss).get(f"/contracts/{row.record.code}/").context
    assert (str(page["last_word"].label), page["last_word"].note) == (
        "the bureau asks for a supplement", "请补充验收方式",
    )  # fmt: skip
    assert "请补充验收方式" not in [one.value for one in page["facts"]]  # it is said once
    entries = Entry.objects.count()
    assert [one[0] for one in read_back(boss, asked)] == ["same"]
    assert Entry.objects.count() == entries
    # Completed and filed anew, the answer to the filing before says nothing more.
    row = Contract.objects.select_related("record").get(pk=row.pk)
    facts = ContractFacts(city.contract_form(name="补正后的合同"))
    edit_contract(actor=boss, contract=row, facts=facts, expected_version=row.record.version)
    advance(CONTRACT, row, "supplement", actor=boss)
    ((outcome, _code, reason),) = read_back(boss, asked)
    assert (outcome, "no. 1" in reason, "no. 2" in reason) == ("refused", True, True)
    newer = packed(boss)
    with City() as registrar:
        case = take_up_filing(actor=registrar, filing=taken_in(registrar, newer))
        advance(CONTRACT, case, "refuse", actor=registrar, note="不属技术合同")
        refusal = pack_answers(actor=registrar, unit=unit)
        for name, note in (("object", "确属技术合同"), ("overturn", "省里认定")):
            advance(CONTRACT, case, name, actor=boss if name == "object" else registrar, note=note)
        registered(case)
        number = pack_answers(actor=registrar, unit=unit)
    ((outcome, _code, reason),) = read_back(boss, refusal)
    assert (outcome, "不属技术合同" in reason) == ("part", True)
    row = Contract.objects.select_related("record").get(pk=row.pk)
    assert (row.record.stage, row.record.phase) == ("refused", "failed")
    said = client_of(boss).get(f"/contracts/{row.record.code}/").context["last_word"]
    assert (str(said.label), said.note) == ("the bureau does not register it", "不属技术合同")
    # Objected to, the same refusal does not come again; a later one does, and so does the registration.
    advance(CONTRACT, row, "object", actor=boss, note="确属技术合同")
    assert [one[0] for one in read_back(boss, refusal)] == ["refused"]
    assert Record.objects.get(pk=row.pk).stage == "province"
    with transaction.atomic():
        later = changed_cell(refusal, "办理日期", (today() + timedelta(days=1)).isoformat())
        assert [one[0] for one in read_back(boss, later)] == ["part"]
        assert Record.objects.get(pk=row.pk).stage == "refused"
        transaction.set_rollback(True)
    # What the province has taken up again may have to be supplemented first.
    with transaction.atomic():
        later = changed_cell(later, "办理结果", "须补正")
        assert [one[0] for one in read_back(boss, changed_cell(later, "办理日期", today().isoformat()))] == ["refused"]
        assert [one[0] for one in read_back(boss, later)] == ["part"]
        assert Record.objects.get(pk=row.pk).stage == "supplementing"
        transaction.set_rollback(True)
    assert [one[0] for one in read_back(boss, number)] == ["taken"]
    assert Record.objects.get(pk=row.pk).stage == "registered"
    assert [one[0] for one in read_back(boss, refusal)] == ["refused"]


def test_the_end_of_a_registration_goes_back_by_its_number_and_to_the_units_own_instance_alone(settings):
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)
    with City() as registrar:
        case = take_up_filing(actor=registrar, filing=taken_in(registrar, package))
        case = registered(case)
        number = pack_answers(actor=registrar, unit=unit)
        ends = {}
        for name, reason in (("cancel", "terminated"), ("revoke", "fake")):
            with transaction.atomic():
                advance(CONTRACT, case, name, actor=registrar, reason=reason, note="核查属实")
                ends[name] = pack_answers(actor=registrar, unit=unit)
                transaction.set_rollback(True)
        # A newer case of the contract is answered, and not the one before it.
        advance(CONTRACT, case, "revoke", actor=registrar, reason="fake", note="核查属实")
        Contract.objects.filter(pk=case.pk).update(filing=None)
        other = city.contract(unit, stage="submitted", name="另案")
        filing = Filing.objects.get(origin__isnull=False)
        for pk in (case.pk, other.pk):
            Contract.objects.filter(pk=pk).update(filing=filing)
        assert refused(lambda: pack_answers(actor=registrar, unit=unit)) == ["answers-none"]
    # Registrars read such a row as one that is not theirs.
    ((outcome, _code, reason),) = read_back(city.registrars()[0], ends["revoke"])
    assert (outcome, "alone reads it" in reason) == ("refused", True)
    settings.FILES_TO = "https://kj.example"
    assert [one[0] for one in read_back(boss, ends["cancel"])] == ["differs"]  # no number here yet
    assert [one[0] for one in read_back(boss, number)] == ["taken"]
    foreign = changed_cell(ends["revoke"], "合同登记编号", "9" * 16)
    assert [one[0] for one in read_back(boss, foreign)] == ["differs"]
    for name, stage in (("cancel", "cancelled"), ("revoke", "revoked")):
        with transaction.atomic():
            ((outcome, _code, reason),) = read_back(boss, ends[name])
            assert (outcome, "核查属实" in reason) == ("part", True)
            assert Record.objects.get(pk=row.pk).stage == stage
            assert [one[0] for one in read_back(boss, ends[name])] == ["same"]
            transaction.set_rollback(True)
    ((_outcome, _code, reason),) = read_back(boss, ends["revoke"], only_check=True)
    assert "虚假合同：核查属实" in reason


def changed_cell(content, header, value):
    """The file of answers with another value under a header."""
    book = load_workbook(BytesIO(content))
    page = book.active
    (column,) = [cell.column for cell in page[1] if cell.value == header]
    page.cell(2, column, value)
    told = BytesIO()
    book.save(told)
    return told.getvalue()


def test_a_change_of_a_registration_goes_by_package_and_its_answer_comes_back(settings):
    settings.FILES_TO = "https://kj.example"
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)

    def at_the_bureau(registrar):
        return registered(take_up_filing(actor=registrar, filing=taken_in(registrar, package)))

    with City() as registrar:
        at_the_bureau(registrar)
        number = pack_answers(actor=registrar, unit=unit)
    assert [one[0] for one in read_back(boss, number)] == ["taken"]
    row = advance(
        CONTRACT, Contract.objects.select_related("record").get(pk=row.pk), "amend", actor=boss, note="金额更正"
    )
    facts = ContractFacts(
        city.contract_form(turnover=300, technology=300, deductions={}, instalments=(), payment="once")
    )
    edit_contract(actor=boss, contract=row, facts=facts, expected_version=row.record.version)
    advance(CONTRACT, row, "hand-in-change", actor=boss)
    newer = packed(boss)
    with City() as registrar:
        second = city.registrars()[1]
        Identifier.objects.filter(scheme="technology-contract").delete()  # the unit's own, which is not there
        Contract.objects.filter(pk=row.pk).update(reg_no="")
        case = at_the_bureau(registrar)
        assert case.registered_form == {}
        applied, before = case.applied_on, case.turnover_fen
        filing = taken_in(registrar, newer)
        client = client_of(registrar)
        assert (
            f"/contracts/filed/{filing.record.code}/" in client.get(f"/filings/{filing.record.code}/").content.decode()
        )
        changed_case = take_up_filing(actor=registrar, filing=filing)
        assert (changed_case.pk, changed_case.record.stage, changed_case.filing_id) == (case.pk, "changed", filing.pk)
        assert (changed_case.turnover_fen, changed_case.registered_turnover_fen) == (300, before)
        assert changed_case.registered_form["turnover_fen"] == before
        assert (changed_case.registrar, changed_case.reviewer, changed_case.numbered) == (None, None, False)
        assert changed_case.applied_on == applied
        assert refused(lambda: take_up_filing(actor=registrar, filing=filing)) == ["filing-taken-up"]
        assert refused(lambda: pack_answers(actor=registrar, unit=unit)) == ["answers-none"]  # nothing is decided yet
        with transaction.atomic():
            advance(CONTRACT, changed_case, "return-change", actor=registrar, note="请说明理由")
            sent_back = pack_answers(actor=registrar, unit=unit)
            assert refused(lambda: take_up_filing(actor=registrar, filing=filing)) == ["filing-taken-up"]
            transaction.set_rollback(True)
        with transaction.atomic():  # who changes it at the bureau's instance is answered nothing
            advance(CONTRACT, changed_case, "return-change", actor=registrar, note="请说明理由")
            Record.objects.filter(pk=case.pk).update(stage="registered")
            advance(CONTRACT, case, "amend", actor=boss, note="另行更正")
            assert refused(lambda: pack_answers(actor=registrar, unit=unit)) == ["answers-none"]
            transaction.set_rollback(True)
        advance(CONTRACT, changed_case, "confirm-change", actor=registrar)
        given = Registration("4401062026000017", changed_case.registered_on, 300, 300)
        number_contract(actor=second, contract=changed_case, given=given)
        answer = pack_answers(actor=registrar, unit=unit)
    # The answer to what was registered before says nothing of the change.
    ((outcome, _code, reason),) = read_back(boss, number, take_amounts=True)
    assert (outcome, "no. 1" in reason, "no. 2" in reason) == ("refused", True, True)
    assert Record.objects.get(pk=row.pk).stage == "changed"
    with transaction.atomic():
        ((outcome, _code, reason),) = read_back(boss, sent_back)
        assert (outcome, "请说明理由" in reason) == ("part", True)
        assert Record.objects.get(pk=row.pk).stage == "amending"
        assert [one[0] for one in read_back(boss, sent_back)] == ["same"]
        transaction.set_rollback(True)
    page = client_of(boss).get(f"/contracts/{row.record.code}/registration/")
    assert page.status_code == 200
    assert [one[0] for one in read_back(boss, answer)] == ["taken"]
    mine = Contract.objects.select_related("record").get(pk=row.pk)
    assert (mine.record.stage, mine.registered_turnover_fen, mine.registered_form) == ("registered", 300, {})
    assert [one[0] for one in read_back(boss, answer)] == ["same"]
