"""Calls whose list has directions and fields: an agency selection that ends with its decision, and a proof of concept
that nobody posed, up to its acceptance."""

import re

import pytest

from kezhuan.areas.calls.lifecycle import CALL, told_before_decision
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.place_actions import Place, put_place
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.needs.models import Indicator
from kezhuan.areas.projects.evidence_actions import record_test
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.permissions import opens
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from tests.areas.crawling import client_of
from tests.factories import calls, city, projects

pytestmark = pytest.mark.django_db
FIELD = re.compile(r'<(?:input|textarea)[^>]*name="([^"]+)"(?:[^>]*value="([^"]*)")?[^>]*>([^<]*)')


def typed(page):
    """What a browser sends back of a form as it comes; boxes that are not ticked stay away."""
    boxes = re.compile(r'<input type="(?:checkbox|radio)"(?![^>]*checked)[^>]*>')
    return {name: value or words.strip() for name, value, words in FIELD.findall(boxes.sub("", page))}


def codes(act):
    with pytest.raises(Refused) as refused:
        act()
    return {problem.code for problem in refused.value.problems}


def closed_and_proposed(call, officer, chosen):
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    rows = Application.objects.filter(item__call=call, record__stage="qualified").select_related("record")
    proposed = {one.record.code: Proposed(one.pk in chosen, "依评审结果", 0) for one in rows}
    return propose(actor=officer, call=call, proposed=proposed)


def test_an_officer_makes_an_agency_selection_from_its_template_and_it_ends_with_its_decision():
    officer = city.bureau()
    desk, place = client_of(officer), "/calls/new/?template=agency"
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    sent = typed(desk.get(place).content.decode())
    sent |= {
        "call_kind": "agency", "title": "2026年度科技服务机构遴选", "summary": "以赛促评", "ip_terms": "by_contract",
        "opens_at": "2026-01-01 09:00", "closes_at": "2099-06-30 17:00", "disclosure": "public",
        "poster_pays": "warn", "paid_on": ["signing"],
        **{f"questions-{n}-kind": "number" if n == 2 else "text" for n in range(5)},
    }  # fmt: skip
    made = desk.post(place, sent)
    assert made.status_code == 302, re.findall(r'class="[^"]*problem[^"]*"[^>]*>.*?</', made.content.decode())
    call = Call.objects.get()
    assert (call.most_per_unit, call.begins_projects, call.call_kind) == (1, False, "agency")
    titles = list(call.items.values_list("title", flat=True))
    assert titles == ["成果转化", "技术转移", "技术开发", "科技咨询", "知识产权", "科技金融"]
    # How many are chosen is written on its own page; the same name twice is refused, and so is what is gone.
    one = f"/calls/{call.record.code}/places/3/"
    kept = typed(desk.get(one).content.decode())
    assert (kept["title"], kept["winners"]) == ("技术开发", "1")
    again = desk.post(one, kept | {"title": "知识产权"})
    assert again.status_code in {200, 422}
    assert "已在榜单中" in again.content.decode()
    assert desk.post(one, kept | {"winners": "17"}).status_code == 302
    assert desk.post(one, kept | {"winners": "16"}).status_code == 409  # as it stood before
    assert desk.post(f"/calls/{call.record.code}/places/new/", {"title": " ", "winners": 1}).status_code in {200, 422}
    assert call.items.get(number=3).winners == 17
    # Nothing counts as solved in a field: there is no wording to test.
    call = advance(CALL, call, "publish", actor=officer)
    assert desk.get(one).status_code == 403
    unit = city.organisation("示例知识产权服务公司", kind="agency")
    clerk, answers = city.clerk(unit), ("成立于2015年", "1200", "80", "登记合同号", "")
    facts = {"commitments": (), "evidence": ("执照",), "answers": answers, "months": None, "asked_fen": None}
    entry = calls.application(call, unit, stage="qualified", by=clerk, **facts)
    assert codes(lambda: calls.application(call, unit, by=clerk, **facts)) == {"application-twice"}
    page = client_of(clerk).get(f"/calls/{call.record.code}/items/2/apply/").content.decode()
    assert client_of(clerk).post(f"/calls/{call.record.code}/items/2/apply/", typed(page)).status_code in {200, 422}
    assert Application.objects.count() == 1  # one of a unit, whatever its field
    loser = calls.application(call, stage="qualified", **facts)
    call = closed_and_proposed(call, officer, {entry.pk})
    (told,) = told_before_decision(call).facts
    assert "示例知识产权服务公司" in told[1]
    call = advance(CALL, call, "decide", actor=officer)
    stages = dict(Record.objects.filter(pk__in=[entry.pk, loser.pk]).values_list("pk", "stage"))
    assert stages == {entry.pk: "awarded", loser.pk: "rejected"}
    entry = Application.objects.select_related("record", "item__call", "applicant").get(pk=entry.pk)
    assert not opens.test(officer, entry)
    assert (
        f"/applications/{entry.record.code}/project/"
        not in desk.get(f"/applications/{entry.record.code}/").content.decode()
    )
    assert client_of(clerk).get(f"/calls/{call.record.code}/").status_code == 200


