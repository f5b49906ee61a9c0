"""A database that is busy or away: one sentence with 503, what was typed kept, and never called a fault."""

import json
import sqlite3

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InterfaceError, OperationalError
from django.test import Client, RequestFactory
from psycopg import errors as postgres

from kezhuan.api import problems
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.outages import will_pass
from kezhuan.web import errors
from kezhuan.web.middleware import ErrorMiddleware

BUSY = OperationalError("database is locked")


def caused(kind, cause, **given):
    for name, value in given.items():
        setattr(cause, name, value)
    problem = kind(str(cause))
    problem.__cause__ = cause
    return problem


@pytest.mark.parametrize(
    ("problem", "passes"),
    [
        (BUSY, True),
        (caused(OperationalError, sqlite3.OperationalError("locked"), sqlite_errorcode=sqlite3.SQLITE_BUSY), True),
        (caused(OperationalError, sqlite3.OperationalError(), sqlite_errorcode=sqlite3.SQLITE_BUSY_SNAPSHOT), True),
        (caused(OperationalError, sqlite3.OperationalError("no such table")), False),
        (caused(OperationalError, sqlite3.OperationalError(), sqlite_errorcode=sqlite3.SQLITE_FULL), False),
        (caused(OperationalError, postgres.SerializationFailure()), True),
        (caused(OperationalError, postgres.DeadlockDetected()), True),
        (caused(OperationalError, postgres.LockNotAvailable()), True),
        (caused(OperationalError, postgres.AdminShutdown()), True),
        (caused(OperationalError, postgres.OperationalError("connection refused")), True),
        (caused(OperationalError, postgres.DiskFull()), False),
        (InterfaceError("connection already closed"), True),
        (IntegrityError("unique"), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_outage_that_passes_is_told_from_a_fault(problem, passes):
    assert will_pass(problem) is passes


def answered(request, problem=BUSY):
    def never(_request):
        raise AssertionError

    return ErrorMiddleware(never).process_exception(request, problem)


def test_page_that_the_database_could_not_read_says_so_without_it():
    answer = answered(RequestFactory().get("/"))
    html = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert html.count("<h1>") == 1
    assert "<form method" not in html


def test_form_that_the_database_could_not_take_can_be_sent_again():
    typed = {
        "title": "抛光 <b>\n第二行",
        "mode": ["licence", "joint_rd"],
        "step": "check",
        "csrfmiddlewaretoken": "old",
    }
    answer = answered(RequestFactory().post("/needs/new/?x=1", typed))
    html = answer.content.decode()
    assert answer.status_code == 503
    assert '<form method="post" action="/needs/new/?x=1">' in html
    assert 'name="title" value="抛光 &lt;b&gt;\n第二行"' in html
    assert [word for word in ("licence", "joint_rd") if f'name="mode" value="{word}"' not in html] == []
    assert 'name="step" value="check"' in html
    assert html.count("csrfmiddlewaretoken") == 1
    assert 'value="old"' not in html


@pytest.mark.parametrize(
    "typed", [{"email": "a@example.org", "password": "hush"}, {"file": SimpleUploadedFile("a.txt", b"hush")}]
)
def test_password_or_file_is_not_put_into_the_page(typed):
    answer = answered(RequestFactory().post("/sign-in/", typed))
    assert answer.status_code == 503
    assert "hush" not in answer.content.decode()
    assert "<form method" not in answer.content.decode()


@pytest.mark.django_db
def test_database_lost_before_any_page_is_told(monkeypatch):
    def lost(*_arguments):
        raise BUSY

    monkeypatch.setattr("django.contrib.auth.models.AnonymousUser.is_authenticated", property(lost))
    client = Client(raise_request_exception=False)
    page = client.post("/act-for/", {"title": "typed"})
    assert page.status_code == 503
    # Its token was not looked at yet, so nothing is handed on with a fresh one.
    assert "typed" not in page.content.decode()
    document = client.get("/api/v1/needs")
    assert document.status_code == 503
    assert document.headers["Content-Type"] == "application/problem+json"
    assert json.loads(document.content)["problems"][0]["code"] == "busy"


@pytest.mark.django_db
def test_fault_outside_all_views_is_still_a_fault(monkeypatch):
    def wrong(*_arguments):
        raise ValueError

    monkeypatch.setattr("django.contrib.auth.models.AnonymousUser.is_authenticated", property(wrong))
    client = Client(raise_request_exception=False)
    assert client.get("/").status_code == 500
    assert client.get("/api/v1/needs").json()["problems"][0]["code"] == "broken"


def test_api_answers_a_busy_database_with_a_problem_document():
    answer = problems.broken(RequestFactory().get("/api/v1/needs"), BUSY)
    told = json.loads(answer.content)
    assert (answer.status_code, told["status"], told["problems"][0]["code"]) == (503, 503, "busy")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "status"), [(NotAllowed, 403), (Conflict, 409)])
def test_refusal_page_shows_the_sentence_it_came_with(kind, status):
    request = RequestFactory().get("/")
    own = answered(request, kind("Only its owner may do this & that."))
    assert own.status_code == status
    assert "Only its owner may do this &amp; that." in own.content.decode()
    assert str(errors.TOLD[status].sentence) in answered(request, kind()).content.decode()
