"""Each receipt is distributed once: by the rules of its day, to the fen, to nobody twice, instalments carried on."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.db.models import Sum
from django.utils import translation

from kezhuan.areas.agreements.actions import note_payment
from kezhuan.areas.evidence.actions import evidence_of
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.notices.actions import object_to_notice, prepare_notice
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.areas.rights import distribution_actions as actions
from kezhuan.areas.rights.distribution_actions import Cost, Share
from kezhuan.areas.rights.distribution_lifecycle import DISTRIBUTION
from kezhuan.areas.rights.expiry_actions import expire_grants
from kezhuan.areas.rights.models import Distribution, DistributionMember, RightsGrant
from kezhuan.exchange.papers.printing import content_of, version_of
from kezhuan.exchange.papers.signing import confirm_version
from kezhuan.kernel import holdings, journal, registry, rulebook
from kezhuan.kernel.access import GROUPS, SYSTEM, actor_for, can_view, visible_to
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Notice, Person, Record, RuleUse
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import BETWEEN, save_days
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import agreements, city, grants, receipts

pytestmark = pytest.mark.django_db


class Office:
    """A university's finance, a rewarded member with an account, and a result that brings money in."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.finance, self.member = city.member(self.unit, Role.FINANCE), city.member(self.unit)
        self.about = city.achievement(self.unit, stage="listed")

    def receipt(self, stage="draft", **more):
        return receipts.receipt(self.unit, self.finance, about=self.about, stage=stage, **more)

    def move(self, row, name, by=None, **more):
        return advance(DISTRIBUTION, fresh(row), name, actor=by or self.finance, **({"note": "测试"} | more))

    def settle(self, row):
        city.laid_open(fresh(row), "settle", self.finance)
        return self.move(row, "settle")


@pytest.fixture
def office():
    return Office()


def fresh(row):
    audiences = (f"record__{group}_to" for group in GROUPS)
    rows = Distribution.objects.select_related("record__owner", "achievement", "unit", "after", *audiences)
    return rows.get(pk=row.pk)


def codes_of(act):
    with translation.override("en"), pytest.raises(Refused) as refused:
        act()
    return [one.code for one in refused.value.problems]


def test_what_came_in_under_an_agreement_is_distributed_once_with_its_day_and_amount(office):
    firm = city.organisation("南粤材料公司")
    taker = city.member(firm, Role.LEGAL)
    deal = agreements.agreement(
        office.unit, firm, by=city.member(office.unit, Role.ADMINISTRATOR), answered_by=taker, stage="active",
        achievement=office.about.record,
    )  # fmt: skip
    note_payment(actor=office.finance, agreement=deal, number=1, on=today(), fen=4_000_000, voucher="收7号")
    name = f"{deal.record.code}/1/1"
    page = client_of(office.finance).get(f"/agreements/{deal.record.code}/").content.decode()
    assert f"/distributions/new/?payment={name}" in page
    assert "/distributions/new/" not in client_of(taker).get(f"/agreements/{deal.record.code}/").content.decode()
    form = client_of(office.finance).get(f"/distributions/new/?payment={name}").content.decode()
    assert all(f'value="{typed}"' in form for typed in ("收7号", "40,000.00", today().isoformat()))
    assert f'<option value="{name}" selected' in form
    paid, unpaid = deal.in_force.payments.order_by("number")
    came = {"payment": paid, "received_fen": 4_000_000, "costs": ()}
    assert codes_of(lambda: office.receipt(**came | {"received_fen": 3_999_999})) == ["income-payment-differs"]
    assert codes_of(lambda: office.receipt(**came | {"payment": unpaid})) == ["income-payment"]
    other = city.achievement(office.unit, stage="listed")
    of_other = partial(receipts.receipt, office.unit, office.finance, about=other, **came)
    assert codes_of(of_other) == ["income-payment-about"]
    row = office.receipt(**came, reference="收7号")
    assert codes_of(lambda: office.receipt(**came, reference="收8号")) == ["income-payment-twice"]
    page = client_of(office.finance).get(f"/agreements/{deal.record.code}/").content.decode()
    assert row.record.code in page
    assert "/distributions/new/" not in page
    # Discarded, it is entered again.
    office.move(row, "discard")
    row = office.receipt(**came, reference="收7号")
    shown = client_of(office.finance).get(f"/api/v1/distributions/{row.record.code}").json()
    assert shown["payment"] == name
    # Its evidence tells the agreement by its number, and each payment with its voucher by a hash: others read it, too.
    known = evidence_of(row, "settle", office.finance, {})["contract"]
    assert (known["code"], len(known["payments_sha256"]), "title" in known) == (deal.record.code, 2, False)
    deal.in_force.payments.filter(number=1).update(voucher="收9号")
    again = evidence_of(row, "settle", office.finance, {})["contract"]["payments_sha256"]
    assert [one == then for one, then in zip(again, known["payments_sha256"], strict=True)] == [False, True]
    # The life line knows of the agreement.
    boss = client_of(city.member(office.unit, Role.ADMINISTRATOR))
    assert "agreement signed" in boss.get(f"/achievements/{office.about.record.code}/").content.decode()


