"""From a gap of a chain to the project: each mode starts only with the whole of its record, and who reads what."""

import pytest

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.limiting import used_by
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.chains.models import Task
from kezhuan.areas.chains.queries import listed_item
from kezhuan.areas.chains.selecting import missing_of
from kezhuan.areas.chains.task_actions import Selection, draft_task, edit_task, keep_selection, pose_need
from kezhuan.areas.chains.task_lifecycle import TASK
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.projects.actions import answer_invitation, sign_book, write_book
from kezhuan.areas.projects.change_actions import ask_change
from kezhuan.areas.projects.changing import Wanted
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.staffing import Staffer
from kezhuan.areas.reviews.models import Expert, Panel
from kezhuan.exchange.kinds import importables
from kezhuan.kernel.access import can_view
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.exchange.test_round_trip import counts
from tests.factories import calls, city, projects, reviews, tasks
from tests.factories.projects import fresh
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def again(row):
    return Task.objects.select_related("record__owner", "project__application", "item__call__record").get(pk=row.pk)


def lacking(row):
    return [one.field for one in missing_of(again(row))]


def test_a_directed_commission_starts_with_reason_sole_capability_and_collective_decision_alone():
    leader, school, rival = (city.organisation(name) for name in ("链主公司", "承担大学", "同行公司"))
    keeper, officer = city.clerk(leader), city.officer()
    assert codes(lambda: draft_task(actor=keeper, facts=tasks.facts(link=" "))) == {"task-gap"}
    with pytest.raises(NotAllowed):
        draft_task(actor=officer, facts=tasks.facts())
    bare = draft_task(actor=keeper, facts=tasks.facts(holds="", evidence="", why=""))
    with pytest.raises(Refused) as refused:
        advance(TASK, bare, "publish", actor=keeper)
    assert [one.field for one in refused.value.problems] == ["holds", "evidence", "why"]
    row = tasks.task(leader, keeper, stage="published")
    stranger = city.clerk(rival)
    assert [can_view(stranger, row.record, group) for group in ("public", "full")] == [True, False]
    assert can_view(officer, row.record, "inner")
    assert codes(lambda: advance(TASK, row, "start", actor=keeper)) == {"task-record"}
    assert lacking(row) == ["undertaker", "capability", "related", "decided_on", "deciders", "project"]
    kept = client_of(keeper).post(f"/records/{row.record.code}/moves/start/")
    (form,) = [one for one in kept.content.decode().split('"') if "edit/?before=start" in one and "#" not in one]
    assert 'name="undertaker"' in client_of(keeper).get(form, follow=True).content.decode()

    (chosen,) = projects.awarded(school)
    people = (Staffer("梁工", "总体设计", 3000), Staffer("陈工", "产线验证", 1000, leader.record.code))
    made = projects.project(chosen, stage="filed", members=[(leader, 1)], staff=people)
    (other,) = projects.awarded(rival)
    foreign = projects.project(other)
    whole = tasks.commissioned(row, school, made.record.code)
    with pytest.raises(NotAllowed):
        keep_selection(actor=stranger, task=row, facts=whole)
    wrong = tasks.commissioned(row, school, foreign.record.code)
    assert codes(lambda: keep_selection(actor=keeper, task=row, facts=wrong)) == {"task-project"}
    for name in ("capability", "related", "minutes_no", "deciders"):
        part = Selection(**{**vars(whole), name: ""})
        row = keep_selection(actor=keeper, task=row, facts=part)
        assert lacking(row) == [{"minutes_no": "decided_on"}.get(name, name)]
        with pytest.raises(Refused):
            advance(TASK, again(row), "start", actor=keeper)
    # Another than who undertakes the project: the project is not what the selection led to.
    row = keep_selection(actor=keeper, task=row, facts=tasks.commissioned(row, rival, made.record.code))
    assert lacking(row) == ["project"]
    version = again(row).record.version
    row = keep_selection(actor=keeper, task=row, facts=whole)
    # Who had the page open before is told, and what they typed stays.
    late = client_of(keeper).post(f"/tasks/{row.record.code}/selection/", {"deciders": "旧页面", "version": version})
    assert (late.status_code, "旧页面" in late.content.decode(), again(row).deciders) == (409, True, whole.deciders)
    twice = tasks.task(leader, keeper, title="又一任务")
    assert codes(lambda: keep_selection(actor=keeper, task=twice, facts=whole)) == {"task-project"}
    row = advance(TASK, again(row), "start", actor=keeper)
    assert can_view(city.clerk(school), again(row).record, "full")
    assert not can_view(stranger, again(row).record, "full")
    with pytest.raises(Conflict):
        keep_selection(actor=keeper, task=row, facts=whole)
    assert codes(lambda: advance(TASK, again(row), "finish", actor=keeper)) == {"task-unaccepted"}
    page = client_of(keeper).get(f"/tasks/{row.record.code}/").content.decode()
    assert "董办〔2026〕3号" in page
    assert "又一任务" in page
    assert "境外两家公司" not in client_of(stranger).get(f"/tasks/{row.record.code}/").content.decode()
    assert row.record.code in client_of(keeper).get(f"/projects/{made.record.code}/").content.decode()
    found = client_of(stranger).get("/tasks/?mode=directed").content.decode()
    assert all(words in found for words in ("抛光液攻关", "链主公司"))
    told = client_of(stranger).get(f"/api/v1/tasks/{row.record.code}").json()
    assert (told["mode"], "holds" in told, told.get("selection", [])) == ("directed", False, [])


