"""The folder of a call holds all that came of it: applications in full, scores, projects with their evidence."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import translation

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.facts import Condition
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.question_actions import answer_about_call, ask_about_call
from kezhuan.areas.calls.questions import Question
from kezhuan.areas.calls.recommending_actions import recommend
from kezhuan.areas.calls.spot_actions import record_spot_check
from kezhuan.areas.calls.spot_checking import SpotCheck
from kezhuan.areas.calls.staging import StageFacts
from kezhuan.areas.projects.change_actions import ask_change
from kezhuan.areas.projects.changing import Wanted
from kezhuan.areas.projects.evidence_actions import evaluate_self, report_first_use
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.reviews.panel_actions import CriterionFacts
from kezhuan.exchange.papers.archiving import rows_of_case, write_folder
from kezhuan.exchange.papers.printing import content_of, papers_beside
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from tests.areas.test_races import held_gate, read, teams_of
from tests.factories import calls, city, projects
from tests.factories.projects import SAID, fresh

pytestmark = pytest.mark.django_db


def test_the_folder_of_a_call_holds_its_applications_and_projects_in_full():
    officer = city.officer()
    (chosen,) = projects.awarded(city.organisation("甲大学", kind="university"), by=officer)
    row = projects.project(chosen, stage="running", by=officer)
    projects.reached(row, officer)
    report_first_use(actor=city.clerk(row.poster), project=fresh(row), said=SAID)
    call, entry = (
        Call.objects.select_related("record").get(pk=chosen.item.call_id),
        Application.objects.get(pk=chosen.pk),
    )
    assert [one.record.kind for one in rows_of_case(officer, call)] == ["call", "application", "project"]
    assert [one.record.code for one in rows_of_case(city.clerk(chosen.applicant), entry)] == [
        chosen.record.code, row.record.code,
    ]  # fmt: skip
    assert rows_of_case(city.clerk(city.organisation()), call)[1:] == []
    said = content_of(officer, entry)
    texts = dict(said.facts)
    assert (texts["条件：具备研究基础"], texts["技术路线"]) == ("省重点实验室", "等离子体辅助化学机械抛光")
    assert "0.08" in [text for label, text in said.facts if label.startswith("指标：")]
    assert texts["决定理由"] == "方案可行"
    told = dict(content_of(officer, fresh(row)).facts)
    assert "样件达到0.09 nm" in told["里程碑1"]
    assert SAID.words in told["首用报告"] if "首用报告" in told else any(SAID.words in text for text in told.values())
    file = io.BytesIO()
    write_folder(officer, rows_of_case(officer, call), file, lambda _done, _total: None)
    names = zipfile.ZipFile(file).namelist()
    assert any(f"{chosen.record.code}-申报书.pdf" in name for name in names)
    assert any(f"{row.record.code}-项目.pdf" in name for name in names)
    for code, name in ((call.record.code, "征集公告"), (call.record.code, "办理情况")):
        assert any(one.endswith(f"-{name}.pdf") and code not in one for one in names), name
    assert any(f"{chosen.record.code}-办理情况.pdf" in name for name in names)


def beside(actor, row):
    """What lies beside a record's paper for a reader, by name, in whatever language they read."""
    with translation.override("en"):
        return {name: content.facts for name, content in papers_beside(actor, row)}


