"""Projects: from what was chosen to a signed task book, nobody deciding about their own."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kezhuan.areas.approvals.actions import ask_approval, sign_step
from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.areas.projects.actions import Planned, Share, open_project, sign_book, write_book
from kezhuan.areas.projects.change_actions import agree_to_change, ask_change
from kezhuan.areas.projects.changing import Added, Aimed, Wanted
from kezhuan.areas.projects.checks import check_consortium, check_days, check_payments, check_signed
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.permissions import decides, is_invited
from kezhuan.areas.projects.queries import commitments_of, wording_of
from kezhuan.areas.projects.sharing import Moved
from kezhuan.areas.projects.staffing import Staffer
from kezhuan.exchange.papers.samples import SAMPLES
from kezhuan.kernel.access import GROUPS, VISITOR, actor_for, can_view
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Message, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.exchange.test_word_templates import filled
from tests.factories import city, projects
from tests.factories.projects import fresh

pytestmark = pytest.mark.django_db


def codes(action):
    with pytest.raises(Refused) as refused:
        action()
    return {problem.code for problem in refused.value.problems}


def waits_for(actor):
    """The codes of the projects in somebody's inbox."""
    shown = inbox.lines(actor)
    assert inbox.count(actor) == len(shown)
    return [line.code for line in shown if line.code.startswith("X-")]


def sees(row, actor):
    record = Record.objects.select_related(*(f"{group}_to" for group in GROUPS)).get(pk=row.pk)
    return [group for group in GROUPS if can_view(actor, record, group)]


def test_a_task_book_goes_from_the_decision_to_four_signatures():
    leader, partner = city.organisation("南粤大学", kind="university"), city.organisation("粤材公司")
    (chosen,) = projects.awarded(leader)
    head, mate, officer = city.clerk(leader), city.clerk(partner), city.officer()
    with pytest.raises(NotAllowed):
        open_project(actor=mate, application=chosen)
    row = open_project(actor=head, application=chosen)
    assert (row.leader, row.poster, row.fiscal_fen) == (leader, chosen.item.poster, projects.AWARD)
    assert codes(lambda: open_project(actor=officer, application=chosen)) == {"project-twice"}
    assert sees(row, mate) == sees(row, VISITOR) == []
    # What the book lacks is told when it is filed, to the fen.
    good = projects.book(row, [(partner, 30_000_000)])
    assert codes(lambda: advance(PROJECT, row, "file", actor=head)) == {
        "project-days-missing", "member-task", "milestones-missing", "payments-sum", "staff-missing",
    }  # fmt: skip
    # The form marks what may wait until then, and says what was awarded in its reader's unit.
    text = client_of(head).get(f"/projects/{row.record.code}/edit/").content.decode()
    assert (text.count("(before it is handed in)"), "CNY 1.00 million of fiscal money were awarded." in text) == (
        4,
        True,
    )
    with pytest.raises(NotAllowed):
        write_book(actor=officer, project=row, facts=good)
    stranger = replace(good, shares=(Share("O-1999-00001"), *good.shares[1:]))
    assert codes(lambda: write_book(actor=head, project=row, facts=stranger)) >= {"milestone-member"}
    twice = replace(good, staff=(Staffer("梁工", "设计", 3000), Staffer("梁工", "", 10_001)))
    assert codes(lambda: write_book(actor=head, project=row, facts=twice)) == {"staff-twice", "staff-incomplete"}
    one_fen_short = replace(good, payments=(Planned("fiscal", "signing", projects.AWARD - 1), good.payments[3]))
    row = write_book(actor=head, project=row, facts=one_fen_short)
    assert Message.objects.filter(letter="project.invited").exists()
    assert sees(row, mate) == ["title", "public", "full"]
    assert waits_for(mate) == [row.record.code]
    assert codes(lambda: advance(PROJECT, row, "file", actor=head)) == {"member-unanswered", "payments-sum"}
    assert is_invited.test(mate, row)
    row.record.stage = "terminated"  # as when it leaves a race before the book is filed
    assert not is_invited.test(mate, row)
    row = fresh(row)
    page = client_of(mate).post(f"/projects/{row.record.code}/answer/", {"accepts": "yes"})
    assert page.status_code == 302
    assert waits_for(mate) == []
    row = write_book(actor=head, project=fresh(row), facts=good)
    told = "\n".join(filled(head, SAMPLES["assignment"], fresh(row)))
    for words in ("梁工", "30%", "样件粗糙度不高于0.1 nm", "第三方检测", "粤材公司", "工艺验证", "财政资金", "70"):
        assert words in told, words
    assert "〔" not in told.replace("〔约定〕", "").replace("〔时间、方式与依据〕", "")
    row = advance(PROJECT, row, "file", actor=head)
    with pytest.raises(NotAllowed):
        write_book(actor=head, project=row, facts=good)
    assert codes(lambda: advance(PROJECT, row, "sign", actor=officer)) == {"book-unsigned"}
    row = advance(PROJECT, row, "return", actor=officer, note="里程碑再细一些")
    row = write_book(actor=head, project=row, facts=good)
    row = advance(PROJECT, row, "file", actor=head)
    poster = city.clerk(row.poster)
    assert client_of(mate).post(f"/projects/{row.record.code}/sign-book/").status_code == 302
    sign_book(actor=poster, project=row)
    with pytest.raises(Conflict):
        sign_book(actor=poster, project=fresh(row))
    row = advance(PROJECT, fresh(row), "sign", actor=officer)
    assert row.signed_on == today()
    chosen.refresh_from_db()
    assert chosen.kept_fen == 70_000_000
    assert sees(row, VISITOR) == ["title", "public"]
    assert sees(row, poster) == ["title", "public", "full"]
    row = advance(PROJECT, row, "begin", actor=head)
    row = advance(PROJECT, row, "suspend", actor=officer, note="发榜方暂停")
    row = advance(PROJECT, row, "resume", actor=officer, note="恢复")
    with pytest.raises(NotAllowed):
        advance(PROJECT, row, "terminate", actor=head, note="不做了", reason="goal")
    assert (
        advance(PROJECT, row, "terminate", actor=officer, note="目标不可达", reason="goal").record.stage == "terminated"
    )


