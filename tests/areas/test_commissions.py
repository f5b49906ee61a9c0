"""From a directed commission to its project in one step: who may, what is asked, and what it counts towards."""

from itertools import combinations

import pytest
from django.utils.html import escape

from kezhuan.areas.calls.library_actions import BudgetFacts, issue_budget, withdraw_budget
from kezhuan.areas.calls.models import Application, Call, CallItem, LibraryEntry
from kezhuan.areas.calls.pages_received import with_funnel
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.chains.commissioning_actions import CommissionFacts, commission, commissions
from kezhuan.areas.chains.models import Task
from kezhuan.areas.chains.selecting import is_to_be_awarded, missing_of
from kezhuan.areas.chains.task_actions import keep_selection
from kezhuan.areas.chains.task_lifecycle import TASK
from kezhuan.areas.projects.actions import answer_invitation, open_project, sign_book, write_book
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.permissions import is_posed_inside
from kezhuan.areas.projects.staffing import Staffer
from kezhuan.kernel.access import actor_for, is_officer
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Membership, Record, RuleValue
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from kezhuan.web.faces import url_of
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import city, projects, tasks
from tests.factories.projects import fresh

pytestmark = pytest.mark.django_db
FEN = 40_000_000


def again(row):
    return Task.objects.select_related("record__owner", "project__application", "item__call__record").get(pk=row.pk)


def chosen(leader, officer, **facts):
    """The leader, chosen for a direction of a chain leaders' call, with its award."""
    said = {"call_kind": "chain", "places": [Place("碳化硅衬底方向")], "fen": 50_000_000, "budget_year": 2026, **facts}
    return projects.awarded(leader, by=officer, **said)[0]


def commissioned(leader, undertaker, **facts):
    """A task on the list whose commission to this unit has the whole of its record."""
    keeper = city.clerk(leader)
    row = tasks.task(leader, keeper, stage="published", **facts)
    return again(keep_selection(actor=keeper, task=row, facts=tasks.commissioned(row, undertaker)))


def waiting(actor):
    """The codes of the tasks in somebody's inbox."""
    shown = inbox.lines(actor)
    assert inbox.count(actor) == len(shown)
    return [line.code for line in shown if line.code.startswith("TK-")]


def given(officer, row, fen=FEN, **more):
    return commission(actor=officer, task=again(row), facts=CommissionFacts(fen, "记录齐备", **more))


def refused(officer, row, fen=FEN, **more):
    return codes(lambda: given(officer, row, fen, **more))


def test_a_commission_with_its_whole_record_becomes_a_project_in_one_step_and_the_leader_takes_part_in_it():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    award, keeper, head = chosen(leader, officer), city.clerk(leader), city.clerk(school)
    asked = {"name": "位错密度", "operator": "<=", "value": "0.7", "unit": "个/cm2", "test_method": "腐蚀法"}
    CallItem.objects.filter(pk=award.item_id).update(indicators=[asked])
    Application.objects.filter(pk=award.pk).update(commitments=["0.6"])
    row = commissioned(leader, school)
    address = f"/tasks/{row.record.code}/"
    for actor in (keeper, head):
        assert f"{address}commission/" not in client_of(actor).get(address).content.decode()
        with pytest.raises(NotAllowed):
            given(actor, row)
    assert (waiting(officer), waiting(keeper)) == ([row.record.code], [])
    desk = client_of(officer)
    assert f"{address}commission/" in desk.get(address).content.decode()
    form = desk.get(f"{address}commission/")
    assert award.record.code in form.content.decode()
    before = with_funnel([Call.objects.select_related("record").get(pk=award.item.call_id)])[0]
    posted = {"direction": award.record.code, "fen": "40", "words": "记录齐备", "version": row.record.version}
    assert desk.post(f"{address}commission/", posted)["location"] == address
    row = again(row)
    made = fresh(row.project)
    assert (made.leader_id, made.poster_id, made.fiscal_fen) == (school.pk, leader.pk, FEN)
    assert (made.application.record.stage, made.application.award_fen) == ("awarded", FEN)
    assert (made.application.item_id, made.record.title) == (award.item_id, "抛光液攻关")
    assert not is_posed_inside.test(officer, made)  # the leader of the chain is the first user
    # It answers to its task, and to no indicator of the direction by which it is paid.
    assert row.indicators
    assert made.application.record.summary == f"{row.record.summary}\n{row.indicators}"
    for shown, there in ((award.record, True), (made.application.record, False), (made.record, False)):
        page = desk.get(url_of(shown)).content.decode()
        assert (escape(indicator_in_words(asked)) in page) is there
    # It is an award, and no application that came in.
    after = with_funnel([Call.objects.select_related("record").get(pk=award.item.call_id)])[0]
    assert (after.handed, after.chosen) == (before.handed, before.chosen) == (1, 1)
    assert f"{address}commission/" not in desk.get(address).content.decode()
    assert row.record.code not in waiting(officer)
    with pytest.raises(NotAllowed):  # once
        given(officer, row)
    assert [one.field for one in missing_of(row)] == ["project"]  # the leader takes no part yet

    alone = write_book(actor=head, project=made, facts=projects.book(made))
    assert codes(lambda: advance(PROJECT, fresh(alone), "file", actor=head)) == {"chain-leader-absent"}
    people = (Staffer("梁工", "总体设计", 3000), Staffer("陈工", "产线验证", 1000, leader.record.code))
    write_book(actor=head, project=fresh(made), facts=projects.book(fresh(made), [(leader, 1)], staff=people))
    answer_invitation(actor=keeper, project=fresh(made), accepts=True)
    advance(PROJECT, fresh(made), "file", actor=head)
    sign_book(actor=keeper, project=fresh(made))
    advance(PROJECT, fresh(made), "sign", actor=officer)
    assert Application.objects.get(pk=made.application_id).kept_fen == FEN - 1
    assert advance(TASK, again(row), "start", actor=keeper).record.stage == "started"