def test_the_folder_of_a_call_says_what_was_laid_open_and_how_it_was_handled_to_whoever_may_know():
    officer, asker = city.officer(), city.member(city.organisation("问者公司"))
    first = today() + timedelta(days=30)
    call = calls.call(
        stage="published", by=officer, conditions=(Condition("具备研究基础", True), Condition("注册满一年")),
        questions=(Question("技术路线"), Question("中试", "one", False, 9, options=("有", "无")),
                   Question("中试说明", only_if={"question": 2, "answer": "有"})),
        stages=(StageFacts("first", first, first + timedelta(days=5)),
                StageFacts("spot-check", first + timedelta(days=6), first + timedelta(days=7))),
        criteria=(CriterionFacts("创新性", 6000, "90分：国际领先"), CriterionFacts("可行性", 4000)),
    )  # fmt: skip
    ask_about_call(actor=asker, call=call, words="测试温度是多少？")
    answer_about_call(actor=officer, call=call, number=1, words="室温")
    ask_about_call(actor=asker, call=call, words="未答的问题")
    own, recommender = city.organisation("甲大学", kind="university"), calls.recommender_of(call, letter_optional=True)
    row = calls.application(
        call, own, stage="offered", answers=("等离子体", "有", "百片中试线"), evidence=("省重点实验室", "2019年注册")
    )
    call = Call.objects.select_related("record", "office__record").get(pk=call.pk)
    anybody, said = beside(VISITOR, call), beside(officer, call)
    assert ([*anybody], [*said]) == (["征集公告"], ["征集公告", "办理情况"])
    laid = anybody["征集公告"]
    assert [text for label, text in laid if label == "申报条件"] == ["具备研究基础　须提供证明", "注册满一年"]
    asked = [text for label, text in laid if label == "申报书内容"]
    assert (asked[:2], "“有”" in asked[2]) == (["技术路线　必填", "中试 [有 / 无]　选填"], True)
    assert ("评审标准", "创新性　权重60%\n90分：国际领先") in laid
    told = dict(laid)
    assert told["初评"] == f"{first:%Y-%m-%d} – {first + timedelta(days=5):%Y-%m-%d}"
    assert told["公开问答1"].startswith("问：测试温度是多少？")
    assert "\n答：室温（" in told["公开问答1"]
    item = next(text for label, text in laid if label.startswith("榜单项1"))
    assert all(words in item for words in ("发榜单位：", "财政资金不超过200万元", "周期不超过24个月", "检测方法："))
    # What waits for an answer, the test of the wording and the budget line are inside.
    assert "公开问答2" not in told
    assert dict(said["征集公告"])["公开问答2"].endswith("未答复")
    inside = said["办理情况"]
    assert next(text for label, text in inside if label == "文字测试1").startswith("王院士")
    assert any("2060404" in text for _label, text in inside)
    (published,) = [text for label, text in inside if label.endswith(f"　{call.record.code}")]
    poster = call.items.get().poster.record.title
    assert published.split("　回避：")[0] == officer.person.record.title
    assert poster in published

    sender, codes = city.clerk(recommender), [row.record.code]
    recommend(actor=sender, call=call, applications=codes, letter_no="穗函1号", letter_on=today(), letter=None)
    row = Application.objects.select_related("record", "item__call__record").get(pk=row.pk)
    row = calls.checked(row, officer)
    checked = ("形式审查：具备研究基础", "满足　依据：承诺　测试")
    assert checked in beside(officer, row)["办理情况"]
    # Its unit reads what the officers said once a step has followed; who recommends it never.
    assert checked not in beside(city.clerk(own), row).get("办理情况", ())
    row = city.taken(APPLICATION, row, [("accept", officer)])
    looked = SpotCheck("周督查", today(), "研究场地", "to-mend", "缺设备台账")
    row = record_spot_check(actor=officer, application=row, said=looked)
    Application.objects.filter(pk=row.pk).update(extra={"原单号": "XT-7"})
    row = Application.objects.select_related("record", "item__call__record").get(pk=row.pk)
    found = beside(city.clerk(own), row)["办理情况"]
    spotted = (f"抽查 {today()}", "周督查　研究场地　待整改　缺设备台账")
    assert {checked, spotted, ("原系统：原单号", "XT-7")} <= set(found)
    assert beside(sender, row)["办理情况"] == (("原系统：原单号", "XT-7"),)
    assert beside(VISITOR, row) == {}


def test_a_project_on_paper_says_what_was_changed_and_what_came_of_it_and_beside_it_who_decided():
    officer = city.officer()
    row = projects.project(stage="running", by=officer)
    head, later = city.clerk(row.leader), row.ends_on + timedelta(days=30)
    ask_change(actor=head, project=fresh(row), wanted=Wanted("设备到货延迟", ends_on=later))
    asked = dict(content_of(head, fresh(row)).facts)["变更申请1"]
    assert asked.splitlines()[1:] == [f"截止日：{row.ends_on} → {later}", "未答复"]
    advance(PROJECT, fresh(row), "approve-change", actor=officer, note="专家论证同意")
    answered = dict(content_of(head, fresh(row)).facts)["变更申请1"].splitlines()[-1]
    assert all(words in answered for words in ("　同意　专家论证同意　", "任务书第2版"))
    Project.objects.filter(pk=row.pk).update(accepted_on=today())
    Record.objects.filter(pk=row.pk).update(stage="accepted")
    evaluate_self(actor=head, project=fresh(row), reached=["0.09 nm"], words="在产线应用")
    own = dict(content_of(officer, fresh(row)).facts)["绩效自评"]
    assert ("0.09 nm" in own, own.endswith("在产线应用")) == (True, True)
    (decided,) = [text for label, text in beside(officer, fresh(row))["办理情况"] if label.endswith("　批准变更 1")]
    assert all(one.record.title in decided for one in (row.leader, row.poster, officer.person))
    assert beside(city.clerk(row.poster), fresh(row)) == {}


def test_a_race_on_paper_says_what_each_gate_found_of_all_and_a_project_what_it_found_of_that_team():
    officer = city.officer()
    rows = teams_of(officer, 3)
    race = projects.race(rows, by=officer, gates=(today(),))
    first, second, third = (row.record.code for row in rows)
    tester = city.organisation("检测院", kind="institute")
    held_gate(officer, read(race), tester, (first, second), decision="cut", ranking=(second, first), keep=1,
              words="前两队达到，第三队未达到")  # fmt: skip
    told = dict(content_of(officer, read(race)).facts)
    gate = told["第1步　第1次考核"].splitlines()
    assert gate[0].endswith("检测院　检〔2026〕9号　前两队达到，第三队未达到")
    judged = zip((first, second, third), ("　通过", "　通过", "未通过"), gate[1:4], strict=True)
    assert [(code in line, line.endswith(said)) for code, said, line in judged] == [(True, True)] * 3
    assert "：0.09" in gate[1]
    assert gate[5] == f"排名：{second}、{first}，保留1队"
    assert "检测方法：" in told["目标"]
    last = dict(content_of(officer, fresh(rows[2])).facts)
    assert last["赛马"].endswith(f"（{race.record.code}）第3队")
    assert last["第1次考核"].splitlines()[2] == "未通过"
    assert (first in last["第1次考核"], "0.09" in last["第1次考核"]) == (False, True)
    # Members and users of one team read its project, and not what is said of the others.
    assert last["第1次考核"].splitlines()[0].endswith("　检〔2026〕9号")