@pytest.mark.parametrize(("mode", "applicants"), [("open", 1), ("competitive", 2)])
def test_a_called_selection_starts_with_announcement_candidates_scores_minutes_and_decision(mode, applicants):
    officer, leader = city.bureau(), city.organisation("链主公司")
    units = [city.organisation() for _ in range(2)]
    keeper = city.clerk(leader)
    row = tasks.task(leader, keeper, stage="published", mode=mode)
    alone = projects.awarded(units[0], by=officer)[0].item
    named = Selection(call=alone.call.record.code, item=alone.number)
    row = keep_selection(actor=keeper, task=row, facts=named)
    few = ["item"] if applicants > 1 else []
    assert lacking(row) == [*few, "item", "item", "project", "project"]  # candidates; scores and minutes
    assert codes(lambda: keep_selection(actor=keeper, task=row, facts=Selection(call="B-1999-00001"))) == {"task-item"}
    rows = projects.awarded(*units[:applicants], by=officer)
    people = (Staffer("梁工", "总体设计", 3000), Staffer("陈工", "产线验证", 1000, leader.record.code))
    made = projects.project(rows[0], stage="filed", members=[(leader, 1)], staff=people)
    named = Selection(call=rows[0].item.call.record.code, item=rows[0].item.number, project=made.record.code)
    row = keep_selection(actor=keeper, task=row, facts=named)
    assert lacking(row) == ["item", "item"]
    judged(officer, rows)
    assert lacking(row) == []
    row = advance(TASK, again(row), "start", actor=keeper)
    assert row.record.stage == "started"


def test_a_task_is_posed_as_a_need_in_its_own_words_and_its_selection_knows_the_item_that_came_of_it():
    officer, leader = city.officer(), city.organisation("链主公司")
    keeper, stranger = city.clerk(leader), city.clerk(city.organisation("同行公司"))
    row = tasks.task(leader, keeper, stage="published", mode="open")
    for actor in (stranger, officer):
        with pytest.raises(NotAllowed):
            pose_need(actor=actor, task=row)
    given = tasks.task(leader, keeper, title="委托任务")
    with pytest.raises(Conflict):  # what is commissioned is not chosen from a call
        pose_need(actor=keeper, task=given)
    desk, address = client_of(keeper), f"/tasks/{row.record.code}/"
    assert f"{address}need/" not in client_of(stranger).get(address).content.decode()
    assert f"{address}need/" in desk.get(address).content.decode()
    assert desk.get(f"{address}need/").status_code == 200
    answer = desk.post(f"{address}need/")
    need = again(row).need.need
    assert answer["location"] == f"/needs/{need.record.code}/edit/"
    assert (need.record.title, need.record.stage, need.record.owner_id) == ("抛光液攻关", "draft", leader.pk)
    assert (need.chain, need.budget_fen, need.source) == ("半导体与集成电路", 50_000_000, "chain_leader")
    assert all(words in need.record.summary for words in ("8英寸抛光液依赖进口", "国产抛光液在产线替代", "缺陷不高于"))
    assert "境外两家公司" not in desk.get(answer["location"]).content.decode()  # who masters it stays inside
    assert desk.post(f"/api/v1/tasks/{row.record.code}/need").status_code == 409  # once
    assert need.record.code in desk.get(address).content.decode()
    assert address in desk.get(f"/needs/{need.record.code}/").content.decode()
    assert need.record.code not in client_of(stranger).get(address).content.decode()
    # What the bureau puts on a list is what the selection begins with; a draft of a call is nobody's business yet.
    Record.objects.filter(pk=need.pk).update(stage="published", phase="public")
    NEED.refresh_audience(Need.objects.select_related("record").get(pk=need.pk))
    call = calls.call(by=officer, needs=[city.need(city.organisation(), stage="published")])
    item = call.items.create(number=2, need=need.record, poster=leader, title="抛光液攻关")
    assert listed_item(again(row)) is None
    Record.objects.filter(pk=call.pk).update(stage="published", phase="public")
    assert listed_item(again(row)) == item
    form = desk.get(f"{address}selection/").context["form"]
    assert (form.initial["call"], form.initial["item"]) == (call.record.code, 2)
    assert listed_item(again(given)) is None


