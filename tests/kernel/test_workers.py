"""Workers are seen while they work; the queue is counted by state."""

from datetime import timedelta

import pytest

from kezhuan.kernel import jobs, workers
from kezhuan.kernel.models import Job, JobState, Worker
from kezhuan.kernel.text import now

pytestmark = pytest.mark.django_db


def test_worker_is_seen_again_and_again_and_gone_at_its_end():
    assert workers.last_seen() is None
    for _ in range(2):
        workers.seen("a:1")
    workers.seen("b:2")
    assert (Worker.objects.count(), workers.alive()) == (2, 2)
    assert 0 <= workers.last_seen() < 30
    workers.gone("a:1")
    assert workers.alive() == 1


def test_silent_worker_is_no_longer_alive_and_forgotten_after_a_day():
    workers.seen("a:1")
    Worker.objects.update(seen_at=now() - timedelta(minutes=2))
    assert workers.alive() == 0
    assert 100 < workers.last_seen() < 150
    Worker.objects.update(seen_at=now() - timedelta(days=2))
    workers.seen("b:2")
    assert list(Worker.objects.values_list("name", flat=True)) == ["b:2"]


def test_queue_is_counted_by_state_and_says_how_late_it_is():
    assert workers.queue() == workers.Queue({"waiting": 0, "running": 0, "failed": 0}, 0.0)
    for state, late in (("waiting", 300), ("waiting", -60), ("running", 5), ("failed", None), ("done", None)):
        due = None if late is None else now() - timedelta(seconds=late)
        Job.objects.create(name="jobs.tidy", state=JobState(state), due_at=due, made_at=now())
    found = workers.queue()
    assert found.by_state == {"waiting": 2, "running": 1, "failed": 1}
    assert 299 < found.overdue < 330


def test_job_is_logged_under_its_own_mark(monkeypatch):
    from kezhuan.kernel import trace

    seen = []
    monkeypatch.setitem(jobs._works, "test.mark", jobs.Work(lambda running: seen.append(trace.mark()), 1, "", False))
    job = jobs.enqueue("test.mark")
    jobs.run(jobs.take(worker="here"))
    assert seen == [f"job-{job.pk}"]
    assert trace.mark() == ""
