"""What a unit's own instance says of what it has to send to the bureau, and how the bureau notes a withdrawal."""

import json
from io import BytesIO

import pytest
from docx import Document as Word

from kezhuan.areas.contracts.actions import ContractFacts, edit_contract
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.taking_actions import take_up_filing
from kezhuan.areas.filings.package_actions import confirm_filings, take_package
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.areas.test_filed_contracts import City, handed_in, packed, taken_in
from tests.areas.test_filing_packages import CODE, refused, unit_here
from tests.factories import city

pytestmark = pytest.mark.django_db

TOLD = "The bureau has to be told"
SENT = "To be sent to the bureau"


def page_of(actor, row):
    return client_of(actor).get(f"/contracts/{row.record.code}/").content.decode()


def words_of(content):
    paper = Word(BytesIO(content))
    return "\n".join([one.text for one in paper.paragraphs] + [c.text for t in paper.tables for c in t._cells])


def test_what_was_handed_in_says_that_it_is_to_be_packed_until_its_receipt_is_read(settings):
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)
    assert SENT not in page_of(boss, row)  # an instance that files to nobody
    settings.FILES_TO = "https://kj.example"
    page = page_of(boss, row)
    assert SENT in page
    assert 'href="/filings/package/"' in page
    legal = page_of(city.member(unit, Role.LEGAL), row)
    assert SENT in legal
    assert 'href="/filings/package/"' not in legal  # administrators pack
    with City() as registrar:
        receipt = take_package(actor=registrar, upload=Upload("a.zip", package, True)).receipt.said
    confirm_filings(actor=boss, content=json.dumps(receipt).encode())
    assert SENT not in page_of(boss, row)


def test_a_withdrawal_is_told_by_a_letter_and_noted_at_the_bureau(settings):
    unit, boss = unit_here("")
    row, package = handed_in(unit, boss)
    address = f"/contracts/{row.record.code}/withdrawal/"
    settings.FILES_TO = "https://kj.example"
    assert client_of(boss).get(address).status_code == 404  # nothing was withdrawn
    advance(CONTRACT, row, "withdraw", actor=boss, note="双方另行商定")
    page = page_of(boss, row)
    assert TOLD in page
    assert f'href="{address}"' in page
    answer = client_of(boss).get(address)
    said = words_of(b"".join(answer) if answer.streaming else answer.content)
    for words in ("撤回", row.record.title, row.record.code, "双方另行商定", unit.record.title, "第1次"):
        assert words in said
    assert client_of(city.member(unit, Role.FINANCE)).get(address).status_code in {403, 404}
    # A draft once more is still to be told of; handed in anew it is not.
    advance(CONTRACT, row, "reopen", actor=boss)
    assert TOLD in page_of(boss, row)
    settings.FILES_TO = ""
    assert TOLD not in page_of(boss, row)
    assert client_of(boss).get(address).status_code == 404
    settings.FILES_TO = "https://kj.example"
    row = Contract.objects.select_related("record").get(pk=row.pk)
    facts = ContractFacts(city.contract_form(name="另行商定的合同"))
    edit_contract(actor=boss, contract=row, facts=facts, expected_version=row.record.version)
    advance(CONTRACT, row, "submit", actor=boss)
    assert TOLD not in page_of(boss, row)
    newer = packed(boss)
    with City() as registrar:
        case = take_up_filing(actor=registrar, filing=taken_in(registrar, package))
        filing = taken_in(registrar, newer)
        # The case of what was withdrawn stands in the way until the registrar notes it.
        assert refused(lambda: take_up_filing(actor=registrar, filing=filing)) == ["filing-taken-up"]
        assert (
            "note it there first"
            in client_of(registrar).post(f"/contracts/filed/{filing.record.code}/").content.decode()
        )
        own = city.contract(unit, stage="submitted", name="在本市直接提交")
        with pytest.raises(NotAllowed):
            advance(CONTRACT, own, "withdrawn-there", actor=registrar, note="单位来函")
        advance(CONTRACT, case, "withdrawn-there", actor=registrar, note="单位来函")
        assert Record.objects.get(pk=case.pk).stage == "withdrawn"
        fresh = take_up_filing(actor=registrar, filing=filing)
        assert (fresh.pk != case.pk, fresh.record.stage) == (True, "submitted")


def test_the_form_begins_with_what_is_known_of_the_seller():
    _unit, boss = unit_here("")
    page = client_of(boss).get("/contracts/new/").content.decode()
    assert f'name="seller_code" value="{CODE}"' in page
    assert '<option value="022" selected' in page


def test_a_page_that_brings_a_file_lets_its_button_be_pressed_again():
    unit, boss = unit_here("")
    handed_in(unit, boss)
    seen = client_of(boss)
    registrar = client_of(city.registrars()[0])
    for who, address in ((seen, "/filings/package/"), (seen, "/contracts/ocds/"), (registrar, "/contracts/answers/"),
                         (seen, "/papers/contract/")):  # fmt: skip
        assert "novalidate data-again" in who.get(address).content.decode(), address
    assert "data-again" not in seen.get("/filings/confirm/").content.decode()