def test_the_same_by_the_interface_of_programs_and_its_project_waits_for_the_budget_document_of_the_call():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    award = chosen(leader, officer)
    row = commissioned(leader, school)
    address = f"/api/v1/tasks/{row.record.code}/commission"
    body = {"fen": FEN, "words": "记录齐备", "version": row.record.version}
    for actor in (city.clerk(leader), city.clerk(city.organisation())):
        assert client_of(actor).post(address, body, content_type="application/json").status_code == 403
    Call.objects.filter(pk=award.item.call_id).update(awaits_budget=True)
    assert client_of(officer).post(address, body, content_type="application/json").status_code == 201
    row = again(row)
    assert (row.project, row.commission.award_fen, row.commission.entry.amount_fen) == (None, FEN, FEN)
    with pytest.raises(NotAllowed):
        given(officer, row)


def test_a_commission_is_refused_while_its_record_is_incomplete_for_the_leader_itself_and_above_what_the_list_says():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    keeper = city.clerk(leader)
    row = tasks.task(leader, keeper, stage="published")
    with pytest.raises(NotAllowed):  # the leader was chosen for no direction
        given(officer, row)
    award = chosen(leader, officer)
    with pytest.raises(Refused) as lacking:
        given(officer, row)
    assert "Undertaker who is commissioned" in str(lacking.value.problems[0].message)
    own = commissioned(leader, leader, title="自行承担")
    assert refused(officer, own) == {"commission-itself"}
    assert waiting(officer) == []  # neither a record that is incomplete nor a leader that would choose itself
    row = commissioned(leader, school, title="委托大学")
    assert refused(officer, row, 0) == refused(officer, row, 100_000_001) == {"commission-fen"}
    assert refused(officer, row, direction="K-1999-00001") == {"commission-direction"}
    assert codes(lambda: commission(actor=officer, task=row, facts=CommissionFacts(FEN, " "))) == {"note-missing"}
    open_one = tasks.task(leader, keeper, stage="published", mode="open")
    with pytest.raises(NotAllowed):
        given(officer, open_one)
    # Who acts for the unit that is commissioned decides nothing of it, whatever office they hold.
    assert waiting(officer) == [row.record.code]
    Membership.objects.create(person=officer.person, organisation=school, role="member", since=today())
    two_hats = actor_for(officer.person, officer.organisation.pk)
    with pytest.raises(NotAllowed):
        given(two_hats, row)
    assert inbox.lines(two_hats) == ()
    Record.objects.filter(pk=award.pk).update(stage="rejected")
    with pytest.raises(NotAllowed):
        given(officer, row)


def test_commissions_count_against_the_budget_line_and_the_direction_of_the_leader():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    award = chosen(leader, officer, budget_fen=120_000_000)
    first, second = (commissioned(leader, school, title=title) for title in ("抛光液", "抛光垫"))
    item = award.item
    type(item).objects.filter(pk=item.pk).update(fiscal_fen=80_000_000)
    assert refused(officer, first) == {"commission-money"}
    type(item).objects.filter(pk=item.pk).update(fiscal_fen=None)
    given(officer, first)  # 50 and 40 of 120
    assert refused(officer, second) == {"commission-money"}
    given(officer, second, 30_000_000)  # the same unit, by a second commission of one direction


