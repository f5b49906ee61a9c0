"""A price is found, decided by a meeting, laid open or sold at a place, and contracted; nobody's tie is kept back."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.utils import translation

from kezhuan.areas.agreements.models import AgreementPayment
from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.evidence.actions import evidence_of, index_of, told_in
from kezhuan.areas.evidence.reconstruction import reconstruct
from kezhuan.areas.notices.actions import prepare_notice, record_end, record_start
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.prices import actions
from kezhuan.areas.prices.actions import Deal, Due, Offered
from kezhuan.areas.prices.lifecycle import PRICE
from kezhuan.areas.prices.models import Price
from kezhuan.kernel import journal
from kezhuan.kernel.access import can_view
from kezhuan.kernel.documents import Upload, read_document
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Identifier, Notice, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import save_days
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.factories import agreements, city, grants, prices, scans

pytestmark = pytest.mark.django_db
BUYER = "91440101MA59HUKE23"


class Office:
    """A university's finance, a completer, and a result that is to be sold."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.finance, self.completer = city.member(self.unit, Role.FINANCE), city.member(self.unit, Role.ADMINISTRATOR)
        self.about = grants.achievement(self.unit, [self.completer])

    def price(self, **more):
        return actions.draft_price(actor=self.finance, owner=self.unit, facts=prices.facts(self.about, **more))

    def decided(self, **more):
        row = self.price(**more)
        grants.decided(fresh(row), self.finance)
        return fresh(row)

    def move(self, row, name, by=None, **more):
        return advance(PRICE, fresh(row), name, actor=by or self.finance, **({"note": "测试"} | more))


@pytest.fixture
def office(settings, tmp_path):
    settings.DATA = tmp_path
    return Office()


def fresh(row):
    return Price.objects.select_related("record__owner__record", "achievement").get(pk=row.pk)


def codes_of(act):
    with translation.override("en"), pytest.raises(Refused) as refused:
        act()
    return [one.code for one in refused.value.problems]


def test_an_agreed_price_is_decided_laid_open_in_both_places_and_contracted(office):
    for code in ("notice.price.fix", "notice.price.fix.objections"):
        city.rule(code, 15 if code.endswith("fix") else 0, "calendar days")
    wrong = {"title": " ", "way": "x", "asked_fen": 0, "buyer_code": "1", "payments": (Due(None, 1),)}
    assert codes_of(lambda: office.price(**wrong)) == [
        "title-length", "choice-unknown", "price-amount", "uscc-format", "price-payments",
    ]  # fmt: skip
    with pytest.raises(Refused, match="at most 1,000,000,000 万元"):
        office.price(asked_fen=10**20)
    row = office.price(wants_exemption=True, payments=(Due(today(), 1),), basis_text="", buyer="")
    grants.meeting_route(office.unit, "decide", "price")
    ask = {"actor": office.finance, "move": "decide"}
    assert codes_of(lambda: ask_approval(**ask, row=fresh(row))) == ["price-basis", "price-buyer", "price-schedule"]
    ready = office.price(wants_exemption=True)
    seen, address = client_of(office.finance), f"/prices/{ready.record.code}/"
    ended = "a change ends it, and it has to be asked for anew"
    assert not any(ended in seen.get(one).content.decode() for one in (address, f"{address}edit/"))
    asked = ask_approval(**ask, row=fresh(ready))
    assert all(ended in seen.get(one).content.decode() for one in (address, f"{address}edit/"))
    advance(APPROVAL, asked, "withdraw", actor=office.finance, note="改期")
    assert not any(ended in seen.get(one).content.decode() for one in (address, f"{address}edit/"))
    sits = office.completer.person.record.title
    assert codes_of(lambda: grants.decided(fresh(ready), office.finance, attended=["赵院长", "孙书记", sits])) == [
        "concerned-attends"
    ]
    row = office.decided(wants_exemption=True)
    assert row.record.code in [one.code for one in inbox.lines(office.finance)]
    assert codes_of(lambda: office.move(row, "fix")) == ["price-exemption", "notice-missing"]
    refused = client_of(office.finance).post(f"/records/{row.record.code}/moves/fix/")
    assert [one.url for one in refused.context["problems"]] == ["", f"/records/{row.record.code}/notices/fix/new/"]
    held = {"row": row, "move": "fix", "audience": "unit", "reception": "转化处 020-1", "channels": ["site", "market"]}
    with pytest.raises(NotAllowed):  # a completer holds no notice of their own result's price
        prepare_notice(actor=office.completer, **held)
    notice = advance(NOTICE, prepare_notice(actor=office.finance, **held), "start", actor=office.finance)
    told = dict(notice.content["facts"])
    assert (told["拟交易价格"], told["关联关系"]) == ("900,000.00元", "已声明无关联关系")
    page = client_of(office.finance).get(f"/prices/{row.record.code}/").content.decode()
    assert "has still to be laid open" in page
    office.move(row, "revise")
    assert Notice.objects.get(pk=notice.pk).record.stage == "stopped"


