"""From the question about a call to the closed race whoever has to act next finds it in the inbox, and nobody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.question_actions import answer_about_call, ask_about_call
from kezhuan.areas.projects.actions import sign_book
from kezhuan.areas.projects.change_actions import ask_change
from kezhuan.areas.projects.changing import Wanted
from kezhuan.areas.projects.evidence_actions import Said, report_first_use
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.payment_actions import judge_milestone, pay, report_milestone
from kezhuan.areas.projects.race_lifecycle import RACE
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.models import Panel
from kezhuan.kernel import journal
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from kezhuan.web.records import clock_lines
from tests.areas.test_races import held_gate, read, teams_of
from tests.factories import calls, city, projects, reviews

pytestmark = pytest.mark.django_db


def matters(actor):
    """What stands in somebody's inbox: the code of each thing, once, with what is to be done first."""
    with translation.override("zh-hans"):
        shown = inbox.lines(actor)
        assert inbox.count(actor) == len(shown) == len({line.code for line in shown})
        return {line.code: str(line.label).partition(" · ")[2] for line in shown}


def test_questions_panels_and_decisions_wait_for_the_officers_in_charge():
    officer, reader = city.officer(), city.officer("440105")
    units = [city.organisation(f"{name}大学", kind="university") for name in "甲乙"]
    call = calls.call(stage="published", by=officer)
    code = call.record.code
    asker = city.clerk(units[0])
    assert matters(officer) == {}
    ask_about_call(actor=asker, call=call, words="样片由谁提供？")
    assert matters(officer) == {code: "有提问待答复"}
    assert matters(reader) == matters(asker) == {}
    answer_about_call(actor=officer, call=call, number=1, words="由出题企业提供。")
    assert matters(officer) == {}

    for unit in units:
        calls.application(call, unit, stage="qualified", title=f"{unit.record.title}攻关")
    calls.end_time_of(call)
    call.refresh_from_db()
    call = advance(CALL, call, "close", actor=officer)
    assert matters(officer) == {code: "申报已截止"}

    # While a panel is at work the decision waits for it, and the panel for whoever runs it, or for its experts.
    pool = [reviews.expert(name, by=officer) for name in ("秦一", "许二", "谭三")]
    panel = reviews.panel(officer, call)
    label = panel.record.code
    assert matters(officer) == {label: "待选取专家"}
    rows = reviews.asked(officer, panel)
    assert matters(officer) == {label: "专家已答复，待开始评分"}
    # One who declines leaves every item with too few.
    advance(REVIEW, rows[0], "turn-down", actor=reviews.judge(rows[0]), reason="time")
    assert matters(officer) == {label: "待选取专家"}
    reviews.expert("孔四", by=officer)
    assert len(reviews.asked(officer, panel)) == 1
    assert matters(officer) == {label: "专家已答复，待开始评分"}
    panel = advance(PANEL, panel, "begin", actor=officer)
    assert label not in matters(officer)
    days = Panel.objects.filter(pk=panel.pk).values("answer_by", "due_on").get()
    Panel.objects.filter(pk=panel.pk).update(answer_by=None, due_on=today() - timedelta(days=1))
    with journal.writing():
        journal.note("inbox.tested", actor=officer)  # until the next entry, or the next day, the number is kept
    assert matters(officer) == {label: "评分期限已过，待汇总"}
    Panel.objects.filter(pk=panel.pk).update(**days)
    reviews.score_all(panel)
    assert matters(officer) == {label: "评分已齐，待汇总"}
    panel = advance(PANEL, panel, "close", actor=officer)
    assert matters(officer) == {label: "待记录评审会"}
    reviews.concluded(officer, panel)
    assert matters(officer) == {code: "申报已截止"}
    assert len(rows) == len(pool)
    assert matters(reader) == {}


