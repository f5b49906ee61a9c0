"""Every request has a number, a line in the log and a place in the figures; probes are answered by themselves."""

import json
import logging
import os
import re
import subprocess
import sys
from io import BytesIO

import pytest
from django.db import OperationalError, connection
from django.http import FileResponse, HttpResponse
from django.test import Client, RequestFactory

from kezhuan.kernel import workers
from kezhuan.web import health, metrics
from kezhuan.web.observing import ObservingMiddleware

pytestmark = pytest.mark.django_db


def figures(client, **headers):
    """The figures by name and labels."""
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200
    lines = (line for line in answer.content.decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


# -- the number ------------------------------------------------------------------------------------------------------


def test_every_answer_carries_a_number_of_its_own(client):
    numbers = {client.get(path).headers["X-Request-ID"] for path in ("/", "/nothing-here/", "/healthz", "/metrics")}
    assert len(numbers) == 4
    assert all(re.fullmatch("[0-9a-f]{16}", number) for number in numbers)


@pytest.mark.parametrize(
    "answer", [HttpResponse(b"four"), FileResponse(BytesIO(b"four")), HttpResponse(status=404, content=b"four")]
)
def test_what_is_asked_by_head_has_no_body(answer):
    told = ObservingMiddleware(lambda _request: answer)(RequestFactory().head("/"))
    assert (told.status_code, told.headers["Content-Length"], told.content) == (answer.status_code, "4", b"")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("proxy-0123", True), ("short", False), ("a" * 65, False), ("li@example.com", False), ("01234567\n", False)],
)
def test_number_of_a_proxy_is_kept_when_it_is_one(client, given, kept):
    assert (client.get("/", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] == given) is kept


def test_page_of_a_fault_tells_the_number_under_which_it_is_logged(monkeypatch, caplog):
    client = Client(raise_request_exception=False)
    monkeypatch.setattr("kezhuan.web.pages.search.search", lambda *given: 1 / 0)
    with caplog.at_level(logging.ERROR, "django.request"):
        answer = client.get("/")
    number = answer.headers["X-Request-ID"]
    assert answer.status_code == 500
    assert f"编号 {number}" in answer.content.decode()


# -- the log ---------------------------------------------------------------------------------------------------------


def test_request_is_logged_by_pattern_without_words_names_or_bodies(client, caplog):
    with caplog.at_level(logging.INFO, "kezhuan.requests"):
        client.get("/search/?q=secret-word")
        client.post("/sign-in/", {"email": "li@example.com", "password": "secret-password"})
        client.get("/organisations/O-2026-000001/")
    lines = [(one.method, one.route, one.status) for one in caplog.records if one.name == "kezhuan.requests"]
    assert lines == [("GET", "search/", 200), ("POST", "sign-in/", 422), ("GET", "organisations/<str:code>/", 404)]
    assert all(one.milliseconds > 0 for one in caplog.records if one.name == "kezhuan.requests")
    said = " ".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records if one.name == "kezhuan.requests")
    assert not re.search("secret|li@|O-2026", said)


# -- figures ---------------------------------------------------------------------------------------------------------


def test_figures_count_requests_by_pattern_method_and_status(client):
    before = figures(client)
    for _ in range(3):
        client.get("/search/?q=甲")
    client.get("/nowhere/at/all")
    client.generic("BREW", "/search/")
    after = figures(client)

    def grown(name):
        return after.get(name, 0) - before.get(name, 0)

    assert grown('kezhuan_requests_total{method="GET",route="search/",status="200"}') == 3
    assert grown('kezhuan_request_seconds_count{route="search/"}') == 4
    assert grown('kezhuan_requests_total{method="GET",route="unknown",status="404"}') == 1
    assert not [name for name in after if "BREW" in name]
    assert grown('kezhuan_requests_total{method="other",route="search/",status="405"}') == 1


