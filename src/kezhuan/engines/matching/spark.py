"""Carry a run out on a Spark cluster: shards are the tasks, and Spark sends them round and repeats those it lost."""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from .carrying import ClusterTrouble, make_shard, start_worker
from .runs import Run

_LOOK = 0.2  # seconds between two looks at what is stored
_SOURCE = Path(__file__).resolve().parents[3]


def on_spark(run: Run, master: str, missing: list[int], tell: Callable[[int], None]) -> float:
    """Make shards on the cluster of a master; returns the seconds until its workers had read the index.

    Raises ClusterTrouble, and OSError where a shard cannot be written.
    """
    begun, given = time.monotonic(), (str(run.folder.resolve()), run.key)
    with _context(master, run.folder / "spark.log") as context:
        places = context.defaultParallelism
        try:
            ready = all(context.parallelize(range(places), places).map(lambda _: start_worker(*given)).collect())
        except Exception:  # noqa: BLE001  whatever Java says
            raise ClusterTrouble("workers-lost") from None
        if not ready:
            raise ClusterTrouble("no-shared-folder")
        start = time.monotonic() - begun
        _follow(partial(_collect, context, given, missing), run, missing, tell)
    return start


def _collect(context: Any, given: tuple[str, str], missing: list[int]) -> list[bool | OSError]:
    answers: list[bool | OSError] = context.parallelize(missing, len(missing)).map(partial(_made, *given)).collect()
    return answers


def _made(folder: str, key: str, number: int) -> bool | OSError:
    """Make one shard; what the disk refuses is handed back, because nothing is gained by trying it elsewhere."""
    try:
        return make_shard(folder, key, number)
    except OSError as problem:
        return problem


def _follow(
    collect: Callable[[], list[bool | OSError]], run: Run, missing: list[int], tell: Callable[[int], None]
) -> None:
    """Tell of every shard as it is stored, until all of them are made."""
    answers: list[bool | OSError | Exception] = []

    def work() -> None:
        try:
            answers.extend(collect())
        except Exception as problem:  # noqa: BLE001  raised again below
            answers.append(problem)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    left = missing
    while left:
        thread.join(_LOOK)
        over = not thread.is_alive()
        stored = [number for number in left if run.is_stored(number)]
        left = sorted(set(left).difference(stored))
        for number in stored:
            tell(number)
        if over:
            break
    thread.join()
    for answer in answers:
        if isinstance(answer, OSError):
            raise answer
        if isinstance(answer, Exception):
            raise ClusterTrouble("lost" if "gateway" in str(answer).lower() else "workers-lost") from None
        if not answer:
            raise ClusterTrouble("no-shared-folder")


@contextmanager
def _context(master: str, log: Path) -> Iterator[Any]:
    """A Spark context; what Java says goes to a file, because it is much and nothing of it is for the reader."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with _errors_to(log), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from pyspark import SparkConf, SparkContext
        except ImportError:
            raise ClusterTrouble("no-spark") from None
        conf = SparkConf().setMaster(master).setAppName("kezhuan match")
        conf.set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
        conf.setExecutorEnv("PYTHONPATH", str(_SOURCE)).setExecutorEnv("OPENBLAS_NUM_THREADS", "1")
        try:
            context = SparkContext(conf=conf)
        except Exception as problem:  # noqa: BLE001  whatever Java says
            raise ClusterTrouble("no-java" if "GATEWAY" in str(problem) else "unreachable") from None
    try:
        yield context
    finally:
        context.stop()


@contextmanager
def _errors_to(log: Path) -> Iterator[None]:
    """Let processes that are started meanwhile write their errors to a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