def test_nobody_of_a_side_decides_and_a_member_changes_by_approval_alone():
    partner, successor = city.organisation("粤材公司"), city.organisation("接替公司")
    row = projects.project(stage="filed", members=[(partner, 30_000_000)])
    officer = city.officer()
    for unit in (row.leader, row.poster, partner):
        both = city.officer()
        add_member(actor=SYSTEM, organisation=unit, person=both.person, role=Role.READER)
        both = actor_for(both.person, both.organisation.pk)
        assert not decides.test(both, row)
        with pytest.raises(NotAllowed):
            advance(PROJECT, row, "sign", actor=both)
    for unit in (partner, row.poster):
        sign_book(actor=city.clerk(unit), project=fresh(row))
    row = advance(PROJECT, fresh(row), "sign", actor=officer)
    head, code = city.clerk(row.leader), partner.record.code

    def asked(reason="产线搬迁", **wanted):
        return ask_change(actor=head, project=fresh(row), wanted=Wanted(reason, **wanted))

    assert codes(lambda: asked("", leaving=row.leader.record.code)) == {"change-member", "note-missing"}
    assert codes(asked) == {"change-empty"}
    assert codes(lambda: asked("机密★10年", leaving=code)) == {"state-secret"}
    with pytest.raises(NotAllowed):
        advance(PROJECT, fresh(row), "approve-change", actor=officer, note="没有人申请")
    asked(leaving=code, joining=successor.record.code)
    with pytest.raises(Conflict):
        asked("再换", leaving=code)

    def decided(name="approve-change", actor=officer, note="同意"):
        return advance(PROJECT, fresh(row), name, actor=actor, note=note)

    assert codes(decided) == {"change-unagreed"}
    assert codes(lambda: advance(PROJECT, row, "terminate", actor=officer, note="x", reason="goal")) == {"change-open"}
    assert codes(lambda: decided("refuse-change", note="机密★10年")) == {"state-secret"}
    heir = city.clerk(successor)
    assert waits_for(heir) == [row.record.code]
    agree_to_change(actor=heir, project=fresh(row))
    assert waits_for(heir) == []
    both = city.officer()
    add_member(actor=SYSTEM, organisation=successor, person=both.person, role=Role.READER)
    for own in (head, actor_for(both.person, both.organisation.pk)):
        with pytest.raises(NotAllowed):
            decided(actor=own)
    decided()
    # Who left and who came were both barred.
    assert {(partner.pk, "member"), (successor.pk, "member")} < set(map(tuple, row.decisions.last().barred))
    assert list(row.members.values_list("organisation__record__title", "state", "fiscal_fen")) == [
        (row.leader.record.title, "accepted", 70_000_000),
        ("粤材公司", "left", 30_000_000),
        ("接替公司", "accepted", 30_000_000),
    ]
    assert sees(row, city.clerk(partner)) == ["title", "public"]
    asked("自行承担", leaving=successor.record.code)
    decided()
    row.application.refresh_from_db()
    assert row.application.kept_fen == projects.AWARD
    third = city.organisation("并入公司")
    assert codes(lambda: asked("两队合并", joining=third.record.code)) == {"change-member"}
    assert codes(lambda: asked("两队合并", task="工艺放大")) == {"change-empty", "change-member"}
    asked("两队合并", joining=third.record.code, task="工艺放大")
    agree_to_change(actor=city.clerk(third), project=fresh(row))
    decided()
    last = row.members.select_related("organisation").last()
    assert (last.organisation, last.state, last.task, last.fiscal_fen) == (third, "accepted", "工艺放大", 0)
    page = client_of(officer).get(f"/projects/{row.record.code}/").content.decode()
    assert all(words in page for words in ("产线搬迁", "工艺放大", "并入公司"))


