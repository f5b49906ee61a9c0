"""A city that is a registration agency gives numbers and certificates; elsewhere there is neither."""

import hashlib
import io
import json
from datetime import date

import pytest
from pypdf import PdfReader

from kezhuan.areas.contracts.actions import ContractFacts, Registration, edit_contract, number_contract
from kezhuan.areas.contracts.certificates import Standing, check_certificate, drawn_certificate
from kezhuan.areas.contracts.certifying_actions import certify_contract
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Certificate
from kezhuan.areas.contracts.pages_certificates import check_url
from kezhuan.kernel import journal
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.roles import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db


def words_of(pdf):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture
def agency(settings):
    settings.REGISTRATION_AGENCY, settings.REGISTRATION_NUMBERS = "示例登记处", "440199"


def test_numbers_and_certificates_are_a_registration_agencys_alone():
    row, (registrar, _second) = city.contract(city.organisation(), stage="passed"), city.registrars()
    page = client_of(registrar).get(f"/contracts/{row.record.code}/").content.decode()
    assert "Register and certify" not in page
    assert client_of(registrar).get(f"/contracts/{row.record.code}/certify/").status_code == 403
    with pytest.raises(NotAllowed):
        certify_contract(actor=registrar, contract=row)
    row.refresh_from_db()
    assert (row.reg_no, row.record.stage) == ("", "passed")


def test_a_certificate_verifies_and_one_changed_character_does_not(agency, client, settings):
    unit = city.organisation()
    keeper = city.member(unit, Role.ADMINISTRATOR)
    row, (registrar, _second) = city.contract(unit, by=keeper, stage="passed"), city.registrars()
    posted = client_of(registrar).post(f"/contracts/{row.record.code}/certify/", follow=True)
    assert "its certificate is issued" in posted.content.decode()
    row.refresh_from_db()
    assert row.reg_no == f"440199{today().year}000001"
    [first] = row.certificates.all()
    gone = client_of(registrar).get(f"/contracts/{row.record.code}/certify/")  # it is certified
    assert (gone.status_code, gone.context["title"]) == (403, "Not at this stage")
    assert f"{row.record.code} is at the stage registered; this is done at:" in gone.content.decode()
    assert gone.context["ways"][0].url == f"/contracts/{row.record.code}/"

    def asked(number=first.number, code=first.code):
        return client.get("/certificates/", {"number": number, "code": code})

    page = asked().content.decode()
    assert str(Standing.VALID.words) in page
    assert all(text in page for _label, text in first.said)
    assert "演示无效" not in page
    body = json.dumps([str(row.record.uid), "", "", first.said], ensure_ascii=False, separators=(",", ":"))
    assert first.sha256 == hashlib.sha256(body.encode()).hexdigest()
    assert first.sha256 in page
    drawn = drawn_certificate(first, check_url())
    assert first.sha256 in words_of(drawn).replace("\n", "")
    assert "第 1 页，共 1 页" in words_of(drawn)  # the seal stands below what it seals
    for at, letter in enumerate(first.code):
        if letter != "-":
            other = first.code[:at] + ("7" if letter != "7" else "8") + first.code[at + 1 :]
            assert check_certificate(first.number, other) is None
    for at, digit in enumerate(first.number):
        other = first.number[:at] + ("7" if digit != "7" else "8") + first.number[at + 1 :]
        assert check_certificate(other, first.code) is None
    api = "/api/v1/certificates"
    told = client.get(f"{api}/{first.number}", {"code": first.code}).json()
    assert (told["standing"], told["said"][0]) == ("valid", {"label": first.said[0][0], "text": first.said[0][1]})
    assert client.get(f"{api}/{first.number}", {"code": "7777-7777-7777-7777"}).status_code == 404
    assert client.get(f"{api}/{first.number}").status_code == 422
    wrong = asked(code="7" + first.code[1:] if first.code[0] != "7" else "8" + first.code[1:])
    assert (wrong.status_code, row.seller_name in wrong.content.decode()) == (404, False)
    assert asked(number="").status_code == 422

    # One changed character in what is kept is told too, to whoever has the paper.
    said = [list(line) for line in first.said]
    Certificate.objects.filter(pk=first.pk).update(said=[[label, text.replace("元", "圆")] for label, text in said])
    assert check_certificate(first.number, first.code).standing == Standing.ALTERED
    assert str(Standing.ALTERED.words) in asked().content.decode()
    Certificate.objects.filter(pk=first.pk).update(said=said)
    assert check_certificate(first.number, first.code).standing == Standing.VALID

    told = client_of(keeper).get(f"/contracts/{row.record.code}/").content.decode()
    assert "certificate issued" in told
    assert "contract.certify" not in told
    settings.REGISTRATION_AGENCY = "改名后的登记处"
    file = client_of(keeper).get(f"/contracts/{row.record.code}/certificate/")
    assert file.content == drawn_certificate(first, check_url())
    for version in ("9" * 5000, "x"):
        assert client_of(keeper).get(f"/contracts/{row.record.code}/certificate/?version={version}").status_code == 404
    words = words_of(file.content)
    assert first.number in words
    assert first.code in words
    assert "示例登记处（盖章）" in words
    assert client.get(f"/contracts/{row.record.code}/certificate/").status_code in {302, 404}

    # A change gets a certificate of its own under the same number and day; the first one is worth nothing then.
    advance(CONTRACT, row, "amend", actor=keeper, note="金额更正")
    assert check_certificate(first.number, first.code).standing == Standing.CHANGING
    row.refresh_from_db()
    # It is looked at twice: confirmed by one, registered by another.
    facts = ContractFacts(city.contract_form(turnover=300, technology=300, deductions={}))
    edit_contract(actor=keeper, contract=row, facts=facts, expected_version=row.record.version)
    row = advance(CONTRACT, row, "hand-in-change", actor=keeper)
    assert client_of(registrar).post(f"/api/v1/contracts/{row.record.code}/certificate").status_code == 403
    advance(CONTRACT, row, "confirm-change", actor=city.registrars()[1])
    told = client_of(registrar).post(f"/api/v1/contracts/{row.record.code}/certificate")
    assert (told.status_code, told.json()["version"]) == (200, 2)
    second = row.certificates.select_related("contract__record").get(version=2)
    assert (second.version, second.contract.reg_no) == (2, row.reg_no)
    assert check_certificate(first.number, first.code).standing == Standing.REPLACED
    advance(CONTRACT, second.contract, "revoke", actor=registrar, reason="fake", note="虚构")
    assert check_certificate(second.number, second.code).standing == Standing.REVOKED
    assert journal.verify().broken_seq is None


