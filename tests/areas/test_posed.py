"""A firm's own desk: what it has posed, and what came of it."""

import html

import pytest

from kezhuan.areas.projects.evidence_actions import report_first_use
from kezhuan.kernel.models.parties import Role
from tests.areas.crawling import client_of
from tests.factories import calls, city, projects
from tests.factories.projects import SAID, fresh
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def test_a_poster_sees_its_challenges_with_projects_payments_and_reports(django_assert_max_num_queries):
    officer = city.officer()
    (chosen,) = projects.awarded(city.organisation("甲大学", kind="university"), by=officer)
    poster = city.member(chosen.item.poster, Role.ADMINISTRATOR)
    row = projects.project(chosen, stage="running", by=officer)
    projects.reached(row, officer)
    open_call = calls.call(stage="published", by=officer, needs=[city.need(poster.organisation, stage="published")])
    calls.application(open_call)
    client = client_of(poster)
    open_line, line = taken(client, "/posed/", "csv")
    assert (open_line["Handed in"], open_line["Project"]) == ("–", "")  # not before the decision
    assert (line["Handed in"], line["Chosen"]) == ("1", "1")
    assert line["Project"] == f"{row.record.code} {row.record.title}"
    assert line["First user's report"] == "none yet"
    assert line["Own money (万元)"] == "0.000011"
    report_first_use(actor=poster, project=fresh(row), said=SAID)
    with django_assert_max_num_queries(40):
        page = html.unescape(client.get("/posed/").content.decode())
    assert "meets the task book" in page
    assert f"/projects/{row.record.code}/" in page
    assert "/posed/" in client.get("/").content.decode()
    assert row.record.code not in client_of(city.clerk(chosen.applicant)).get("/posed/").content.decode()
