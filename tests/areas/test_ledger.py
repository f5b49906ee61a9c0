"""The separate ledger: one entry per achievement, its status always that of its contracts, and how it is kept."""

from datetime import date, timedelta
from random import Random

import pytest
from django.utils import translation

from kezhuan.areas.agreements.models import Agreement, Binding
from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.evidence.actions import EVIDENCE, hash_of, told_in
from kezhuan.areas.evidence.reconstruction import reconstruct
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.ledger import actions, models, pages_overview, queries
from kezhuan.areas.ledger.actions import LedgerFacts
from kezhuan.areas.ledger.annuity_actions import watch_annuities
from kezhuan.areas.ledger.equity_actions import EquityFacts, add_equity, exit_equity, name_company
from kezhuan.areas.ledger.lifecycle import LEDGER
from kezhuan.areas.ledger.models import ConversionStatus, Equity, LedgerEntry
from kezhuan.areas.ledger.queries import counted, own_entries
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.engines.days import months_after
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import can_view
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Approval, Clock, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import agreements, city, grants, ledgers

pytestmark = pytest.mark.django_db
COMPANY, ASSETS = "91440101MA59HUKE23", "91440101MA5AKQXX4X"


class Unit:
    """A university with its finance and a result that stands in its ledger."""

    def __init__(self):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.finance, self.boss = city.member(self.unit, Role.FINANCE), city.member(self.unit, Role.ADMINISTRATOR)
        self.about = city.achievement(self.unit, stage="listed")
        self.row = ledgers.entry(self.unit, self.finance, about=self.about)

    def again(self):
        return LedgerEntry.objects.select_related("record__owner__record", "achievement").get(pk=self.row.pk)

    def move(self, name, by=None):
        return advance(LEDGER, self.again(), name, actor=by or self.finance, note="测试")


@pytest.fixture
def unit():
    return Unit()


def codes_of(act):
    with translation.override("en"), pytest.raises(Refused) as refused:
        act()
    return [one.code for one in refused.value.problems]


def expected(contracts, grants_, equity, agreed):
    """The status as the field notes define it, worked out by hand."""
    registered = [one for one in contracts if one[0] in {"registered", "amending", "changed"}]
    if any(not ended for ended in equity):
        return "invested"
    signed = [one for one in agreed if one[0] in {"trial", "active", "amending", "done"} and one[3] == "contract"]
    if any(one[1] == "transfer" for one in (*registered, *signed)):
        return "transferred"
    if any(one[1] == "licence" and (one[2] is None or one[2] >= today()) for one in (*registered, *signed)):
        return "licensed"
    if any(stage in {"active", "titled", "converted", "warned"} for stage in grants_):
        return "granted"
    over = {"registered", "amending", "changed", "refused", "cancelled", "revoked", "withdrawn", "void", "discarded"}
    if any(kind in {"transfer", "licence"} and stage not in over for stage, kind, _until in contracts):
        return "negotiating"
    if any(one[1] in {"transfer", "licence"} and one[0] in {"draft", "offered", "intent"} for one in agreed):
        return "negotiating"
    return "idle"


