"""Figures of the running site for Prometheus: requests of all web processes together, and what the database tells."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kezhuan.kernel import followers, outbox, search, workers
from kezhuan.web.probing import may_see_figures

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The library's variable: the folder in which the web processes add up; set before this module is read."""

REQUESTS = Counter(
    "kezhuan_requests",
    "Requests answered, by the pattern of the address.",
    ["method", "route", "status"],
    registry=None,
)
SECONDS = Histogram(
    "kezhuan_request_seconds",
    "Seconds from a request's arrival in the web process to its answer.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
    registry=None,
)


def note(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that was answered."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


class FromDatabase(Collector):
    """What is the same whichever process is asked; read when it is asked for."""

    def collect(self) -> Iterator[Metric]:
        """All figures; of a database that is away only that it is."""
        yield _gauge("kezhuan_disk_free_bytes", "Room where the data lies.", shutil.disk_usage(settings.DATA).free)
        started = time.perf_counter()
        try:
            size = _size_of_database()
            seconds = time.perf_counter() - started
            found = list(_of_database())
        except Error:
            yield _gauge("kezhuan_database_up", "1 when the database answers.", 0)
            return
        yield _gauge("kezhuan_database_up", "1 when the database answers.", 1)
        yield _gauge("kezhuan_database_seconds", "Seconds one question to the database took.", seconds)
        yield _gauge("kezhuan_database_bytes", "Size of the database.", size)
        yield from found


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _labelled(name: str, words: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        made.add_metric([key], value)
    return made


def _of_database() -> Iterator[Metric]:
    head, _hash = followers.head()
    yield _gauge("kezhuan_journal_entries", "Entries of the journal.", head)
    behind = {"index": search.live_index().catch_up().behind, **followers.backlog()}
    words = "Entries of the journal that a follower has still before it; `index` is the answering process's own."
    yield _labelled("kezhuan_behind_entries", words, "follower", behind)
    words = "Records that a follower which does all anew has still before it; nothing of one that does not."
    left = {one.name: one.total - one.done for one in followers.sweeps()}
    yield _labelled("kezhuan_sweep_left", words, "follower", left)
    queue = workers.queue()
    yield _labelled("kezhuan_jobs", "Jobs by state; those that are done are not counted.", "state", queue.by_state)
    yield _gauge("kezhuan_jobs_overdue_seconds", "For how long the job that is due first has waited.", queue.overdue)
    words = "Messages by state; those that were sent or dropped are not counted."
    yield _labelled("kezhuan_messages", words, "state", outbox.open_messages())
    count, ago = workers.alive(), workers.last_seen()
    yield _gauge("kezhuan_workers", "Workers that gave a sign of life lately.", count)
    if ago is not None:
        yield _gauge("kezhuan_worker_seen_seconds", "Seconds since a worker last gave one.", ago)


def _size_of_database() -> int:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        files = (Path(f"{connection.settings_dict['NAME']}{end}") for end in ("", "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size: int = cursor.fetchone()[0]
    return size


def answer(request: HttpRequest) -> HttpResponse:
    """All figures in Prometheus's text form, for this machine and for whoever knows the token."""
    if not may_see_figures(request):
        sentence = "Figures are for programs on this machine, or with KEZHUAN_METRICS_TOKEN as a Bearer token.\n"
        return HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8")
    registry = CollectorRegistry()
    if os.environ.get(SHARED):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library tells no types
    else:
        registry.register(REQUESTS)
        registry.register(SECONDS)
    registry.register(FromDatabase())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
