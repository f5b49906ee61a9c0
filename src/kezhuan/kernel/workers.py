"""Which workers are there, by their signs of life, and how much work waits for them."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F
from django.db.models.functions import Now

from kezhuan.kernel.models import Job, JobState, Worker

EVERY = 10.0
"""Seconds between two signs of life."""
SILENCE = 60.0
"""Seconds after which a worker counts as gone."""
_FORGOTTEN = timedelta(days=1)


def seen(name: str) -> None:
    """Give a sign of life; the first one also forgets workers that have been silent for a day."""
    if not Worker.objects.filter(name=name).update(seen_at=Now()):
        Worker.objects.filter(seen_at__lt=Now() - _FORGOTTEN).delete()
        Worker.objects.bulk_create([Worker(name=name, started_at=Now(), seen_at=Now())], ignore_conflicts=True)


def gone(name: str) -> None:
    """This worker ends in good order."""
    Worker.objects.filter(name=name).delete()


def alive() -> int:
    """How many workers gave a sign of life lately."""
    return Worker.objects.filter(seen_at__gte=Now() - timedelta(seconds=SILENCE)).count()


def last_seen() -> float | None:
    """Seconds since the last sign of life of any worker, by the database's clock; None when there never was one."""
    newest = Worker.objects.order_by("-seen_at").annotate(silent=Now() - F("seen_at")).first()
    return round(newest.silent.total_seconds(), 1) if newest is not None else None


@dataclass(frozen=True)
class Queue:
    """How many jobs stand in each state that is not over well, and for how many seconds the first one is overdue."""

    by_state: dict[str, int]
    overdue: float


def queue() -> Queue:
    """The queue as it stands now; jobs that are done are not counted, there may be very many."""
    open_ones = Job.objects.filter(due_at__isnull=False).values_list("state").annotate(count=Count("pk"))
    counted = {JobState.WAITING: 0, JobState.RUNNING: 0, **dict(open_ones.order_by())}
    counted[JobState.FAILED] = Job.objects.filter(state=JobState.FAILED).count()
    first = Job.objects.filter(due_at__isnull=False).order_by("due_at").annotate(late=Now() - F("due_at")).first()
    overdue = first.late.total_seconds() if first is not None else 0.0
    return Queue({str(state): count for state, count in counted.items()}, max(0.0, overdue))