def test_limits_reach_a_unit_that_leads_a_direction_and_no_other_at_the_award_and_when_the_book_is_signed():
    officer, leader, rival = city.bureau(), city.organisation("链主公司"), city.organisation("另一链主")
    chosen(leader, officer)
    school = city.organisation("承担大学")
    for number in range(3):  # it leads nothing: the limits are those of leaders
        given(officer, commissioned(leader, school, title=f"大学任务{number}"), 10_000_000)
    led = chosen(rival, officer)
    row = commissioned(leader, rival, title="委托另一链主")
    row = given(officer, row)
    third = commissioned(leader, rival, title="再委托")
    with pytest.raises(Refused) as told:
        given(officer, third)
    (problem,) = told.value.problems
    assert problem.code == "leader-undertakes-too-many"
    assert all(code in str(problem.message) for code in (led.record.code, row.commission.record.code))
    assert not Application.objects.filter(record__title="再委托").exists()
    # When the book is signed the same is asked again, of what stays with the unit.
    made, head, keeper = fresh(row.project), city.clerk(rival), city.clerk(leader)
    people = (Staffer("梁工", "总体设计", 3000), Staffer("陈工", "产线验证", 1000, leader.record.code))
    write_book(actor=head, project=made, facts=projects.book(made, [(leader, 1)], staff=people))
    answer_invitation(actor=keeper, project=fresh(made), accepts=True)
    advance(PROJECT, fresh(made), "file", actor=head)
    sign_book(actor=keeper, project=fresh(made))
    received = RuleValue.objects.filter(code="call.chain.most-received")
    received.update(value=80_000_000)
    assert codes(lambda: advance(PROJECT, fresh(made), "sign", actor=officer)) == {"leader-receives-too-much"}
    received.update(value=90_000_000)
    advance(PROJECT, fresh(made), "sign", actor=officer)


def ended(officer, made):
    """The project, terminated."""
    if fresh(made).record.stage == "drafted":
        Record.objects.filter(pk=made.pk).update(stage="filed")
    return advance(PROJECT, fresh(made), "terminate", actor=officer, reason="goal", note="指标无法达到")


def test_what_was_commissioned_and_ended_before_its_goal_is_commissioned_anew_and_the_task_keeps_what_it_was():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    keeper = city.clerk(leader)
    chosen(leader, officer)
    row = given(officer, commissioned(leader, school))
    first, award = row.project, row.commission
    assert waiting(officer) == []
    ended(officer, first)
    assert [one.field for one in missing_of(again(row))] == ["project"]  # nothing starts with what has ended
    assert "task-record" in codes(lambda: advance(TASK, again(row), "start", actor=keeper))
    assert waiting(officer) == [row.record.code]
    assert f"/tasks/{row.record.code}/commission/" in client_of(officer).get(url_of(row.record)).content.decode()
    other = city.organisation("接手研究院")
    # The selection is written anew, with or without the project that ended.
    row = keep_selection(actor=keeper, task=again(row), facts=tasks.commissioned(row, other))
    assert (row.project, list(row.former.all())) == (None, [first])
    row = given(officer, row, 20_000_000)
    assert (row.project.leader_id, row.commission.award_fen) == (other.pk, 20_000_000)
    assert row.commission_id != award.pk
    page = client_of(keeper).get(url_of(row.record)).content.decode()
    assert url_of(first.record) in page
    assert url_of(row.record) in client_of(keeper).get(url_of(first.record)).content.decode()
    with pytest.raises(NotAllowed):  # what goes on is not awarded twice
        given(officer, row)
    # The same without a word of the leader between.
    ended(officer, row.project)
    row = given(officer, row, 10_000_000)
    assert row.former.count() == 2
    # A project that was void is opened again from its award, which stands.
    advance(PROJECT, fresh(row.project), "void", actor=officer, note="录错")
    assert waiting(officer) == []
    with pytest.raises(NotAllowed):
        given(officer, row)


def test_what_was_commissioned_ends_with_a_task_that_is_given_up_before_a_project_and_frees_its_money():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    award, keeper, head = chosen(leader, officer, budget_fen=90_000_000), city.clerk(leader), city.clerk(school)
    call = award.item.call
    first, second = (commissioned(leader, school, title=title) for title in ("抛光液", "抛光垫"))
    Call.objects.filter(pk=call.pk).update(awaits_budget=True)
    made = given(officer, first).commission  # 50 and 40 of 90
    assert refused(officer, second) == {"commission-money"}
    entry = LibraryEntry.objects.get(application=made.pk)
    assert entry.left_on is None
    advance(TASK, again(first), "drop", actor=keeper, note="承担单位退出")
    made = Application.objects.select_related("record", "item__call__record").get(pk=made.pk)
    assert (made.record.stage, made.alive, made.award_fen) == ("withdrawn", False, FEN)
    entry.refresh_from_db()
    assert entry.left_on == today()
    told = Entry.objects.filter(record=made.pk).latest("seq")
    assert (told.kind, told.text.content["note"]) == ("application.end-commission", "承担单位退出")
    Call.objects.filter(pk=call.pk).update(awaits_budget=False)
    for actor in (head, officer):
        with pytest.raises(NotAllowed):
            open_project(actor=actor, application=made)
    row = given(officer, second)  # its money is there again, and so is the place
    # What has become a project goes on.
    advance(TASK, again(row), "drop", actor=keeper, note="不再需要")
    assert Record.objects.get(pk=row.commission_id).stage == "awarded"


