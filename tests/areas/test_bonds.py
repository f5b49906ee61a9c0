"""What is transferred, put into a company or licensed to one taker alone is not disposed of again unsaid."""

from dataclasses import replace

import pytest
from django.utils import translation

from kezhuan.areas.agreements.actions import draft_agreement
from kezhuan.areas.agreements.licence_actions import take_licence
from kezhuan.areas.agreements.licence_lifecycle import LICENCE
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import AgreementVersion, Licence
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.areas.prices.lifecycle import PRICE
from kezhuan.areas.prices.models import Price
from kezhuan.areas.rights.lifecycle import GRANT
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance, problems_of
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import agreements, city, grants, ledgers, prices

pytestmark = pytest.mark.django_db


class Office:
    """A university with its keepers, its result with two completers, and what was begun about it before."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.keeper, self.finance = city.member(self.unit, Role.LEGAL), city.member(self.unit, Role.FINANCE)
        self.people = [city.member(self.unit), city.member(self.unit)]
        self.about = grants.achievement(self.unit, self.people)
        self.firm = city.organisation("南粤材料公司")
        self.buyer = city.member(self.firm, Role.ADMINISTRATOR)

    def grant(self, stage="draft", **more):
        return grants.grant(self.unit, self.keeper, self.people, stage=stage, about=self.about, **more)

    def price(self, **more):
        return prices.price(self.unit, self.finance, about=self.about, **more)

    def licence(self, stage="draft"):
        return agreements.licence(self.unit, by=self.keeper, stage=stage, achievement=self.about.record)

    def agreement(self, stage="active", **more):
        to = {"by": self.keeper, "answered_by": self.buyer, "achievement": self.about.record}
        return agreements.agreement(self.unit, self.firm, stage=stage, **to, **more)

    def transferred(self):
        """A contract of transfer of the result is registered."""
        made = city.contract(self.unit, kind="transfer", subkind="transfer-patent", signed_on=today())
        Contract.objects.filter(pk=made.pk).update(achievement=self.about.record)
        Record.objects.filter(pk=made.pk).update(stage="registered", phase="active")
        return made.record.code


@pytest.fixture
def office():
    return Office()


def told(act):
    with translation.override("en"), pytest.raises(Refused) as refused:
        act()
    return [(one.code, one.message) for one in refused.value.problems]


def against(life, row, move):
    """What stands against a move, by the codes of what binds the achievement."""
    fresh = type(row).objects.select_related("record__owner__record", "achievement").get(pk=row.pk)
    with translation.override("en"):
        found = problems_of(fresh, life.moves[move])
    return [one.message for one in found if one.code.startswith("achievement-")]


def test_what_a_registered_contract_transferred_is_neither_granted_priced_nor_licensed_again(office):
    begun = [(GRANT, office.grant(), "submit"), (LICENCE, office.licence(), "offer"), (PRICE, office.price(), "decide")]
    written = office.agreement("draft")
    assert [against(*one[:2], one[2]) for one in begun] == [[], [], []]
    code = office.transferred()
    begun += [(AGREEMENT, written, "offer"), (PRICE, begun[2][1], "fix"), (PRICE, begun[2][1], "sell")]
    begun += [(GRANT, begun[0][1], "decide")]
    for life, row, move in begun:
        (message,) = against(life, row, move)
        assert f"registered contract {code} of transfer, signed on {today()}" in message
    for begin in (office.grant, office.licence, office.price):
        ((problem, message),) = told(begin)
        assert (problem, code in message) == ("achievement-gone", True)
    # The price at which it was sold goes on to the contract that came of it.
    Price.objects.filter(pk=begun[2][1].pk).update(contract=Record.objects.get(code=code))
    assert against(PRICE, begun[2][1], "decide") == []
    # What the registry took back transfers nothing.
    Record.objects.filter(code=code).update(stage="cancelled", phase="void")
    assert against(GRANT, begun[0][1], "submit") == []


def test_a_transfer_signed_here_and_equity_take_an_achievement_away_too(office):
    signed = office.agreement(sort="transfer")
    ((problem, message),) = told(office.grant)
    assert (problem, f"agreement {signed.record.code} of transfer" in message) == ("achievement-gone", True)
    amended = advance(AGREEMENT, signed, "amend", actor=office.keeper, note="增补")
    assert against(AGREEMENT, amended, "offer") == []  # its own next version is no other deal
    assert len(told(office.price)) == 1  # and what stands meanwhile stands
    other = grants.achievement(office.unit, office.people)
    office.about = other
    office.grant()
    finance = office.finance
    entry = ledgers.entry(office.unit, finance, about=other, used=True)
    assert LedgerEntry.objects.get(pk=entry.pk).equity.exists()
    ((problem, message),) = told(office.price)
    assert (problem, entry.record.code in message) == ("achievement-gone", True)


def test_an_exclusive_licence_is_named_with_its_scope_and_term(office):
    office_open, priced = office.licence("open"), office.price()
    drawn = office.agreement("offered", sort="licence")
    signed = office.agreement(scope="exclusive", ends_on=today(), words="独占实施许可")
    code = signed.record.code
    said = f"licence {code}, exclusive (独占), from {today()} to {today()}"
    for begin in (office.grant, office.licence, office.price):
        ((problem, message),) = told(begin)
        assert (problem, said in message) == ("achievement-exclusive", True)
    # A price says in words how it stands beside the licence; a grant and a licence for everybody cannot.
    assert len(against(PRICE, priced, "decide")) == 1
    office.price(basis_text=f"转让不影响已有独占许可（{code}）")
    office.price(basis_text=f"转让不影响已有独占许可（{code.lower()}）")
    grant = RightsGrant.objects.filter(record__owner=office.unit)
    assert not grant.exists()
    # Whoever would take or sign what was offered before reads nothing of it.
    fresh = Licence.objects.select_related("record", "achievement").get(pk=office_open.pk)
    ((problem, message),) = told(
        lambda: take_licence(actor=office.buyer, licence=fresh, expected_version=fresh.record.version)
    )
    assert (problem, code in message) == ("licence-achievement", False)
    ((problem, message),) = told(lambda: advance(AGREEMENT, drawn, "sign", actor=office.buyer))
    assert (problem, code in message) == ("agreement-achievement", False)
    # It has run out, or shuts nobody out.
    AgreementVersion.objects.filter(agreement=signed).update(scope="ordinary")
    assert against(PRICE, priced, "decide") == []
    AgreementVersion.objects.filter(agreement=signed).update(scope="sole", ends_on=today().replace(year=2020))
    office.grant()


def test_the_scope_of_a_licence_is_written_signed_and_shown(office):
    row = office.agreement(scope="sole")
    assert ["独占或排他程度", "排他"] in [list(one) for one in row.in_force.terms]
    api = client_of(office.keeper).get(f"/api/v1/agreements/{row.record.code}").json()
    assert api["versions"][0]["scope"] == "sole"
    form = client_of(office.keeper).get("/agreements/new/").content.decode()
    assert 'name="scope"' in form
    given = replace(agreements.facts(office.firm), sort="transfer", scope="sole")
    ((problem, _message),) = told(lambda: draft_agreement(actor=office.keeper, owner=office.unit, facts=given))
    assert problem == "agreement-choice"