def test_figures_tell_of_journal_queue_index_workers_database_and_disk(client):
    from kezhuan.kernel import jobs, outbox
    from tests.factories import city

    jobs.enqueue("jobs.tidy")
    outbox.send(channel="mail", to="li@example.com", subject="a", text="b", key="once")
    workers.seen("here:1")
    city.organisation()
    found = figures(client)
    assert found["kezhuan_journal_entries"] == 1
    assert found['kezhuan_behind_entries{follower="index"}'] == 0
    assert found['kezhuan_behind_entries{follower="suggestions"}'] == 1
    assert found['kezhuan_jobs{state="waiting"}'] == 2
    assert found['kezhuan_messages{state="waiting"}'] == 1
    assert found['kezhuan_messages{state="failed"}'] == 0
    assert found["kezhuan_jobs_overdue_seconds"] >= 0
    assert (found["kezhuan_workers"], found["kezhuan_database_up"]) == (1, 1)
    assert 0 <= found["kezhuan_worker_seen_seconds"] < 60
    assert found["kezhuan_database_bytes"] > 100_000
    assert found["kezhuan_disk_free_bytes"] > 0


def test_figures_of_a_database_that_is_away_say_so(client, monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(metrics, "_size_of_database", away)
    found = figures(client)
    assert found["kezhuan_database_up"] == 0
    assert "kezhuan_journal_entries" not in found


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.9"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ({"HTTP_X_REAL_IP": "10.0.0.9"}, 403),
        ({"HTTP_FORWARDED": "for=10.0.0.9"}, 403),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": "Bearer figures-please"}, 200),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": "Bearer figures"}, 403),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": "Bearer 科"}, 403),
    ],
)
def test_figures_are_for_this_machine_and_for_who_knows_the_token(client, settings, headers, status):
    settings.METRICS_TOKEN = "figures-please"
    answer = client.get("/metrics", **headers)
    assert answer.status_code == status
    assert ("figures" in client.get("/healthz", **headers).json()) is (status == 200)


def test_no_token_means_no_other_machine(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", HTTP_AUTHORIZATION="Bearer ").status_code == 403


SEVERAL = """
import os, sys, django
django.setup()
from kezhuan.web import metrics
for number in range(2):
    if not (child := os.fork()):
        for _ in range(3):
            metrics.note("GET", "needs/", 200, 0.02)
        os._exit(0)
    os.waitpid(child, 0)
from django.test import RequestFactory
metrics.FromDatabase.collect = lambda self: iter(())
print(metrics.answer(RequestFactory().get("/metrics")).content.decode())
"""


def test_several_web_processes_add_up(tmp_path):
    folder = tmp_path / "figures"
    folder.mkdir()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("KEZHUAN_")}
    variables |= {"KEZHUAN_DATA": str(tmp_path), metrics.SHARED: str(folder)}
    done = subprocess.run([sys.executable, "-c", SEVERAL], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 'kezhuan_requests_total{method="GET",route="needs/",status="200"} 6.0' in done.stdout
    assert 'kezhuan_request_seconds_bucket{le="0.025",route="needs/"} 6.0' in done.stdout


# -- health ----------------------------------------------------------------------------------------------------------


def test_health_is_ok_when_all_is_well_and_asks_for_no_host_name(client):
    workers.seen("here:1")
    answer = client.get("/healthz", HTTP_HOST="10.1.2.3")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["checks"] == {"database": "ok", "index": "ok", "worker": "ok", "disk": "ok"}
    assert answer.json()["figures"]["index"] == {"entries_behind": 0}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sessionid" not in answer.cookies


def test_missing_worker_or_full_disk_is_told_and_takes_no_web_process_out(client, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE", 2**70)
    answer = client.get("/healthz", REMOTE_ADDR="10.0.0.9")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "degraded",
        "checks": {"database": "ok", "index": "ok", "worker": "failed", "disk": "failed"},
    }


def test_worker_that_is_silent_counts_as_gone(client, monkeypatch):
    workers.seen("here:1")
    monkeypatch.setattr(workers, "SILENCE", -1.0)
    assert client.get("/healthz").json()["checks"]["worker"] == "failed"


def test_database_that_is_away_is_503(client, monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", away)
    answer = client.get("/healthz")
    monkeypatch.undo()
    assert answer.status_code == 503
    assert json.loads(answer.content)["checks"] == {"database": "failed", "disk": "ok"}
