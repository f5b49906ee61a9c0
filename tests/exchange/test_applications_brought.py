"""What another application system holds goes on here: calls that were held there, applications at the stage they had,
results and their money; taken back as one action, and refused where it would claim what is decided here."""

from datetime import timedelta

import pytest

from kezhuan.areas.calls.actions import Heard, prepare_call, put_on_list, record_readings
from kezhuan.areas.calls.application_actions import edit_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.sheets import APPLICATIONS
from kezhuan.areas.calls.staging import StageFacts
from kezhuan.areas.calls.tables import ROWS
from kezhuan.areas.projects.actions import open_project
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.permissions import has_to_sign
from kezhuan.areas.projects.sheets import PROJECTS
from kezhuan.areas.projects.tables import ROWS as PROJECT_ROWS
from kezhuan.areas.reviews.queries import advice_on
from kezhuan.demo.editions import judged
from kezhuan.exchange.sheets import Reader
from kezhuan.exchange.undo import take_back
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, EntryText, Record
from kezhuan.kernel.text import now, today
from tests.areas.crawling import client_of
from tests.factories import calls, city
from tests.factories.imports import take_in

pytestmark = pytest.mark.django_db


def held_elsewhere(officer, stage, **facts):
    """A call of two fields that another system held."""
    call = calls.call(by=officer, places=[Place("成果转化", winners=9), Place("科技金融")], **facts)
    calls.end_time_of(call)
    return advance(CALL, Call.objects.get(pk=call.pk), f"enter-{stage}", actor=officer, note="原系统已受理")


def row(number, unit, call, **cells):
    return {
        "编号": f"W{number}", "项目名称": f"示例项目{number}", "征集编号": call.record.code, "榜单项": "1",
        "申报单位": unit.record.title, "提交时间": "2025-03-01 10:20", "联系电话": "020-1", **cells,
    }  # fmt: skip


def judged_elsewhere(officer, call, first, second, write):
    """A panel that judged in another system comes by the codes of applications; taken back before the rest is."""
    told = {"外部评审组": "省专家组", "外部评审日期": "2025-04-01"}
    by_code = {one: {"平台编号": one.record.code, **told} for one in (first, second)}
    bad = [
        ({"外部专家评分": "张三：90"}, "not the name"), ({"外部专家评分": "1：90；1：80"}, "one score"),
        ({"外部专家评分": "1：90；2：80", "外部平均分": 95}, "between the lowest"),
        ({"外部评审组": "", "外部排名": 1}, "Name the panel"), ({"外部评审日期": "2999-01-01"}, "future"),
        ({"外部排名": 0}, "1"), ({"负责人": "别人"}, "by a file"), ({"负责人": "别人"}, "leave the cell"),
    ]  # fmt: skip
    for one, other in zip(bad[::2], bad[1::2], strict=True):
        rows = [by_code[first] | one[0], by_code[second] | other[0]]
        said = reasons(take_in(ROWS, write(rows), actor=officer, is_trusted=False))
        assert one[1] in said[1]
        assert other[1] in said[2]
    good = [
        by_code[first] | {"外部专家评分": "1：90.5；B2：80", "外部平均分": 85.25, "外部排名": 2},
        by_code[second] | {"外部排名": 1},
    ]
    own = city.clerk(first.applicant)
    assert take_in(ROWS, write(good), actor=own, is_trusted=False).counts.updated == 0
    done = take_in(ROWS, write(good), actor=officer, is_trusted=False, source="省专家系统")
    assert (done.counts.updated, reasons(done)) == (2, {})
    first.refresh_from_db()
    assert (first.leader, first.record.stage) == ("李工", "qualified")  # and nothing else of it has changed
    address = f"/applications/{first.record.code}/"
    assert client_of(officer).get(f"/api/v1{address[:-1]}").json()["judged_elsewhere"] == {
        "panel": "省专家组", "on": "2025-04-01", "scores": [["1", "90.5"], ["B2", "80"]], "mean": "85.25", "rank": 2,
        "source": "省专家系统",
    }  # fmt: skip
    for page in (f"/calls/{call.record.code}/", address):
        text = client_of(officer).get(page).content.decode()
        assert all(one in text for one in ("省专家组", "1：90.5；B2：80", "85.25", "省专家系统"))
    # Its unit reads nothing of it before the decision, and to the panels that judge here it is none.
    assert "省专家组" not in client_of(own).get(address).content.decode()
    assert client_of(own).get(f"/api/v1{address[:-1]}").json()["judged_elsewhere"] is None
    assert not advice_on([first.pk, second.pk])
    assert "1：90.5；B2：80" in cells_of(officer, first)
    assert "1：90.5；B2：80" not in cells_of(own, first)
    take_back(done.kept.pk, actor=officer)
    assert not Application.objects.exclude(judged_elsewhere={}).exists()


