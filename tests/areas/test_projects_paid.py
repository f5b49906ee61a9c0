"""Projects under way: what is due is paid once, and of the money no fen is lost."""

import csv
import io
from dataclasses import replace
from random import Random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.calls.models import Call
from kezhuan.areas.projects.actions import BY_SHARES, Planned, answer_invitation, sign_book, write_book
from kezhuan.areas.projects.change_actions import ask_change
from kezhuan.areas.projects.changing import Wanted
from kezhuan.areas.projects.execution import by_line, by_project
from kezhuan.areas.projects.forms import initial_of
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Payment
from kezhuan.areas.projects.payment_actions import pay, report_milestone, settle_project
from kezhuan.areas.projects.queries import money_of, room_of, wording_of
from kezhuan.areas.projects.reading_actions import read_vouchers
from kezhuan.engines.tables.opening import source_called
from kezhuan.exchange.models import RowOutcome
from kezhuan.kernel import followers, jobs, limits
from kezhuan.kernel.errors import Conflict, KezhuanError, NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import city, projects
from tests.factories.projects import fresh, reached

pytestmark = pytest.mark.django_db


def sum_of(money):
    return (money.paid + money.reserved + money.freed, money.planned)


def test_what_is_due_is_paid_once_within_the_budget_line_and_read_back_by_its_code():
    officer = city.officer()
    row = projects.project(stage="running", by=officer)
    call = row.application.item.call
    Call.objects.filter(pk=call.pk).update(poster_pays="block", budget_fen=60_000_000)
    page = client_of(officer).get("/payments/").content.decode()
    assert f"{row.record.code}-01" in page
    assert f"{row.record.code}-02" not in page
    assert "Payments: 1; together CNY 300,000" in page
    planned = client_of(officer).get("/payments/?state=planned").content.decode()
    assert "after milestone 1" in planned
    answer = client_of(officer).post("/payments/", {"export": "csv"}, headers={"accept-language": "zh"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "300000" in text.replace(",", "")
    head, line, *_rest = text.splitlines()
    stranger = line.replace(f"{row.record.code}-01", "X-1999-00001-07")
    endless = line.replace(f"{row.record.code}-01", f"{row.record.code}-{'1' * 5000}")
    filled = [head, *(_filled(head, one, "记-17") for one in (line, stranger, endless))]
    source = source_called("拨款.csv", content="\n".join(filled).encode())
    assert read_back(officer, source) == [RowOutcome.TAKEN, RowOutcome.UNKNOWN, RowOutcome.UNKNOWN]
    entries = Entry.objects.count()
    assert read_back(officer, source)[0] == RowOutcome.SAME
    assert Entry.objects.count() == entries
    assert room_of(Call.objects.get(pk=call.pk)) == 30_000_000
    with pytest.raises(NotAllowed):
        read_vouchers(actor=city.clerk(row.leader), source=source)

    def paid(number, actor=officer, voucher="记-19"):
        return pay(actor=actor, project=fresh(row), number=number, voucher=voucher, on=today())

    with pytest.raises(Conflict):
        paid(1)
    assert codes(lambda: paid(2)) == {"payment-early"}
    reached(row, officer, passed=False)
    assert codes(lambda: paid(2)) == {"payment-early"}
    reached(row, officer)
    with pytest.raises(Conflict):
        report_milestone(actor=city.clerk(row.leader), project=fresh(row), number=1, words="再报一次")
    # The poster's own is due, and the call lets fiscal money wait for it.
    Payment.objects.filter(project=row, source="firm").update(state="due", due_on=today())
    assert codes(lambda: paid(2)) == {"payment-poster"}
    with pytest.raises(NotAllowed):
        paid(4)
    poster, address = client_of(city.clerk(row.poster)), f"/projects/{row.record.code}/payments/4/"
    assert poster.post(address, {"voucher": "转-1", "paid_on": today(), "amount": "0.000011"}).status_code == 302
    paid(2)
    Payment.objects.filter(project=row, number=3).update(state="due", due_on=today())
    assert codes(lambda: paid(3)) == {"payment-room"}
    assert sum_of(money_of(fresh(row))) == (projects.AWARD, projects.AWARD)


def read_back(officer, source):
    """What becomes of the rows of a list once the job has read them."""
    kept = read_vouchers(actor=officer, source=source)
    jobs.run_pending()
    return [one.outcome for one in kept.rows.all()]


def _filled(head, line, voucher, **more):
    (names,), (cells,) = csv.reader([head]), csv.reader([line])
    row = dict(zip(names, cells, strict=True)) | {"凭证号": voucher, "支付日期": today().isoformat(), **more}
    out = io.StringIO()
    csv.writer(out).writerow(row.values())
    return out.getvalue().strip()


def test_paid_reserved_and_freed_are_what_was_planned_whatever_happens():
    random, officer = Random(0), city.officer()
    row = projects.project(stage="running", by=officer)
    head, ledger, tried = city.clerk(row.leader), {}, 0
    voucher = iter(range(1000))

    def paying():
        number = random.choice((1, 2, 3))
        ledger[number] = pay(
            actor=officer, project=fresh(row), number=number, voucher=f"记-{next(voucher)}", on=today()
        ).planned_fen

    def settling():
        back = random.choice((None, today()))
        spent = random.randrange(sum(ledger.values()) + 2)
        done = settle_project(
            actor=officer, project=fresh(row), spent_fen=spent, diligent=True, words="审计", returned_on=back,
            voucher="退-1" if back else "",
        )  # fmt: skip
        ledger["back"] = -done.returned_fen

    steps = (
        paying, paying, settling,
        lambda: reached(row, officer, passed=random.random() < 0.7),
        lambda: advance(PROJECT, row, random.choice(("suspend", "resume")), actor=officer, note="测试"),
        lambda: advance(PROJECT, row, "terminate", actor=officer, note="测试", reason="goal"),
        lambda: advance(PROJECT, row, "ask-acceptance", actor=head),
    )  # fmt: skip
    for _step in range(14):
        kept = dict(ledger)
        try:
            with transaction.atomic():
                random.choices(steps, (4, 4, 2, 4, 1, 1, 1))[0]()
                tried += 1
        except KezhuanError:
            ledger = kept
        money = money_of(fresh(row))
        assert sum_of(money) == (projects.AWARD, projects.AWARD)
        assert money.paid == sum(ledger.values())
    assert tried > 2


def test_a_tranche_goes_to_members_by_their_shares_and_in_parts_and_no_fen_is_lost():
    mate, third, officer = city.organisation("粤材公司"), city.organisation("检测院", kind="institute"), city.officer()
    (chosen,) = projects.awarded(city.organisation("南粤大学", kind="university"))
    whole = projects.AWARD
    planned = (
        Planned("fiscal", "signing", 10_000_001, payee=BY_SHARES), Planned("fiscal", "milestone", 1_000_000, 1),
        Planned("fiscal", "acceptance", whole - 11_000_001), Planned("firm", "acceptance", 11),
    )  # fmt: skip
    members = [(mate, 30_000_000), (third, 3_333_333)]
    over = (Planned("fiscal", "signing", 3_333_334, payee=third.record.code), *planned[1:])
    row = projects.project(chosen, members=members, payments=over)
    for unit in (mate, third):
        answer_invitation(actor=city.clerk(unit), project=fresh(row), accepts=True)
    head = city.clerk(row.leader)
    assert codes(lambda: advance(PROJECT, row, "file", actor=head)) == {"payments-sum", "payee-share"}
    book = projects.book(row, members)
    stranger = replace(book, payments=(Planned("firm", "acceptance", 11, payee=mate.record.code), *planned[:3]))
    assert codes(lambda: write_book(actor=head, project=row, facts=stranger)) == {"payment-payee"}
    row = write_book(actor=head, project=fresh(row), facts=replace(book, payments=planned))
    # What does not divide goes to the leader; together it is the tranche to the fen.
    first = row.payments.filter(occasion="signing")
    assert {one.unit.record.title: one.planned_fen for one in first} == {
        "南粤大学": 6_666_668, "粤材公司": 3_000_000, "检测院": 333_333,
    }  # fmt: skip
    # The form shows it as it was written: when the shares change, its parts follow. What was written for one stays.
    first, *others = initial_of(fresh(row))[1]["payments"]
    assert (first["payee"], first["amount"], len(others)) == (BY_SHARES, 10_000_001, 3)
    row.payments.filter(payee__organisation=mate).update(planned_fen=2_999_999)
    assert [one["payee"] for one in initial_of(fresh(row))[1]["payments"][:3]] == [
        "",
        *(unit.record.code for unit in (mate, third)),
    ]
    row.payments.filter(payee__organisation=mate).update(planned_fen=3_000_000)
    row = advance(PROJECT, row, "file", actor=head)
    for unit in (mate, third, row.poster):
        sign_book(actor=city.clerk(unit), project=fresh(row))
    row = advance(PROJECT, fresh(row), "sign", actor=officer)
    wording = wording_of(fresh(row))
    answer = client_of(officer).post("/payments/", {"export": "csv"}, headers={"accept-language": "zh"})
    head_line, *lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert [next(name for name in ("南粤大学", "粤材公司", "检测院") if name in one) for one in lines] == [
        "南粤大学", "粤材公司", "检测院",
    ]  # fmt: skip
    filled = [
        _filled(head_line, lines[1], voucher, **{"金额(元)": yuan})
        for voucher, yuan in (("记-1", "10000.01"), ("记-2", "20000"), ("记-3", "0.01"))
    ]
    source = source_called("拨款.csv", content="\n".join([head_line, *filled]).encode())

    # A worker that is killed after a row is followed by one that goes on with the next.
    kept = read_vouchers(actor=officer, source=source, name="拨款.csv")
    # The same file sent once more meanwhile is the same reading.
    assert read_vouchers(actor=officer, source=source, name="拨款.csv") == kept
    kept.rows.filter(row=3).update(outcome=RowOutcome.SAME)
    jobs.run_pending()
    assert [one.outcome for one in kept.rows.all()] == [RowOutcome.PART, RowOutcome.SAME, RowOutcome.PART]
    assert read_back(officer, source) == [RowOutcome.SAME, RowOutcome.REFUSED, RowOutcome.SAME]
    job = kept.job
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    page = client_of(officer).get(f"/readings/{kept.pk}/").content.decode()
    assert all(voucher in page for voucher in ("记-1", "记-3"))
    assert client_of(city.officer()).get(f"/readings/{kept.pk}/").status_code == 404
    code = f"/projects/{row.record.code}/payments/"
    (rest,) = row.payments.filter(state="due", payee__organisation=mate)
    assert (rest.planned_fen, rest.part_of) == (1_999_998, 2)
    paid = {"voucher": "记-4", "paid_on": today(), "amount": "2"}
    assert client_of(officer).post(f"{code}{rest.number}/", paid).status_code == 422
    assert client_of(officer).post(f"{code}{rest.number}/", paid | {"amount": "1.99"}).status_code == 302
    parts = row.payments.filter(part_of=2)
    assert [(one.planned_fen, one.state, one.voucher) for one in parts] == [
        (1_000_001, "paid", "记-1"), (1, "paid", "记-3"), (1_990_000, "paid", "记-4"), (9_998, "due", ""),
    ]  # fmt: skip
    assert client_of(officer).get(f"{code}{rest.number}/").status_code == 409  # it was paid
    assert sum_of(money_of(fresh(row))) == (whole, whole)
    # In how many parts it is paid changes no word of what was signed.
    assert wording_of(fresh(row)) == wording
    # Who takes the place of a member gets what it was not paid yet.
    ask_change(actor=head, project=fresh(row), wanted=Wanted("退出", leaving=mate.record.code))
    advance(PROJECT, fresh(row), "approve-change", actor=officer, note="同意")
    assert [one.unit.record.title for one in parts.order_by("number")] == ["粤材公司"] * 3 + ["南粤大学"]
    assert sum_of(money_of(fresh(row))) == (whole, whole)


def test_lists_of_projects_and_payments_ask_as_much_for_one_as_for_three(monkeypatch):
    monkeypatch.setattr(limits, "HANDFULS", 1)  # what is in hand lasts for a minute: taking more asks three queries
    officer = city.officer()
    client = client_of(officer)

    def asked():
        followers.run_pending()
        found = []
        for address in ("/projects/", "/api/v1/projects", "/payments/"):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    projects.project(stage="signed", by=officer)
    one = asked()
    projects.project(stage="signed", by=officer), projects.project(stage="signed", by=officer)
    assert asked() == one


def test_what_ended_early_is_settled_and_the_rest_clawed_back():
    officer = city.officer()
    row = projects.project(stage="running", by=officer)
    pay(actor=officer, project=fresh(row), number=1, voucher="记-1", on=today())
    row = advance(PROJECT, fresh(row), "terminate", actor=officer, note="无法实现", reason="goal")
    page = client_of(officer).get(f"/projects/{row.record.code}/settlement/").content.decode()
    assert "CNY 300,000 of fiscal money were paid" in page
    assert codes(lambda: advance(PROJECT, row, "settle", actor=officer)) == {"settlement-missing"}

    def settled(spent, **more):
        return settle_project(
            actor=officer, project=fresh(row), spent_fen=spent, diligent=True, words="审计认定勤勉尽责", **more
        )

    assert codes(lambda: settled(30_000_001)) == {"settlement-spent"}
    settled(20_000_000)
    assert codes(lambda: advance(PROJECT, fresh(row), "settle", actor=officer)) == {"claw-back-open"}
    money = money_of(settled(20_000_000, returned_on=today(), voucher="退-1"))
    assert client_of(officer).get(f"/projects/{row.record.code}/settlement/").status_code == 409
    _executed(officer, projects.project(stage="signed", by=officer), row)
    assert (money.paid, money.freed) == (20_000_000, 80_000_000)
    assert advance(PROJECT, fresh(row), "settle", actor=officer).record.stage == "settled"


def _executed(officer, other, ended):
    """Two calls: 30 of the second were paid and 10 came back, 30 of the first are due; every figure opens its rows."""
    for row, year, budget in ((other, 2026, 200_000_000), (ended, 2027, 80_000_000)):
        line = {"budget_year": year, "budget_subject": "2060404", "budget_fen": budget}
        Call.objects.filter(pk=row.application.item.call_id).update(**line)
    found = {one.of.budget_year: one for one in by_line(officer)}
    first, second = found[2026], found[2027]
    assert (first.arranged_fen, first.paid_fen, first.returned_fen, first.share_bp) == (projects.AWARD, 0, 0, 0)
    assert (second.arranged_fen, second.paid_fen, second.returned_fen, second.share_bp) == (
        30_000_000,
        30_000_000,
        10_000_000,
        2500,
    )
    assert [one.of for one in by_line(officer, 2027)] == [second.of]
    (part,) = by_project(officer, second.of)
    assert (part.of, part.paid_fen, part.returned_fen, part.share_bp) == (ended, 30_000_000, 10_000_000, 6666)
    client, code = client_of(officer), second.of.record.code
    page = client.get("/payments/execution/?year=2027").content.decode()
    assert page.count('<table class="chart">') == 1
    assert f"/payments/?state=paid&amp;call={code}" in page
    assert f"/payments/execution/{code}/" in page
    paid = client.get(f"/payments/?state=paid&call={code}").content.decode()
    assert f"{ended.record.code}-01" in paid
    assert other.record.code not in paid
    assert client.get(f"/payments/execution/{code}/").status_code == 200
    answer = client.post("/payments/execution/", {"export": "csv"}, headers={"accept-language": "zh"})
    told = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert all(words in told for words in ("2060404", "800000", "300000", "100000", "25"))
    (api,) = client.get("/api/v1/execution?year=2027").json()["items"]
    assert (api["paid_fen"], api["returned_fen"], api["share_bp"]) == (30_000_000, 10_000_000, 2500)
