"""Jobs with many workers and many askers at once, on real threads: each job once, each visible effect once."""

import threading
import time as clock
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.kernel import jobs, journal
from kezhuan.kernel.models import Entry, Job, JobState, Person
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_jobs(monkeypatch):
    """Only what a test registers is there."""
    monkeypatch.setattr(jobs, "_works", {})
    monkeypatch.setattr(jobs, "_periodic", {})


def test_eight_workers_do_each_of_forty_jobs_once():
    done = []
    jobs.register("test.work", lambda running, number: done.append(number))
    for number in range(40):
        jobs.enqueue("test.work", number=number)
    counts = at_once([jobs.run_pending] * 8)
    assert sum(counts) == 40
    assert sorted(done) == list(range(40))


def test_eight_transactions_that_ask_for_one_key_get_one_job():
    jobs.register("test.work", lambda running: None)

    def ask():
        with transaction.atomic():
            return jobs.enqueue("test.work", key="a").pk

    assert len(set(at_once([ask] * 8))) == 1
    assert Job.objects.count() == 1


def test_what_a_transaction_changes_beside_a_waiting_job_is_seen_by_that_job():
    """The worker must not take the waiting job between the asking and the commit."""
    seen, asked = [], threading.Event()
    jobs.register("test.work", lambda running: seen.append(Person.objects.count()))
    jobs.enqueue("test.work", key="a")

    def change():
        with journal.writing():
            register_person(actor=SYSTEM, name="新人")
            jobs.enqueue("test.work", key="a")
            asked.set()
            clock.sleep(0.5)

    def work():
        assert asked.wait(20)
        while not jobs.run_pending():
            clock.sleep(0.02)

    assert at_once([change, work]) == [None, None]
    assert seen == [1]


def test_a_lease_is_renewed_while_the_work_goes_on(monkeypatch):
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(jobs, "BEAT", 0.2)
    taken = []

    def work(running):
        for _ in range(10):
            clock.sleep(0.2)
            taken.append(jobs.take(worker="other"))

    jobs.register("test.work", work)
    job = jobs.enqueue("test.work")
    jobs.run_pending()
    assert taken == [None] * 10
    assert Job.objects.get(pk=job.pk).state == JobState.DONE


def test_two_workers_on_one_job_write_its_visible_effect_once():
    """The first one is held up for longer than its lease: what it then wants to commit is taken back."""
    begun, go_on = threading.Event(), threading.Event()

    def work(running):
        if running.job.worker == "slow":
            begun.set()
            assert go_on.wait(20)
        with journal.writing():
            register_person(actor=SYSTEM, name=running.job.worker)
            running.finish()

    jobs.register("test.work", work)
    jobs.enqueue("test.work")

    def slow():
        return jobs.run_next(worker="slow")

    def quick():
        assert begun.wait(20)
        Job.objects.update(due_at=Now())
        jobs.run_next(worker="quick")
        go_on.set()

    at_once([slow, quick])
    assert list(Person.objects.values_list("record__title", flat=True)) == ["quick"]
    assert Job.objects.get().state == JobState.DONE
    assert Entry.objects.count() == 1