def cells_of(actor, row):
    (found,) = APPLICATIONS.rows(actor, [row.pk])
    return list(map(str, Reader(actor).cells(APPLICATIONS.shown_to(actor), found)))


def plan(call, unit, **cells):
    return {
        "征集编号": call.record.code, "榜单项": "1", "牵头单位": unit.record.title, "参与单位": "协作厂",
        "开始日期": "2025-03-10", "结束日期": "2026-12-31", "任务书签订日期": "2025-03-05",
        "里程碑": "样机 | 2025-12-01 | 第三方检测 | 2025-11-20\n小批量 | 2026-11-01 | 现场验收",
        "拨款计划": "财政 | 签订 | 12 | 2025-03-20 | 凭-1\n财政|里程碑1|8\n财政 | 验收 | 10", **cells,
    }  # fmt: skip


def projects_brought(officer, decided, posed, winner, loser, write):
    """A project that ran in another system comes with plan and payments, goes on here, and is taken back as one."""
    bad = [
        (plan(decided, loser), "was chosen for this item"), (plan(posed, winner), "its project already"),
        (plan(decided, winner, 里程碑="样机 | 明年 | 检测"), "is no milestone"),
        (plan(decided, winner, 拨款计划="财政 | 签订 | 30 | 2025-03-20"), "is no payment"),
        (plan(decided, winner, 拨款计划="财政 | 签订 | 12"), "together"),
        (plan(decided, winner, 任务书签订日期="", 里程碑="样机 | 2028-01-01 | 检测"), "between the first"),
    ]  # fmt: skip
    rows = [one | {"编号": f"B{number}"} for number, (one, _words) in enumerate(bad, 1)]
    said = reasons(take_in(PROJECT_ROWS, write(rows), actor=officer, is_trusted=False, reason="原系统"))
    assert [words for number, (_one, words) in enumerate(bad, 1) if words not in said.get(number, "")] == []
    path = write([plan(decided, winner)])
    Call.objects.filter(pk=decided.pk).update(begins_projects=False)
    assert "begins no projects" in reasons(take_in(PROJECT_ROWS, path))[1]
    Call.objects.filter(pk=decided.pk).update(begins_projects=True)
    assert take_in(PROJECT_ROWS, path, actor=city.clerk(winner), is_trusted=False, reason="略").counts.created == 0
    done = take_in(PROJECT_ROWS, path, actor=officer, is_trusted=False, reason="原系统在研项目", source="原项目系统")
    assert (done.counts.created, reasons(done)) == (1, {})
    made = Project.objects.select_related("record").get(application__item__call=decided)
    assert (made.record.stage, made.fiscal_fen, made.extra) == ("running", 30_000_000, {"参与单位": "协作厂"})
    assert [(one.state, one.planned_fen, one.voucher) for one in made.payments.all()] == [
        ("paid", 12_000_000, "凭-1"), ("due", 8_000_000, ""), ("planned", 10_000_000, ""),
    ]  # fmt: skip
    assert [one.passed for one in made.milestones.all()] == [True, None]
    own = city.clerk(winner)
    assert has_to_sign.test(own, made)  # nobody has signed here what was signed there
    address = f"/projects/{made.record.code}/"
    page = client_of(own).get(address).content.decode()
    assert all(one in page for one in ("原项目系统", "凭-1", "小批量", "协作厂"))
    told = client_of(own).get(f"/api/v1{address[:-1]}").json()
    assert (told["brought_from"], told["money"]["paid"], len(told["milestones"])) == ("原项目系统", 12_000_000, 2)
    (found,) = PROJECTS.rows(own, [made.pk])
    cells = list(map(str, Reader(own).cells(PROJECTS.shown_to(own), found)))
    assert "样机 | 2025-12-01 | 第三方检测 | 2025-11-20\n小批量 | 2026-11-01 | 现场验收" in cells
    again = take_in(PROJECT_ROWS, path, actor=officer, is_trusted=False, reason="略", source="原项目系统")
    assert again.counts.unchanged == 1
    take_back(done.kept.pk, actor=officer)
    made = Project.objects.select_related("record").get(pk=made.pk)
    assert (made.record.stage, made.alive, {one.state for one in made.payments.all()}) == ("void", False, {"freed"})