@pytest.mark.django_db(transaction=True)
def test_registrars_at_once_certify_a_contract_once_and_give_each_number_once(agency):
    unit = city.organisation()
    rows = [city.contract(unit, stage="passed") for _ in range(2)]
    registrars = [city.officer() for _ in range(3)]
    results = at_once(
        [
            lambda actor=actor, row=row: certify_contract(actor=actor, contract=row)
            for row in rows
            for actor in registrars
        ]
    )
    assert sorted(type(one).__name__ for one in results) == ["Certificate"] * 2 + ["Conflict"] * 4
    numbers = {row.contract.reg_no for row in Certificate.objects.select_related("contract")}
    assert numbers == {f"440199{today().year}{number:06d}" for number in (1, 2)}


def test_a_demo_city_says_on_paper_that_it_is_worth_nothing(agency, settings):
    settings.DEMO_CITY = True
    row, (registrar, _second) = city.contract(city.organisation(), stage="passed"), city.registrars()
    made = certify_contract(actor=registrar, contract=row)
    assert "演示无效" in words_of(drawn_certificate(made, check_url()))
    assert made.said[0][0] == "演示无效"


def test_numbers_go_on_behind_the_last_one_of_the_year(agency):
    unit, (registrar, _second) = city.organisation(), city.registrars()
    read_back, here = (city.contract(unit, stage="passed") for _ in range(2))
    given = Registration(f"440199{today().year}000041", date(2026, 1, 5), 200, 100)
    number_contract(actor=registrar, contract=read_back, given=given)
    assert certify_contract(actor=registrar, contract=here).contract.reg_no == f"440199{today().year}000042"
