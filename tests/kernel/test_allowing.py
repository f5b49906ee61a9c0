"""What is not the actor's is told apart from what is not to be done at the stage where the record stands."""

import pytest

from kezhuan.areas.calls.permissions import answers_questions
from kezhuan.areas.needs.models import Need
from kezhuan.areas.projects.change_actions import ask_change
from kezhuan.areas.projects.changing import Wanted
from kezhuan.kernel.access import is_officer, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed, NotNow
from kezhuan.kernel.models import Record
from tests.areas.crawling import client_of
from tests.factories import calls, city, projects, tasks

pytestmark = pytest.mark.django_db
SAID = "Only these may."


def told(may, actor, row, **more):
    """What somebody is told: nothing where they may."""
    try:
        must_allow(may, actor, row, SAID, **more)
    except NotAllowed as raised:
        return str(raised)
    return ""


def writes_draft(actor, row):
    return row.record.phase == "draft" and represents_owner.test(actor, row)


def test_whoever_may_at_other_stages_is_told_which_and_nobody_else_is():
    firm, officer = city.organisation(), city.officer()
    keeper, stranger = city.member(firm), city.clerk(city.organisation())
    row = city.need(firm, by=keeper, stage="submitted")
    code, seen = row.record.code, row.record.stage
    assert told(represents_owner, keeper, row) == told(is_officer, officer, row, stages={"submitted"}) == ""
    for may in (represents_owner, represents_owner.test):
        now = told(may, keeper, row, stages={"draft", "returned"})
        assert now == f"{code} is at the stage submitted; this is done at: draft, returned for correction."
        assert told(may, stranger, row, stages={"draft", "returned"}) == SAID
    # A permission that itself asks for the stage, or for the phase, needs no list of them.
    assert "this is done at: draft" in told(writes_draft, keeper, row)
    assert told(lambda *_: False, keeper, row) == told(represents_owner, keeper, row, stages=()) == SAID
    assert (row.record.stage, Need.objects.get(pk=row.pk).record.stage) == (seen, seen)
    call = calls.call(by=officer)
    assert "this is done at: open for applications, applications closed." in told(answers_questions, officer, call)
    assert told(answers_questions, stranger, call) == SAID


def test_a_page_names_the_stages_and_programs_get_a_conflict_where_others_may_not_at_all():
    officer, leader, school = city.bureau(), city.organisation("链主公司"), city.organisation("承担大学")
    keeper, stranger = city.clerk(leader), city.clerk(school)
    row = tasks.task(leader, keeper, stage="published")
    Record.objects.filter(pk=row.pk).update(stage="started")
    address = f"/tasks/{row.record.code}/edit/"
    page = client_of(keeper).get(address)
    assert (page.status_code, page.context["title"]) == (403, "Not at this stage")
    assert "this is done at: draft, on the task list." in page.content.decode()
    assert page.context["ways"][0].url == f"/tasks/{row.record.code}/"
    assert client_of(stranger).get(address).context["title"] == "This is not open to you now"

    made = projects.project(stage="drafted", by=officer)
    head = city.clerk(made.leader)
    for actor, status, problem in ((head, 409, "not-now"), (officer, 403, "not-allowed")):
        body = {"reason": "延期", "ends_on": "2030-01-01"}
        answer = client_of(actor).post(
            f"/api/v1/projects/{made.record.code}/changes", body, content_type="application/json"
        )
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (status, problem)
    with pytest.raises(NotNow):
        ask_change(actor=head, project=made, wanted=Wanted("延期"))
