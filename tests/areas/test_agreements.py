"""An agreement keeps one id from intent to last payment: signed by both sides, tried, changed, paid and ended."""

from datetime import timedelta

import pytest

from kezhuan.areas.agreements.actions import (
    Aim,
    Due,
    draft_agreement,
    edit_agreement,
    note_invoice,
    note_payment,
    reach_milestone,
)
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import Agreement, AgreementPayment
from kezhuan.areas.agreements.terms import paid_fen
from kezhuan.areas.agreements.trial_actions import end_trials
from kezhuan.areas.contracts.flagging_actions import look_at_all
from kezhuan.areas.contracts.models import Contract, Flag
from kezhuan.areas.contracts.paid import told_of
from kezhuan.areas.contracts.registering_actions import hand_in
from kezhuan.areas.evidence.actions import EVIDENCE, told_in
from kezhuan.areas.evidence.reconstruction import reconstruct
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.filings.queries import totals_for
from kezhuan.areas.rights.models import Distribution
from kezhuan.kernel import followers, journal
from kezhuan.kernel.access import visible_to
from kezhuan.kernel.documents import Upload, attach_document
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Document, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.search import Asked, search
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import agreements, city
from tests.factories.receipts import receipt

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(unit):
    return city.member(unit, Role.ADMINISTRATOR)


@pytest.fixture
def firm():
    return city.organisation("南粤材料公司")


@pytest.fixture
def taker(firm):
    return city.member(firm, Role.LEGAL)


def take(row, name, actor, **more):
    return advance(AGREEMENT, row, name, actor=actor, **more)


def refused(act):
    with pytest.raises(Refused) as stopped:
        act()
    return [one.code for one in stopped.value.problems]


def filed(by, row):
    """The figures of a filing of an agreement that the unit makes now."""
    row = Agreement.objects.select_related("record__owner").get(pk=row.pk)
    filing = file_record(actor=by, row=row)
    return sorted(((one.name, one.on.year, one.fen) for one in filing.figures.all()), key=lambda one: one[:2])


def at_the_end(row):
    """What the last evidence file of an agreement tells, and how it stands to what is rebuilt."""
    file = Document.objects.filter(record=row.record, kind=EVIDENCE).latest("pk")
    return told_in(file), {one.likeness for one in reconstruct(file).fields}


def changed(by, row, firm, **given):
    row = Agreement.objects.select_related("record__owner").get(pk=row.pk)
    told = agreements.facts(firm, **given)
    return edit_agreement(actor=by, agreement=row, facts=told, expected_version=row.record.version)


def days(row):
    return dict(Clock.objects.filter(record=row.pk, ended_on=None).values_list("name", "due_on"))


