"""Lists of what is no record as files: what is filtered, harmless, noted, and for nobody but their readers."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from kezhuan.areas.people.handover_actions import hand_over
from kezhuan.areas.people.scope_actions import give_duty
from kezhuan.exchange.models import Import, Reading, State
from kezhuan.exchange.papers.actions import add_template
from kezhuan.exchange.papers.samples import SAMPLES
from kezhuan.kernel import jobs, outbox
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.models import AnswerTime, Entry, Job, Message
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today
from kezhuan.web import exports
from tests.architecture.test_routes import patterns
from tests.areas.crawling import client_of
from tests.factories import calls, city, evaluations, projects, receipts, reviews
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def noted():
    """The data of the newest entry of an export."""
    return Entry.objects.filter(kind__startswith="export.").latest("seq")


def test_jobs_are_taken_along_of_a_day_by_the_citys_officers():
    officer, member = city.officer(), city.member(city.organisation())
    jobs.enqueue("jobs.tidy", actor=officer)
    old = jobs.enqueue("exports.forget", actor=officer)
    Job.objects.filter(pk=old.pk).update(made_at=now() - timedelta(days=2), error="=1+1", state="failed", due_at=None)
    client = client_of(officer)
    assert len(taken(client, "/jobs/", "csv")) == 2
    (row,) = taken(client, f"/jobs/?on={today() - timedelta(days=2)}", "csv")
    assert (row["Number"], row["State"], row["Error"]) == (str(old.pk), "failed", "'=1+1")
    assert datetime.fromisoformat(row["Asked for"]).microsecond == 0
    assert taken(client, "/jobs/?on=1999-01-01", "xlsx") == []
    assert (noted().kind, noted().data["count"], noted().data["fields"]) == ("export.jobs", 0, ["on"])
    assert client_of(member).post("/jobs/", {"export": "csv"}).status_code == 403
    assert 'value="xlsx"' in client.get("/jobs/").content.decode()


def test_messages_are_taken_along_without_receivers_and_words():
    officer = city.officer()
    for number in range(2):
        outbox.send(channel="mail", to="secret@example.com", subject="题目", text="正文", key=f"k{number}")
    Message.objects.filter(key="k1").update(state="failed", error="+refused", ended_at=now())
    client = client_of(officer)
    rows = taken(client, "/messages/", "xlsx")
    assert len(rows) == 2
    assert not [cell for row in rows for cell in row.values() if "secret" in str(cell) or "正文" in str(cell)]
    (row,) = taken(client, "/messages/?state=failed", "csv")
    assert (row["State"], row["Error"]) == ("failed", "'+refused")
    assert noted().data["filter"] == {"state": ["failed"]}
    shown = client.get(f"/messages/?on={today()}").content.decode()
    assert f"on={today()}&amp;state=failed" in shown
    assert client_of(city.officer("440106")).post("/messages/", {"export": "csv"}).status_code == 403


def test_imports_are_taken_along_as_far_as_they_are_seen():
    firm = city.organisation()
    member, rival = city.member(firm, Role.ADMINISTRATOR), city.member(city.organisation())
    Import.objects.create(
        kind="need", by=member.person, acting_for=firm, is_inner=True, file_name="=a.csv", sha256="0" * 64, source="a",
        state=State.DONE, started_at=now(), changed_at=now(), read=3, created=2, rejected=1,
    )  # fmt: skip
    (row,) = taken(client_of(member), "/imports/", "csv")
    assert (row["File"], row["created"], row["handed back"]) == ("'=a.csv", "2", "1")
    assert (noted().kind, noted().data["count"]) == ("export.imports", 1)
    assert taken(client_of(rival), "/imports/", "csv") == []
    assert Client().post("/imports/", {"export": "csv"}).status_code == 302


def test_routes_are_taken_along_with_a_line_for_each_step():
    handler = city.officer()
    signer = city.member(handler.organisation, Role.OFFICER)
    unit = city.organisation(kind="university")
    city.approval(city.achievement(unit, stage="listed", by=city.member(unit)), handler, signer)
    (row,) = taken(client_of(handler), "/routes/", "xlsx")
    assert (row["Office"], row["Move"]) == (handler.organisation.record.title, "Register")
    assert noted().kind == "export.routes"
    assert taken(client_of(city.member(unit)), "/routes/", "csv") == []
    assert Client().post("/routes/", {"export": "csv"}).status_code == 403


def test_templates_are_taken_along_by_whoever_may_fill_them():
    owner, rival = city.member(city.organisation()), city.member(city.organisation())
    sample = Upload("函.docx", SAMPLES["letter"].written(), declared_open=True)
    add_template(actor=owner, kind="need", name="@函", upload=sample)
    (row,) = taken(client_of(owner), "/templates/", "csv")
    assert row["Name"] == "'@函"
    assert noted().kind == "export.templates"
    assert taken(client_of(rival), "/templates/", "csv") == []


def test_every_list_sends_its_file_to_who_posts_for_it():
    """Whatever is marked as a list: those without arguments are asked one by one, the others about a sample each."""
    handler = city.officer()
    office, code = handler.organisation, handler.organisation.record.code
    boss = city.member(office, Role.ADMINISTRATOR)
    city.post(office, "处长", handler)
    give_duty(actor=boss, organisation=office, department="成果处", programme="need")
    left = city.organisation()
    leaver, stays = city.member(left, Role.ADMINISTRATOR), city.member(left, name="=接任")
    hand_over(actor=leaver, membership=leaver.person.memberships.get(), successor=stays.person)
    passed = Entry.objects.get(kind="organisation.handover").seq
    city.rule("clock.need.submitted", 5, "working days")
    unit = city.organisation(kind="university")
    judged = city.member(unit, Role.ADMINISTRATOR)
    call = reviews.closed_call(handler, city.organisation(kind="university"))
    sent = Reading.objects.create(name="projects.vouchers", by=handler.person, office=office, made_at=now())
    raced = projects.race(
        [
            projects.project(one)
            for one in projects.awarded(city.organisation(), city.organisation(), by=handler, fen=50_000_000)
        ],
        by=handler,
    )
    samples = {
        "panel": (handler, [reviews.panel(handler, call).record.code]),
        "members": (boss, [code]), "posts": (boss, [code]), "duties": (boss, [code]),
        "organisation-records": (boss, [code]), "rule": (boss, ["clock.need.submitted"]),
        "handed-over": (stays, [left.record.code, passed]),
        "project-decisions": (handler, [projects.project(by=handler).record.code]),
        "race-decisions": (handler, [raced.record.code]),
        "report": (handler, ["yearly"]), "call-decisions": (handler, [call.record.code]),
        "call-criteria": (handler, [call.record.code]),
        "call-table": (handler, [call.record.code, "ranking"]),
        "execution-of-call": (handler, [call.record.code]), "ledger-overview": (judged, []),
        "budget": (handler, [calls.budget(handler).pk]),
        "distribution-relief": (judged, [receipts.receipt(unit, judged).record.code]),
        "evaluation-registration": (judged, [evaluations.evaluation(unit, judged, stage="registered").record.code]),
        "reading": (handler, [sent.pk]),
    }  # fmt: skip
    found = {one.name: one for one in patterns() if getattr(one.callback, "takes_a_list", False)}
    assert len(found) > 30
    clients, held = {who: client_of(who) for who in (handler, boss, stays, judged)}, {}
    for name, pattern in found.items():
        actor, arguments = samples.pop(name) if pattern.pattern.converters or name in samples else (handler, [])
        address = reverse(name, args=arguments) + ("?kind=need" if name == "mine" else "")
        held[name] = taken(clients[actor], address, "csv")
        assert noted().kind.startswith("export."), name
    assert samples == {}
    assert {(row["Person's name"], row["Role"]) for row in held["members"]} == {
        (one.person.record.title, str(one.get_role_display())) for one in office.memberships.filter(until=None)
    }
    assert [(row["Post"], row["Who holds it"]) for row in held["posts"]] == [("处长", handler.person.record.title)]
    assert [row["Department of the office"] for row in held["duties"]] == ["成果处"]
    assert [row["Value"] for row in held["rule"]][:1] != []
    assert Entry.objects.filter(kind="export.members").count() == 1


def test_answer_times_are_taken_along_by_everybody_with_figures_as_numbers():
    AnswerTime.objects.create(
        organisation_kind="enterprise", record_kind="introduction", stage="proposed", day_kind="calendar",
        answered=1234, in_time=1000, overdue=0, median_days=2, most_days=9, counted_at=now(),
    )  # fmt: skip
    assert 'value="xlsx"' in Client().get("/answer-times/").content.decode()
    (row,) = taken(Client(headers={"accept-language": "en"}), "/answer-times/", "xlsx")
    assert (row["Answers"], row["Overdue now"]) == (1234, 0)
    assert noted().kind == "export.answer-times"


def test_members_and_posts_are_taken_along_by_the_organisations_own_people_alone():
    unit = city.organisation(stage="verified")
    code = unit.record.code
    own, rival = city.member(unit, Role.ADMINISTRATOR), city.member(city.organisation())
    (row,) = taken(client_of(own), f"/organisations/{code}/members/", "xlsx")
    assert row["Platform code"] == own.person.record.code
    assert "All, and as a file" in client_of(own).get(f"/organisations/{code}/").content.decode()
    for client in (client_of(rival), Client()):
        for page in ("members", "posts"):
            assert client.post(f"/organisations/{code}/{page}/", {"export": "csv"}).status_code == 403


def test_a_table_that_is_too_long_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(exports, "MOST_LINES", 1)
    officer = city.officer()
    for name in ("jobs.tidy", "exports.forget"):
        jobs.enqueue(name, actor=officer)
    answer = client_of(officer).post("/jobs/", {"export": "csv"})
    assert answer.status_code == 422
    assert "Narrow it down, then take it along." in answer.content.decode()
