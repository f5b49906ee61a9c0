"""A worker does jobs and follows the journal until it is asked to stop, and outlives what fails."""

import threading
import time

import pytest

from kezhuan.config import working
from kezhuan.config.commands import work as command
from kezhuan.kernel import followers, jobs
from kezhuan.kernel.models import Job, JobState
from tests.factories import city

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_jobs(monkeypatch):
    monkeypatch.setattr(jobs, "_works", {})
    monkeypatch.setattr(jobs, "_periodic", {})
    monkeypatch.setattr(working, "PAUSE", 0.02)
    monkeypatch.setattr(working, "AFTER_FAILURE", 0.05)


def until(holds):
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it did not come about in 20 s"
        time.sleep(0.02)


def test_a_worker_does_jobs_beside_a_long_one_follows_the_journal_and_stops_when_asked():
    begun, order = threading.Event(), []

    def long(running):
        begun.set()
        while True:
            time.sleep(0.01)
            running.progress(1, 2)

    jobs.register("test.long", long, long=True)
    jobs.register("test.short", lambda running, number: order.append(number))
    stop = threading.Event()
    jobs.enqueue("test.long")
    worker = threading.Thread(target=working.work, args=(stop,))
    worker.start()
    try:
        assert begun.wait(20)
        for number in range(3):
            jobs.enqueue("test.short", number=number)
        city.organisation()
        until(lambda: order == [0, 1, 2] and set(followers.backlog().values()) == {0})
    finally:
        stop.set()
        worker.join(20)
    assert not worker.is_alive()
    # The long one waits for the next worker, as if it had not been begun.
    left = Job.objects.get(name="test.long")
    assert (left.state, left.attempts) == (JobState.WAITING, 0)


def test_a_worker_outlives_a_database_that_was_away(monkeypatch, caplog):
    failures = iter([RuntimeError("away"), RuntimeError("away")])
    take = jobs.take

    def sometimes(**options):
        for failure in failures:
            raise failure
        return take(**options)

    monkeypatch.setattr(jobs, "take", sometimes)
    jobs.register("test.work", lambda running: None)
    job, stop = jobs.enqueue("test.work"), threading.Event()
    worker = threading.Thread(target=working.work, args=(stop,))
    worker.start()
    try:
        until(lambda: Job.objects.get(pk=job.pk).state == JobState.DONE)
    finally:
        stop.set()
        worker.join(20)
    assert caplog.text.count("a worker's step failed") == 2


def test_once_does_what_is_due_and_ends(capsys, monkeypatch):
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    seen = []
    jobs.register("test.work", lambda running: seen.append(1))
    jobs.enqueue("test.work")
    jobs.enqueue("test.work")
    assert command.run(["--once"]) == 0
    assert "2 jobs were taken." in capsys.readouterr().out
    assert seen == [1, 1]
