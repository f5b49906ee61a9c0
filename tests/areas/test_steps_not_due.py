"""A page on which something is entered is open at its stages, and tells who comes back afterwards which these are."""

import pytest

from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, evaluations, exemptions, grants, prices, receipts

pytestmark = pytest.mark.django_db


class Unit:
    """A university with members in every office, and a client of each."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.member, self.finance, self.legal = (
            city.member(self.unit, one) for one in (Role.MEMBER, Role.FINANCE, Role.LEGAL)
        )

    def price(self):
        return self.finance, prices.price(self.unit, self.finance, basis="enquiry", basis_text="")

    def listing(self):
        return self.finance, prices.price(self.unit, self.finance, way="listing", buyer="", buyer_code="", payments=())

    def grant(self):
        return self.legal, grants.grant(self.unit, self.legal, [self.member])

    def signed(self):
        return self.member, grants.grant(self.unit, self.legal, [self.member])

    def receipt(self):
        return self.finance, receipts.receipt(self.unit, self.finance, stage="settled")

    def case(self):
        keeper = city.member(self.unit, Role.ADMINISTRATOR)
        return keeper, exemptions.case(self.unit, keeper)

    def evaluation(self):
        officer = city.bureau()
        return officer, evaluations.evaluation(self.unit, city.member(self.unit), officer=officer, stage="evaluating")

    def achievement(self):
        return self.member, city.achievement(self.unit, stage="listed")

    def contract(self):
        return city.registrars()[0], city.contract(
            self.unit, by=city.member(self.unit, Role.ADMINISTRATOR), stage="submitted"
        )


ENTERED = (
    ("price", "quotes/", {"draft"}, "decided"),
    ("price", "quotes/1/", {"draft"}, "decided"),
    ("price", "contract/", {"fixed"}, "decided"),
    ("listing", "deal/", {"decided"}, "fixed"),
    ("listing", "confirmation/", {"decided"}, "fixed"),
    ("grant", "paper/", {"signing"}, "decided"),
    ("grant", "title/", {"active"}, "titled"),
    ("grant", "contract/", {"active", "titled"}, "converted"),
    ("grant", "milestones/1/", {"active", "titled", "converted", "warned"}, "signing"),
    ("signed", "sign/", {"signing"}, "decided"),
    ("receipt", "pay/1/", {"settled"}, "closed"),
    ("case", "decisions/", {"draft", "collecting"}, "reviewing"),
    ("case", "conditions/rules/", {"draft", "collecting"}, "reviewing"),
    ("case", "finding/", {"reviewing"}, "proposed"),
    ("case", "statements/1/", {"proposed"}, "found"),
    ("evaluation", "findings/", {"evaluating"}, "delivered"),
    ("achievement", "edit/", {"draft", "returned", "listed", "registered"}, "void"),
    ("contract", "registration/", {"passed"}, "registered"),
)
PLACES = {"listing": "prices", "signed": "grants", "case": "exemptions", "receipt": "distributions"}


@pytest.mark.parametrize(("what", "page", "open_at", "later"), ENTERED)
def test_a_page_is_open_where_it_is_entered_and_tells_afterwards_where_that_is(
    settings, tmp_path, what, page, open_at, later
):
    settings.DATA = tmp_path
    actor, row = getattr(Unit(), what)()
    code, client = row.record.code, client_of(actor)
    place = f"/{PLACES.get(what, f'{what}s')}/{code}/{page}"
    for stage in sorted(open_at):
        Record.objects.filter(pk=row.pk).update(stage=stage)
        assert client.get(place).status_code == 200, stage
    Record.objects.filter(pk=row.pk).update(stage=later)
    for gone in (client.get(place), client.post(place, {})):
        told = gone.context["sentence"]
        assert (gone.status_code, told.startswith(f"{code} is at the stage ")) == (403, True), told
        assert gone.context["ways"][0].url == place.removesuffix(page)


def test_what_is_entered_once_leads_back_after_that():
    made = Unit()
    finance, row = made.receipt()
    Record.objects.filter(pk=row.pk).update(stage="settled")
    row.members.filter(number=1).update(paid_on=today(), voucher="付1")
    told = "This share was paid before, or there is nothing to pay."
    paid = client_of(finance).get(f"/distributions/{row.record.code}/pay/1/")
    assert (paid.status_code, paid.context["sentence"]) == (403, told)
    assert client_of(finance).get(f"/distributions/{row.record.code}/pay/2/").status_code == 200
    row.members.filter(number=2).update(fen=0)
    assert client_of(finance).get(f"/distributions/{row.record.code}/pay/2/").context["sentence"] == told
    legal, grant = made.grant()
    Record.objects.filter(pk=grant.pk).update(stage="active")
    grant.milestones.filter(number=1).update(reached_on=today(), evidence="验收单")
    reached = client_of(legal).get(f"/grants/{grant.record.code}/milestones/1/")
    told = "This milestone was entered as reached before."
    assert (reached.status_code, reached.context["sentence"]) == (403, told)
    # Of a price that is agreed on nobody enters a deal, at whatever stage.
    price = prices.price(made.unit, finance)
    Record.objects.filter(pk=price.pk).update(stage="decided")
    assert client_of(finance).get(f"/prices/{price.record.code}/deal/").status_code == 403