def test_one_id_from_intent_to_the_last_payment(unit, keeper, firm, taker):
    row = draft_agreement(
        actor=keeper, owner=unit, facts=agreements.facts(firm, binding="intent", amount_fen=None, payments=())
    )
    row = take(row, "offer", keeper)
    row = take(row, "sign", taker)
    assert (row.record.stage, row.in_force.binding, paid_fen(row)) == ("intent", "intent", 0)
    row = take(row, "amend", keeper, note="转为合同")
    aims = (Aim("交付样机", today() + timedelta(days=9)),)
    row = changed(keeper, row, firm, milestones=aims, payments=(Due("入门费", 4_000_000), Due("余款", 5_999_999)))
    assert refused(lambda: take(row, "offer", keeper)) == ["agreement-payments"]
    row = changed(keeper, row, firm, milestones=aims)
    row = take(take(row, "offer", keeper), "sign", taker)
    assert (row.record.stage, row.in_force.number, row.record.code) == ("active", 2, row.record.code)
    owed = today() + timedelta(days=30)
    assert days(row) == {"payment": owed, "milestone": aims[0].due_on}

    # Planned and actual, by whoever keeps the money; the other side reads both.
    finance = city.member(unit, Role.FINANCE)
    note_invoice(actor=finance, agreement=row, number=1, invoice="发票1", on=today())
    year_ago = today() - timedelta(days=366)
    note_payment(actor=finance, agreement=row, number=1, on=year_ago, fen=4_000_000, voucher="收1")
    for again, kind in ((1, Conflict), (9, Missing)):
        with pytest.raises(kind):
            note_payment(actor=finance, agreement=row, number=again, on=today(), fen=1, voucher="")
    assert refused(lambda: note_payment(actor=finance, agreement=row, number=2, on=None, fen=0, voucher="")) == [
        "agreement-day", "agreement-paid",
    ]  # fmt: skip
    assert refused(lambda: take(row, "complete", keeper)) == ["agreement-unpaid"]
    assert refused(lambda: reach_milestone(actor=keeper, agreement=row, number=1, on=today(), evidence="")) == [
        "milestone-evidence"
    ]
    row = reach_milestone(actor=keeper, agreement=row, number=1, on=today(), evidence="验收单")
    assert days(row) == {"payment": owed}

    # A change: what was paid stays, what was planned is freed once both have signed.
    row = take(row, "amend", keeper, note="降价")
    assert [one.number for one in row.pending.payments.all()] == [2]
    row = changed(keeper, row, firm, amount_fen=5_000_000, payments=(Due("余款", 1_000_000),))
    row = take(take(row, "offer", keeper), "decline", taker, note="不同意")
    assert (row.record.stage, row.in_force.number, row.pending) == ("active", 2, None)
    row = take(row, "amend", keeper, note="再谈")
    row = changed(keeper, row, firm, amount_fen=5_000_000, payments=(Due("余款", 1_000_000),))
    # What is being changed is filed as it is in force, by its unit alone: nothing counts twice.
    with pytest.raises(NotAllowed):
        file_record(actor=taker, row=row)
    this, before = today().year, year_ago.year
    paid = ("agreement-paid", before, 4_000_000)
    assert filed(keeper, row) == [("agreement-agreed", this, 10_000_000), paid]
    row = take(take(row, "offer", keeper), "sign", taker)
    freed = row.versions.get(number=2).payments.exclude(freed_on=None)
    assert ([one.number for one in freed], paid_fen(row)) == ([2], 4_000_000)
    note_payment(actor=finance, agreement=row, number=1, on=today(), fen=1_000_000, voucher="收2")
    assert filed(keeper, row) == [
        ("agreement-agreed", this, 5_000_000), paid, ("agreement-paid", this, 1_000_000)
    ]  # fmt: skip
    assert [(one.name, one.year, one.fen) for one in totals_for(city.officer())] == [
        ("agreement-agreed", this, 5_000_000), ("agreement-paid", this, 1_000_000), paid
    ]  # fmt: skip
    row = take(row, "complete", keeper)
    assert (row.record.stage, paid_fen(row), days(row)) == ("done", 5_000_000, {})
    # What it came to is frozen: every version, planned and paid, and rebuilt from the journal it is equal.
    told, likeness = at_the_end(row)
    first, second = (told["matter"]["versions"][number]["payments"] for number in (1, 2))
    assert [(one["paid_fen"], one["voucher"], bool(one["freed_on"])) for one in (*first, *second)] == [
        (4_000_000, "收1", False), (None, "", True), (1_000_000, "收2", False)
    ]  # fmt: skip
    assert (len(told["contract"]["payments_sha256"]), told["contract"]["stage"], likeness) == (3, "done", {"equal"})
    assert told["matter"]["versions"][2]["wording"] == row.in_force.wording
    assert journal.verify().broken_seq is None


