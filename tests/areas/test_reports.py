"""Reports of an office on its calls and projects: every figure counts what stands, and the file is the page."""

import re
from datetime import timedelta

import pytest
from django.utils import translation

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Call
from kezhuan.areas.projects.models import Milestone, Project
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.reports import light_of, quarter_of, rows_of
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import calls, city, projects
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def test_an_item_is_claimed_by_what_stands_and_leverage_is_of_what_was_paid():
    officer = city.officer()
    call = calls.call(stage="published", by=officer)
    calls.application(call, stage="refused")
    calls.application(call, stage="withdrawn")

    def told(code, first, last):
        (line,) = [one for one in rows_of(officer, "yearly", None) if one[0] == code]
        return list(line[first:last])

    # Handed in twice, and nothing of it stands: nobody claimed it, as where the call is posted again.
    assert told(call.record.code, 6, 11) == ["2", "2", "0", "0.0 %", "–"]
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "close", actor=officer)
    assert told(call.record.code, 8, 11) == ["0", "0.0 %", "100.0 %"]
    planned = (projects.Planned("fiscal", "signing", projects.AWARD), projects.Planned("firm", "signing", 40_000_000))
    row = projects.project(stage="signed", by=officer, firm_fen=40_000_000, payments=planned)
    code = row.application.item.call.record.code
    assert told(code, 18, 23) == ["0.40", "0", "0", "0", "–"]
    pay(actor=officer, project=projects.fresh(row), number=1, voucher="记-1", on=today())
    assert told(code, 19, 23) == ["1", "100", "0", "0.00"]
    pay(actor=city.clerk(row.poster), project=projects.fresh(row), number=2, voucher="企-1", on=today())
    assert told(code, 19, 23) == ["1", "100", "40", "0.40"]
    Project.objects.filter(pk=row.pk).update(returned_fen=20_000_000)
    assert told(code, 19, 23) == ["1", "80", "40", "0.50"]


def test_reports_count_the_funnel_the_limits_the_quarters_and_the_lights_of_ones_own_calls():
    officer, elsewhere, leader = city.bureau(), city.officer("440117"), city.organisation("链主公司")
    facts = {"call_kind": "chain", "budget_year": 2026, "fen": 120_000_000, "passed_on": 40_000_000}
    (chosen,) = projects.awarded(leader, by=officer, **facts)
    partner = city.organisation("参与公司")
    row = projects.project(chosen, stage="running", members=[(partner, 40_000_000)], by=officer)
    projects.awarded(city.organisation(), city.organisation(), by=officer)
    call = chosen.item.call.record.code

    def report(name, year=None, by=officer):
        return [list(one) for one in rows_of(by, name, year)]

    (told,) = [one for one in report("yearly") if one[0] == call]
    assert told[2:5] == ["2026", "0", "1"]
    assert told[6:15] == ["1", "1", "1", "100.0 %", "0.0 %", "1.00", "1", "1", "0"]
    assert told[16:] == ["120", "0.000018", "0.00", "0", "0", "0", "–"]
    assert len(report("yearly")) == 2
    assert [one[1] for one in report("directions", 2026)] == [call]
    (direction,) = report("directions")
    assert direction[4:] == ["链主公司", row.record.code, "120"]
    (used,) = report("leaders", 2026)
    assert used[:3] == ["2026", "链主公司", "1"]
    assert (used[4], used[6]) == ("80", chosen.record.code)
    assert report("leaders", 2025) == []
    projects.awarded(city.organisation("链主公司"), by=officer, **facts)  # another unit of the same name
    assert [one[1] for one in report("leaders")] == ["链主公司"] * 2
    (plan,) = [one for one in report("quarters") if one[0] == call]
    due = today() + timedelta(days=200)
    assert plan[2:] == [quarter_of(today()), plan[3], f"{quarter_of(due)} 0/1", ""]
    assert report("yearly", by=elsewhere) == report("milestones", by=elsewhere) == []

    one = Milestone.objects.get(project=row)
    lights = []
    for day, reported, passed in ((200, None, None), (20, None, None), (-1, None, None), (9, 0, False), (-9, 0, True)):
        one.due_on, one.passed = today() + timedelta(days=day), passed
        one.reported_on = today() if reported is not None else None
        with translation.override("zh-hans"):
            lights.append(light_of(one)[:2])
    assert lights == ["未到", "黄灯", "红灯", "红灯", "绿灯"]
    client = client_of(officer)

    def drawn(address):
        """The bars of the chart of a page: label and value of each."""
        page = client.get(address, headers={"accept-language": "en"}).content.decode()
        if 'class="chart"' not in page:
            return []
        chart = page.split('<table class="chart">')[1].split("</table>")[0]
        bars = re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]*).*?width="(\d+)".*?<td class="number">([^<]*)', chart)
        return [(label, int(width), shown) for label, width, shown in bars]

    place = "/payments/reports/"
    assert (f"{call} {chosen.item.call.record.title}", 1000, "100.0 %") in drawn(f"{place}yearly/")
    assert [(width, shown) for _label, width, shown in drawn(f"{place}directions/?year=2026")] == [(1000, "120")] * 2
    assert ("2026 链主公司", 400, "80") in drawn(f"{place}leaders/")
    assert drawn(f"{place}quarters/") == [(quarter_of(due), 0, "0/1")]
    quarters = client.get(f"{place}quarters/").content.decode()
    assert '<th scope="col" class="number">Passed / due</th>' in quarters  # a longer one hides the figures on a phone
    assert drawn(f"{place}milestones/") == [("not due yet", 1000, "1")]
    assert drawn(f"{place}milestones/?year=1999") == []
    assert drawn("/payments/performance/") == [(f"{row.record.code} {row.record.title}", 0, "0 / 1")]
    units = drawn("/payments/consortia/")
    assert [(width, shown) for _label, width, shown in units] == [(1000, "CNY 800,000.07"), (500, "CNY 400,000")]
    (line,) = taken(client, "/payments/reports/milestones/", "csv")
    assert (line["Project code"], line["Light"]) == (row.record.code, "not due yet")
    found = client.get("/api/v1/project-reports/leaders?year=2026").json()
    assert used in found["rows"]
    assert client.get("/payments/reports/other/").status_code == 404
    # The year of a call without a budget year is that in which it opens, of all reports and of their pages.
    Call.objects.filter(pk=chosen.item.call_id).update(budget_year=None, opens_at="2025-03-01T00:00:00Z")
    assert (len(report("milestones", 2025)), report("milestones", 2026)) == (1, [])
    assert "?year=2025" in client.get("/payments/reports/milestones/").content.decode()
    assert client_of(city.clerk(leader)).get("/payments/reports/yearly/").status_code == 403
    assert Project.objects.count() == Record.objects.filter(kind="project").count() == 1