def test_its_status_is_that_of_its_contracts_whatever_they_become(unit):
    random, stages = Random(6), registry.kind_of("contract").lifecycle.stages
    entries = [unit.row, *(ledgers.entry(unit.unit, unit.finance) for _ in range(3))]
    rows = [city.contract(unit.unit, by=unit.boss) for _ in range(6)]
    deals = [agreements.agreement(unit.unit, by=unit.boss, stage="active") for _ in range(2)]
    granted = [grants.grant(unit.unit, city.member(unit.unit, Role.LEGAL)) for _ in range(2)]
    RightsGrant.objects.update(agreed_on=today())
    add_equity(actor=unit.finance, row=unit.row, facts=EquityFacts("转化公司", COMPANY, 2000, 100, today()))
    seen = set()
    for turn in range(24):
        told, given, bought, agreed = ({one.pk: [] for one in entries} for _ in range(4))
        for row in rows:
            stage, kind = random.choice(list(stages)), random.choice(("transfer", "licence", "development"))
            if turn % 2:  # often enough nothing stands
                stage = random.choice(("draft", "revoked", "withdrawn"))
            until, about = random.choice((None, today(), today() - timedelta(days=1))), random.choice([*entries, None])
            facts = {"kind": kind, "valid_to": until, "achievement": about and about.achievement_id}
            Contract.objects.filter(pk=row.pk).update(**facts)
            Record.objects.filter(pk=row.pk).update(stage=stage, phase=stages[stage].phase)
            if about is not None:
                told[about.pk].append((stage, kind, until))
            last = stage
        for one in granted:
            about, stage = random.choice(entries), random.choice(("active", "warned", "draft", "reclaimed", "signing"))
            RightsGrant.objects.filter(pk=one.pk).update(achievement=about.achievement_id)
            Record.objects.filter(pk=one.pk).update(stage=stage)
            given[about.pk].append(stage)
        for one in deals:
            about, sort = random.choice(entries), random.choice(("transfer", "licence", "service"))
            stage = random.choice(list(registry.kind_of("agreement").lifecycle.stages))
            until, binding = random.choice((None, today(), today() - timedelta(days=1))), random.choice(Binding.values)
            Agreement.objects.filter(pk=one.pk).update(sort=sort, achievement=about.achievement_id)
            Record.objects.filter(pk=one.pk).update(stage=stage)
            one.versions.update(ends_on=until, binding=binding)
            agreed[about.pk].append((stage, sort, until, binding))
        about, contract = random.choice(entries), random.choice((None, rows[-1].pk))
        Equity.objects.update(entry=about.pk, contract=contract)
        bought[about.pk].append(contract is not None and stages[last].phase in {"void", "failed", "withdrawn"})
        found = LedgerEntry.objects.in_bulk([one.pk for one in entries])
        for pk, row in found.items():
            stands = (told[pk], given[pk], bought[pk], agreed[pk])
            assert row.status == expected(*stands), (turn, *stands)
            assert row.since is not None
            seen.add(row.status)
    assert seen == set(ConversionStatus) - {"abandoned"}
    total = counted(own_entries(unit.finance))
    assert total == {one.value: [row.status for row in found.values()].count(one) for one in ConversionStatus}
    row = found[unit.row.pk]
    shown = client_of(unit.finance).get(f"/api/v1/ledger/{unit.row.record.code}").json()
    assert (shown["status"], shown["since"]) == (row.status, row.since.isoformat())


def test_each_achievement_stands_in_it_once_and_what_is_missing_is_entered_at_once(unit):
    facts = LedgerFacts(unit.about.record)
    assert codes_of(lambda: actions.enter_achievement(actor=unit.finance, owner=unit.unit, facts=facts)) == [
        "ledger-twice"
    ]
    foreign = city.achievement(city.organisation("别处", kind="university"), stage="listed")
    for about, code in ((foreign, "grant-achievement"), (city.achievement(unit.unit), "ledger-achievement")):
        wrong = {"actor": unit.finance, "owner": unit.unit, "facts": LedgerFacts(about.record)}
        assert codes_of(lambda wrong=wrong: actions.enter_achievement(**wrong)) == [code]
    member = city.member(unit.unit)
    for reader, may in ((unit.boss, True), (member, False), (city.officer("440106"), False)):
        assert can_view(reader, Record.objects.get(pk=unit.row.pk), "inner") == may
    with pytest.raises(NotAllowed):
        actions.enter_achievement(actor=member, owner=unit.unit, facts=facts)
    more = [city.achievement(unit.unit, stage="listed") for _ in range(2)]
    client = client_of(unit.finance)
    assert "2 achievements stand in no ledger" in client.get("/ledger/overview/").content.decode()
    assert 'class="button danger"' not in client.get("/ledger/fill/").content.decode()
    assert client.post("/ledger/fill/").status_code == 302
    assert client.post("/ledger/fill/").status_code == 302  # pressed twice
    assert LedgerEntry.objects.filter(achievement__in=[one.pk for one in more]).count() == 2
    unit.move("discard")
    assert actions.enter_missing(actor=unit.finance) == 1  # its place is free again
    with pytest.raises(NotAllowed):
        actions.enter_missing(actor=member)
    edit = {"actor": unit.finance, "row": LedgerEntry.objects.last(), "expected_version": 1}
    assert codes_of(lambda: actions.edit_entry(**edit, facts=LedgerFacts(more[0].record, "gift", "", -1))) == [
        "choice-unknown", "ledger-value",
    ]  # fmt: skip
    assert codes_of(lambda: actions.edit_entry(**edit, facts=LedgerFacts(more[0].record))) == ["ledger-achievement"]


