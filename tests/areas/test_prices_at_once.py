"""Several prices of one achievement that is given away whole, decided in the same second: one stands."""

import time
from datetime import timedelta

import pytest

from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.step_actions import record_decision
from kezhuan.areas.notices.actions import prepare_notice
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.areas.prices import lifecycle as prices_lifecycle
from kezhuan.areas.prices.actions import Deal, Due, enter_deal, keep_confirmation
from kezhuan.areas.prices.lifecycle import PRICE
from kezhuan.areas.prices.models import Price
from kezhuan.kernel import approvals, journal
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Approval, Entry, Notice, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import save_days
from kezhuan.kernel.text import today
from tests.areas.test_prices import codes_of, fresh
from tests.factories import agreements, city, grants, prices, scans
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class Office:
    """A university's finance and legal office, and a result of its."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.finance, self.keeper = (city.member(self.unit, one) for one in (Role.FINANCE, Role.LEGAL))
        self.about = grants.achievement(self.unit, [city.member(self.unit)])

    def price(self, number=0, **more):
        return prices.price(self.unit, self.finance, about=self.about, title=f"定价{number}", **more)

    def asked(self, **more):
        """A price whose approval waits for the meeting."""
        row = self.price(**more)
        grants.meeting_route(self.unit, "decide", "price")
        ask_approval(actor=self.finance, row=fresh(row), move="decide")
        return row

    def decided(self, row, number):
        """The meeting decides on a price that waits for it; no two minutes are one file, for whose sake they would wait
        for each other."""
        step = Approval.objects.get(about=row.record, record__stage="running").steps.get()
        return record_decision(
            actor=grants.meeting_route(self.unit, "decide", "price"), step=step, meeting=f"院长办公会第{number}次",
            held_on=today(), attended=["赵院长", "钱副院长", "孙书记"], recused=["林纸笔"], entitled=5,
            minutes_no=f"〔2026〕{number}号", minutes=Upload(f"纪要{number}.png", scans.blank() + b" " * number, True),
        )  # fmt: skip


@pytest.fixture
def office(settings, tmp_path):
    settings.DATA = tmp_path
    return Office()


def test_of_many_prices_decided_at_once_for_one_achievement_one_stands(office):
    modes = ("transfer", "investment", "transfer", "transfer", "investment", "transfer")
    rows = [office.asked(number=number, mode=mode) for number, mode in enumerate(modes)]
    results = at_once([lambda number=number: office.decided(rows[number], number) for number in range(len(rows))])
    assert sorted(type(one).__name__ for one in results) == ["Approval"] + ["Refused"] * 5
    standing = Price.objects.filter(record__stage="decided")
    assert standing.count() == Approval.objects.filter(spent_on__isnull=False).count() == 1
    one = standing.get().record.code
    told = [one.problems for one in results if not isinstance(one, Approval)]
    assert {(problem.code, one in str(problem.message)) for (problem,) in told} == {("price-twice", True)}
    assert journal.verify().broken_seq is None


def test_prices_that_reach_their_step_in_the_same_moment_wait_for_each_other(office, monkeypatch):
    # The minutes and the post of a meeting let approvals come one after the other; the lock is asked without them.
    monkeypatch.setattr(approvals, "check_route", lambda *_asked, **_more: [])
    rows = [fresh(office.price(number)) for number in range(6)]
    results = at_once([lambda row=row: advance(PRICE, row, "decide", actor=office.finance) for row in rows])
    assert sorted(type(one).__name__ for one in results) == ["Price"] + ["Refused"] * 5
    assert Price.objects.filter(record__stage="decided").count() == 1


def test_another_price_is_decided_once_the_first_is_withdrawn_and_licences_stand_beside_each_other(office):
    first = office.asked()
    grants.decided(fresh(first), office.finance)
    for number in (1, 2):  # a licence gives nothing away
        grants.decided(fresh(office.price(number, mode="licence")), office.finance)
    second = office.price(3)
    assert codes_of(lambda: grants.decided(fresh(second), office.finance)) == ["price-twice"]
    for stage in ("fixed", "concluded"):
        Record.objects.filter(pk=first.pk).update(stage=stage)
        assert codes_of(lambda: grants.decided(fresh(second), office.finance)) == ["price-twice"]
    # A sale whose contract came to nothing binds nothing.
    contract = city.contract(office.unit).record
    Price.objects.filter(pk=first.pk).update(contract=contract)
    assert codes_of(lambda: grants.decided(fresh(second), office.finance)) == ["price-twice"]
    Record.objects.filter(pk=contract.pk).update(phase="void")
    grants.decided(fresh(second), office.finance)
    Record.objects.filter(pk=contract.pk).update(phase="active")
    Record.objects.filter(pk=first.pk).update(stage="fixed")
    for move in ("fix", "sell"):
        assert "price-twice" in codes_of_move(office, second, move)
    advance(PRICE, fresh(first), "withdraw", actor=office.finance, note="买方放弃")
    assert "price-twice" not in codes_of_move(office, second, "fix")


def codes_of_move(office, row, move):
    """What stands against a move of an agreed price, or of one at a place."""
    Price.objects.filter(pk=row.pk).update(way="listing" if move == "sell" else "agreement")
    return codes_of(lambda: advance(PRICE, fresh(row), move, actor=office.finance))


def test_a_price_decided_while_the_achievement_is_signed_away_is_refused_or_comes_before(office):
    row, firm = office.asked(), city.organisation("南粤材料公司")
    buyer = city.member(firm, Role.ADMINISTRATOR)
    offered = agreements.agreement(
        office.unit, firm, by=office.keeper, stage="offered", sort="transfer", achievement=office.about.record
    )
    results = at_once(
        [
            lambda: grants.decided(fresh(row), office.finance),
            lambda: advance(AGREEMENT, offered, "sign", actor=buyer),
        ]
    )
    price, signed = fresh(row).record.stage, Record.objects.get(pk=offered.pk).stage
    assert signed == "active", results
    if price != "decided":
        assert [problem.code for problem in results[0].problems] == ["achievement-gone"]


def laid_open(office, row):
    """The price after a completed notice in the unit."""
    held = {"row": fresh(row), "move": "fix", "audience": "unit", "reception": "转化处 020-1", "channels": ["site"]}
    notice = advance(NOTICE, prepare_notice(actor=office.finance, **held), "start", actor=office.finance)
    notice = Notice.objects.select_related("record", "about").get(pk=notice.pk)
    notice.channels.update(started_on=today() - timedelta(days=20))
    save_days(notice)
    advance(NOTICE, notice, "complete", actor=office.finance)
    return row


def sold(office, row):
    """The price as its place tells what it was sold for."""
    given = {"actor": office.finance, "row": row}
    paid = Due(today(), 90_000_000)
    deal = Deal("广州产权交易所", f"G-{row.pk}", today(), 90_000_000, "南粤材料公司", "", payments=(paid,))
    enter_deal(**given, deal=deal)
    keep_confirmation(**given, file=Upload("成交确认书.txt", f"成交 {row.pk}".encode(), True))
    return row


def test_many_prices_fixed_and_sold_while_the_achievement_is_signed_away_come_before_it_or_are_refused(
    office, monkeypatch
):
    for code, days in (("notice.price.fix", 15), ("notice.price.fix.objections", 0)):
        city.rule(code, days, "calendar days")
    listed = {"way": "listing", "buyer": "", "buyer_code": "", "payments": ()}
    rows = []
    for number in range(4):
        move, more = ("fix", {}) if number < 2 else ("sell", listed)
        row = office.price(number, mode="licence", **more)
        grants.decided(fresh(row), office.finance)
        rows.append((move, (laid_open if move == "fix" else sold)(office, fresh(row))))
    offered = agreements.agreement(
        office.unit,
        city.organisation("南粤材料公司"),
        by=office.keeper,
        stage="offered",
        sort="transfer",
        achievement=office.about.record,
    )
    buyer = city.member(offered.party, Role.ADMINISTRATOR)
    looked = prices_lifecycle.check_bound

    def slowly(row):
        found = list(looked(row))
        time.sleep(0.3)  # who did not wait for the achievement would be overtaken here
        return found

    monkeypatch.setattr(prices_lifecycle, "check_bound", slowly)
    results = at_once(
        [
            *(lambda move=move, row=row: advance(PRICE, fresh(row), move, actor=office.finance) for move, row in rows),
            lambda: advance(AGREEMENT, offered, "sign", actor=buyer),
        ]
    )
    assert Record.objects.get(pk=offered.pk).stage == "active", results
    signed = Entry.objects.get(record_id=offered.pk, kind="agreement.sign").seq
    for (move, row), result in zip(rows, results, strict=False):
        entry = Entry.objects.filter(record_id=row.pk, kind=f"price.{move}").first()
        assert fresh(row).record.stage == ("fixed" if entry is not None else "decided")
        if entry is not None:
            assert entry.seq < signed, (move, entry.seq, signed)
        else:
            assert [problem.code for problem in result.problems] == ["achievement-gone"], result
    assert journal.verify().broken_seq is None