def test_money_moves_between_members_by_a_change_and_no_fen_is_lost():
    officer, mate = city.bureau(), city.organisation("粤材公司")
    code = mate.record.code
    plan = (
        Planned("fiscal", "signing", 40_000_000), Planned("fiscal", "signing", 10_000_000, payee=code),
        Planned("fiscal", "acceptance", 30_000_000), Planned("fiscal", "acceptance", 20_000_000, payee=code),
        Planned("firm", "acceptance", 11),
    )  # fmt: skip
    row = projects.project(stage="signed", members=[(mate, 30_000_000)], by=officer, payments=plan)
    pay(actor=officer, project=fresh(row), number=2, voucher="凭-2", on=today())
    head, first = city.clerk(row.leader), row.milestones.get()
    form = {
        "reason": "任务调整", "ends_on": row.ends_on, "staff": "梁工，总体设计，30%",
        "commitment_0": commitments_of(row)[0], "indicator_1": first.indicator, "due_on_1": first.due_on,
        "method_1": first.method,
    }  # fmt: skip
    address = f"/projects/{row.record.code}/changes/new/"
    less = client_of(head).post(address, {**form, "fiscal_2": "9.9"})
    assert (less.status_code, "10 万元 already" in less.content.decode()) == (422, True)
    assert client_of(head).post(address, {**form, "fiscal_2": "15", "own_2": ""}).status_code == 302
    (item,) = row.changes.get().items
    assert [item[name] for name in ("what", "number", "old", "new")] == ["fiscal_fen", 2, "30", "15"]
    page = client_of(head).get(f"/projects/{row.record.code}/").content.decode()
    assert "Fiscal money of 粤材公司 (万元)" in page

    def decided():
        agree_to_change(actor=city.clerk(mate), project=fresh(row))
        return advance(PROJECT, fresh(row), "approve-change", actor=officer, note="同意")

    def standing():
        shares = list(row.members.values_list("fiscal_fen", "own_fen"))
        return shares, list(row.payments.values_list("number", "part_of", "payee__number", "planned_fen", "state"))

    decided()
    moved = [
        (1, 1, None, 40_000_000, "due"), (2, 2, 2, 10_000_000, "paid"), (3, 3, None, 30_000_000, "planned"),
        (4, 4, 2, 5_000_000, "planned"), (5, 5, None, 11, "planned"), (6, 4, None, 15_000_000, "planned"),
    ]  # fmt: skip
    assert standing() == ([(85_000_000, 7), (15_000_000, 0)], moved)
    row.application.refresh_from_db()
    assert (row.application.kept_fen, fresh(row).book_version) == (85_000_000, 2)

    def asked(*shares):
        return ask_change(actor=head, project=fresh(row), wanted=Wanted("再调整", shares=shares))

    assert codes(lambda: asked(Moved(code, 100_000_001))) == {"change-share"}
    assert codes(lambda: asked(Moved(row.leader.record.code, 1))) == {"change-share", "change-empty"}
    assert codes(lambda: asked(Moved(code, 15_000_000))) == {"change-empty"}
    assert codes(lambda: asked(Moved(code, own_fen=8))) == {"change-share"}
    # A share that leaves a member nothing to be paid hands its payment to the leader whole; own money moves as well.
    asked(Moved(code.lower(), 10_000_000, 3))
    decided()
    moved[3] = (4, 4, None, 5_000_000, "planned")
    assert standing() == ([(90_000_000, 4), (10_000_000, 3)], moved)
    assert [*check_payments(fresh(row)), *check_consortium(fresh(row))] == []