def test_a_proof_of_concept_that_nobody_posed_is_undertaken_and_accepted_on_a_third_partys_test():
    officer = city.officer()
    call = calls.call(
        stage="published", by=officer, call_kind="proof", places=[Place("先进材料概念验证", "验证可行性", winners=2)]
    )
    unit = city.organisation("珠水大学", kind="university")
    one = calls.application(call, unit, stage="qualified", commitments=())
    call = closed_and_proposed(call, officer, {one.pk})
    advance(CALL, call, "decide", actor=officer)
    one = Application.objects.select_related("record", "item__call__record", "item__poster", "applicant").get(pk=one.pk)
    payments = {"firm_fen": 11, "payments": (projects.Planned("firm", "acceptance", 11),)}
    row = projects.project(one, stage="drafted", by=officer, **payments)
    leader = city.clerk(unit)
    assert codes(lambda: advance(PROJECT, row, "file", actor=leader)) == {"poster-money"}
    Project.objects.filter(pk=row.pk).update(firm_fen=0)
    row.payments.all().delete()
    row = projects.fresh(row)
    for name, actor in (("file", leader), ("sign", officer), ("begin", leader)):
        row = advance(PROJECT, projects.fresh(row), name, actor=actor)
    projects.reached(row, officer)
    row = advance(PROJECT, projects.fresh(row), "ask-acceptance", actor=leader)
    assert codes(lambda: advance(PROJECT, row, "accept", actor=officer)) == {
        "test-report-missing", "acceptance-unjudged",
    }  # fmt: skip
    pages = client_of(officer), client_of(leader)
    assert all(who.get(f"/projects/{row.record.code}/").status_code == 200 for who in pages)
    assert "/test-report/" in pages[0].get(f"/projects/{row.record.code}/").content.decode()
    record_test(
        actor=officer, project=projects.fresh(row), tester=city.organisation("检测院").record.code, said=projects.SAID
    )
    projects.judged(row, officer)
    row = advance(PROJECT, projects.fresh(row), "accept", actor=officer)
    assert row.record.stage == "accepted"
    assert pages[0].get("/payments/performance/").status_code == 200
    assert pages[0].get("/projects/?format=csv").status_code in {200, 302, 404}


def test_a_list_of_needs_and_fields_is_posted_again_whole_and_tested_for_its_needs():
    officer = city.bureau()
    call = calls.call(by=officer)
    put_place(actor=officer, call=call, place=Place("前沿方向", "自由探索", fiscal_fen=5, months=12, winners=3))
    call = advance(CALL, Call.objects.get(pk=call.pk), "publish", actor=officer)  # its need was tested before
    draft = calls.application(call, stage="draft")
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    call = advance(CALL, call, "fail", actor=officer)
    assert Record.objects.get(pk=draft.pk).stage == "missed"
    client_of(officer).post(f"/calls/{call.record.code}/post-again/")
    again = Call.objects.get(earlier=call)
    kept = list(again.items.values_list("title", "problem", "fiscal_fen", "months", "winners", "need"))
    assert kept[1] == ("前沿方向", "自由探索", 5, 12, 3, None)
    assert kept[0][-1] is not None
    assert client_of(officer).get(f"/calls/{again.record.code}/").status_code == 200


def test_needs_that_came_in_are_counted_and_those_that_fit_stand_on_the_list_at_once():
    officer = city.bureau()
    call = calls.call(by=officer, places=[Place("前沿方向")])
    needs = [city.need(city.organisation(), stage="published", title=f"需求{n}") for n in range(3)]
    needs.append(city.need(city.organisation(), stage="published", confidentiality="closed_door"))
    Indicator.objects.filter(need=needs[0]).update(unit="")
    desk, place = client_of(officer), f"/calls/{call.record.code}/collected/"
    codes_in = "\n".join(one.record.code for one in needs)
    assert "N-1999-00001" in desk.post(place, {"codes": f"{codes_in}\nN-1999-00001"}).content.decode()
    sent = desk.post(place, {"codes": codes_in.replace("\n", " ", 2)})
    assert sent["Location"] == f"{place}list/"
    page = desk.get(sent["Location"]).content.decode()
    assert "4 came in, 1 stand on the list; of the others 2 are" in page
    assert desk.post(sent["Location"], {"fiscal": "20", "months": "12"}).status_code == 302
    assert desk.post(sent["Location"], {"fiscal": "20", "months": "12"}).status_code in {200, 422}  # twice adds nothing
    listed = call.items.filter(need__isnull=False).values_list("need", "fiscal_fen", "months", "winners")
    assert list(listed) == [(one.pk, 20_000_000, 12, 1) for one in needs[1:3]]
    assert call.items.get(number=2).indicators[0]["unit"]
    assert "4 needs came in → 3 on the list" in desk.get(f"/calls/{call.record.code}/").content.decode()
