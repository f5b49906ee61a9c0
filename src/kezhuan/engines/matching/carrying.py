"""Carry a run out: in this process, in several of this machine, or on a cluster of Dask or Spark. Whoever makes a
shard, it is the same."""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .apart import LostProcess, in_order
from .runs import Run, open_run

Progress = Callable[[int], None]
"""Called with the number of needs that are done, those of stored shards included."""
_TRIES = 3  # times that processes may be lost without any shard finished in between
_PATIENCE = 30.0  # seconds to wait for a cluster without any worker
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_KEPT, _KEPT_ARRAY = 256 << 20, 32 << 20  # bytes of free memory, and of one array, that a process keeps at most
SPARK = ("spark://", "local-cluster[")
"""How the address of a Spark cluster begins; others are Dask's."""


class ClusterTrouble(Exception):
    """A cluster that cannot be used; `code` says why: not-installed, no-spark, no-java, unreachable, no-workers, lost,
    workers-lost, no-shared-folder."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Carried:
    """How a run went: seconds until whoever works had read the index, seconds of matching, shards found stored and
    made."""

    start: float
    matching: float
    found: int
    made: int


def carry_out(run: Run, *, workers: int = 1, scheduler: str = "", progress: Progress | None = None) -> Carried:
    """Make every shard that is not stored yet, in so many processes or on the cluster of a scheduler.

    A process that is lost is replaced, and its shard made again. Raises LostProcess when that does not help,
    ClusterTrouble when the cluster is lost, OSError when a shard cannot be written; what is stored then stays.
    """
    begun = time.monotonic()
    missing = run.missing()
    done = run.needs - sum(map(run.size, missing))

    def tell(number: int) -> None:
        nonlocal done
        done += run.size(number)
        if progress is not None:
            progress(done)

    if progress is not None:
        progress(done)
    if not missing:
        return Carried(0.0, 0.0, run.shards, 0)
    if scheduler.startswith(SPARK):
        from .spark import on_spark

        start = on_spark(run, scheduler, missing, tell)
    elif scheduler:
        start = _on_cluster(run, scheduler, missing, tell)
    else:
        _read_index(run)
        start = time.monotonic() - begun
        _in_processes(run, workers, missing, tell)
    return Carried(start, time.monotonic() - begun - start, run.shards - len(missing), len(missing))


def _read_index(run: Run) -> None:
    """Read what every shard needs, and what the first one would otherwise have to make."""
    [first, *_] = run.items(0)
    for one in run.wanted:
        run.matcher.kneighbors([first], 1, allowed=one.allowed)


def _in_processes(run: Run, workers: int, missing: list[int], tell: Progress) -> None:
    tries = 0

    def made(at: int) -> OSError | None:
        try:
            run.make(missing[at])
        except OSError as problem:
            return problem
        return None

    while missing:
        try:
            # The last shard too is made apart: it may be the one that kills whoever makes it.
            with closing(in_order(made, len(missing), min(workers, max(len(missing), 2)))) as steps:
                for at, problem in enumerate(steps):
                    if problem is not None:
                        raise problem
                    tell(missing[at])
            return
        except LostProcess:
            left = [number for number in missing if number in set(run.missing())]
            tries = tries + 1 if len(left) == len(missing) else 0
            if tries == _TRIES:
                raise
            missing = left


class _Opened:
    """The run that this process of a cluster has read."""

    run: Run | None = None
    reading = threading.Lock()


def _keep_memory() -> None:
    """Let the memory of arrays that are freed stay with this process.

    Dask starts its workers so that they give it back at once (MALLOC_TRIM_THRESHOLD_); the scores of each need among a
    million records would then be fetched from the system page by page, and a need would take twice the time.
    """
    with suppress(OSError, AttributeError):  # not every system has it
        tune = ctypes.CDLL(None).mallopt
        tune(_MMAP_THRESHOLD, _KEPT_ARRAY)
        tune(_TRIM_THRESHOLD, _KEPT)


def _opened(folder: str, key: str) -> Run | None:
    """The run in a folder that all machines of a cluster see; None where this one does not see it."""
    with _Opened.reading:
        if _Opened.run is None or _Opened.run.key != key:
            if not (Path(folder) / "run.json").is_file():
                return None
            run = open_run(Path(folder))
            if run.key != key:
                return None
            _keep_memory()
            _read_index(run)
            _Opened.run = run
        return _Opened.run


def start_worker(folder: str, key: str) -> bool:
    """Read a run's index in a process of a cluster; False where it does not see the folder."""
    return _opened(folder, key) is not None


def make_shard(folder: str, key: str, number: int) -> bool:
    """Make one shard in a process of a cluster and store it in the folder that all see; False where it does not."""
    run = _opened(folder, key)
    if run is not None:
        run.make(number)
    return run is not None


def _on_cluster(run: Run, scheduler: str, missing: list[int], tell: Progress) -> float:
    """Make shards on a cluster; returns the seconds until its workers had read the index."""
    try:
        import distributed
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise ClusterTrouble("not-installed") from None
    begun, given = time.monotonic(), (str(run.folder.resolve()), run.key)
    with _client(scheduler) as client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise ClusterTrouble("no-workers") from None
        try:
            if not all(client.run(start_worker, *given).values()):
                raise ClusterTrouble("no-shared-folder")
            start = time.monotonic() - begun
            numbers = {
                client.submit(make_shard, *given, number, pure=False, key=f"shard-{run.key[:12]}-{number}"): number
                for number in missing
            }
            for future in distributed.as_completed(numbers, loop=client.loop):  # type: ignore[no-untyped-call]  # Dask has no types
                if not future.result():
                    raise ClusterTrouble("no-shared-folder")
                tell(numbers[future])
        except KilledWorker:
            raise ClusterTrouble("workers-lost") from None
        except (distributed.CancelledError, TimeoutError, OSError) as problem:
            if isinstance(problem, OSError) and problem.errno is not None and not isinstance(problem, ConnectionError):
                raise
            raise ClusterTrouble("lost") from None
    return start


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    """A client that keeps what it has to say of a lost connection to itself: the caller says it in one sentence."""
    from distributed import Client

    # Each of its loggers has a level of its own.
    logs = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    loud = [log for log in logs if not log.disabled]
    for log in loud:
        log.disabled = True
    try:
        try:
            client: Any = Client(scheduler, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]  # the library tells no types
        except (OSError, ValueError):  # TimeoutError is one; an address that is none gives the other
            raise ClusterTrouble("unreachable") from None
        try:
            yield client
        finally:
            client.close(timeout=2)
    finally:
        for log in loud:
            log.disabled = False
