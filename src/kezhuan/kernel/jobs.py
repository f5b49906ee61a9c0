"""Work for workers: enqueued in the business transaction, tried again, taken over when its worker is gone.

A worker holds a job by a lease that it renews; one that was stopped or killed loses it within a minute. What a job
writes inside `journal.writing()` commits only while its worker still holds it. A job that is taken over begins again,
so its function goes on from `running.kept`, or ends its last transaction with `running.finish()`.
"""

import json
import logging
import os
import random
import socket
import threading
import time as clock
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Least, Now
from django.utils.translation import gettext as _

from kezhuan.kernel import leases, trace
from kezhuan.kernel.access import Actor, actor_as
from kezhuan.kernel.deputies import standing_in
from kezhuan.kernel.errors import Conflict, KezhuanError, Refused, Text
from kezhuan.kernel.leases import LeaseLost
from kezhuan.kernel.models import Job, JobState
from kezhuan.kernel.outages import will_pass
from kezhuan.kernel.text import SHANGHAI, now

LEASE = timedelta(seconds=40)
"""For so long a job stays with a worker that gives no sign of life."""
BEAT = 5.0
"""Seconds between two signs of life; the database may be busy for several of them."""
FIRST_WAIT = 5.0
"""Seconds before the second attempt; each further wait is four times as long, give or take a third."""
LONGEST_WAIT = 6 * 60 * 60.0
KEPT_DAYS = {JobState.DONE: 30, JobState.FAILED: 180}
"""For so many days jobs that are over stay on the page."""
LATE = timedelta(hours=1)
"""After so long a periodic job whose product is still missing is begun again before its time."""
PERIODIC = "periodic"
"""Key of the jobs that come back by themselves."""
log = logging.getLogger(__name__)

Function = Callable[..., None]
"""Called as `function(running, **arguments)`."""
Period = timedelta | time
"""How often: a span between two starts, or a time of day in Asia/Shanghai."""


@dataclass(frozen=True)
class Work:
    """What a name stands for: the function, how often it is tried, what people call it, whether it takes minutes."""

    function: Function
    attempts: int
    label: Text
    long: bool


_works: dict[str, Work] = {}
_periodic: dict[str, Period] = {}
_owed: dict[str, Callable[[], bool]] = {}


class Again(Exception):
    """Raised by a job that cannot be done now; its sentence is shown, and it is tried again later.

    With `after` it comes back after so many seconds and no attempt is counted: it was not even tried.
    """

    def __init__(self, sentence: str, after: float | None = None) -> None:
        self.after = after
        super().__init__(sentence)


class Stopped(Exception):
    """The worker is asked to stop: the job goes back into the queue and loses no attempt by it."""


def register(name: str, function: Function, attempts: int = 5, *, label: Text = "", long: bool = False) -> None:
    """Let jobs of this lasting name (`area.verb`) be done by `function`; called from an area's `apps.py`.

    A `long` one may take minutes; workers keep a place free for the others.
    """
    _works[name] = Work(function, attempts, label or name, long)


def every(name: str, period: Period, *, owed: Callable[[], bool] | None = None) -> None:
    """Let a registered job come back by itself: after a span, or daily at a time in Asia/Shanghai.

    `owed` says whether what it makes is missing altogether, as on a site's first day: then it starts at once, but not
    sooner than `LATE` after its last start.
    """
    if name not in _works:
        raise ValueError(f"no job is registered as {name!r}")
    _periodic[name] = period
    if owed is not None:
        _owed[name] = owed


def enqueue(
    name: str, /, *, key: str = "", run_at: datetime | None = None, actor: Actor | None = None, **arguments: Any
) -> Job:
    """Ask for a job inside the present transaction: it is there when that commits, and never if it does not.

    With `key` there is at most one waiting job of this name and key: an earlier one is returned, at the earlier of the
    two moments. `arguments` are JSON and hold identifiers only. Raises `ValueError` for a name nobody registered.
    """
    if name not in _works:
        raise ValueError(f"no job is registered as {name!r}")
    json.dumps(arguments)  # here, where the mistake is made
    job = Job(
        name=name,
        key=key,
        arguments=arguments,
        due_at=run_at or Now(),
        made_at=now(),
        person=actor.person if actor else None,
        acting_for=actor.organisation if actor else None,
        deputy_id=actor.deputy if actor else None,
    )
    if not key:
        job.save(force_insert=True)
        job.refresh_from_db(fields=["due_at"])
        return job
    with transaction.atomic():
        while True:
            Job.objects.bulk_create([job], ignore_conflicts=True)
            # Locked: a worker that took it now would not see what this transaction has changed.
            waiting = Job.objects.select_for_update(no_key=True).filter(name=name, key=key, state=JobState.WAITING)
            if found := waiting.first():
                Job.objects.filter(pk=found.pk).update(due_at=Least(F("due_at"), run_at or Now()))
                found.refresh_from_db(fields=["due_at"])
                return found
            # A worker took the waiting one between the two statements.