def test_an_agreed_price_stands_after_a_completed_notice_and_for_the_exemption_after_one_in_the_market(office):
    row = office.decided(wants_exemption=True)
    assert codes_of(lambda: office.move(row, "fix")) == ["notice-unruled", "price-exemption"]
    for code, days in (("notice.price.fix", 15), ("notice.price.fix.objections", 0)):
        city.rule(code, days, "calendar days")

    def laid_open(channel):
        held = {"row": fresh(row), "move": "fix", "audience": "unit", "reception": "转化处 020-1"}
        notice = prepare_notice(actor=office.finance, **held, channels=[channel])
        by = {"actor": office.finance}
        if channel == "market":
            first = {"on": today(), "address": "技术交易市场公告栏", "proof": Upload("首日.png", scans.blank(), True)}
            record_start(**by, channel=notice.channels.get(), **first)
        notice = advance(NOTICE, Notice.objects.select_related("record", "about").get(pk=notice.pk), "start", **by)
        # While it is laid open the office has nothing to do.
        assert row.record.code not in [one.code for one in inbox.lines(office.finance)]
        notice.channels.update(started_on=today() - timedelta(days=9))
        early = codes_of(lambda: advance(NOTICE, notice, "complete", **by))
        assert early[0] == {"site": "notice-short", "market": "notice-not-ended"}[channel]
        assert codes_of(lambda: office.move(row, "fix")) == ["price-exemption", "notice-running"]
        if channel == "market":
            last = Upload("末日.png", scans.blank() + b" ", True)
            record_end(**by, channel=notice.channels.get(), on=today(), proof=last)
            notice.channels.update(ended_on=today() - timedelta(days=2))
        notice.channels.update(started_on=today() - timedelta(days=20))
        save_days(notice)
        return advance(NOTICE, notice, "complete", **by)

    inside = laid_open("site")
    assert codes_of(lambda: laid_open("site")) == ["notice-held"]  # the same in the same place
    assert codes_of(lambda: office.move(row, "fix")) == ["price-exemption"]
    assert "has still to be laid open" in client_of(office.finance).get(f"/prices/{row.record.code}/").content.decode()
    market = laid_open("market")
    assert fresh(row).final_fen is None
    office.move(row, "fix")
    stands = fresh(row)
    assert (stands.record.stage, stands.final_fen) == ("fixed", 90_000_000)  # what was laid open is what it is sold for
    told = json.loads(read_document(Document.objects.filter(record=row.record, kind="evidence").latest("pk")))
    assert [one["code"] for one in told["notices"]] == [inside.record.code, market.record.code]
    assert (told["move"], told["matter"]["final_fen"]) == ("fix", 90_000_000)
    assert set(Notice.objects.filter(about=row.record).values_list("spent_on", flat=True)) == {today()}
    office.move(row, "revise")  # another price is decided on and laid open anew
    assert fresh(row).final_fen is None