def test_an_entry_is_called_as_its_achievement_in_both_languages(unit):
    about = city.achievement(unit.unit, stage="listed")
    Record.objects.filter(pk=about.pk).update(title_en="Polishing of silicon carbide")
    assert actions.enter_missing(actor=unit.finance) == 1
    row = LedgerEntry.objects.select_related("record__owner", "achievement").get(achievement=about.pk)
    assert (
        "<h1>Polishing of silicon carbide"
        in client_of(unit.finance).get(f"/ledger/{row.record.code}/").content.decode()
    )
    Record.objects.filter(pk=about.pk).update(title_en="Slurry for silicon carbide")
    row = LedgerEntry.objects.select_related("record__owner", "achievement").get(pk=row.pk)
    facts = LedgerFacts(row.achievement)
    actions.edit_entry(actor=unit.finance, row=row, facts=facts, expected_version=row.record.version)
    assert Record.objects.get(pk=row.pk).title_en == "Slurry for silicon carbide"


def test_equity_is_held_by_the_unit_or_its_asset_company_and_a_loss_is_decided(unit):
    facts = {"company": "转化公司", "company_code": COMPANY, "share_bp": 2000, "cost_fen": 500, "held_on": today()}
    foreign = city.member(city.organisation("别处大学", kind="university"), Role.FINANCE)
    name_company(actor=foreign, name="别处资产公司", code=ASSETS)
    add = {"actor": unit.finance, "row": unit.row}
    elsewhere = EquityFacts(**facts, holder=ASSETS)
    assert codes_of(lambda: add_equity(**add, facts=elsewhere)) == ["ledger-holder"]
    contract = city.contract(unit.unit, by=unit.boss)  # not about this achievement
    bad = {"company": "x", "company_code": "91440101MA59HUKE2X", "share_bp": 0, "cost_fen": -1}
    wrong = EquityFacts(**(facts | bad), contract=contract.record.code)
    assert codes_of(lambda: add_equity(**add, facts=wrong)) == [
        "uscc-check-digit", "ledger-company", "share-range", "ledger-cost", "income-contract",
    ]  # fmt: skip
    assert codes_of(lambda: name_company(actor=unit.finance, name="", code="1")) == ["ledger-company", "uscc-format"]
    name_company(actor=unit.finance, name="南粤资产经营公司", code=ASSETS)
    name_company(actor=unit.finance, name="南粤大学资产经营有限公司", code=ASSETS)
    add_equity(**add, facts=elsewhere)
    assert codes_of(lambda: add_equity(**add, facts=elsewhere)) == ["ledger-equity-twice"]
    assert (unit.row.equity.get().holder.name, unit.again().status) == ("南粤大学资产经营有限公司", "invested")
    assert codes_of(lambda: unit.move("close")) == ["ledger-not-over"]
    sold = {"actor": unit.finance, "row": unit.row, "number": 1, "on": today(), "proceeds_fen": 499}
    assert codes_of(lambda: exit_equity(**sold)) == ["ledger-loss-decision", "ledger-loss-file"]
    proof = Upload("评估.txt", "尽职调查".encode(), True)
    exit_equity(**sold, decision="院长办公会〔2026〕3号", proof=proof)
    with pytest.raises(Conflict):
        exit_equity(**sold, decision="院长办公会〔2026〕3号", proof=proof)
    diligence, frozen = unit.row.record.documents.order_by("pk")
    told = told_in(frozen)
    assert (diligence.kind, frozen.kind, told["move"]) == ("equity-loss", EVIDENCE, "exit-equity")
    assert (told["matter"]["given_up"], told["matter"]["equity"][0]["proceeds_fen"]) == (1, 499)
    assert [one["sha256"] for one in told["documents"]] == [diligence.sha256]
    page = client_of(unit.finance).get(f"/ledger/{unit.row.record.code}/").content.decode()
    assert "南粤大学资产经营有限公司" in page
    assert unit.move("close").record.stage == "closed"
    with pytest.raises(Conflict):
        add_equity(**add, facts=EquityFacts(**facts))
    filed = file_record(actor=unit.finance, row=unit.again(), programme="achievement")
    assert ["转化状态", "作价投资"] in filed.content["facts"]
    assert unit.move("reopen").record.stage == "kept"
    rebuilt = reconstruct(frozen)  # steps that were taken afterwards are none of it
    assert {one.likeness for one in rebuilt.fields} == {"equal"}, rebuilt.differing


