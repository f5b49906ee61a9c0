"""Pages of background jobs: the queue for the city's officers, one job for whoever asked, trying again once."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kezhuan.kernel import followers, jobs, workers
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Follower, Job, JobState, User
from tests.factories import city
from tests.factories.plans import queries_noted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_works", {})
    monkeypatch.setattr(jobs, "_periodic", {})
    monkeypatch.setattr(followers, "_registered", {})
    jobs.register("test.work", lambda running: None, label="test work")
    jobs.register("test.tick", lambda running: None, label="test tick")
    jobs.every("test.tick", time(3, 30))


def reader(actor: Actor) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_user(f"r{User.objects.count()}@example.com", "x", person=actor.person))
    return client


def a_job(state: str, actor: Actor | None = None, **more: Any) -> Job:
    moment = datetime.now(UTC)
    ended = {"started_at": moment - timedelta(seconds=3), "ended_at": moment}
    values = {
        JobState.WAITING: {"due_at": moment},
        JobState.RUNNING: {"due_at": moment, "started_at": moment, "done": 30, "total": 120, "attempts": 1},
        JobState.DONE: ended,
        JobState.FAILED: {**ended, "error": "The gateway did not answer."},
    }[JobState(state)]
    person = actor.person if actor else None
    return Job.objects.create(name="test.work", state=state, made_at=moment, person=person, **{**values, **more})


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_citys_officers_see_queue_failures_periodic_jobs_and_last_runs() -> None:
    for state in JobState:
        a_job(state)
    followers.register(
        "test", None, lambda ids, anew: None, sweep=followers.Sweep("do all anew", int, lambda n: 9 - n, 1)
    )
    Follower.objects.create(name="test", swept=7)
    answer = reader(city.officer()).get("/jobs/")
    shown = text_of(answer)
    assert answer.status_code == 200
    assert "2 waiting or running 1 failed 7 / 9 do all anew" in shown
    assert "30 / 120" in shown
    assert "The gateway did not answer." in shown
    assert "Test tick daily at 03:30 – once a worker runs" in shown
    assert "3.0 s" in shown


def test_a_periodic_job_that_has_just_run_shows_its_next_start_while_a_worker_is_there() -> None:
    Job.objects.create(name="test.tick", key=jobs.PERIODIC, state=JobState.DONE, made_at=datetime.now(UTC),
                       started_at=datetime.now(UTC), ended_at=datetime.now(UTC))  # fmt: skip
    client = reader(city.officer())
    assert "once a worker runs" in text_of(client.get("/jobs/"))
    workers.seen("one")
    assert "once a worker runs" not in text_of(client.get("/jobs/"))


def test_the_next_start_of_a_periodic_job_is_shown_once_it_waits() -> None:
    jobs.schedule_periodic()
    assert re.search(r"Test tick daily at 03:30 – \d+ \w+ \d{4} 03:30", text_of(reader(city.officer()).get("/jobs/")))


def test_others_see_no_queue_and_only_their_own_jobs() -> None:
    unit = city.organisation()
    own, colleague, district = city.member(unit), city.member(unit), city.officer("440106")
    job = a_job(JobState.RUNNING, own)
    address = reverse("job", args=[job.pk])
    for actor, queue, one in ((own, 403, 200), (colleague, 403, 404), (district, 403, 404), (city.officer(), 200, 200)):
        client = reader(actor)
        assert (client.get("/jobs/").status_code, client.get(address).status_code) == (queue, one)
    assert Client().get("/jobs/").status_code == 403
    assert Client().get(address).status_code == 404


def test_the_page_of_ones_job_shows_how_far_it_is_without_scripts_and_names_no_worker() -> None:
    own = city.member(city.organisation())
    job = a_job(JobState.RUNNING, own, note="third sheet", worker="machine-7:42")
    answer = reader(own).get(reverse("job", args=[job.pk]))
    html = answer.content.decode()
    assert '<progress id="progress-bar" max="120" value="30">' in html
    assert "30 of 120 (25 %)" in html
    assert "third sheet" in html
    assert 'data-live="2000"' in html
    assert "Show how far it is now" in html
    assert "machine-7" not in html


def test_a_job_that_is_over_is_not_fetched_again_and_leads_to_its_result() -> None:
    own = city.member(city.organisation())
    need = city.need(city.organisation(), stage="published")
    done = a_job(JobState.DONE, own, result={"page": "need", "at": [need.record.code]})
    client = reader(own)
    html = client.get(reverse("job", args=[done.pk])).content.decode()
    assert f'href="/needs/{need.record.code}/">Go to the result' in html
    assert "data-live" not in html
    other = a_job(JobState.DONE, own, result={"page": "gone", "at": [1]})
    assert client.get(reverse("job", args=[other.pk])).status_code == 200


def test_a_failed_job_is_tried_again_by_a_press_and_a_second_press_is_told() -> None:
    job = a_job(JobState.FAILED)
    officer = reader(city.officer())
    assert officer.get(reverse("job-again", args=[job.pk])).status_code == 405
    answer = officer.post(reverse("job-again", args=[job.pk]))
    assert (answer.status_code, answer.url) == (302, reverse("job", args=[job.pk]))
    assert officer.post(reverse("job-again", args=[job.pk])).status_code == 409
    assert jobs.run_pending() == 1


def test_whoever_asked_for_a_job_cannot_try_it_again() -> None:
    own = city.member(city.organisation())
    job = a_job(JobState.FAILED, own)
    client = reader(own)
    assert "Try again" not in text_of(client.get(reverse("job", args=[job.pk])))
    assert client.post(reverse("job-again", args=[job.pk])).status_code == 403


def test_the_queue_page_asks_as_often_for_three_jobs_as_for_thirty() -> None:
    officer, asked = city.officer(), city.member(city.organisation())
    client = reader(officer)

    def queries() -> int:
        with queries_noted() as noted:
            client.get("/jobs/")
        return len(noted)

    counts = []
    for _ in range(2):
        for state in JobState:
            a_job(state, asked)
        client.get("/jobs/")
        counts.append(queries())
    assert counts[0] == counts[1]