def test_sealed_quotes_are_opened_by_their_own_file_alone(office):
    row = office.price(basis="enquiry", basis_text="")
    file = Upload("报价.txt", "报价玖拾万元 随机串 7f3a".encode(), True)
    seal = hashlib.sha256(file.content).hexdigest()
    take = {"actor": office.finance, "row": row, "source": "南粤评估所"}
    assert codes_of(lambda: actions.take_quote(**(take | {"source": ""}), seal="x")) == ["price-source", "price-seal"]
    actions.take_quote(**take, seal=seal)
    assert codes_of(lambda: actions.take_quote(**take, seal=seal)) == ["price-seal-twice"]
    actions.take_quote(**(take | {"source": "从未交来者"}), seal="0" * 64)
    opened = {"actor": office.finance, "row": row, "number": 1, "fen": 90_000_000}
    other = Upload("别的.txt", "报价一百万元".encode(), True)
    assert codes_of(lambda: actions.open_quote(**opened, file=other)) == ["price-quote-other"]
    grants.meeting_route(office.unit, "decide", "price")
    ask = {"actor": office.finance, "move": "decide"}
    assert codes_of(lambda: ask_approval(**ask, row=fresh(row))) == ["price-quotes"]
    actions.open_quote(**opened, file=file)
    with pytest.raises(Conflict):
        actions.open_quote(**opened, file=file)
    with pytest.raises(Conflict):  # none is taken once one is known
        actions.take_quote(**(take | {"source": "后来者"}), seal="1" * 64)
    assert Document.objects.get(record=row.record, kind="opened-quote").sha256 == seal
    client, place = client_of(office.finance), f"/prices/{row.record.code}/"
    shut = [client.get(f"{place}quotes/{one}") for one in ("", "1/", "2/")]  # what was opened is led back from
    assert [(one.status_code, one.context["title"]) for one in shut[:2]] == [(403, "Not at this stage")] * 2
    assert (shut[0].context["ways"][0].url, shut[2].status_code) == (place, 200)
    assert "edited: sealed quotes" in client.get(place).content.decode()
    grants.decided(fresh(row), office.finance)
    assert fresh(row).record.stage == "decided"