class Running:
    """A job in a worker's hands, as its function sees it."""

    def __init__(self, job: Job, stop: threading.Event | None = None) -> None:
        self.job = job
        self.kept: dict[str, Any] = dict(job.result)
        self._stop = stop or threading.Event()
        self._lost = False
        self._shown = (job.done, job.total, job.note)
        self._last_beat = clock.monotonic()

    @property
    def actor(self) -> Actor | None:
        """Who asked for it, with the rights of this moment; a deputy in the place of whom they stand in for. None when
        nobody did, or when they may no longer."""
        if self.job.person is None:
            return None
        actor = actor_as(self.job.person, self.job.acting_for_id)
        if actor is None or self.job.deputy_id is None:
            return actor
        instead = standing_in(actor, self.job.deputy_id)
        return instead if instead.represented is not None else None

    def _mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, token=self.job.token, state=JobState.RUNNING)

    def beat(self) -> None:
        """Renew the lease and write down how far the work is; called by a thread, and by `progress` once a second."""
        self._last_beat = clock.monotonic()
        done, total, note = self._shown
        if not self._mine().update(due_at=Now() + LEASE, done=done, total=total, note=note):
            self._lost = True

    def progress(self, done: int, total: int = 0, note: str = "") -> None:
        """Say how far the work is. Raises `LeaseLost` when it is somebody else's by now, `Stopped` when the worker is
        asked to stop: what is committed stays, so call it where the work can go on from."""
        self._shown = (done, total, note[:200])
        if self._lost:
            raise LeaseLost
        if self._stop.is_set():
            raise Stopped
        if clock.monotonic() - self._last_beat >= 1 and not connection.in_atomic_block:
            self.beat()

    def result(self, kept: Mapping[str, Any]) -> None:
        """Keep what is to be shown or gone on from, in the transaction that is open; identifiers and figures only."""
        self.kept = dict(kept)
        if not self._mine().update(result=self.kept):
            raise LeaseLost

    def confirm(self) -> None:
        """Raise `LeaseLost` unless the job is still this worker's; inside a transaction it stays so until its end."""
        held = Job.objects.filter(
            pk=self.job.pk, token=self.job.token, state__in=(JobState.RUNNING, JobState.DONE)
        ).values_list("pk")
        if connection.in_atomic_block:
            held = held.select_for_update(no_key=True)
        if not list(held):
            raise LeaseLost

    def finish(self) -> None:
        """The work is done; inside the last transaction, so that a kill right after it repeats nothing."""
        done, total, note = self._shown
        ended = {"state": JobState.DONE, "due_at": None, "ended_at": Now(), "error": ""}
        if not self._mine().update(**ended, done=done, total=total, note=note):
            self.confirm()

    def give_back(self, wait: float, *, attempts: int, error: str = "") -> None:
        """Let it wait for another attempt, unless one of the same key waits already and does the same."""
        # Without adding nothing: SQLite compares moments as texts, and writes a sum with more digits than the clock.
        due_at = Now() + timedelta(seconds=wait) if wait else Now()
        waiting = {"state": JobState.WAITING, "due_at": due_at, "worker": ""}
        try:
            with transaction.atomic():
                self._mine().update(**waiting, attempts=attempts, error=error)
        except IntegrityError:
            note = _("Another job of the same kind goes on with it.")
            self._mine().update(state=JobState.DONE, due_at=None, ended_at=Now(), note=note, error="")

    def fail(self, error: str) -> None:
        """It is over and was not done; the sentence says why."""
        self._mine().update(state=JobState.FAILED, due_at=None, ended_at=Now(), error=error)


# -- workers -----------------------------------------------------------------------------------------------------------


def take(*, worker: str, with_long: bool = True) -> Job | None:
    """The job that is due first, now this worker's; one whose worker gave no sign of life is due again.

    PostgreSQL skips what others are taking; SQLite has one writer at a time.
    """
    names = [name for name, work in _works.items() if with_long or not work.long]
    # The name is asked of each row that is due. Left bare, the database begins with all jobs of a name there ever were.
    due = Job.objects.alias(called=Coalesce("name", Value(""))).filter(due_at__lte=Now(), called__in=names)
    due = due.order_by("due_at", "pk")
    # Without a lock, for most looks find nothing; in order, lest PostgreSQL reads the whole table to see that.
    if due.values_list("pk").first() is None:
        return None
    with transaction.atomic():
        if (job := due.select_for_update(skip_locked=True, no_key=True).first()) is None:
            return None
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING,
            due_at=Now() + LEASE,
            token=F("token") + 1,
            attempts=F("attempts") + 1,
            started_at=Now(),
            worker=worker,
        )
        return Job.objects.select_related("person__record", "acting_for__record").get(pk=job.pk)


