"""Jobs: there when the transaction commits, done once, tried again, taken over, and shown to whoever may see them."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import DateTimeField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.kernel import jobs, journal, leases, overseeing
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.models import Entry, Job, JobState, Organisation, Person
from tests.factories import city
from tests.factories.plans import queries_noted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_jobs(monkeypatch):
    """Only what a test registers is there."""
    monkeypatch.setattr(jobs, "_works", {})
    monkeypatch.setattr(jobs, "_periodic", {})


def due_now():
    Job.objects.exclude(due_at=None).update(due_at=Now())


def state_of(job):
    return Job.objects.get(pk=job.pk).state


def test_a_job_is_done_with_its_arguments_and_keeps_what_it_was_told_to():
    seen = []

    def work(running, uid, count):
        seen.append((uid, count))
        running.progress(3, 4, "第三个")
        running.result({"made": count})

    jobs.register("test.work", work)
    job = jobs.enqueue("test.work", uid="u1", count=2)
    assert (job.state, seen) == (JobState.WAITING, [])
    assert jobs.run_pending() == 1
    job.refresh_from_db()
    assert seen == [("u1", 2)]
    assert (job.state, job.done, job.total, job.note, job.result) == (JobState.DONE, 3, 4, "第三个", {"made": 2})
    assert (job.due_at, job.attempts, job.error) == (None, 1, "")
    assert job.ended_at >= job.started_at
    assert jobs.run_pending() == 0


def test_a_job_asked_for_in_a_transaction_that_fails_was_never_asked_for():
    jobs.register("test.work", lambda running: None)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue("test.work")
        raise ZeroDivisionError
    assert Job.objects.count() == 0


def test_an_unknown_name_and_arguments_that_are_no_json_are_mistakes_of_the_caller():
    with pytest.raises(ValueError, match=r"test\.unknown"):
        jobs.enqueue("test.unknown")
    jobs.register("test.work", lambda running, what: None)
    with pytest.raises(TypeError):
        jobs.enqueue("test.work", what=object())
    with pytest.raises(ValueError, match=r"test\.unknown"):
        jobs.every("test.unknown", time(3))
    assert Job.objects.count() == 0


def test_of_one_name_and_key_one_waits_at_the_earlier_moment():
    jobs.register("test.work", lambda running: None)
    later = jobs.enqueue("test.work", key="a", run_at=datetime(2030, 1, 2, tzinfo=UTC))
    again = jobs.enqueue("test.work", key="a", run_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert again.pk == later.pk
    assert again.due_at == datetime(2030, 1, 1, tzinfo=UTC)
    assert jobs.enqueue("test.work", key="a", run_at=datetime(2031, 1, 1, tzinfo=UTC)).due_at == again.due_at
    assert jobs.enqueue("test.work", key="b").pk != later.pk
    assert jobs.enqueue("test.work").pk != jobs.enqueue("test.work").pk
    assert jobs.run_pending() == 3
    assert Job.objects.get(state=JobState.WAITING).pk == later.pk
    assert jobs.enqueue("test.work", key="a").pk == later.pk
    assert jobs.run_pending() == 1
    assert jobs.enqueue("test.work", key="a").pk != later.pk


def test_a_job_that_fails_is_tried_again_later_and_later_and_then_told():
    def work(running):
        raise ValueError("张三 13800000000")

    jobs.register("test.work", work, attempts=3)
    job = jobs.enqueue("test.work")
    waits = []
    for _ in range(3):
        assert jobs.run_pending() == 1
        assert jobs.run_pending() == 0
        job.refresh_from_db()
        waits.append(job.due_at and (job.due_at - datetime.now(UTC)).total_seconds())
        due_now()
    assert 2.5 < waits[0] < 7
    assert 12.5 < waits[1] < 27
    assert waits[2] is None
    assert (job.state, job.attempts) == (JobState.FAILED, 3)
    assert "ValueError" in job.error
    assert "test_jobs.py" in job.error
    assert "张三" not in job.error


def test_the_log_tells_where_a_job_failed_and_nothing_of_people(caplog):
    def work(running):
        raise ValueError("张三 13800000000")

    jobs.register("test.work", work, attempts=1)
    jobs.enqueue("test.work")
    jobs.run_pending()
    assert "ValueError" in caplog.text
    assert "test_jobs.py" in caplog.text
    assert "张三" not in caplog.text


def test_what_the_rules_refuse_is_not_tried_again_but_a_conflict_is():
    def refuse(running):
        raise Refused(Problem("no", "单位名称重复。请改名。"))

    def clash(running):
        raise Conflict("有人更快。")

    jobs.register("test.refuse", refuse)
    jobs.register("test.clash", clash)
    refused, clashed = jobs.enqueue("test.refuse"), jobs.enqueue("test.clash")
    jobs.run_pending()
    refused.refresh_from_db()
    assert (refused.state, refused.error, refused.attempts) == (JobState.FAILED, "单位名称重复。请改名。", 1)
    assert state_of(clashed) == JobState.WAITING


def test_a_job_that_was_interrupted_too_often_is_told_and_not_begun_again():
    begun = []
    jobs.register("test.work", begun.append, attempts=2)
    job = jobs.enqueue("test.work")
    for _ in range(2):
        jobs.take(worker="killed")
        due_now()
    jobs.run_pending()
    job.refresh_from_db()
    assert (job.state, begun) == (JobState.FAILED, [])
    assert "2" in job.error


def test_a_job_goes_to_another_worker_only_when_the_lease_is_over():
    jobs.register("test.work", lambda running: None)
    jobs.enqueue("test.work")
    taken = jobs.take(worker="first")
    assert jobs.take(worker="second") is None
    assert taken.due_at - datetime.now(UTC) < timedelta(seconds=60)
    due_now()
    other = jobs.take(worker="second")
    assert (other.pk, other.worker) == (taken.pk, "second")
    assert other.token > taken.token


def test_a_worker_that_lost_its_job_commits_nothing_more_and_cannot_end_it():
    jobs.register("test.work", lambda running: None)
    jobs.enqueue("test.work")
    late = jobs.Running(jobs.take(worker="late"))
    due_now()
    jobs.Running(jobs.take(worker="other")).finish()
    before = Person.objects.count()
    with pytest.raises(leases.LeaseLost), leases.held(late.confirm):
        register_person(actor=SYSTEM, name="多余的人")
    assert Person.objects.count() == before
    with pytest.raises(leases.LeaseLost):
        late.result({"x": 1})
    with pytest.raises(leases.LeaseLost):
        late.finish()
    late.beat()
    with pytest.raises(leases.LeaseLost):
        late.progress(1)
    late.fail("x")
    late.give_back(0, attempts=0)
    assert Job.objects.get().state == JobState.DONE
    assert Job.objects.get().worker == "other"


def test_a_job_ended_in_its_last_transaction_is_not_done_again():
    def work(running):
        with journal.writing():
            register_person(actor=SYSTEM, name="一个人")
            running.finish()
        raise KeyboardInterrupt  # killed right after the commit

    jobs.register("test.work", work)
    jobs.enqueue("test.work")
    with pytest.raises(KeyboardInterrupt):
        jobs.run_pending()
    due_now()
    assert jobs.run_pending() == 0
    assert Person.objects.count() == 1
    assert Job.objects.get().state == JobState.DONE


def test_a_job_asked_to_stop_goes_back_with_what_it_kept_and_loses_no_attempt():
    stop, seen = threading.Event(), []

    def work(running):
        seen.append(running.kept.get("at", 0))
        for at in range(running.kept.get("at", 0), 4):
            running.progress(at, 4)
            running.result({"at": at + 1})
            if at == 1:
                stop.set()

    jobs.register("test.work", work)
    job = jobs.enqueue("test.work")
    assert jobs.run_next(stop=stop)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == (JobState.WAITING, 0, {"at": 2})
    stop.clear()
    assert jobs.run_next(stop=stop)
    assert (seen, state_of(job)) == ([0, 2], JobState.DONE)


def test_a_job_given_back_at_once_is_due_in_the_same_moment(monkeypatch):
    moment = Value(datetime(2026, 1, 1, 8, 0, 0, 123000, tzinfo=UTC), DateTimeField())
    if connection.vendor == "sqlite":  # as the clock writes it: three digits, not six
        moment = RawSQL("'2026-01-01 08:00:00.123'", (), DateTimeField())
    monkeypatch.setattr(jobs, "Now", lambda: moment)

    def work(running):
        raise jobs.Stopped

    jobs.register("test.work", work)
    jobs.enqueue("test.work", run_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert jobs.run_next()
    assert jobs.run_next()


def test_a_job_that_is_to_wait_again_makes_way_for_one_of_its_key_that_waits_already():
    def work(running):
        jobs.enqueue("test.work", key="a", run_at=datetime(2030, 1, 1, tzinfo=UTC))
        raise jobs.Again("网关没有回答。")

    jobs.register("test.work", work)
    job = jobs.enqueue("test.work", key="a")
    jobs.run_pending()
    assert state_of(job) == JobState.DONE
    assert Job.objects.filter(state=JobState.WAITING).count() == 1


def test_a_place_stays_free_for_short_jobs():
    jobs.register("test.long", lambda running: None, long=True)
    jobs.register("test.short", lambda running: None)
    long, short = jobs.enqueue("test.long"), jobs.enqueue("test.short")
    assert jobs.run_next(with_long=False)
    assert not jobs.run_next(with_long=False)
    assert (state_of(long), state_of(short)) == (JobState.WAITING, JobState.DONE)


def test_a_job_of_a_newer_version_waits_for_a_worker_that_knows_it(monkeypatch):
    jobs.register("test.work", lambda running: None)
    job = jobs.enqueue("test.work")
    monkeypatch.setattr(jobs, "_works", {})
    assert jobs.run_pending() == 0
    assert state_of(job) == JobState.WAITING


def test_the_actor_of_a_job_has_the_rights_of_the_moment_it_runs():
    seen = []
    jobs.register("test.work", lambda running: seen.append(running.actor))
    member = city.member(city.organisation())
    jobs.enqueue("test.work", actor=member)
    jobs.enqueue("test.work")
    jobs.run_pending()
    assert [actor and actor.tokens for actor in seen] == [member.tokens, None]


# -- periodic ----------------------------------------------------------------------------------------------------------

AT_NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.mark.parametrize(
    ("period", "last", "expected"),
    [
        (timedelta(hours=1), None, AT_NOON),
        (timedelta(hours=1), AT_NOON - timedelta(minutes=20), AT_NOON + timedelta(minutes=40)),
        (timedelta(hours=1), AT_NOON - timedelta(days=3), AT_NOON),
        (time(13, 30), None, AT_NOON + timedelta(minutes=90)),
        (time(12, 0), None, AT_NOON + timedelta(days=1)),
        (time(7, 0), AT_NOON - timedelta(hours=5), datetime(2026, 11, 25, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_periodic_job_starts_at_its_hour_or_after_its_span(period, last, expected):
    assert jobs.next_start(period, last, AT_NOON) == expected


def test_a_periodic_job_waits_for_its_next_start_after_each_run():
    runs = []
    jobs.register("test.tick", lambda running: runs.append(1))
    jobs.every("test.tick", timedelta(hours=1))
    for _ in range(3):
        jobs.schedule_periodic()
    assert Job.objects.count() == 1
    assert jobs.run_pending() == 1
    jobs.schedule_periodic()
    waiting = Job.objects.get(state=JobState.WAITING)
    assert timedelta(minutes=59) < waiting.due_at - datetime.now(UTC) <= timedelta(hours=1)
    assert jobs.run_pending() == 0
    jobs.every("test.tick", timedelta(minutes=1))
    jobs.schedule_periodic()
    waiting.refresh_from_db()
    assert waiting.due_at - datetime.now(UTC) <= timedelta(minutes=1)
    assert len(runs) == 1


def test_a_periodic_job_in_hand_is_not_started_beside_itself():
    jobs.register("test.tick", lambda running: None)
    jobs.every("test.tick", timedelta(seconds=0))
    jobs.schedule_periodic()
    jobs.take(worker="busy")
    jobs.schedule_periodic()
    assert Job.objects.count() == 1


def test_jobs_that_are_over_for_long_are_forgotten_and_the_others_stay():
    jobs.register("jobs.tidy", jobs.tidy)
    moment = datetime.now(UTC)
    for state, days in ((JobState.DONE, 31), (JobState.DONE, 29), (JobState.FAILED, 179), (JobState.FAILED, 181)):
        Job.objects.create(name="x", state=state, made_at=moment, ended_at=moment - timedelta(days=days))
    Job.objects.create(name="x", made_at=moment - timedelta(days=999))
    jobs.enqueue("jobs.tidy")
    jobs.run_pending()
    left = Job.objects.filter(name="x").order_by("pk")
    assert list(left.values_list("state", flat=True)) == ["done", "failed", "waiting"]


# -- seeing and trying again -------------------------------------------------------------------------------------------


def failed_job(actor=None):
    return Job.objects.create(
        name="test.work", state=JobState.FAILED, made_at=datetime.now(UTC), person=actor and actor.person, error="x"
    )


def test_city_officers_see_all_jobs_and_others_their_own():
    unit: Organisation = city.organisation()
    own, other = city.member(unit), city.member(unit)
    people = [VISITOR, own, other, city.officer(), city.officer("440106")]
    made = [failed_job(own), failed_job()]
    seen = [[job.pk for job in made if overseeing.may_see.test(actor, job)] for actor in people]
    assert seen == [[], [made[0].pk], [], [job.pk for job in made], []]
    assert [sorted(overseeing.visible_jobs(actor).values_list("pk", flat=True)) for actor in people] == seen


def test_a_failed_job_is_tried_again_by_city_officers_once():
    jobs.register("test.work", lambda running: None)
    officer, member = city.officer(), city.member(city.organisation())
    job = failed_job(member)
    with pytest.raises(NotAllowed):
        overseeing.try_again(actor=member, job=job)
    again = overseeing.try_again(actor=officer, job=job)
    assert (again.state, again.attempts, again.error) == (JobState.WAITING, 0, "")
    entry = Entry.objects.latest("seq")
    assert (entry.kind, entry.actor_id, entry.data) == (
        "job.try-again", officer.person.pk, {"job": job.pk, "name": "test.work"},
    )  # fmt: skip
    with pytest.raises(Conflict):
        overseeing.try_again(actor=officer, job=job)
    assert Entry.objects.filter(kind="job.try-again").count() == 1
    assert jobs.run_pending() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads small tables whole")
def test_looking_for_the_next_job_reads_an_index_and_no_more():
    from tests.factories.plans import full_reads

    jobs.register("test.work", lambda running: None)
    jobs.enqueue("test.work")
    with queries_noted() as noted:
        jobs.take(worker="x")
    assert [full_reads(query) for query in noted if full_reads(query)] == []
    with connection.cursor() as cursor:
        select = next(sql for sql, _ in noted if sql.startswith("SELECT"))
        parameters = next(parameters for sql, parameters in noted if sql.startswith("SELECT"))
        cursor.execute(f"EXPLAIN QUERY PLAN {select}", parameters)
        assert "job_due" in str(cursor.fetchall())
