"""A worker: the followers of the journal, the jobs, and the periodic jobs' next starts, until it is asked to stop."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from django.db import Error, close_old_connections, connections

from kezhuan.kernel import followers, jobs, leases, search, workers

log = logging.getLogger(__name__)
PAUSE = 0.5
"""Seconds between two looks at the journal and the queue; suggestions are never older than this while nothing else
goes on."""
AFTER_FAILURE = 5.0
SAVE_EVERY = 60.0
"""Seconds between two snapshots of the index."""
SCHEDULE_EVERY = 30.0
"""Seconds between two looks at the periodic jobs."""
LAST_WAIT = 20.0
"""Seconds that jobs get to come to a place where they can be stopped."""


def work(stop: threading.Event) -> None:
    """Let every follower keep up and do jobs, two at a time, until `stop` is set; a failure is logged and tried again.

    One of the two leaves the long jobs alone, so that an import keeps no mail waiting.
    """
    name = jobs.worker_name()
    lanes = [
        threading.Thread(target=_loop, args=(stop, one), name=lane, daemon=True)
        for lane, one in (
            ("jobs", lambda: jobs.run_next(stop=stop)),
            ("short jobs", lambda: jobs.run_next(with_long=False, stop=stop)),
        )
    ]
    for lane in lanes:
        lane.start()
    saved, scheduled = time.monotonic(), 0.0

    def follow() -> bool:
        nonlocal saved, scheduled
        if not scheduled or time.monotonic() - scheduled >= SCHEDULE_EVERY:
            if not scheduled:
                workers.seen(name)
            jobs.schedule_periodic()
            scheduled = time.monotonic()
        sweeping = followers.run_step()
        search.live_index().catch_up(wait=True)
        if time.monotonic() - saved >= SAVE_EVERY:
            search.live_index().save()
            saved = time.monotonic()
        return sweeping

    # By a thread of its own: making the index anew takes minutes.
    with leases.renewing(lambda: workers.seen(name), workers.EVERY):
        _loop(stop, follow)
        for lane in lanes:
            lane.join(LAST_WAIT)
        search.live_index().save()
    with contextlib.suppress(Error):
        workers.gone(name)
    connections.close_all()  # of this thread, which need not be the process's last


def _loop(stop: threading.Event, one: Callable[[], bool]) -> None:
    """Call `one` until `stop` is set: at once again when it found something to do, otherwise after a pause."""
    pause = PAUSE
    while not stop.is_set():
        close_old_connections()
        try:
            pause = 0.0 if one() else PAUSE
        except Exception as problem:  # the database may be away; the worker outlives it
            log.error("a worker's step failed (%s); it is tried again", type(problem).__name__, exc_info=problem)
            pause = AFTER_FAILURE
        stop.wait(pause)
    connections.close_all()


def work_once() -> int:
    """Bring the followers up to date and do every job that is due now; returns how many jobs were taken."""
    jobs.schedule_periodic()
    followers.run_pending()
    return jobs.run_pending()
