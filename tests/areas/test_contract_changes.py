"""Changes of a registration: what others read until one takes its place, and whom a revocation is told."""

from datetime import timedelta

import pytest

from kezhuan.areas.contracts import checks
from kezhuan.areas.contracts.actions import ContractFacts, Registration, edit_contract, number_contract
from kezhuan.areas.contracts.figures import entry_of
from kezhuan.areas.contracts.flagging_actions import look_at_all
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract, Flag, form_of, registered_of
from kezhuan.areas.contracts.ocds import release_of
from kezhuan.areas.contracts.registering_actions import REVOKED
from kezhuan.kernel import followers
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Identifier, Message, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox.words import outgoing, prefer
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db
BEFORE, AFTER = "碳化硅抛光工艺开发", "氮化镓外延工艺开发"


def fresh(row):
    return Contract.objects.select_related("record__owner__record").get(pk=row.pk)


def rewritten(row, by, **form):
    """The form as the unit writes it anew."""
    version = Record.objects.get(pk=row.pk).version
    facts = ContractFacts(city.contract_form(**{"name": AFTER, "field": "energy", "text": "采购合同" * 20} | form))
    return edit_contract(actor=by, contract=fresh(row), facts=facts, expected_version=version)


def read_by(actor, row):
    """What an actor is shown of a contract: page, desk, list, API and file, as one text."""
    client, code = client_of(actor), row.record.code
    pages = [client.get(f"/contracts/{code}/"), client.get(f"/contracts/{code}/desk/"), client.get("/contracts/")]
    pages += [client.get(f"/api/v1/contracts/{code}"), client.get("/api/v1/contracts")]
    file = str(taken(client, "/contracts/", "csv"))
    return [AFTER in text for text in [*(one.content.decode() for one in pages), file]]


def test_until_a_change_is_handed_in_others_read_what_was_registered_and_figures_until_it_is(unit, keeper):
    first, second = city.registrars()
    row = city.contract(unit, by=keeper, stage="registered", name=BEFORE, field="materials")
    entry, release = entry_of(fresh(row)), release_of(fresh(row))
    row = advance(CONTRACT, row, "amend", actor=keeper, note="更正")
    rewritten(row, keeper)
    followers.run_pending()
    # The unit reads what it writes, and a registrar what was registered: in page, desk, list, API and file.
    assert read_by(first, row) == [False] * 6
    own = read_by(keeper, row)
    assert (own[0], own[2], own[3]) == (True, True, True)
    desk = client_of(first).get(f"/contracts/{row.record.code}/desk/").content.decode()
    assert BEFORE in desk
    assert "采购合同" not in desk
    assert (entry_of(fresh(row)), release_of(fresh(row))["contracts"]) == (entry, release["contracts"])
    look_at_all()
    assert not Flag.objects.filter(kind="not-technology").exists()
    # Handed in it is what registrars judge, and no figure yet.
    row = advance(CONTRACT, fresh(row), "hand-in-change", actor=keeper)
    followers.run_pending()
    assert all(read_by(first, row))
    assert (entry_of(fresh(row)), release_of(fresh(row))["contracts"]) == (entry, release["contracts"])
    row = advance(CONTRACT, row, "confirm-change", actor=first)
    given = Registration(row.reg_no, today(), row.turnover_fen, row.technology_fen)
    row = number_contract(actor=second, contract=row, given=given)
    assert (row.record.stage, row.registered_form) == ("registered", {})
    assert entry_of(fresh(row)).values["field"] == "energy"
    assert release_of(fresh(row))["contracts"][0]["title"] == AFTER


def test_a_change_that_is_given_up_or_overtaken_leaves_what_was_registered(unit, keeper):
    first, _second = city.registrars()
    row = city.contract(unit, by=keeper, stage="registered", name=BEFORE)
    form = form_of(fresh(row))
    row = advance(CONTRACT, row, "amend", actor=keeper, note="更正")
    assert form_of(registered_of(fresh(row))) == form
    rewritten(row, keeper)
    assert form_of(registered_of(fresh(row))) == form
    rewritten(row, keeper, name=BEFORE, field=form.field, text=form.text)
    row = advance(CONTRACT, fresh(row), "keep-registration", actor=keeper)
    assert row.registered_form == {}
    # One that is revoked meanwhile was what was registered, and open data tell that.
    row = advance(CONTRACT, row, "amend", actor=keeper, note="更正")
    rewritten(row, keeper)
    row = advance(CONTRACT, fresh(row), "revoke", actor=first, note="测试", reason="fraud")
    assert release_of(fresh(row))["contracts"][0]["title"] == BEFORE


def test_parties_known_here_are_written_to_when_a_registration_is_revoked(unit, keeper):
    registrar = city.registrars()[0]
    buyer = city.organisation("穗芯公司")
    boss, reader = city.member(buyer, Role.ADMINISTRATOR), city.member(buyer, Role.READER)
    row = city.contract(unit, by=keeper, stage="registered")
    Identifier.objects.create(record=buyer.record, scheme="uscc", value=row.buyer_code)
    row = advance(CONTRACT, row, "revoke", actor=registrar, note="内部意见", reason="fraud")
    told = Message.objects.filter(letter=REVOKED)
    assert {one.person for one in told} == {boss.person, keeper.person}
    assert reader.person not in {one.person for one in told}
    for message in told:
        prefer(message.person, language="en")
        said = outgoing(message)
        assert row.reg_no in said.subject
        assert "fraud, bribery or infringement" in said.text
        assert said.text.rstrip().endswith("Its certificate is no longer valid.")  # and no duty that no rule here says
        assert "内部意见" not in said.text
        # The buyer reads no contract of the unit, and is led to none.
        assert bool(said.link) == (message.person == keeper.person)


def test_a_refusal_says_until_when_the_unit_objects_and_is_objected_to_no_later(unit, keeper, monkeypatch):
    row = city.contract(unit, by=keeper, stage="refused")
    address = f"/contracts/{row.record.code}/"
    assert "no rule value says until when" in client_of(keeper).get(address).content.decode()
    city.rule("contract.object-within", 5, "calendar days")
    last = today() + timedelta(days=5)
    told = client_of(keeper).get(address).content.decode().partition("Object to the province until")[2]
    assert str(last.year) in told[:80]
    assert checks.object_until(row) == last
    city.rule("contract.object-within", 3, "working days")
    monkeypatch.setattr(checks, "today", lambda: last + timedelta(days=30))
    with pytest.raises(Refused) as refused:
        advance(CONTRACT, row, "object", actor=keeper, note="不服")
    assert [one.code for one in refused.value.problems] == ["objection-late"]
    monkeypatch.setattr(checks, "today", lambda: checks.object_until(row))
    assert advance(CONTRACT, row, "object", actor=keeper, note="不服").record.stage == "province"