def test_annuities_are_told_of_in_time_and_stock_is_taken_once_a_year(unit):
    fee = {"actor": unit.finance, "row": unit.row, "what": "ZL2021 第5年", "fen": 120_000}
    assert codes_of(lambda: actions.add_upkeep(**(fee | {"what": " ", "fen": None}), due_on=None)) == [
        "ledger-fee", "ledger-fee-amount", "ledger-fee-day",
    ]  # fmt: skip
    near = today() + timedelta(days=60)
    actions.add_upkeep(**fee, due_on=near + timedelta(days=1))
    clocks = Clock.objects.filter(record=unit.row.record, name="annuity", ended_on=None)
    assert not clocks.exists()
    unit.row.upkeep.update(due_on=near)  # a day later
    watch_annuities()
    watch_annuities()
    assert (clocks.get().due_on, clocks.get().party) == (near, unit.unit)
    client = client_of(unit.finance)
    assert unit.row.record.code in client.get("/inbox/").content.decode()
    assert "ZL2021" in client.get("/ledger/overview/").content.decode()
    assert codes_of(lambda: actions.add_upkeep(**fee, due_on=near)) == ["ledger-fee-twice"]
    pay = f"/ledger/{unit.row.record.code}/fees/1/pay/"
    tomorrow = {"on": (today() + timedelta(days=1)).isoformat(), "voucher": "付1"}
    assert client.post(pay, tomorrow).status_code == 422
    assert client.post(pay, {"on": today().isoformat(), "voucher": "付1"}).status_code == 302
    assert client.post(pay, {"on": today().isoformat(), "voucher": "付2"}).status_code == 409
    assert (client.get(pay).status_code, client.get(pay).context["sentence"]) == (403, "This fee was paid before.")
    assert not clocks.exists()
    code = unit.row.record.code
    assert codes_of(lambda: actions.take_stock(actor=unit.finance, codes=[code], outcome="differs", note="")) == [
        "ledger-stock-note"
    ]
    nobody = client.post("/ledger/stock-take/", {"every": ["L-2026-99999"], "outcome": "agrees"})
    none = client.post("/ledger/stock-take/", {"outcome": "agrees"})
    assert (nobody.status_code, none.status_code, unit.row.stock_takes.count()) == (422, 422, 0)
    taken = {"codes": [code], "outcome": "agrees", "note": ""}
    # One tick stands for all that the page shows.
    assert client.post("/ledger/stock-take/", {"every": [code], "outcome": "agrees"}).status_code == 302
    again = client.post("/ledger/stock-take/", taken)
    assert (again.status_code, unit.row.stock_takes.count()) == (422, 1)
    assert codes_of(lambda: actions.take_stock(actor=unit.finance, **taken)) == ["ledger-stock-twice"]
    file = client.post("/ledger/overview/?status=idle", {"export": "csv"})
    assert code in file.getvalue().decode("utf-8-sig")
    listed = client.post("/ledger/", {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert str(today().year) in listed


def test_an_achievement_is_given_up_by_a_meeting_after_its_completers_were_offered_it(unit):
    grants.meeting_route(unit.unit, "abandon", "ledger")
    ask = {"actor": unit.finance, "row": unit.again(), "move": "abandon", "note": "无转化前景"}
    assert codes_of(lambda: ask_approval(**ask)) == ["ledger-offer"]
    offer = {"actor": unit.finance, "row": unit.row}
    assert codes_of(lambda: actions.note_offer(**offer, on=None, answer="")) == ["ledger-offer-day", "ledger-offer"]
    actions.note_offer(**offer, on=today(), answer="完成人均放弃优先受让")
    contract = city.contract(unit.unit, by=unit.boss, about=unit.about, kind="licence", subkind="licence-patent")
    assert codes_of(lambda: ask_approval(**(ask | {"row": unit.again()}))) == ["ledger-not-idle"]
    Record.objects.filter(pk=contract.pk).update(stage="withdrawn", phase="withdrawn", closed_on=today())
    assert unit.again().since == today()  # idle since the contract ended
    completer = city.member(unit.unit).person
    unit.about.completers.create(order=9, name=completer.record.title, person=completer)
    sits = {"attended": ["赵院长", "孙书记", completer.record.title], "note": "无转化前景"}
    assert codes_of(lambda: grants.decided(unit.again(), unit.finance, "abandon", **sits)) == ["concerned-attends"]
    running = Approval.objects.get(about=unit.row.record, record__stage="running")
    advance(APPROVAL, running, "withdraw", actor=unit.finance)
    asked = {"note": "无转化前景", "considered": "许可给两家企业，均无意向"}
    client = client_of(unit.finance)
    made = client.post(f"/records/{unit.row.record.code}/approvals/abandon/new/", asked)
    assert "许可给两家企业，均无意向" in client.get(made["Location"]).content.decode()
    grants.decided(unit.again(), unit.finance, "abandon")
    assert (unit.again().record.stage, unit.again().status) == ("abandoned", "abandoned")
    frozen = unit.row.record.documents.get(kind=EVIDENCE)
    assert told_in(frozen)["matter"]["offered"] == [today().isoformat(), "完成人均放弃优先受让"]
    said = [one["considered_sha256"] for one in told_in(frozen)["approvals"] if "considered_sha256" in one]
    assert said == [hash_of("许可给两家企业，均无意向")]
    assert {one.likeness for one in reconstruct(frozen).fields} == {"equal"}
    Approval.objects.filter(about=unit.row.record).update(considered="改口")
    assert {one.path for one in reconstruct(frozen).differing} == {
        "approvals.1.considered_sha256", "approvals.2.considered_sha256",
    }  # fmt: skip
    assert frozen.name in client_of(unit.finance).get(f"/ledger/{unit.row.record.code}/").content.decode()
    assert journal.verify().broken_seq is None


def test_the_status_is_that_of_the_day_in_a_process_that_has_run_since_yesterday(unit, monkeypatch):
    row = city.contract(unit.unit, by=unit.boss)
    facts = {"kind": "licence", "valid_to": today(), "achievement": unit.row.achievement_id}
    Contract.objects.filter(pk=row.pk).update(**facts)
    Record.objects.filter(pk=row.pk).update(stage="registered", phase="done")
    days = [today() + timedelta(days=ahead) for ahead in (0, 1, 0, 2, 1, 0)]
    found = []
    for day in days:
        monkeypatch.setattr(models, "today", lambda day=day: day)
        found.append([one.status for one in LedgerEntry.objects.all() if one.pk == unit.row.pk])
    assert found == [["licensed"], ["idle"], ["licensed"], ["idle"], ["idle"], ["licensed"]]
    # What one reader has read is no other's answer.
    monkeypatch.undo()
    before = len(LedgerEntry.objects.all())
    ledgers.entry(unit.unit, unit.finance)
    assert len(LedgerEntry.objects.all()) == before + 1


def shown(client, query=""):
    """The codes of the entries in the overview as it is narrowed, and how many there are by each filter."""
    page = client.get(f"/ledger/overview/{query}")
    options = {option.url: option.count for facet in page.context["facets"] for option in facet.options}
    assert all(f'href="{url}"'.replace("&", "&amp;") in page.content.decode() for url in options)
    return [cell.text.split()[0] for cell, *_rest in page.context["table"].rows], options


def test_the_overview_is_narrowed_by_status_and_by_what_an_office_looks_after(unit, monkeypatch):
    city.rule("ledger.annuity.alert", 60, "calendar days")
    idle, held, client = unit.row.record.code, unit.row.record, client_of(unit.finance)
    other = grants.achievement(unit.unit, [city.member(unit.unit)])
    equity = EquityFacts("转化公司", COMPANY, 2000, 100, today())
    sold = add_equity(actor=unit.finance, row=ledgers.entry(unit.unit, unit.finance, about=other), facts=equity)
    sold = sold.record.code
    everything, options = shown(client)
    assert set(everything) == {idle, sold}
    assert (options["?status=idle"], options["?status=invested"], options["?status=licensed"]) == (1, 1, 0)
    assert (options["?care=fee"], options["?care=idle"], options["?care=stock"]) == (0, 0, 2)
    for query, codes in (
        ("?status=idle", {idle}), ("?status=invested", {sold}), ("?status=idle&status=invested", {idle, sold}),
        ("?status=nonsense&care=nonsense", {idle, sold}), ("?care=fee", set()), ("?care=idle", set()),
        ("?care=stock&status=invested", {sold}),
    ):  # fmt: skip
        assert set(shown(client, query)[0]) == codes, query
    Record.objects.filter(pk=unit.about.pk).update(opened_on=months_after(today(), -12) - timedelta(days=1))
    actions.add_upkeep(
        actor=unit.finance, row=unit.again(), what="ZL2021年费", fen=90_000, due_on=today() + timedelta(days=60)
    )
    for care in ("fee", "idle"):
        codes, options = shown(client, f"?care={care}")
        assert (codes, options["?"], sum(count for url, count in options.items() if url == "?")) == ([idle], 1, 1)
    assert shown(client, "?care=fee&care=idle&status=invested")[0] == []
    page = client.get("/ledger/overview/").content.decode()
    assert "idle for long" in page
    Record.objects.filter(pk=unit.about.pk).update(opened_on=months_after(today(), -12))
    assert shown(client, "?care=idle")[0] == []  # a day too early
    # Fees are folded where there are more than a few, and files have a column for everything.
    assert "<details open><summary>1 fee</summary>" in page
    for number in range(5):
        actions.add_upkeep(actor=unit.finance, row=unit.again(), what=f"费{number}", fen=100, due_on=today())
    assert "<details><summary>6 fees</summary>" in client.get("/ledger/overview/").content.decode()
    monkeypatch.setattr(pages_overview, "MOST_FEES", 4)
    page = client.get("/ledger/overview/")
    assert "<details><summary>6 fees · the 4 most pressing</summary>" in page.content.decode()
    assert [cells[1] for cells in page.context["due"].rows] == [f"费{number}" for number in range(4)]
    file = client.post("/ledger/overview/?care=fee", {"export": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert (len(file), file[1].split(",")[0]) == (2, held.code)
    assert "Where it comes from" in file[0]


def test_what_is_idle_for_long_agrees_between_the_query_and_the_rule_on_every_day(unit, monkeypatch):
    for now in (date(2024, 2, 29), date(2025, 2, 28), date(2026, 3, 1), date(2026, 12, 31)):
        monkeypatch.setattr(queries, "today", lambda now=now: now)
        last = queries.idle_since(unit.unit.region)
        assert months_after(last, 12) < now <= months_after(last + timedelta(days=1), 12)