def test_use_first_and_pay_later(unit, keeper, firm, taker):
    tried = {"trial_months": 6, "trigger": "use", "due_days": 15}
    assert refused(
        lambda: take(agreements.agreement(unit, firm, by=keeper, trigger="trial"), "offer", keeper)
    ) == ["agreement-trial"]  # fmt: skip
    row = agreements.agreement(unit, firm, by=keeper, answered_by=taker, stage="trial", **tried)
    assert row.triggered_on is None
    assert set(days(row)) == {"trial"}
    invoice = {"agreement": row, "number": 1, "invoice": "发票1", "on": today()}
    assert refused(lambda: note_invoice(actor=keeper, **invoice)) == ["agreement-early"]
    row = take(row, "trigger", taker, note="首台设备投产")
    assert (row.record.stage, days(row)) == ("active", {"payment": today() + timedelta(days=15)})
    note_invoice(actor=keeper, **invoice)
    other = agreements.agreement(unit, firm, by=keeper, answered_by=taker, stage="trial", **tried)
    with pytest.raises(NotAllowed):
        take(other, "give-back", keeper, note="不用")
    other = take(other, "give-back", taker, note="试用后不再使用")
    assert (other.record.stage, days(other)) == ("returned", {})
    assert not other.in_force.payments.filter(freed_on=None).exists()
    # Without a trial it is in force at once, and owed from the first use all the same.
    row = agreements.agreement(
        unit, firm, by=keeper, answered_by=taker, stage="active", **(tried | {"trial_months": 0})
    )
    assert (row.triggered_on, days(row)) == (None, {})
    invoice["agreement"] = row
    assert refused(lambda: note_invoice(actor=keeper, **invoice)) == ["agreement-early"]
    row = take(row, "trigger", keeper, note="首台设备投产")
    assert (row.record.stage, days(row)) == ("active", {"payment": today() + timedelta(days=15)})
    note_invoice(actor=keeper, **invoice)
    with pytest.raises(NotAllowed):
        take(row, "trigger", taker, note="再一次")


def test_a_trial_ends_by_itself_where_money_is_owed_from_then_and_the_last_day_is_told_of(
    unit, keeper, firm, taker, monkeypatch
):
    tried = {"by": keeper, "answered_by": taker, "stage": "trial", "trial_months": 2, "due_days": 15}
    ends = today() + timedelta(days=400)
    row = agreements.agreement(unit, firm, trigger="trial", ends_on=ends, **tried)
    by_use = agreements.agreement(unit, firm, trigger="use", **tried)
    last = days(row)["trial"]
    assert days(row) == {"trial": last, "end": ends}

    def night(day):
        for name in ("trial_actions", "lifecycle"):
            monkeypatch.setattr(f"kezhuan.areas.agreements.{name}.today", lambda: day)
        end_trials()
        return [Record.objects.get(pk=one.pk).stage for one in (row, by_use)]

    assert night(last) == ["trial", "trial"]
    after = last + timedelta(days=1)
    assert [night(after), night(after)] == [["active", "trial"]] * 2
    assert days(row) == {"payment": after + timedelta(days=15), "end": ends}
    row = take(
        Agreement.objects.select_related("record").get(pk=row.pk), "terminate", keeper, note="停业", reason="purpose"
    )
    assert days(row) == {}


def test_both_sides_read_it_once_it_is_offered_and_nobody_else(unit, keeper, firm, taker):
    row = agreements.agreement(unit, firm, by=keeper, answered_by=taker)
    strangers = [
        city.officer(), city.member(unit), city.member(firm), city.member(city.organisation(), Role.ADMINISTRATOR)
    ]  # fmt: skip

    def seen(actor):
        followers.run_pending()
        return (
            visible_to(actor, Record.objects.filter(pk=row.pk)).exists(),
            client_of(actor).get(f"/agreements/{row.record.code}/").status_code == 200,
            search(actor, Asked(words="碳化硅抛光许可", kinds=("agreement",))).records == [row.pk],
        )

    assert [seen(actor) for actor in (keeper, taker)] == [(True,) * 3, (False,) * 3]
    row = take(row, "offer", keeper)
    assert [seen(actor) for actor in (keeper, taker, city.member(firm, Role.FINANCE))] == [(True,) * 3] * 3
    assert [seen(actor) for actor in strangers] == [(False,) * 3] * 4
    assert "agreement to be answered" in client_of(taker).get("/inbox/").content.decode()
    # The next version is its unit's alone until it is offered.
    row = take(take(row, "sign", taker), "amend", keeper, note="改价")
    blank = changed(keeper, row, firm, words="")  # the evidence of the signature is no text of a contract
    assert refused(lambda: take(blank, "offer", keeper)) == ["agreement-words"]
    row = changed(keeper, row, firm, words="底价只有四万")
    address = f"/agreements/{row.record.code}/"
    assert "底价只有四万" in client_of(keeper).get(address).content.decode()
    assert "底价只有四万" not in client_of(taker).get(address).content.decode()
    assert len(client_of(taker).get(f"/api/v1{address[:-1]}").json()["versions"]) == 1
    assert len(client_of(keeper).get(f"/api/v1{address[:-1]}").json()["versions"]) == 2