def test_a_task_is_posed_again_once_the_need_that_was_begun_is_thrown_away():
    leader = city.organisation("链主公司")
    keeper = city.clerk(leader)
    row = tasks.task(leader, keeper, stage="published", mode="open")
    thrown = advance(NEED, pose_need(actor=keeper, task=row), "discard", actor=keeper)
    page = client_of(keeper).get(f"/tasks/{row.record.code}/").content.decode()
    assert f"/tasks/{row.record.code}/need/" in page
    made = pose_need(actor=keeper, task=again(row))
    assert made.pk == again(row).need_id != thrown.pk
    with pytest.raises(Conflict):
        pose_need(actor=keeper, task=again(row))


@pytest.mark.parametrize("mode", ["directed", "open", "competitive"])
def test_a_leader_undertakes_its_own_task_where_the_panel_of_the_bureau_chose_it_alone(mode):
    officer, leader = city.bureau(), city.organisation("链主公司")
    keeper = city.clerk(leader)
    row = tasks.task(leader, keeper, stage="published", mode=mode)
    rows = projects.awarded(leader, city.organisation(), by=officer)
    made = projects.project(rows[0])
    if mode == "directed":
        bare = keep_selection(actor=keeper, task=row, facts=tasks.commissioned(row, leader))
        assert lacking(bare) == ["project", "project"]  # before there is a project it is said as well
        said = tasks.commissioned(row, leader, made.record.code)
    else:
        item = rows[0].item
        said = Selection(call=item.call.record.code, item=item.number, project=made.record.code)
    row = keep_selection(actor=keeper, task=row, facts=said)
    with pytest.raises(Refused) as refused:
        advance(TASK, again(row), "start", actor=keeper)
    assert "The bureau's panel chose the leader" in str(refused.value.problems[0].message)
    judged(officer, rows, advised=False)
    assert lacking(row) == ["project"]
    judged(officer, rows)
    assert lacking(row) == []
    assert advance(TASK, again(row), "start", actor=keeper).record.stage == "started"


def test_whoever_leads_the_chain_names_people_in_a_project_that_another_undertakes_and_stays_in_it():
    officer, leader, undertaker = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    keeper, code = city.clerk(leader), leader.record.code
    row = tasks.task(leader, keeper, stage="published")
    (chosen,) = projects.awarded(undertaker, by=officer)
    made = projects.project(chosen, members=[(leader, 1)])
    answer_invitation(actor=keeper, project=made, accepts=True)
    row = keep_selection(actor=keeper, task=row, facts=tasks.commissioned(row, undertaker, made.record.code))
    own, head = Staffer("梁工", "总体设计", 3000), city.clerk(undertaker)

    def written(*people):
        facts = projects.book(fresh(made), [(leader, 1)], staff=people)
        return write_book(actor=head, project=fresh(made), facts=facts)

    assert codes(lambda: advance(PROJECT, fresh(made), "file", actor=head)) == {"staff-missing"}
    assert codes(lambda: written(own, Staffer("陈工", "验证", 1, "B-1999-00001"))) == {"staff-member"}
    # Of two who have one name each is of another unit.
    written(own, Staffer("梁工", "产线验证", 1000, code.lower()), Staffer("何工", "试验", 500, undertaker.record.code))
    assert fresh(made).staff == [["梁工", "总体设计", 3000], ["梁工", "产线验证", 1000, code], ["何工", "试验", 500]]
    advance(PROJECT, fresh(made), "file", actor=head)
    for actor in (keeper, city.clerk(made.poster)):
        sign_book(actor=actor, project=fresh(made))
    advance(PROJECT, fresh(made), "sign", actor=officer)
    row = advance(TASK, again(row), "start", actor=keeper)
    assert row.record.stage == "started"
    page = client_of(head).get(f"/projects/{made.record.code}/").content.decode()
    assert page.count("链主公司") > page.count("产线验证") == 1
    asked = {"staff": (own,)}
    assert codes(lambda: ask_change(actor=head, project=fresh(made), wanted=Wanted("换人", **asked))) == {
        "staff-missing"
    }
    gone = Wanted("退出", leaving=code)
    assert codes(lambda: ask_change(actor=head, project=fresh(made), wanted=gone)) == {"change-chain-leader"}
    # A task that names a project whose book was filed without them does not start.
    Project.objects.filter(pk=made.pk).update(staff=fresh(made).staff[:1])
    Record.objects.filter(pk=row.pk).update(stage="published")
    assert codes(lambda: advance(TASK, again(row), "start", actor=keeper)) == {"staff-missing"}