def reasons(done):
    return {reject.row: reject.reason for reject in done.rejects.rows}


def test_a_call_is_entered_as_held_elsewhere_with_its_reason_and_never_while_it_is_open():
    officer = city.bureau()
    call = calls.call(by=officer, places=[Place("成果转化")], seals=True)
    with pytest.raises(Refused) as refused:
        advance(CALL, call, "enter-closed", actor=officer, note="原系统")
    assert {one.code for one in refused.value.problems} == {"call-elsewhere-open", "call-elsewhere-sealed"}
    call = held_elsewhere(officer, "closed")
    entry = Entry.objects.filter(record=call.pk, kind="call.enter-closed").get()
    assert EntryText.objects.get(entry=entry).content == {"note": "原系统已受理"}
    assert client_of(officer).get(f"/calls/{call.record.code}/").status_code == 200


RECOMMENDED = {"推荐单位": "推荐区科技局", "推荐日期": "2025-03-02"}


def test_applications_of_another_system_go_on_here_and_are_taken_back_as_one(write):
    officer = city.bureau()
    call = held_elsewhere(officer, "closed")
    units = [city.organisation(f"机构{number}", kind="agency") for number in range(3)]
    rows = [
        row(
            1, units[0], call, 结果="受理", 负责人="李工", 主要内容="为企业服务", 推荐单位="推荐区科技局",
            推荐意见="同意推荐", 推荐日期="2025-03-02", **{"申请财政资金(万元)": 12.5},
        ),
        row(2, units[1], call, 榜单项="科技金融", 提交时间="0001-01-01", **RECOMMENDED),
        row(3, units[2], call, 结果="不予受理", 决定理由="材料不全"),
        row(4, units[2], call, 推荐单位="没有这个局", 推荐日期="2025-03-02"),
        row(5, units[2], call, 推荐单位=units[2].record.title, 推荐函号="荐1"),
        row(6, units[2], call, 推荐意见="同意", 推荐日期="2999-03-02"),
        row(7, units[2], call, 推荐单位="推荐区科技局", 推荐日期="2999-03-02"),
        row(8, units[2], call, 推荐单位=units[1].record.title, 推荐日期="2025-03-02"),
        row(9, units[2], call, 结果="受理"),
    ]  # fmt: skip
    recommending = city.organisation("推荐区科技局", kind="government")
    call.recommenders.add(recommending, units[2])
    path = write(rows)
    done = take_in(ROWS, path, actor=officer, reason="原系统申报", is_trusted=False)
    said = reasons(done)
    assert (done.counts.created, [*said]) == (3, [4, 5, 6, 7, 8, 9])
    assert "Choose the unit that recommends" in said[9]  # while what nobody recommended could be refused
    assert "is no recommending unit of this call" in said[8]  # as on the form
    assert "“没有这个局”" in said[4]
    assert "own application" in said[5]
    assert "Give the day" in said[5]
    assert "Name the unit" in said[6]
    assert "future" in said[7]
    found = {one.applicant_id: one for one in Application.objects.select_related("record", "item", "record__owner")}
    first, second, third = (found[unit.pk] for unit in units)
    assert [(one.record.stage, one.alive, one.item.number) for one in (first, second, third)] == [
        ("qualified", True, 1), ("submitted", True, 2), ("refused", False, 1),
    ]  # fmt: skip
    assert (first.asked_fen, first.leader, third.verdict) == (12_500_000, "李工", "材料不全")
    assert first.submitted_at.isoformat().startswith("2025-03-01T02:20")  # of Shanghai
    assert first.extra == {"联系电话": "020-1"}
    # Whoever recommended it reads it too, and its page, the API and an export say by whom, and from where it came.
    assert (first.recommender, first.letter_on.isoformat()) == (recommending, "2025-03-02")
    told = ("推荐区科技局", "同意推荐", "2025-03-02", done.kept.source)
    page = client_of(city.clerk(recommending)).get(f"/applications/{first.record.code}/").content.decode()
    api = client_of(officer).get(f"/api/v1/applications/{first.record.code}").json()
    assert (api["recommender"]["name"], api["opinion"], api["letter_on"], api["brought_from"]) == told
    assert all(one in page and one in cells_of(officer, first) for one in told)
    assert take_in(ROWS, path, actor=officer).counts.unchanged == 3
    judged_elsewhere(officer, call, first, second, write)
    # Its unit, the officers and nobody else read one; the same unit for the same item is not brought twice.
    own, other = city.clerk(units[0]), city.clerk(units[1])
    pages = [client_of(who).get(f"/applications/{first.record.code}/").status_code for who in (own, officer, other)]
    assert pages == [200, 200, 404]
    assert "020-1" in client_of(officer).get(f"/applications/{first.record.code}/").content.decode()
    again = take_in(ROWS, write([row(9, units[0], call, 结果="受理", **RECOMMENDED)]), actor=officer, on_match="forbid")
    assert (again.counts.created, again.counts.rejected) == (0, 1)
    take_back(done.kept.pk, actor=officer)
    assert not Application.objects.filter(alive=True).exists()
    assert set(Record.objects.filter(kind="application").values_list("stage", flat=True)) == {"discarded"}
    # Once taken back they may come again, and then go on: what passed is decided here.
    rows = [row(1, units[0], call, 结果="受理", **RECOMMENDED), row(2, units[1], call, **RECOMMENDED)]
    done = take_in(ROWS, write(rows), actor=officer)
    assert done.counts.created == 2
    waits = Application.objects.select_related("record", "item__call").get(applicant=units[1], alive=True)
    advance(APPLICATION, calls.checked(waits, officer), "accept", actor=officer)
    codes = Application.objects.filter(alive=True).values_list("record__code", flat=True)
    propose(actor=officer, call=call, proposed={code: Proposed(True, "原系统评审结果", 0) for code in codes})
    advance(CALL, Call.objects.get(pk=call.pk), "decide", actor=officer)
    assert set(Record.objects.filter(code__in=list(codes)).values_list("stage", flat=True)) == {"awarded"}