def test_the_worked_example_is_settled_paid_once_and_closed(office):
    me = Share(office.member.name, "main", 3, office.member.person)
    row = office.receipt(members=(me, Share("柳其他", "other", 1)))
    assert not can_view(office.member, fresh(row).record)  # a draft is finance's
    form = client_of(office.finance).get(f"/distributions/{row.record.code}/edit/").content.decode()
    assert all(f'value="{typed}"' in form for typed in ("1,000,000.00", "60,000.00"))  # in yuan, as it is typed
    row = office.move(row, "propose")
    assert (row.net_fen, row.pool_fen, row.unit_fen) == (90_000_000, 63_000_000, 27_000_000)
    parts = dict(row.members.values_list("name", "fen"))
    assert parts[me.name] >= 31_500_000
    assert sum(parts.values()) == 63_000_000
    used = {one.rule_value.code for one in RuleUse.objects.filter(record=row.record)}
    assert used == {"income.floor.pool", "income.floor.main"}
    row = office.settle(row)
    assert can_view(office.member, fresh(row).record, "inner")
    assert not can_view(city.member(office.unit), fresh(row).record)
    assert not visible_to(city.officer(), Record.objects.filter(pk=row.pk)).exists()
    pay = {"actor": office.finance, "row": row, "number": 1, "on": today(), "voucher": "付1"}
    assert codes_of(lambda: actions.pay_share(**(pay | {"on": today() + timedelta(days=1), "voucher": ""}))) == [
        "income-paid-day", "income-voucher",
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.pay_share(**(pay | {"actor": office.member}))
    actions.pay_share(**pay)
    with pytest.raises(Conflict):  # not twice, under another voucher either
        actions.pay_share(**(pay | {"voucher": "付2"}))
    assert codes_of(lambda: office.move(row, "close")) == ["income-unpaid"]
    actions.pay_share(**(pay | {"number": 2}))
    assert office.move(row, "close").record.stage == "closed"
    page = f"/distributions/{row.record.code}/"
    signed = "List of the distribution, printed and signed</td>"
    shown = client_of(office.finance).get(page).content.decode()
    assert ("Regulations on the conversion of results of Beijing (2019), Art. 12" in shown, "《北京市" in shown) == (
        True,
        False,
    )
    assert "《北京市促进" in client_of(office.finance).get(page, headers={"accept-language": "zh-CN"}).content.decode()
    assert "missing" in client_of(office.finance).get(page).content.decode().split(signed)[1][:200]
    printed, _content = version_of(actor=office.finance, row=fresh(row))
    confirm_version(actor=office.finance, row=fresh(row), code=printed.code)
    assert printed.code in client_of(office.finance).get(page).content.decode().split(signed)[1][:200]
    text = str(content_of(office.finance, fresh(row)).facts)
    assert "630,000.00" in text or "630000" in text
    filing = file_record(actor=office.finance, row=registry.row_of(fresh(row).record), programme="achievement")
    assert [(name, fen) for name, fen, _on in filing.content["figures"]] == [
        ("received", 100_000_000), ("reward", 63_000_000),
    ]  # fmt: skip
    assert me.name not in json.dumps(filing.content, ensure_ascii=False)
    mine = client_of(office.member).get("/my-share/").content.decode()
    assert (row.record.code in mine, "nothing to pay" in mine) == (True, False)
    own = fresh(row).members.filter(person=office.member.person)
    was = own.values("fen", "paid_on", "voucher").get()
    own.update(fen=0, paid_on=None, voucher="")
    assert "nothing to pay" in client_of(office.member).get("/my-share/").content.decode()
    own.update(**was)
    assert row.record.code not in client_of(city.member(office.unit)).get("/my-share/").content.decode()
    with journal.writing():
        holdings.forget(office.member.person, SYSTEM)
    assert me.name not in json.dumps(fresh(row).result, ensure_ascii=False)
    assert journal.verify().broken_seq is None


def test_what_was_distributed_stays_when_rules_and_grants_change(office):
    row = office.receipt("proposed")
    before = (row.result, row.pool_fen)
    rulebook.add_rule_value(
        actor=city.officer(), code="income.floor.pool", jurisdiction="440100", value=9000, unit="basis points",
        effective_from=today() - timedelta(days=9), source="新规定",
    )  # fmt: skip
    assert (fresh(row).result, office.settle(row).pool_fen) == before
    later = office.receipt("proposed", reference="收字2号")
    assert (later.pool_fen, later.after_id) == (90_000_000 * 9 // 10, row.pk)


def test_instalments_carry_what_costs_left_and_come_one_after_the_other(office):
    costs = (Cost("broker", 150_000_000),)
    first = office.receipt("settled", costs=costs, received_on=today() - timedelta(days=3))
    assert (first.net_fen, first.left_fen, first.pool_fen) == (0, -50_000_000, 0)
    second = office.receipt("proposed", reference="2", costs=())
    assert (second.carried_fen, second.net_fen, second.after_id) == (-50_000_000, 50_000_000, first.pk)
    page = client_of(office.finance).get(f"/distributions/{second.record.code}/").content.decode()
    assert ["500,000.00" in page, "-500,000.00" in page] == [True, False]  # costs are told as such, not below nothing
    third = office.receipt(reference="3", costs=())
    assert codes_of(lambda: office.move(third, "propose")) == ["income-waits"]
    office.move(second, "revise")
    third = office.move(third, "propose")
    assert (third.carried_fen, third.after_id) == (-50_000_000, first.pk)  # the balance is taken once
    office.settle(third)
    assert office.move(second, "propose").carried_fen == 0
    early = office.receipt(reference="4", received_on=today() - timedelta(days=9))
    office.settle(second)
    assert codes_of(lambda: office.move(early, "propose")) == ["income-order"]


def test_no_receipt_and_no_person_is_there_twice(office):
    first = office.receipt()
    assert codes_of(office.receipt) == ["income-receipt-twice"]
    other = office.receipt(reference="2")
    same = receipts.facts(office.about)
    edit = {"actor": office.finance, "row": fresh(other), "expected_version": other.record.version}
    assert codes_of(lambda: actions.edit_receipt(**edit, facts=same)) == ["income-receipt-twice"]
    twice = (Share("韩主要", "main", 1), Share("韩主要 ", "other", 1))
    assert codes_of(lambda: office.receipt(reference="3", members=twice)) == ["income-person-twice"]
    assert codes_of(lambda: office.receipt(reference="3", costs=(Cost("研发费", 1),))) == ["income-research-cost"]
    wrong = {"reference": " ", "received_on": today() + timedelta(days=1), "received_fen": 0, "costs": (Cost("x", 0),)}
    assert codes_of(lambda: office.receipt(**wrong)) == [
        "income-reference", "income-day", "income-amount", "income-cost-kind", "income-cost-amount",
    ]  # fmt: skip
    only_others = office.receipt(reference="4", members=(Share("柳其他", "other", 1),))
    assert codes_of(lambda: office.move(only_others, "propose")) == ["income-main-missing"]
    office.move(first, "discard")
    assert office.receipt().reference == first.reference
    form = {"turnover": 150_000_000, "technology": 150_000_000, "payment": "once", "deductions": {}, "instalments": ()}
    contract = city.contract(office.unit, stage="submitted", **form)
    under = {"contract": contract.record, "costs": ()}
    office.receipt("settled", reference="5", **under)
    more = office.receipt(reference="6", **under)
    assert codes_of(lambda: office.move(more, "propose")) == ["income-beyond-contract"]
    office.about = city.achievement(office.unit, stage="listed")
    of_another_result = office.receipt(reference="7", **under)
    assert codes_of(lambda: office.move(of_another_result, "propose")) == ["income-beyond-contract"]
    with pytest.raises(NotAllowed):
        actions.enter_receipt(actor=office.member, owner=office.unit, facts=same)


def test_owners_under_a_grant_are_paid_as_owners_and_not_rewarded_as_well(office):
    keeper = city.member(office.unit, Role.LEGAL)
    people = [office.member, city.member(office.unit)]
    about = grants.achievement(office.unit, people)
    grants.grant(office.unit, keeper, people, stage="active", about=about)
    office.about = about
    both = (Share(office.member.name, "main", 1, office.member.person), Share("柳其他", "other", 1))
    row = office.receipt(members=both)
    assert codes_of(lambda: office.move(row, "propose")) == ["income-owner-rewarded"]
    edit = {"actor": office.finance, "row": fresh(row), "expected_version": row.record.version}
    actions.edit_receipt(**edit, facts=receipts.facts(about, members=(Share("韩主要", "main", 1),)))
    row = office.move(row, "propose")
    owners = dict(row.members.filter(role="owner").values_list("name", "fen"))
    assert owners == {people[0].name: 50_400_000, people[1].name: 12_600_000}  # 70 % of the net, 80 : 20
    total = sum(row.members.values_list("fen", flat=True))
    assert (row.pool_fen, total + row.unit_fen) == (27_000_000 * 7 // 10, row.net_fen)
    assert "70 % 计算，与权属份额一致" in str(row.result["notes"])
    row = office.move(row, "revise")
    assert not row.members.filter(role="owner").exists()
    spans = [today() - timedelta(days=days) for days in (9, 5, 1)]
    RightsGrant.objects.update(agreed_on=spans[0], starts_on=spans[0], ends_on=spans[2])
    expire_grants()  # what came in before is theirs all the same
    told = receipts.facts(about, members=(Share("韩主要", "main", 1),))
    for day, theirs in ((spans[1], 63_000_000), (today(), None)):
        edit = {"actor": office.finance, "row": fresh(row), "expected_version": fresh(row).record.version}
        actions.edit_receipt(**edit, facts=replace(told, received_on=day))
        row = office.move(row, "propose")
        assert row.members.filter(role="owner").aggregate(fen=Sum("fen"))["fen"] == theirs
        row = office.move(row, "revise")


def test_two_of_one_name_are_told_apart_and_holders_of_a_use_are_paid_by_their_split(office):
    keeper = city.member(office.unit, Role.LEGAL)
    people = [office.member, city.member(office.unit)]
    others = [city.member(office.unit), city.member(office.unit)]
    name = office.member.name
    Record.objects.filter(pk__in=[one.person.pk for one in (people[1], *others)]).update(title=name)
    people, others = ([actor_for(Person.objects.get(pk=one.person.pk)) for one in some] for some in (people, others))
    office.about = grants.achievement(office.unit, people, paper=True)
    use = {"kind": "use", "share_bp": None, "use_scope": "sole", "use_territory": "中国", "income_bp": 8000}
    granted = grants.grant(office.unit, keeper, people, stage="active", about=office.about, **use)
    codes = [one.person.record.code for one in (*people, *others)]
    team = f"林纸笔（60.00%）{BETWEEN}{name}（{codes[0]}）（20.00%）{BETWEEN}{name}（{codes[1]}）（20.00%）"
    assert dict(granted.terms)["成果完成人及团队内部分配"] == team
    office.about = granted.achievement.achievement
    unknown = (Share(name, "main", 1, others[0].person), Share(name, "other", 1))
    assert codes_of(lambda: office.receipt(members=unknown)) == ["income-person-twice"]
    row = office.receipt(members=(Share(name, "main", 1),))  # no account: it may be one of the team
    assert codes_of(lambda: office.move(row, "propose")) == ["income-owner-rewarded"]
    both = (Share(name, "main", 3, others[0].person), Share(name, "other", 1, others[1].person))
    edit = {"actor": office.finance, "row": fresh(row), "expected_version": row.record.version}
    row = office.move(actions.edit_receipt(**edit, facts=receipts.facts(office.about, members=both)), "propose")
    got = {one.name: (one.role, one.person_id, one.fen) for one in row.members.all()}
    assert {key: (role, fen) for key, (role, _person, fen) in got.items()} == {
        f"{name}（{codes[2]}）": ("main", 9_450_000), f"{name}（{codes[3]}）": ("other", 3_150_000),
        "林纸笔": ("owner", 43_200_000),
        f"{name}（{codes[0]}）": ("owner", 14_400_000), f"{name}（{codes[1]}）": ("owner", 14_400_000),
    }  # fmt: skip
    assert [got[f"{name}（{code}）"][1] for code in codes] == [one.person.pk for one in (*people, *others)]
    notes = "".join(one[0] for one in row.result["notes"])
    assert "按赋权协议签署的收益分配 80 %" in notes
    assert "长期使用权" in notes
    with journal.writing():
        holdings.forget(people[1].person, SYSTEM)
    kept = dict(RightsGrant.objects.get(pk=granted.pk).terms)["成果完成人及团队内部分配"]
    assert kept == team.replace(f"{name}（{codes[1]}）", holdings.NAME)  # the other one of the name stays


def test_the_notice_names_people_and_amounts_and_nobody_settles_their_own(office):
    boss = city.member(office.unit, Role.ADMINISTRATOR)
    row = office.receipt("proposed", members=(Share(boss.name, "main", 1, boss.person),))
    with translation.override("en"), pytest.raises(Refused, match=r"notice\.distribution\.settle") as refused:
        office.move(row, "settle")  # where nothing says for how long nobody is passed over: it waits
    assert [one.code for one in refused.value.problems] == ["notice-unruled"]
    for code in ("notice.distribution.settle", "notice.distribution.settle.objections"):
        city.rule(code, 0 if code.endswith("objections") else 15, "working days")
    assert codes_of(lambda: office.move(row, "settle")) == ["notice-missing"]
    with pytest.raises(NotAllowed):
        office.move(row, "settle", boss)
    held = {"row": fresh(row), "move": "settle", "audience": "unit", "reception": "财务处 020-1", "channels": ["site"]}
    with pytest.raises(NotAllowed):
        prepare_notice(actor=boss, **held)
    notice = advance(NOTICE, prepare_notice(actor=office.finance, **held), "start", actor=office.finance)
    assert boss.name in json.dumps(notice.content, ensure_ascii=False)
    objection = object_to_notice(
        actor=office.member, notice=notice, name="周异议", contact="020-12345678", text="遗漏贡献人员"
    )
    notice.channels.update(started_on=today() - timedelta(days=40))
    save_days(notice)
    assert codes_of(lambda: advance(NOTICE, notice, "complete", actor=office.finance)) == ["objection-open"]
    assert Clock.objects.get(record=objection.record, ended_on=None).party == office.unit
    office.move(row, "revise")
    assert Notice.objects.get().record.stage == "stopped"


def test_random_receipts_sum_to_the_fen_whatever_the_split(office):
    random = Random(9)
    row = office.receipt()
    told = receipts.facts(office.about)
    for _ in range(12):
        members = tuple(
            Share(f"人{number}", random.choice(("main", "other", "office")), random.randrange(1, 999))
            for number in range(random.randrange(1, 9))
        )
        members = (replace(members[0], role="main"), *members[1:])
        facts = replace(told, received_fen=random.randrange(20_000_000, 10**12), members=members)
        edit = {"actor": office.finance, "row": fresh(row), "expected_version": fresh(row).record.version}
        actions.edit_receipt(**edit, facts=facts)
        row = office.move(row, "propose")
        fen = list(DistributionMember.objects.filter(distribution=row).values_list("fen", flat=True))
        assert sum(fen) == row.pool_fen
        assert row.pool_fen + row.unit_fen == row.net_fen
        assert row.pool_fen * 10 >= row.net_fen * 7
        row = office.move(row, "revise")


def test_in_the_browser_and_by_the_api(office):
    client = client_of(office.finance)
    code = office.about.record.code
    assert "/distributions/new/" in client.get(f"/achievements/{code}/").content.decode()
    form = {
        "achievement": code, "title": "许可费", "reference": "收9", "received_on": today().isoformat(),
        "received": "1000000", "costs-TOTAL_FORMS": "1", "costs-INITIAL_FORMS": "0", "costs-0-kind": "tax",
        "costs-0-amount": "100000", "members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0",
        "members-0-name": "韩主要", "members-0-role": "main", "members-0-weight": "1",
    }  # fmt: skip
    answer = client.post(f"/distributions/new/?achievement={code}", form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    row = Distribution.objects.get()
    address = f"/distributions/{row.record.code}/"
    assert client.get(f"{address}edit/").status_code == 200
    empty = client.get("/distributions/new/").content.decode()
    assert '<option value="" selected>' in empty.split('name="achievement"')[1][:200]  # not the newest, by itself
    row = office.move(row, "propose")
    page = client.get(address).content.decode()
    assert "630,000" in page
    assert "Guangdong plan" in page  # the source of the floor, in the reader's language
    row = office.settle(row)
    paid = {"on": today().isoformat(), "voucher": "付9"}
    assert client.post(f"{address}pay/1/", paid).status_code == 302
    shown = client.get(f"/api/v1/distributions/{row.record.code}").json()
    assert (shown["pool_fen"], shown["members"][0]["voucher"]) == (63_000_000, "付9")
    asked = {"title": "二期", "achievement": code, "reference": "收10", "received_on": today().isoformat(),
             "received_fen": 5, "members": [{"name": "韩主要", "role": "main", "weight": 1}]}  # fmt: skip
    unknown = asked | {"contract": "H-2026-99999"}
    assert client.post("/api/v1/distributions", unknown, content_type="application/json").status_code == 422
    assert client.post("/api/v1/distributions", asked, content_type="application/json").status_code == 201
