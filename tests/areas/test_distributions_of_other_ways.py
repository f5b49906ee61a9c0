"""Shares of a company and a year's profit are distributed like a receipt: decided, by the floors, to nobody twice."""

from datetime import timedelta

import pytest

from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.evidence.actions import told_in
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.rights import distribution_actions as actions
from kezhuan.areas.rights.distribution_actions import Share
from kezhuan.areas.rights.distribution_lifecycle import DISTRIBUTION
from kezhuan.areas.rights.models import Distribution
from kezhuan.areas.rights.queries import received_under
from kezhuan.engines.days import months_after
from kezhuan.exchange.papers.printing import content_of
from kezhuan.kernel import registry
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Notice, RuleUse
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, grants, receipts

pytestmark = pytest.mark.django_db
BEGAN = months_after(today(), -30)
EQUITY = {
    "way": "equity", "company": "南粤新材有限公司", "reference": "登记1号", "costs": (), "received_fen": 300_000_000,
    "post_money_fen": 1_000_000_000, "total_shares": 10_000_001,
}  # fmt: skip
PROFIT = {"way": "profit", "reference": "核算1号", "costs": (), "started_on": BEGAN, "year_no": 1}


class Office:
    """A university's finance, and a member of it who is rewarded."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.finance, self.member = city.member(self.unit, Role.FINANCE), city.member(self.unit)
        self.about = city.achievement(self.unit, stage="listed")
        self.team = (Share(self.member.name, "main", 3, self.member.person), Share("柳其他", "other", 1))

    def row(self, stage="draft", **more):
        given = {"about": self.about, "members": self.team} | more
        return receipts.receipt(self.unit, self.finance, stage=stage, **given)

    def move(self, row, name):
        return advance(DISTRIBUTION, fresh(row), name, actor=self.finance, note="测试")

    def settle(self, row):
        city.laid_open(fresh(row), "settle", self.finance)
        return self.move(row, "settle")


@pytest.fixture
def office():
    return Office()


def fresh(row):
    return Distribution.objects.select_related("record__owner", "achievement", "unit").get(pk=row.pk)


def codes_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return [one.code for one in refused.value.problems]


def test_the_shares_for_a_result_are_decided_divided_registered_once_and_told(office):
    row = office.row("proposed", **EQUITY)
    assert (row.held_shares, row.pool_shares, row.unit_shares) == (3_000_000, 1_500_000, 1_500_000)
    assert (row.net_fen, row.pool_fen, row.due_on) == (None, None, None)
    assert list(row.members.values_list("fen", "shares")) == [(None, 1_125_000), (None, 375_000)]
    used = {one.rule_value.code for one in RuleUse.objects.filter(record=row.record)}
    assert used == {"income.floor.equity", "income.floor.main"}
    row = office.settle(row)
    told = told_in(Document.objects.get(record=row.record))["matter"]
    assert (told["way"], told["company"], told["held_shares"]) == ("equity", "南粤新材有限公司", 3_000_000)
    assert told["members"][1] == {"name": "柳其他", "role": "other", "weight": 1, "shares": 375_000}
    frozen = client_of(office.finance).get(f"/evidence/{Document.objects.get(record=row.record).pk}/").content.decode()
    assert all(said in frozen for said in ("shares of a company that it was put into", "Shares for the result"))
    page = f"/distributions/{row.record.code}/"
    mine = client_of(office.member).get("/my-share/").content.decode()
    assert "1,125,000" in mine
    assert "南粤新材有限公司" in mine
    pay = {"actor": office.finance, "row": row, "on": today(), "voucher": "变更登记9号"}
    actions.pay_share(**pay, number=1)
    with pytest.raises(Conflict):
        actions.pay_share(**pay, number=1)
    assert codes_of(lambda: office.move(row, "close")) == ["income-unpaid"]
    actions.pay_share(**pay, number=2)
    assert office.move(row, "close").record.stage == "closed"
    shown = client_of(office.finance).get(page).content.decode()
    assert all(said in shown for said in ("3,000,000", "变更登记9号", "Art. 45", "南粤新材有限公司"))
    assert "tax relief" not in shown
    line = client_of(office.finance).get(f"/achievements/{office.about.record.code}/").content.decode()
    assert f"/distributions/new/?achievement={office.about.record.code}&amp;way=equity" in line
    text = str(content_of(office.finance, fresh(row)).facts)
    assert all(said in text for said in ("作价投资所得股权", "1,125,000股", "10,000,001股"))
    filing = file_record(actor=office.finance, row=registry.row_of(fresh(row).record), programme="achievement")
    assert [(name, fen) for name, fen, _on in filing.content["figures"]] == [
        ("equity", 300_000_000), ("equity-reward", 150_000_000),
    ]  # fmt: skip
    api = client_of(office.finance).get(f"/api/v1{page}".rstrip("/")).json()
    assert (api["way"], api["held_shares"], api["members"][0]["shares"]) == ("equity", 3_000_000, 1_125_000)
    assert (api["figures"][0]["fen"], api["figures"][0]["shares"]) == (None, 3_000_000)
    sheet = b"".join(client_of(office.finance).post("/distributions/", {"export": "csv"})).decode()
    assert "柳其他 375,000" in sheet


def test_years_of_profit_are_rewarded_once_each_within_their_term(office):
    row = office.row("settled", **PROFIT | {"received_fen": 100_000_001})
    assert (row.net_fen, row.pool_fen, row.unit_fen, row.held_shares) == (100_000_001, 5_000_001, 95_000_000, None)
    assert sum(row.members.values_list("fen", flat=True)) == 5_000_001
    used = {one.rule_value.code for one in RuleUse.objects.filter(record=row.record)}
    assert used == {"income.floor.profit", "income.profit.least", "income.profit.most", "income.floor.main"} | {
        "notice.distribution.settle",
    }
    again = PROFIT | {"reference": "核算2号"}
    assert codes_of(lambda: office.row(**again)) == ["income-year-twice"]
    assert codes_of(lambda: office.row(**again | {"year_no": 3})) == ["income-year-runs"]
    second = office.row(**again | {"year_no": 2})
    office.move(second, "discard")
    second = office.row("proposed", **again | {"year_no": 2})
    assert (second.carried_fen, second.after_id) == (0, None)
    late = office.row(**PROFIT | {"reference": "3", "started_on": months_after(BEGAN, -60), "year_no": 4})
    assert codes_of(lambda: office.move(late, "propose")) == ["income-profit-count"]
    filing = file_record(actor=office.finance, row=registry.row_of(fresh(row).record), programme="achievement")
    assert [name for name, _fen, _on in filing.content["figures"]] == ["profit", "reward"]
    # It is no money of a contract, and no instalment of a receipt.
    assert office.row("proposed").after_id is None
    contract = city.contract(office.unit, stage="submitted")
    joint = PROFIT | {"reference": "4", "started_on": BEGAN - timedelta(1), "contract": contract.record}
    joint = office.row("proposed", **joint)
    assert list(received_under([joint.contract_id])) == []


def test_owners_take_shares_for_a_result_but_no_profit_and_are_not_rewarded_as_well(office):
    people = [office.member, city.member(office.unit)]
    office.about = grants.achievement(office.unit, people)
    grants.grant(office.unit, city.member(office.unit, Role.LEGAL), people, stage="active", about=office.about)
    others = (Share("韩主要", "main", 1),)
    row = office.row("proposed", **EQUITY, members=others)
    got = {(one.role, one.shares) for one in row.members.all()}
    assert got == {("owner", 1_680_000), ("owner", 420_000), ("main", 450_000)}
    year = office.row("proposed", **PROFIT, members=others)
    assert [(one.role, one.fen) for one in year.members.all()] == [("main", 5_000_000)]
    assert "赋权协议" in str(year.result["notes"])
    for given in (EQUITY | {"reference": "2"}, PROFIT | {"reference": "3", "year_no": 2}):
        both = office.row(**given)
        assert codes_of(lambda both=both: office.move(both, "propose")) == ["income-owner-rewarded"]


def test_a_head_of_the_unit_needs_a_decision_and_gets_no_equity_where_a_rule_says_so(office):
    heads = (Share("韩主要", "main", 1, head=True),)
    row = office.row("proposed", **EQUITY, members=heads)
    assert "正职股权奖励" in str(row.result["notes"])
    city.laid_open(fresh(row), "settle", office.finance)
    assert codes_of(lambda: office.move(row, "settle")) == ["income-undecided"]
    decided = {"minutes": "校长办公会〔2026〕3号", "decided_on": today()}
    row = office.row("proposed", **EQUITY | decided | {"reference": "2"}, members=heads)
    office.settle(row)
    frozen = content_of(office.finance, fresh(row)).facts
    assert "校长办公会〔2026〕3号" in dict(frozen)["集体决策"]
    city.rule("income.head.equity", 0, "count")
    row = office.row(**EQUITY | {"reference": "3"}, members=heads)
    assert codes_of(lambda: office.move(row, "propose")) == ["income-head-equity"]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"way": "loan"}, ["income-way"]),
        ({"company": "某公司"}, ["income-way"]),
        (EQUITY | {"company": " "}, ["income-company"]),
        (EQUITY | {"post_money_fen": 1, "total_shares": 0}, ["income-equity-value", "income-equity-shares"]),
        (PROFIT | {"started_on": None}, ["income-started"]),
        (PROFIT | {"year_no": 21, "years": 21}, ["income-year", "income-years"]),
        ({"minutes": "纪要"}, ["income-decision"]),
        ({"minutes": "纪要", "decided_on": today() + timedelta(days=1)}, ["income-decision"]),
    ],
)
def test_what_cannot_be_kept_is_told(office, given, codes):
    assert codes_of(lambda: office.row(**given)) == codes


def test_the_forms_ask_for_what_is_distributed_and_keep_it(office):
    client = client_of(office.finance)
    form = client.get(f"/distributions/new/?achievement={office.about.record.code}&way=equity").content.decode()
    assert 'name="company"' in form
    assert all(f'name="{name}"' not in form for name in ("payment", "year_no", "costs-TOTAL_FORMS"))
    typed = {
        "achievement": office.about.record.code, "title": "作价入股", "company": "南粤新材有限公司",
        "reference": "登记1号", "received_on": today().isoformat(), "received": "3000000",
        "post_money_fen": "10000000", "total_shares": "100", "minutes": "纪要1号", "decided_on": today().isoformat(),
        "members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0", "members-0-name": "韩主要",
        "members-0-role": "main", "members-0-weight": "1", "members-0-head": "on",
    }  # fmt: skip
    answer = client.post("/distributions/new/?way=equity", typed)
    assert answer.status_code == 302, answer.content.decode()
    row = Distribution.objects.get()
    assert (row.way, row.received_fen, row.post_money_fen, row.total_shares, row.minutes) == (
        "equity", 300_000_000, 1_000_000_000, 100, "纪要1号",
    )  # fmt: skip
    assert row.members.get().head
    form = client.get(f"/distributions/{row.record.code}/edit/").content.decode()
    assert all(f'value="{said}"' in form for said in ("10,000,000.00", "100", "纪要1号", "南粤新材有限公司"))
    body = {
        "title": "首年利润", "achievement": office.about.record.code, "reference": "核算1号", "way": "profit",
        "received_on": today().isoformat(), "received_fen": 100, "started_on": BEGAN.isoformat(), "year_no": 1,
        "members": [{"name": "韩主要", "role": "main", "weight": 1, "head": True}],
    }  # fmt: skip
    made = client.post("/api/v1/distributions", body, content_type="application/json")
    assert made.status_code == 201, made.content
    kept = client.get(f"/api/v1/distributions/{made.json()['code']}").json()
    assert (kept["way"], kept["year_no"], kept["members"][0]["head"]) == ("profit", 1, True)


def test_the_papers_for_the_tax_relief_of_a_receipt_are_told_as_here_or_missing(office):
    row = office.row("proposed")

    def of(what):
        page = client_of(office.finance).get(f"/distributions/{row.record.code}/").content.decode()
        return page.split("Papers for the tax relief")[-1].split(f">{what}<")[1].split("</tr>")[0]

    assert all(word in of("Voucher of the receipt") for word in ("收字1号", "here"))
    gone = ("Registration of the technology contract", "Notice with achievement, people and amounts")
    assert ["missing" in of(what) for what in gone] == [True, True]
    assert "from outside" in of("Filing form of the tax office (备案表)")
    contract = city.contract(office.unit)
    Contract.objects.filter(pk=contract.pk).update(reg_no="2026440100000001", registered_technology_fen=5_000_000)
    Distribution.objects.filter(pk=row.pk).update(contract=contract.pk)
    office.settle(row)
    told = of(gone[0])
    assert ("2026440100000001" in told, "missing" in told) == (True, False)
    assert "50,000.00" in of("Form that verifies the technology amount")
    assert Notice.objects.get(about=row.record).record.code in of(gone[1])