def test_what_waits_for_a_supplement_or_stands_on_the_shortlist_there_goes_on_here(write):
    officer, plain = city.bureau(), held_elsewhere(city.bureau(), "closed")
    days = {"begins_on": today() + timedelta(days=30), "ends_on": today() + timedelta(days=31)}
    call = held_elsewhere(officer, "closed", stages=(StageFacts("first"), StageFacts("final", **days)))
    units = [city.organisation(f"机构{number}", kind="agency") for number in range(3)]
    rows = [
        row(number, unit, one, 结果=result)
        for number, unit, one, result in zip(
            (1, 2, 3), units, (call, call, plain), ("入围", "待补正", "入围"), strict=True
        )
    ]
    done = take_in(ROWS, write(rows), actor=officer, reason="原系统申报", is_trusted=False)
    assert (done.counts.created, [*reasons(done)]) == (2, [3])
    assert "no final review" in reasons(done)[3]
    listed, waits = Application.objects.select_related("record", "item__call__record").order_by("applicant")
    assert [one.record.stage for one in (listed, waits)] == ["shortlisted", "returned"]
    own, facts = city.clerk(units[1]), calls.application_facts(commitments=())
    waits = edit_application(actor=own, application=waits, facts=facts, expected_version=waits.record.version)
    waits = advance(APPLICATION, waits, "supplement", actor=own)
    assert advance(APPLICATION, calls.checked(waits, officer), "accept", actor=officer).record.stage == "qualified"
    propose(actor=officer, call=call, proposed={listed.record.code: Proposed(True, "原系统入围", 0)})