def test_a_change_lowers_no_indicator_silently_and_makes_a_version_that_is_signed_anew():
    row, officer = projects.project(stage="signed"), city.officer()
    head, poster, code = city.clerk(row.leader), city.clerk(row.poster), row.record.code
    later, milestone = row.ends_on + timedelta(days=30), row.milestones.get()
    assert (waits_for(head), waits_for(poster)) == ([code], [])  # the work is to begin
    address = f"/projects/{code}/changes/new/"
    form = {
        "reason": "设备到货延迟", "ends_on": later, "staff": "梁工，总体设计，20%\n何工, 试验; 12.5",
        "indicator_1": "样件粗糙度不高于0.2 nm", "commitment_0": "0.2 nm",
        "due_on_1": later + timedelta(days=1), "method_1": milestone.method,
    }  # fmt: skip
    outside = client_of(head).post(address, form)
    assert (outside.status_code, 'href="#id_due_on_1"' in outside.content.decode()) == (422, True)
    assert client_of(head).post(address, form | {"due_on_1": later, "method_1": ""}).status_code == 422
    assert client_of(head).post(address, form | {"due_on_1": later, "staff": "梁工 30%"}).status_code == 422
    assert client_of(head).post(address, form | {"due_on_1": later}).status_code == 302
    change = row.changes.get()
    assert [(one["what"], one["number"]) for one in change.items] == [
        ("ends_on", None), ("commitment", 1), ("indicator", 1), ("due_on", 1), ("staff", None),
    ]  # fmt: skip
    page = client_of(poster).get(f"/projects/{code}/").content.decode()
    assert all(words in page for words in ("样件粗糙度不高于0.1 nm", "样件粗糙度不高于0.2 nm", "设备到货延迟"))

    def decided(name="approve-change"):
        return advance(PROJECT, fresh(row), name, actor=officer, note="专家论证同意")

    assert waits_for(officer) == [code]  # once, though the first payment is due as well
    # The poster agrees to what lowers an indicator, or nothing changes.
    assert codes(decided) == {"change-poster"}
    assert waits_for(poster) == [code]
    assert client_of(poster).post(f"/projects/{code}/agree/").status_code == 302
    before = wording_of(fresh(row))
    row = decided()
    milestone.refresh_from_db()
    assert (row.ends_on, milestone.indicator, milestone.due_on) == (later, "样件粗糙度不高于0.2 nm", later)
    assert commitments_of(row) == ["0.2 nm"]
    assert row.staff == [["梁工", "总体设计", 2000], ["何工", "试验", 1250]]
    assert (row.book_version, row.wording, row.wording != before) == (2, wording_of(fresh(row)), True)
    change.refresh_from_db()
    assert (change.approved, change.version, change.verdict) == (True, 2, "专家论证同意")
    assert waits_for(officer) == [code]  # the payment is left
    # The leader has signed with asking; who has signed the first version signs the second.
    assert (waits_for(head), waits_for(poster)) == ([code], [code])
    assert [one.code for one in check_signed(fresh(row))] == ["book-unsigned"]
    sign_book(actor=poster, project=fresh(row))
    assert [*check_signed(fresh(row)), *waits_for(poster)] == []
    milestones = (Aimed(1, indicator="样件粗糙度不高于0.3 nm"),)
    ask_change(actor=head, project=fresh(row), wanted=Wanted("再降", milestones=milestones))
    decided("refuse-change")
    assert (fresh(row).book_version, waits_for(poster)) == (2, [])
    # A route may stand before the approval as before any move.
    ask_change(actor=head, project=fresh(row), wanted=Wanted("延期", ends_on=later + timedelta(days=1)))
    signer = city.member(officer.organisation)
    city.route(city.post(officer.organisation, "处长", signer), kind="project", move="approve-change")
    assert codes(decided) == {"approval-needed"}
    approval = ask_approval(actor=officer, row=fresh(row), move="approve-change", note="同意延期")
    sign_step(actor=signer, step=approval.steps.get())
    assert (fresh(row).ends_on, row.changes.get(number=3).verdict) == (later + timedelta(days=1), "同意延期")