def test_a_side_without_an_account_signs_on_paper(unit, keeper):
    row = draft_agreement(actor=keeper, owner=unit, facts=agreements.facts(None))
    row = take(row, "offer", keeper)
    assert refused(lambda: take(row, "sign-paper", keeper)) == ["agreement-scan"]
    attach_document(actor=keeper, record=row.record, upload=Upload("合同.txt", "签字盖章".encode(), True))
    row = take(row, "sign-paper", keeper)
    assert (row.record.stage, row.in_force.on_paper) == ("active", True)
    row = take(row, "terminate", keeper, note="对方停业", reason="breach")
    assert (row.record.stage, row.in_force.payments.filter(freed_on=None).count()) == ("terminated", 0)
    told, likeness = at_the_end(row)
    assert (told["move"], told["reason"], likeness) == ("terminate", "breach", {"equal"})
    file = Document.objects.filter(record=row.record, kind=EVIDENCE).latest("pk")
    page = client_of(keeper).get(f"/evidence/{file.pk}/").content.decode()
    assert ("breach of the agreement" in page, "from signing" in page) == (True, True)
    AgreementPayment.objects.filter(version__agreement=row, number=1).update(paid_on=today(), paid_fen=9, freed_on=None)
    assert [field.path for field in reconstruct(file).differing] == ["present"]


def test_what_is_wrong_with_an_agreement_is_said(unit, keeper, firm):
    for given, code in (
        ({"title": ""}, "title-missing"), ({"sort": "x"}, "agreement-choice"),
        ({"party_code": "", "party_name": ""}, "agreement-party"),
        ({"party_code": agreements.code_of(unit)}, "agreement-party"),
        ({"ends_on": today() - timedelta(days=1)}, "agreement-days"), ({"amount_fen": -1}, "amount-negative"),
        ({"payments": (Due(""),)}, "agreement-payments"),
        ({"milestones": (Aim("样机", None),)}, "agreement-milestones"),
        ({"achievement": city.achievement(firm).record}, "agreement-tie"), ({"words": "绝密★长期"}, "state-secret"),
    ):  # fmt: skip
        found = refused(
            lambda given=given: draft_agreement(actor=keeper, owner=unit, facts=agreements.facts(firm, **given))
        )
        assert found == [code], given
    assert not Agreement.objects.exists()
    row = draft_agreement(actor=keeper, owner=unit, facts=agreements.facts(firm, words="", starts_on=None))
    assert refused(lambda: take(row, "offer", keeper)) == ["agreement-days", "agreement-words"]
    with pytest.raises(NotAllowed):
        draft_agreement(actor=city.member(unit), owner=unit, facts=agreements.facts(firm))