def test_each_step_of_a_project_waits_for_whoever_takes_it():
    officer, unit = city.officer(), city.organisation("南粤大学", kind="university")
    (chosen,) = projects.awarded(unit, by=officer)
    leader, poster = city.clerk(unit), city.clerk(chosen.item.poster)
    assert matters(leader) == {chosen.record.code: "已入选，待立项"}
    row = projects.project(chosen, stage="filed", by=officer)
    code = row.record.code
    assert matters(officer) == {}
    assert list(matters(poster)) == [code]
    row = sign_book(actor=poster, project=row)
    assert matters(poster) == {}
    assert matters(officer) == {code: "任务书待签订"}
    row = city.taken(PROJECT, row, [("sign", officer)])
    assert matters(leader) == {code: "待启动实施"}
    assert matters(officer) == {code: "有应拨款项"}
    pay(actor=officer, project=row, number=1, voucher="记1", on=today())
    row = city.taken(PROJECT, projects.fresh(row), [("begin", leader)])
    assert (matters(officer), matters(leader)) == ({}, {code: "里程碑待报告"})
    # Until the day of the task book, in the leader's calendar and reminders, and for nobody who may not read that.
    (first,) = row.milestones.all()
    assert [clock.due_on for clock in inbox.waiting_clocks(leader)] == [first.due_on]
    assert [len(clock_lines(actor, row.record)) for actor in (leader, poster, VISITOR)] == [1, 1, 0]
    report_milestone(actor=leader, project=row, number=1, words="已达到")
    assert (matters(officer), matters(leader)) == ({code: "里程碑待评定"}, {})
    judge_milestone(actor=officer, project=row, number=1, passed=False, words="缺检测报告")
    assert matters(leader) == {code: "里程碑待报告"}
    report_milestone(actor=leader, project=row, number=1, words="已补检测报告")
    judge_milestone(actor=officer, project=row, number=1, passed=True, words="属实")
    assert matters(officer) == {code: "有应拨款项"}
    assert matters(leader) == {code: "待申请验收"}
    ask_change(actor=leader, project=projects.fresh(row), wanted=Wanted("设备晚到", ends_on=row.ends_on + timedelta(1)))
    assert matters(officer) == {code: "变更待决定"}
    assert matters(leader) == {}
    row = advance(PROJECT, projects.fresh(row), "refuse-change", actor=officer, note="按期完成")
    assert matters(officer) == {code: "有应拨款项"}
    row = city.taken(PROJECT, projects.fresh(row), [("ask-acceptance", leader)])
    assert matters(poster) == {code: "待提交首用报告"}
    assert matters(officer) == {code: "已申请验收"}
    report_first_use(actor=poster, project=row, said=Said(today(), True, "产线试用良好"))
    assert matters(poster) == {}
    assert matters(city.member(city.organisation(), Role.ADMINISTRATOR)) == {}


def test_a_race_waits_for_its_gate_on_its_day_and_for_its_end():
    officer, tester = city.officer(), city.organisation("检测中心", kind="agency")
    teams = teams_of(officer, 4)
    rows, others = teams[:2], teams[2:]
    race = projects.race(rows, by=officer, gates=(today(), today() + timedelta(days=400)))
    code, (first, second) = race.record.code, [one.record.code for one in rows]
    with CaptureQueriesContext(connection) as for_one:
        assert matters(officer) == {code: "待组织阶段评估"}
    projects.race(others, by=officer, gates=(today() + timedelta(days=400),))
    with CaptureQueriesContext(connection) as for_two:
        assert matters(officer) == {code: "待组织阶段评估"}
    assert len(for_two) == len(for_one)
    race = held_gate(officer, race, tester, [first])
    assert matters(officer) == {second: "经费待结算"}
    assert code not in matters(city.clerk(rows[0].leader))
    city.taken(PROJECT, projects.fresh(rows[0]), [("void", officer)])
    assert matters(officer) == {second: "经费待结算", code: "赛马待结束"}
    city.taken(RACE, read(race), [("wind-up", officer)])
    assert matters(officer) == {second: "经费待结算"}
