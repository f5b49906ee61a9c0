"""A grant of rights from application to agreement and on: its table of moves, who signs, who decides, what stops it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.areas.evidence.actions import EVIDENCE, told_in
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.notices.actions import object_to_notice, prepare_notice
from kezhuan.areas.notices.lifecycle import NOTICE, OBJECTION
from kezhuan.areas.rights import actions, checks
from kezhuan.areas.rights.actions import Part
from kezhuan.areas.rights.expiry_actions import expire_grants
from kezhuan.areas.rights.lifecycle import GRANT
from kezhuan.areas.rights.models import GrantMember, RightsGrant
from kezhuan.engines.days import months_after
from kezhuan.exchange.papers import signing
from kezhuan.exchange.papers.printing import content_of, print_record
from kezhuan.exchange.papers.signing import add_stamped_scan, confirm_version
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import GROUPS, SYSTEM, can_view, visible_to
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Entry, Notice, Organisation, Record, RuleUse
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import save_days
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.factories import city, grants
from tests.factories.scans import blank, read_here

pytestmark = pytest.mark.django_db


class Case:
    """A university with its office, two completers with accounts and one without, and their result."""

    def __init__(self, paper=False):
        self.unit = city.organisation("南粤大学", kind="university", region="440106")
        self.keeper = city.member(self.unit, Role.LEGAL)
        self.first, self.second = city.member(self.unit), city.member(self.unit)
        self.people = [self.first, self.second]
        self.about = grants.achievement(self.unit, self.people, paper=paper)

    def grant(self, stage="draft", **more):
        return grants.grant(self.unit, self.keeper, self.people, stage=stage, about=self.about, **more)

    def move(self, row, name, by=None, **more):
        return advance(GRANT, fresh(row), name, actor=by or self.keeper, **({"note": "测试"} | more))

    def edit(self, row, by=None, **more):
        row = fresh(row)
        told = grants.facts(self.about, self.people, **more)
        return actions.edit_grant(actor=by or self.keeper, grant=row, facts=told, expected_version=row.record.version)


def fresh(row):
    audiences = (f"record__{group}_to" for group in GROUPS)
    rows = RightsGrant.objects.select_related("record__owner__record", "achievement", *audiences)
    return rows.get(pk=row.pk)


def codes_of(act):
    with translation.override("en"), pytest.raises(Refused) as refused:
        act()
    return [one.code for one in refused.value.problems]


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings, tmp_path):
    settings.DATA = tmp_path
    monkeypatch.setattr(signing, "read_scan", read_here)


@pytest.fixture
def case():
    return Case()


def test_a_grant_from_application_to_reclaim():
    case, office = Case(paper=True), city.officer("440106")
    row = case.grant()
    row = case.move(row, "submit", case.first)
    frozen = row.wording
    assert {one.rule_value.code for one in RuleUse.objects.filter(record=row.record)} >= {
        "grant.floor.share", "income.floor.pool", "grant.first-milestone",
    }  # fmt: skip
    row = case.move(row, "clear")
    with pytest.raises(Conflict):  # not the text that is shown
        actions.sign_split(actor=case.first, grant=row, wording="0" * 64)
    actions.sign_split(actor=case.first, grant=row, wording=frozen)
    with pytest.raises(Conflict):
        actions.sign_split(actor=case.first, grant=row, wording=frozen)
    with pytest.raises(NotAllowed):
        actions.sign_split(actor=case.keeper, grant=row, wording=frozen)
    grants.meeting_route(case.unit)
    assert codes_of(lambda: ask_approval(actor=case.keeper, row=row, move="decide")) == ["grant-unsigned"]
    actions.sign_split(actor=case.second, grant=row, wording=frozen)
    sheet = grants.signed_scan(row, case.keeper)
    assert codes_of(
        lambda: actions.sign_on_paper(actor=case.keeper, grant=row, numbers=[1], sheet=Upload("x.png", blank(), True))
    ) == ["scan-unread"]
    assert codes_of(lambda: actions.sign_on_paper(actor=case.keeper, grant=row, numbers=[1, 2], sheet=sheet)) == [
        "grant-signers"
    ]
    actions.sign_on_paper(actor=case.keeper, grant=row, numbers=[1], sheet=sheet)
    assert set(GrantMember.objects.filter(grant=row).values_list("signed", "on_paper")) == {
        (frozen, False), (frozen, True),
    }  # fmt: skip
    grants.decided(fresh(row), case.keeper)
    city.laid_open(fresh(row), "conclude", case.keeper)
    row = case.move(row, "conclude")
    assert codes_of(lambda: case.move(row, "agree")) == ["grant-agreement"]
    refused = client_of(case.keeper).post(f"/records/{row.record.code}/moves/agree/")
    assert [one.url for one in refused.context["problems"]] == [f"/records/{row.record.code}/signatures/"]
    with pytest.raises(NotAllowed):  # the team is no party for the unit, whoever of it presses
        case.move(row, "agree", case.first)
    content = content_of(case.keeper, fresh(row))
    assert (content.heading, dict(content.facts)["完成人持有份额"]) == ("职务科技成果赋权协议", "70.00%")
    assert frozen in str(content.facts)
    confirm_version(actor=case.first, row=fresh(row), code=print_record(actor=case.first, row=fresh(row))[0].code)
    assert codes_of(lambda: case.move(row, "agree")) == ["grant-agreement"]
    add_stamped_scan(actor=case.keeper, row=fresh(row), upload=grants.signed_scan(fresh(row), case.keeper))
    row = case.move(row, "agree")
    assert (row.record.stage, row.agreed_on) == ("active", today())
    assert Clock.objects.get(record=row.record, name="milestone", ended_on=None).due_on == today() + timedelta(days=300)
    _followed(case, row)
    assert not visible_to(office, Record.objects.filter(pk=row.pk)).exists()
    assert journal.verify().broken_seq is None


def _followed(case, row):
    assert codes_of(lambda: case.move(row, "retitle")) == ["grant-title"]
    early = {"number": "2026-1", "on": today() - timedelta(days=1)}
    assert codes_of(lambda: actions.note_title(actor=case.keeper, grant=row, **early)) == ["grant-title-day"]
    actions.note_title(actor=case.keeper, grant=row, number="变更2026-0001", on=today())
    case.move(row, "retitle")
    actions.reach_milestone(actor=case.first, grant=row, number=1, on=today(), evidence="第三方检测报告")
    assert not Clock.objects.filter(record=row.record, name="milestone", ended_on=None).exists()
    with pytest.raises(Conflict):
        actions.reach_milestone(actor=case.first, grant=row, number=1, on=today(), evidence="再次")
    contract = city.contract(case.unit, stage="submitted")
    noted = {"actor": case.keeper, "grant": row, "code": contract.record.code}
    actions.note_contract(**noted)
    assert codes_of(lambda: case.move(row, "convert")) == ["grant-contract"]
    Record.objects.filter(pk=contract.pk).update(stage="registered", phase="active")
    assert case.move(row, "convert").record.stage == "converted"
    row = case.move(row, "warn")
    assert Clock.objects.get(record=row.record, name="cure", ended_on=None).due_on == today() + timedelta(days=30)
    grants.meeting_route(case.unit, "reclaim")
    asked = {"actor": case.keeper, "row": row, "move": "reclaim", "note": "无进展", "reason": "no-progress"}
    assert codes_of(lambda: ask_approval(**asked)) == ["grant-cure"]
    assert case.move(row, "cured").record.stage == "converted"
    row = case.move(row, "warn")
    RightsGrant.objects.filter(pk=row.pk).update(warned_on=today() - timedelta(days=31))
    grants.decided(fresh(row), case.keeper, "reclaim", note="无进展", reason="no-progress")
    assert Record.objects.get(pk=row.pk).stage == "reclaimed"


def test_an_objection_stops_it_and_a_changed_text_begins_anew(case):
    row = case.grant("decided")
    with translation.override("en"), pytest.raises(Refused, match=r"notice\.grant\.conclude") as refused:
        case.move(row, "conclude")  # where nothing says for how long nobody is passed over: it waits
    assert [one.code for one in refused.value.problems] == ["notice-unruled"]
    for code, days in (("notice.grant.conclude", 15), ("notice.grant.conclude.objections", 0)):
        city.rule(code, days, "calendar days")
    assert codes_of(lambda: case.move(row, "conclude")) == ["notice-missing"]
    # It waits for the office, and never for who is of its team.
    waits = [row.record.code in [one.code for one in inbox.lines(actor)] for actor in (case.keeper, case.first)]
    assert waits == [True, False]
    held = {"actor": case.keeper, "row": row, "move": "conclude", "audience": "unit", "reception": "转化处 020-1",
            "channels": ["site"]}  # fmt: skip
    with pytest.raises(NotAllowed):  # nobody holds the notice of their own grant, and no officer that of a unit's
        prepare_notice(**(held | {"actor": case.first}))
    with pytest.raises(NotAllowed):
        prepare_notice(**(held | {"actor": city.officer("440106")}))
    notice = advance(NOTICE, prepare_notice(**held), "start", actor=case.keeper)
    told = dict(notice.content["facts"])
    assert told["完成人持有份额"] == "70.00%"
    assert "转化决策机制" not in told
    colleague = city.member(case.unit)
    objection = object_to_notice(
        actor=colleague, notice=notice, name="周异议", contact="020-12345678", text="完成人遗漏"
    )
    assert Clock.objects.get(record=objection.record, ended_on=None).party == case.unit
    keeper_reads = can_view(case.keeper, Record.objects.get(pk=objection.pk), "full")
    assert (keeper_reads, can_view(city.officer("440106"), Record.objects.get(pk=objection.pk))) == (True, False)
    notice.channels.update(started_on=today() - timedelta(days=30))
    save_days(notice)
    assert codes_of(lambda: advance(NOTICE, notice, "complete", actor=case.keeper)) == ["objection-open"]
    for other in (case.first, colleague, city.officer("440106")):
        with pytest.raises(NotAllowed):
            advance(OBJECTION, objection, "uphold", actor=other, note="属实")
    advance(OBJECTION, objection, "uphold", actor=case.keeper, note="属实")
    assert codes_of(lambda: case.move(row, "conclude")) == ["notice-running"]
    row = case.move(row, "revise")
    assert Notice.objects.get(pk=notice.pk).record.stage == "stopped"
    case.edit(row, share_bp=8000)
    row = case.move(row, "submit")
    row = case.move(row, "clear")
    assert checks.unsigned(row) == [case.first.name, case.second.name]
    row = grants._decided(row, case.keeper, case.people)
    again = advance(NOTICE, prepare_notice(**(held | {"row": row})), "start", actor=case.keeper)
    assert again.channels.get().started_on == today()
    assert codes_of(lambda: advance(NOTICE, again, "complete", actor=case.keeper)) == [
        "notice-short", "notice-objections",
    ]  # fmt: skip
    again.channels.update(started_on=today() - timedelta(days=16))
    save_days(again)
    with transaction.atomic():  # who withdraws holds no notice, but none tells on of what is withdrawn
        case.move(row, "withdraw", case.first)
        assert Notice.objects.get(pk=again.pk).record.stage == "stopped"
        transaction.set_rollback(True)
    again = Notice.objects.select_related("record", "about").get(pk=again.pk)
    advance(NOTICE, again, "complete", actor=case.keeper)
    assert case.move(row, "conclude").record.stage == "agreeing"


def test_what_keeps_a_grant_from_being_applied_for(case):
    row = case.grant()

    def told(**more):
        case.edit(row, **more)
        return codes_of(lambda: case.move(row, "submit"))

    usual = grants.facts(case.about, case.people)
    assert told(cleared=("secret",)) == ["grant-bars"]
    with transaction.atomic():  # what the achievement says itself is not declared away
        Achievement.objects.filter(pk=case.about.pk).update(rights_states=["right_granted", "pledged"])
        assert told() == ["grant-barred"]
        transaction.set_rollback(True)
    assert told(share_bp=6999) == told(income_bp=6999) == ["grant-floor"]
    assert told(members=usual.members[:1]) == ["grant-split", "grant-team"]
    short = tuple(replace(one, part_bp=one.part_bp - 1) for one in usual.members[:1])
    assert told(members=(*short, *usual.members[1:])) == ["grant-split"]
    assert told(milestones=()) == ["grant-milestones"]
    assert told(holds_equity=True) == ["grant-interests"]
    assert told(owner_rewarded=True) == ["grant-reward-clause"]
    assert told(decision_rule="veto") == ["grant-veto"]
    use = {"kind": "use", "share_bp": None, "use_scope": "sole", "use_territory": "中国"}
    ten = months_after(today(), 120)
    assert told(**use, ends_on=ten - timedelta(days=2)) == ["grant-term"]
    assert told(**use, ends_on=None) == ["grant-term"]
    with transaction.atomic():  # where no place has a rule, a right of use lasts ten years too
        Organisation.objects.filter(pk=case.unit.pk).update(region="430102")
        assert told(**use, ends_on=ten - timedelta(days=2)) == ["grant-term"]
        with translation.override("en"), pytest.raises(Refused, match="120 months at least"):
            case.move(row, "submit")
        transaction.set_rollback(True)
    case.edit(row, **use, ends_on=ten - timedelta(days=1))
    case.move(row, "submit")
    second = case.grant()
    assert codes_of(lambda: case.move(second, "submit")) == ["grant-twice"]
    draft = {"actor": case.keeper, "owner": case.unit}
    wrong = grants.facts(case.about, case.people, starts_on=None, exit_text=" ", cure_days=0, members=())
    assert codes_of(lambda: actions.draft_grant(**draft, facts=wrong)) == [
        "day-missing", "grant-exit", "grant-cure", "grant-team",
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.draft_grant(actor=city.member(case.unit), owner=case.unit, facts=usual)
    other = city.member(case.unit)  # who names themselves in the team, but completed nothing of it
    named = replace(usual, members=(*usual.members[:1], Part(other.name, 2000, other.person)))
    with pytest.raises(NotAllowed):
        actions.draft_grant(actor=other, owner=case.unit, facts=named)
    assert case.move(row, "withdraw", case.second).record.stage == "withdrawn"
    mine = actions.draft_grant(actor=case.first, owner=case.unit, facts=replace(usual, income_bp=8000))
    assert "not its share of the title" in client_of(case.first).get(f"/grants/{mine.record.code}/").content.decode()
    empty = client_of(case.keeper).get("/grants/new/").content.decode()
    assert '<option value="" selected>' in empty.split('name="achievement"')[1][:200]
    from_page = client_of(case.keeper).get(f"/grants/new/?achievement={case.about.record.code}").content.decode()
    assert f'<option value="{case.about.record.code}" selected>' in from_page
    assert case.move(second, "discard", case.first).record.stage == "discarded"


def test_only_a_meeting_without_its_own_decides(case):
    row = case.grant("signing")
    for one in case.people:
        actions.sign_split(actor=one, grant=row, wording=row.wording)
    assert codes_of(lambda: case.move(row, "decide", note="")) == ["approval-no-meeting"]
    city.rule("meeting.quorum", 6667, "basis points")
    grants.meeting_route(case.unit)
    assert codes_of(lambda: case.move(row, "decide", note="")) == ["approval-needed"]
    assert codes_of(lambda: grants.decided(fresh(row), case.keeper)) == ["quorum-short"]
    row = case.move(row, "return")
    assert case.move(row, "submit").wording == row.wording  # nothing changed: the signatures stand
    assert checks.unsigned(fresh(row)) == []
    row = case.move(row, "clear")
    assert case.move(row, "refuse").record.stage == "refused"
    assert told_in(row.record.documents.get(kind=EVIDENCE))["move"] == "refuse"


def test_the_minutes_may_not_name_whom_it_is_granted_to(case):
    row = case.grant("signing")
    for one in case.people:
        actions.sign_split(actor=one, grant=row, wording=row.wording)
    chair = grants.meeting_route(case.unit)
    asked = ask_approval(actor=case.keeper, row=fresh(row), move="decide")
    advance(APPROVAL, asked, "overtake", actor=SYSTEM)  # never spent: it says nothing of who was there
    asked = ask_approval(actor=case.keeper, row=fresh(row), move="decide")
    with pytest.raises(NotAllowed):  # another of the legal office: it did not ask
        advance(APPROVAL, asked, "withdraw", actor=city.member(case.unit, Role.LEGAL))
    assert "Withdraw the approval" in client_of(case.keeper).get(f"/approvals/{asked.record.code}/").content.decode()
    advance(APPROVAL, asked, "withdraw", actor=case.keeper)
    asked = ask_approval(actor=case.keeper, row=fresh(row), move="decide")
    minutes = {
        "meeting": "院长办公会",
        "held_on": today(),
        "minutes_no": "9",
        "minutes": Upload("a.png", blank(), True),
    }
    decide = {"step": asked.steps.get(), "actor": chair, **minutes}
    GrantMember.objects.filter(grant=row, person=case.second.person).update(name="林化名")
    assert codes_of(lambda: grants.record_decision(**decide, attended=["林化名"])) == ["grant-own-vote"]
    assert codes_of(lambda: grants.record_decision(**decide, attended=[case.first.name])) == ["concerned-attends"]
    with pytest.raises(NotAllowed):
        grants.record_decision(**(decide | {"actor": case.first}), attended=["赵"])
    assert Record.objects.get(pk=row.pk).stage == "signing"


def test_it_ends_by_agreement_and_runs_out_by_itself(case):
    row = case.grant("active")
    grants.decided(row, case.keeper, "terminate", note="协商一致")
    assert Record.objects.get(pk=row.pk).stage == "terminated"
    use = {"kind": "use", "share_bp": None, "use_scope": "sole", "use_territory": "中国"}
    other = case.grant("active", **use)
    expire_grants()
    assert Record.objects.get(pk=other.pk).stage == "active"
    with pytest.raises(NotAllowed):
        case.move(other, "expire")
    RightsGrant.objects.filter(pk=other.pk).update(ends_on=today() - timedelta(days=1))
    expire_grants()
    assert (Record.objects.get(pk=other.pk).stage, Entry.objects.filter(kind="grant.expire").count()) == ("expired", 1)


def test_who_reads_a_grant_its_filing_and_who_is_forgotten(case):
    row = case.grant("signing")
    record = Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)
    boss, finance = city.member(case.unit, Role.ADMINISTRATOR), city.member(case.unit, Role.FINANCE)
    officer, stranger = city.officer("440106"), city.member(case.unit)
    readers = [boss, case.keeper, case.first, case.second]
    assert [can_view(one, record, "inner") for one in readers] == [True] * 4
    assert [can_view(one, record) for one in (finance, officer, stranger)] == [False] * 3
    page = client_of(case.first).get(f"/grants/{record.code}/").content.decode()
    assert f"/grants/{record.code}/sign/" in page
    assert record.code in client_of(case.first).get("/inbox/").content.decode()
    client = client_of(case.first)
    shown = client.get(f"/grants/{record.code}/sign/").content.decode()
    assert row.wording in shown
    assert client.post(f"/grants/{record.code}/sign/", {"wording": row.wording}).status_code == 302
    assert record.code not in client_of(case.first).get("/inbox/").content.decode()
    api = client_of(case.second)
    signed = api.post(
        f"/api/v1/grants/{record.code}/signature", {"wording": row.wording}, content_type="application/json",
        headers={"If-Match": api.get(f"/api/v1/grants/{record.code}").headers["ETag"]},
    )  # fmt: skip
    assert signed.status_code == 200, signed.content
    parts = client.get(f"/api/v1/grants/{record.code}").json()["members"]
    assert [(one["part_bp"], one["signed"]) for one in parts] == [(8000, True), (2000, True)]
    filing = file_record(actor=boss, row=registry.row_of(record), region="440106", programme="achievement")
    assert ["完成人持有份额", "70.00%"] in filing.content["facts"]
    assert not can_view(officer, record)
    with pytest.raises(NotAllowed):
        file_record(actor=case.first, row=registry.row_of(record))


@given(st.lists(st.integers(1, 800), min_size=1, max_size=12), st.integers(-1, 1))
def test_only_a_split_of_exactly_the_whole_passes(parts, off):
    parts = [*parts, 10_000 - sum(parts) + off]

    class _Row:
        class members:  # noqa: N801  as a row has them
            @staticmethod
            def all():
                return [GrantMember(name=str(number), part_bp=part) for number, part in enumerate(parts)]

        class achievement:  # noqa: N801
            class achievement:  # noqa: N801
                completers = None

    _Row.achievement.achievement.completers = _Row.members
    found = [one.code for one in checks.check_team(_Row())]
    assert found == (["grant-split"] if off else [])