def test_a_contract_to_be_registered_begins_with_what_its_agreement_says(unit, keeper, firm, taker):
    row = agreements.agreement(unit, firm, by=keeper, answered_by=taker, stage="active")
    client, address = client_of(keeper), f"/agreements/{row.record.code}/"
    begin = f"/contracts/new/?agreement={row.record.code}"
    assert begin in client.get(address).content.decode()
    form = client.get(begin).content.decode()
    for said in ("南粤材料公司", agreements.code_of(firm), today().isoformat(), "4万元; 6万元", "普通许可"):
        assert said in form
    typed = {"title": "碳化硅抛光许可", "agreement": row.record.code, "buyer_name": "南粤材料公司", "turnover": "10"}
    made = client.post("/contracts/new/", typed)
    assert made.status_code == 302, made.content.decode()[:2000]
    contract = Contract.objects.get()
    assert contract.agreement_id == row.pk
    assert made["Location"] in client.get(address).content.decode()
    assert address in client.get(made["Location"]).content.decode()
    # What was paid is what the agreement tells, and what a receipt of the contract tells beside it, each once.
    assert told_of([contract])[contract.pk].fen == 0
    note_payment(actor=keeper, agreement=row, number=1, on=today(), fen=4_000_000, voucher="记-1")
    about = city.achievement(unit, stage="listed", by=keeper)
    one = receipt(unit, keeper, about=about, stage="proposed", received_fen=1_000_000)
    same = receipt(unit, keeper, about=about, reference="记-1", received_fen=4_000_000)
    Distribution.objects.filter(pk__in=(one.pk, same.pk)).update(contract=contract.pk)
    Record.objects.filter(pk=same.pk).update(phase="active")
    Contract.objects.filter(pk=contract.pk).update(paid_fen=0, signed_on=today() - timedelta(days=1500))
    contract.refresh_from_db()
    told = told_of([contract])[contract.pk]
    assert [(paid.record.pk, paid.fen) for paid in told.rows] == [(row.pk, 4_000_000), (one.pk, 1_000_000)]
    # The payment is named by one receipt, and another one of its day and amount is money beside it.
    Distribution.objects.filter(pk=one.pk).update(received_fen=4_000_000)
    assert told_of([contract])[contract.pk].fen == 8_000_000
    Distribution.objects.filter(pk=same.pk).update(payment=row.in_force.payments.get(number=1).pk)
    again = told_of([contract])[contract.pk].rows
    assert [paid.record.pk for paid in again] == [row.pk, one.pk]
    Distribution.objects.filter(pk=one.pk).update(received_fen=1_000_000)
    page = client.get(made["Location"]).content.decode()
    assert "Paid so far CNY 50,000" in page
    assert address in page.partition("Paid so far")[2]
    Record.objects.filter(pk=contract.pk).update(phase="submitted")
    look_at_all()
    assert not Flag.objects.filter(kind="dead", about__contract=contract).exists()
    hand_in(Contract.objects.get(), keeper)
    assert Contract.objects.get().paid_fen == 5_000_000
    # The other side reads the agreement and not its registration; another unit's agreement is none to come from.
    assert made["Location"] not in client_of(taker).get(address).content.decode()
    other = agreements.agreement(firm, unit, stage="active")
    assert client.post("/contracts/new/", typed | {"agreement": other.record.code}).status_code == 422
    strange = client.get(f"/contracts/new/?agreement={other.record.code}").content.decode()
    assert "4万元; 6万元" not in strange


def test_an_agreement_is_written_in_the_browser_and_paid_by_the_api(unit, keeper, firm, taker):
    about = city.achievement(unit, stage="listed", by=keeper)
    client = client_of(keeper)
    assert (
        f"/agreements/new/?achievement={about.record.code}"
        in client.get(f"/achievements/{about.record.code}/").content.decode()
    )
    typed = {
        "title": "抛光许可", "sort": "licence", "binding": "contract", "party_code": agreements.code_of(firm),
        "achievement": about.record.code, "starts_on": today().isoformat(), "amount": "10", "trigger": "signed",
        "trial_months": "0", "due_days": "30", "words": "普通许可", "payments-TOTAL_FORMS": "1",
        "payments-INITIAL_FORMS": "0", "payments-0-what": "许可费", "payments-0-fen": "10", "payments-0-due_on": "",
        "milestones-TOTAL_FORMS": "0", "milestones-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert client.post("/agreements/new/", typed | {"title": ""}).status_code == 422
    answer = client.post("/agreements/new/", typed)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    address = answer["Location"]
    row = Agreement.objects.get()
    assert (row.party_id, row.pending.payments.get().planned_fen) == (firm.pk, 10_000_000)
    assert client.get(f"{address}edit/").status_code == 200
    row = take(take(row, "offer", keeper), "sign", taker)
    page = client.get(address).content.decode()
    assert f"{address}payments/1/invoice/" in page
    assert f"{address}payments/1/" not in client_of(taker).get(address).content.decode()
    sent = {"fen": 10_000_000, "on": today().isoformat(), "voucher": "收1"}
    done = client.post(f"/api/v1{address}payments/1", sent, content_type="application/json")
    assert done.status_code == 200, done.content
    assert "收1" in client_of(taker).get(address).content.decode()
    assert client.post(f"{address}payments/1/", {"fen": "1", "on": today().isoformat()}).status_code == 409