def test_what_was_commissioned_and_ended_does_not_come_back_to_the_library_with_its_budget_document():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    award = chosen(leader, officer, budget_fen=130_000_000)
    Call.objects.filter(pk=award.item.call_id).update(awaits_budget=True)
    rows = [commissioned(leader, school, title=title) for title in ("抛光液", "抛光垫")]
    ended, stays = (given(officer, row).commission.record.code for row in rows)
    facts = BudgetFacts("穗财〔2026〕12号", 2026, "2060404", today(), {ended: FEN, stays: FEN})
    document = issue_budget(actor=officer, facts=facts)
    advance(TASK, again(rows[0]), "drop", actor=city.clerk(leader), note="不再需要")
    withdraw_budget(actor=officer, document=document)
    left = dict(LibraryEntry.objects.values_list("application__record__code", "left_on"))
    assert left == {ended: today(), stays: None}


def test_a_project_that_was_void_is_none_when_its_task_is_given_up():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    chosen(leader, officer)
    row = given(officer, commissioned(leader, school))
    advance(PROJECT, fresh(row.project), "void", actor=officer, note="录错")
    advance(TASK, again(row), "drop", actor=city.clerk(leader), note="不再需要")
    assert Record.objects.get(pk=row.commission_id).stage == "withdrawn"


def test_a_task_that_was_started_returns_to_the_list_once_its_project_has_ended():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    keeper = city.clerk(leader)
    chosen(leader, officer)
    row = given(officer, commissioned(leader, school))
    Record.objects.filter(pk=row.pk).update(stage="started")

    def back():
        return advance(TASK, again(row), "relist", actor=keeper, note="项目已终止")

    assert codes(back) == {"task-under-way"}
    ended(officer, row.project)
    assert back().record.stage == "published"
    row = given(officer, row, 10_000_000)
    assert row.former.count() == 1


def test_the_inbox_and_the_page_agree_on_which_commissions_can_be_awarded():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    chosen(leader, officer)
    row = commissioned(leader, school)
    elsewhere = given(officer, commissioned(leader, school, title="另一任务"), 10_000_000)
    over = given(officer, commissioned(leader, school, title="终止任务"), 10_000_000)
    Task.objects.exclude(pk=row.pk).update(project=None, commission=None)
    Record.objects.filter(pk=over.project_id).update(stage="terminated")
    whole = {name: getattr(row, name) for name in ("undertaker_id", "decided_on")}
    changes = [
        *({name: ""} for name in ("indicators", "why", "capability", "related", "minutes_no", "deciders")),
        {"mode": "open"}, {"undertaker_id": None}, {"undertaker_id": leader.pk}, {"decided_on": None},
        {"commission_id": elsewhere.commission_id}, {"commission_id": over.commission_id},
        {"project_id": elsewhere.project_id}, {"project_id": over.project_id},
    ]  # fmt: skip
    plain = {name: getattr(row, name) for one in changes for name in one} | whole
    awarded = set()
    for number, some in enumerate([(), *((one,) for one in changes), *combinations(changes, 2)]):
        changed = {name: value for one in some for name, value in one.items()}
        Task.objects.filter(pk=row.pk).update(**{**plain, **changed})
        now = again(row)
        lacking = [one for one in missing_of(now) if one.field != "project"]
        can = commissions(officer, now) and not lacking and now.undertaker_id != leader.pk
        shown = (is_to_be_awarded & is_officer).among(officer, Task.objects.filter(pk=row.pk)).exists()
        assert shown is can is is_to_be_awarded.test(officer, now), changed
        awarded |= {number} if can else set()
    assert 3 <= len(awarded) < number
    Task.objects.filter(pk=row.pk).update(**plain)
    for summary, stage in (("", "published"), ("目标", "draft"), ("目标", "started"), ("目标", "published")):
        Record.objects.filter(pk=row.pk).update(summary=summary, stage=stage)
        can = (summary, stage) == ("目标", "published")
        assert is_to_be_awarded.among(officer, Task.objects.filter(pk=row.pk)).exists() is can
        assert is_to_be_awarded.test(officer, again(row)) is can