def run(job: Job, stop: threading.Event | None = None) -> None:
    """Do a job that was taken, and write down how it ended."""
    running, work = Running(job, stop), _works[job.name]
    if job.attempts > work.attempts:
        running.fail(_("The worker was stopped in the middle of it, %(count)s times.") % {"count": work.attempts})
        return
    try:
        with trace.marked(f"job-{job.pk}"), leases.held(running.confirm), leases.renewing(running.beat, BEAT):
            work.function(running, **job.arguments)
        running.finish()
    except LeaseLost:
        log.warning("job %s (%s) was taken over by another worker", job.pk, job.name)
    except Stopped:
        running.give_back(0, attempts=job.attempts - 1)
    except Exception as problem:  # noqa: BLE001  whatever it is, the job's page tells it
        _note_failure(running, work, problem)


def _note_failure(running: Running, work: Work, problem: Exception) -> None:
    job, final = running.job, isinstance(problem, KezhuanError) and not isinstance(problem, Conflict)
    error = _sentence(problem)[:500]
    if isinstance(problem, Again) and problem.after is not None:
        running.give_back(problem.after, attempts=job.attempts - 1, error=error)
    elif final or job.attempts >= work.attempts:
        running.fail(error)
    else:
        wait = min(FIRST_WAIT * 4 ** (job.attempts - 1), LONGEST_WAIT)
        running.give_back(wait * random.uniform(2 / 3, 4 / 3), attempts=job.attempts, error=error)
    if not isinstance(problem, KezhuanError | Again):
        # Without the exception's own words: the database quotes people's data in them.
        lines = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(problem.__traceback__)]
        log.error("job %s (%s) failed: %s\n  %s", job.pk, job.name, type(problem).__name__, "\n  ".join(lines))


def _sentence(problem: Exception) -> str:
    if isinstance(problem, Refused):
        return " ".join(str(one.message) for one in problem.problems)
    if isinstance(problem, KezhuanError | Again) and str(problem):
        return str(problem)
    if will_pass(problem):
        return _("The database was busy or could not be reached.")
    frames = traceback.extract_tb(problem.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return _("A fault of the program (%(name)s, %(place)s); the log tells more.") % {
        "name": type(problem).__name__,
        "place": where,
    }


def run_next(*, worker: str = "", with_long: bool = True, stop: threading.Event | None = None) -> bool:
    """Take the job that is due first and do it; False when none is due."""
    if (job := take(worker=worker or worker_name(), with_long=with_long)) is None:
        return False
    run(job, stop)
    return True


def run_pending() -> int:
    """Do everything that is due now, in this thread; returns how many jobs were taken."""
    taken = 0
    while run_next():
        taken += 1
    return taken


def worker_name() -> str:
    """This process as the page of jobs names it."""
    return f"{socket.gethostname()}:{os.getpid()}"[:100]


# -- periodic jobs and tidying -----------------------------------------------------------------------------------------


def next_start(period: Period, last: datetime | None, moment: datetime) -> datetime:
    """When a periodic job starts next, given its last start."""
    if isinstance(period, timedelta):
        return max(last + period, moment) if last else moment
    local = moment.astimezone(SHANGHAI)
    start = datetime.combine(local.date(), period, tzinfo=SHANGHAI)
    return (start if start > local else start + timedelta(days=1)).astimezone(UTC)


def schedule_periodic() -> None:
    """See to it that every periodic job waits for its next start, exactly once however many workers ask."""
    for name, period in _periodic.items():
        # The last few are looked at here and not chosen by the database, which would begin with all that wait.
        own = list(Job.objects.filter(name=name, key=PERIODIC).order_by("-pk")[:20])
        if any(job.state == JobState.RUNNING for job in own):
            continue
        last = next((job.started_at for job in own if job.started_at is not None), None)
        start = next_start(period, last, now())
        if name in _owed and (last is None or now() - last > LATE) and _owed[name]():
            start = now()
        waiting = next((job for job in own if job.state == JobState.WAITING), None)
        if waiting is None:
            job = Job(name=name, key=PERIODIC, due_at=start, made_at=now())
            Job.objects.bulk_create([job], ignore_conflicts=True)
        elif waiting.attempts == 0:
            # An earlier start than the one it waits for: its period was changed.
            Job.objects.filter(pk=waiting.pk, state=JobState.WAITING, due_at__gt=start).update(due_at=start)


def tidy(running: Running) -> None:
    """Forget jobs that have been over for long."""
    for state, days in KEPT_DAYS.items():
        old = Job.objects.filter(state=state, ended_at__lt=now() - timedelta(days=days))
        while batch := list(old.values_list("pk", flat=True)[:1000]):
            running.progress(running.job.done)
            Job.objects.filter(pk__in=batch).delete()


def periodic() -> dict[str, Period]:
    """The periodic jobs and how often they come."""
    return dict(_periodic)


def label_of(name: str) -> Text:
    """What people call jobs of this name; the name itself for one that this version does not know."""
    work = _works.get(name)
    return work.label if work else name