def test_results_come_to_a_call_that_was_decided_there_and_its_projects_begin_here(write):
    officer = city.bureau()
    decided, closed = held_elsewhere(officer, "decided"), held_elsewhere(officer, "closed")
    poser = city.organisation("出题公司")
    need = city.need(poser, stage="published")
    posed = prepare_call(actor=officer, facts=calls.call_facts())
    put_on_list(actor=officer, call=posed, need=need)
    record_readings(actor=officer, call=posed, heard=[Heard("王院士", today(), True)])
    calls.end_time_of(posed)
    posed = advance(CALL, Call.objects.get(pk=posed.pk), "enter-decided", actor=officer, note="原系统已立项")
    winner, loser = city.organisation("胜出大学", kind="university"), city.organisation("落选研究院", kind="institute")
    money = {"立项财政资金(万元)": 30}
    done = take_in(
        ROWS,
        write(
            [
                row(1, winner, decided, 结果="立项", 决定理由="第一名", **money),
                row(2, loser, decided, 结果="未入选", 决定理由="得分靠后"),
                row(3, loser, decided, 结果="未入选", 榜单项="2"),
                row(4, loser, decided, 结果="受理"),
                row(5, loser, closed, 结果="立项"),
                row(6, loser, decided, 榜单项="7", 结果="立项"),
                row(7, loser, decided, 榜单项="2", 结果="未入选", 决定理由="略", **money),
                row(8, poser, posed, 结果="立项"),
                {**row(9, loser, decided, 结果="立项"), "申报单位": "没有这个单位"},
                row(10, winner, posed, 结果="立项", **money),
                row(11, loser, decided, 结果="立项", **{"立项财政资金(万元)": "一百"}),
                row(12, loser, decided, 榜单项="1" * 5000, 结果="立项"),
                {**row(13, loser, decided, 结果="立项"), "征集编号": ""},
            ]
        ),
        actor=officer,
        reason="原系统结果",
    )
    assert done.counts.created == 3
    said = reasons(done)
    assert sorted(said) == [*range(3, 10), 11, 12, 13]
    assert said[13] == "is required but empty; fill it in."
    assert "register or import" in said[9]
    assert "register or import" not in said[11]  # its unit is known, whatever else is wrong
    assert "is “decided”" in said[4]
    assert "applications closed" in said[5]
    found = {one.record.stage: one for one in Application.objects.filter(item__call=decided).select_related("record")}
    assert (found["awarded"].award_fen, found["awarded"].verdict) == (30_000_000, "第一名")
    assert (found["rejected"].award_fen, found["rejected"].alive) == (None, False)
    page = client_of(city.clerk(loser)).get(f"/applications/{found['rejected'].record.code}/").content.decode()
    assert "得分靠后" in page
    assert "胜出大学" in client_of(None).get(f"/calls/{decided.record.code}/").content.decode()
    one = Application.objects.select_related("record", "item__call", "item__poster", "applicant__record")
    project = open_project(actor=city.clerk(winner), application=one.get(item__call=posed))
    assert (project.fiscal_fen, project.poster) == (30_000_000, need.record.owner)
    projects_brought(officer, decided, posed, winner, loser, write)
    with pytest.raises(Refused):  # a project stands on one of them
        take_back(done.kept.pk, actor=officer)


def test_nobody_but_officers_in_charge_of_the_call_brings_anything(write):
    officer = city.bureau()
    call = held_elsewhere(officer, "closed", opens_at=now())
    unit = city.organisation("机构", kind="agency")
    path = write([row(1, unit, call)])
    for actor in (city.officer("440117"), city.clerk(unit)):
        assert take_in(ROWS, path, actor=actor, is_trusted=False).counts.created == 0
    assert not Application.objects.exists()


def test_the_demo_contest_brings_what_a_panel_of_the_other_system_found_and_its_page_shows_it(write):
    officer = city.bureau()
    call = held_elsewhere(officer, "decided")
    units = [city.organisation(f"团队{number}", kind="agency") for number in range(2)]
    ends = [{"结果": "优胜"}, {"结果": "未入选", "决定理由": "指标验证依据不足"}]
    rows = [row(number, unit, call, **ends[number], **judged(number)) for number, unit in enumerate(units)]
    done = take_in(ROWS, write(rows), actor=officer, reason="示例", is_trusted=False)
    assert (done.counts.created, reasons(done)) == (2, {})
    page = client_of(officer).get(f"/calls/{call.record.code}/").content.decode()
    assert all(one in page for one in ("示例·挑战赛专家评审组", "1：94；2：95；3：96", "1：93.5；2：94.5；3：95.5"))
    assert [judged(number)["外部排名"] for number in (0, 67)] == [1, 68]