def test_a_listing_is_recorded_as_its_place_tells_it_and_no_tie_is_kept_back(office):
    row = office.decided(way="auction", buyer="", buyer_code="", payments=())
    assert codes_of(lambda: office.move(row, "sell")) == ["price-deal"]
    seen, place = client_of(office.finance), f"/prices/{row.record.code}"

    def led_to(move):
        refused = seen.post(f"/records/{row.record.code}/moves/{move}/").context["problems"]
        return [one.url.removeprefix(place).partition("#")[0] for one in refused]

    assert led_to("sell") == ["/deal/"]
    with pytest.raises(NotAllowed):  # by agreement it cannot stand
        office.move(row, "fix")
    bought = city.organisation("南粤材料公司")
    Identifier.objects.create(record=bought.record, scheme="uscc", value=BUYER)
    deal = {
        "place": "广州产权交易所", "deal_no": "G2026-001", "deal_on": today(), "final_fen": 95_000_000,
        "buyer": "南粤材料公司", "buyer_code": BUYER,
        "bids": (Offered("甲公司", 90_000_000, today()), Offered("南粤材料公司", 95_000_000, today())),
    }  # fmt: skip
    enter = {"actor": office.finance, "row": row}
    late = Deal(**(deal | {"deal_on": today() + timedelta(days=1), "final_fen": None, "place": ""}))
    assert codes_of(lambda: actions.enter_deal(**enter, deal=late)) == ["price-deal", "price-deal-day", "price-amount"]
    actions.enter_deal(**enter, deal=Deal(**(deal | {"final_fen": 80_000_000})))
    assert codes_of(lambda: office.move(row, "sell")) == [
        "price-below", "price-confirmation", "price-bids", "price-schedule",
    ]  # fmt: skip
    assert led_to("sell") == ["/deal/", "/confirmation/", "/deal/", "/deal/"]
    actions.enter_deal(**enter, deal=Deal(**deal, payments=(Due(today(), 95_000_000),)))
    actions.keep_confirmation(**enter, file=Upload("成交确认书.txt", "成交".encode(), True))
    add_member(actor=SYSTEM, organisation=bought, person=office.completer.person, role=Role.MEMBER)
    assert codes_of(lambda: office.move(row, "sell")) == ["price-related"]
    said = {"payments": (Due(today(), 95_000_000),), "relation": "完成人任受让方顾问"}
    actions.enter_deal(**enter, deal=Deal(**deal, **said))
    with_ties = codes_of(lambda: office.move(row, "sell"))
    Identifier.objects.filter(record=bought.record, scheme="uscc").delete()  # nobody is known to be tied
    assert [with_ties, codes_of(lambda: office.move(row, "sell"))] == [["price-related"]] * 2
    assert "完成人任受让方顾问" in client_of(office.finance).get(f"/prices/{row.record.code}/").content.decode()
    Identifier.objects.create(record=bought.record, scheme="uscc", value=BUYER)
    actions.enter_deal(**enter, deal=Deal(**deal, **said, related=True))
    assert office.move(row, "sell").record.stage == "fixed"
    assert "完成人任受让方顾问" in client_of(office.finance).get(f"/prices/{row.record.code}/").content.decode()
    assert codes_of(lambda: office.move(row, "conclude")) == ["price-contract"]
    assert led_to("conclude") == ["/contract/"]
    terms = {"turnover": 95_000_000, "technology": 95_000_000, "payment": "once", "deductions": {}, "instalments": ()}
    contract = city.contract(office.unit, stage="submitted", about=office.about, **terms)
    actions.note_contract(**enter, code=contract.record.code)
    assert codes_of(lambda: office.move(row, "conclude")) == ["price-contract-buyer"]
    agreed = agreements.agreement(office.unit, bought, by=office.completer, stage="active")
    Contract.objects.filter(pk=contract.pk).update(buyer_name="南粤 材料公司", buyer_code="", agreement=agreed.record,
                                                   reg_no="1" * 16)  # fmt: skip
    assert office.move(row, "conclude").record.stage == "concluded"
    *_before, last = files = list(Document.objects.filter(record=row.record, kind="evidence").order_by("pk"))
    assert len(files) == 3
    # The finance office reads no contract: what it says and what was paid is told by hashes that any change changes.
    known = told_in(last)["contract"]
    assert (known["code"], len(known["payments_sha256"]), known["certificates_sha256"]) == (contract.record.code, 2, [])
    assert not any(one in read_document(last).decode() for one in (city.CONTRACT_TEXT, contract.record.title, "1" * 16))
    assert {one.likeness for one in reconstruct(last).fields if one.part == "contract"} == {"equal"}

    # The index of a file of before, which told the title, stands as it was frozen.
    (called,) = index_of(told_in(last) | {"contract": known | {"title": "抛光转让"}})["contract"]
    assert called["title"] == f"{contract.record.code} 抛光转让"

    def told_again():
        return evidence_of(fresh(row), "conclude", office.finance, {})["contract"]

    assert told_again() == known
    AgreementPayment.objects.filter(version__agreement=agreed.pk, number=2).update(voucher="付-2")
    paid = told_again()["payments_sha256"]
    assert [one == then for one, then in zip(paid, known["payments_sha256"], strict=True)] == [True, False]
    Contract.objects.filter(pk=contract.pk).update(reg_no="2" * 16)
    assert told_again()["form_sha256"] != known["form_sha256"]
    assert told_again()["payments_sha256"][0] != paid[0]
    assert not can_view(city.officer("440106"), Record.objects.get(pk=row.pk))
    assert journal.verify().broken_seq is None