def test_what_a_leader_undertakes_for_its_tasks_by_a_call_of_another_kind_is_shown_and_not_counted():
    officer, leader = city.bureau(), city.organisation("链主公司")
    city.rule("call.chain.most-undertaken", 2, "count")
    keeper = city.clerk(leader)
    row = tasks.task(leader, keeper, stage="published")
    ours, theirs = projects.awarded(leader, city.organisation(), by=officer, fen=50_000_000, passed_on=10_000_000)
    made = projects.project(ours)
    keep_selection(actor=keeper, task=row, facts=tasks.commissioned(row, leader, made.record.code))
    call = calls.call(stage="published", by=officer, call_kind="chain", places=[Place("碳化硅衬底方向")])
    asked = calls.application(call, leader, stage="qualified")
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)

    def told(of=call):
        rows = Application.objects.select_related("applicant__record").filter(pk=asked.pk)
        return [(len(one.use.undertaken), one.uncounted) for one in used_by(of, list(rows))]

    assert told() == [(0, f"{ours.record.code}: 40 万元")]
    page = client_of(officer).get(f"/calls/{call.record.code}/proposal/").content.decode()
    assert f"{ours.record.code}: 40 万元" in page
    assert theirs.record.code not in page
    # Of another year, or once the task is given up, nothing stands beside it.
    Call.objects.filter(pk=call.pk).update(budget_year=2025)
    assert told(Call.objects.select_related("record").get(pk=call.pk)) == [(0, "")]
    Record.objects.filter(pk=row.pk).update(stage="dropped")
    assert told() == [(0, "")]


def judged(officer, rows, *, advised=True):
    """As if a panel of the call had scored them: it concluded with minutes."""
    call = reviews.closed_call(officer, city.organisation())
    if not Expert.objects.exists():
        reviews.expert("评审一", by=officer)
    panel = reviews.panel(officer, call, per_item=1, scheme="open")
    reviews.asked(officer, panel)
    panel = reviews.concluded(officer, reviews.scored(officer, panel))
    assert Panel.objects.get(pk=panel.pk).minutes_no
    for number, one in enumerate(rows, 50):
        panel.items.create(number=number, record=one.record, advised=advised)


def test_a_task_list_is_taken_along_filled_in_and_brought_back(tmp_path):
    leader = city.organisation("链主公司")
    keeper = city.clerk(leader)
    row = draft_task(actor=keeper, facts=tasks.facts())
    (line,) = taken(client_of(keeper), "/tasks/", "csv")
    assert (line["task"], line["mode of selection"], line["fiscal money"]) == (
        "抛光液攻关",
        "directed commission",
        "100",
    )
    assert "Evidence that it alone is able to" in line["Missing of the record"]
    path = tmp_path / "tasks.csv"
    head = "任务名称,产业链,环节,断点堵点,掌握方,攻关目标,周期(月),财政资金(万元),遴选方式,选择该方式的理由\n"
    path.write_text(
        head + "薄膜攻关,新型显示,光学膜,完全进口,境外公司,替代,18,60,揭榜挂帅,多家可做\n"
        "缺环节任务,新型显示,,完全进口,,,,,竞争择优,\n",
        encoding="utf-8",
    )
    told, importer = counts(importables()["task"], path, actor=keeper, owner=leader)
    assert (told["created"], len(importer.rejects.rows)) == (1, 1)
    brought = Task.objects.get(record__title="薄膜攻关")
    assert (brought.mode, brought.fiscal_fen, brought.months, brought.record.stage) == ("open", 60_000_000, 18, "draft")
    assert brought.record.owner_id == leader.pk
    version = again(row).record.version
    edit_task(actor=keeper, task=row, facts=tasks.facts(title="抛光液"), expected_version=version)
    with pytest.raises(Conflict):
        edit_task(actor=keeper, task=row, facts=tasks.facts(), expected_version=version)