def test_milestones_come_and_go_by_a_change_that_the_poster_agrees_to():
    row, officer = projects.project(stage="signed"), city.officer()
    head, poster, code = city.clerk(row.leader), city.clerk(row.poster), row.record.code
    first = row.milestones.get()
    address, day = f"/projects/{code}/changes/new/", row.ends_on
    form = {
        "reason": "增设中试节点", "ends_on": day, "staff": "梁工, 总体设计, 20%",
        "commitment_0": commitments_of(row)[0], "indicator_1": first.indicator,
        "due_on_1": first.due_on, "method_1": first.method,
    }  # fmt: skip
    added = {"added_indicator": "完成百片中试", "added_due_on": day, "added_method": "现场核查"}
    for wrong in (
        {"added_due_on": ""}, {"added_method": ""}, {"added_due_on": day + timedelta(days=1)},
        {"added_due_on": first.due_on - timedelta(days=1)},
    ):  # fmt: skip
        assert client_of(head).post(address, {**form, **added, **wrong}).status_code == 422
    assert client_of(head).post(address, {**form, **added}).status_code == 302

    def decided():
        return advance(PROJECT, fresh(row), "approve-change", actor=officer, note="同意")

    assert codes(decided) == {"change-poster"}
    assert "完成百片中试" in client_of(poster).get(f"/projects/{code}/").content.decode()
    agree_to_change(actor=poster, project=fresh(row))
    decided()
    assert list(row.milestones.values_list("number", "indicator", "due_on", "member__organisation")) == [
        (1, first.indicator, first.due_on, row.leader_id), (2, "完成百片中试", day, row.leader_id),
    ]  # fmt: skip

    def asked(**wanted):
        return ask_change(actor=head, project=fresh(row), wanted=Wanted("调整", **wanted))

    assert row.payments.filter(milestone=first).exists()
    assert codes(lambda: asked(removed=(1, 3))) == {"change-milestone-paid", "change-unknown"}
    row.payments.filter(milestone=first).update(milestone=None, occasion="acceptance")
    assert codes(lambda: asked(removed=(1, 2))) == {"milestones-none"}
    stranger = (Added("中试", day, "核查", city.organisation().record.code),)
    assert codes(lambda: asked(added=stranger)) == {"milestone-member"}
    asked(removed=(2,))
    agree_to_change(actor=poster, project=fresh(row))
    decided()
    assert (list(row.milestones.all()), fresh(row).book_version) == ([first], 3)


@pytest.mark.parametrize(("ends_on", "found"), [(date(2027, 2, 28), []), (date(2027, 3, 1), ["project-long"])])
def test_a_project_of_as_many_months_as_its_challenge_allows_is_not_too_long(ends_on, found):
    row = Project(starts_on=date(2026, 8, 31), ends_on=ends_on, application=Application(item=CallItem(months=6)))
    assert [problem.code for problem in check_days(row)] == found


def test_vector_11_while_an_objection_is_open_nothing_is_signed():
    row = projects.project(stage="filed")
    sign_book(actor=city.clerk(row.poster), project=row)
    officer = city.officer()
    city.rule("notice.project.sign", 1, "calendar days")
    notice = city.notice(fresh(row), officer, stage="running", move="sign")
    city.objection(notice, officer)
    assert codes(lambda: advance(PROJECT, fresh(row), "sign", actor=officer)) == {"objection-open"}


def test_signing_asks_the_limits_again_and_names_what_uses_them_up():
    leader, partner = city.organisation("链主公司"), city.organisation("参与公司")
    facts = {"call_kind": "chain", "budget_year": 2026, "fen": 180_000_000, "passed_on": 80_000_000}
    rows = [projects.awarded(leader, **facts)[0] for _ in range(2)]
    first, second = (
        projects.project(row, stage="filed", members=[(partner, share)])
        for row, share in zip(rows, (60_000_000, 80_000_000), strict=True)
    )
    officer = city.officer()
    for row in (first, second):
        for unit in (partner, row.poster):
            sign_book(actor=city.clerk(unit), project=fresh(row))
    # 120 of the first are kept where 100 were said at the decision: with the 100 of the second above 200.
    with pytest.raises(Refused) as refused:
        advance(PROJECT, fresh(first), "sign", actor=officer)
    (problem,) = refused.value.problems
    assert problem.code == "leader-receives-too-much"
    assert rows[1].record.code in str(problem.message)
    assert advance(PROJECT, fresh(second), "sign", actor=officer).record.stage == "signed"
