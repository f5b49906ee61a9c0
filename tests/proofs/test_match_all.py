"""Proof: all needs by all supply on one process, two, and clusters of two: one hash; whatever is killed goes on.

Clusters are Dask's, and Spark's in local-cluster mode where PySpark is installed. PROOF_SUPPLY (1,000,000) and
PROOF_NEEDS (10,000) set the sizes, PROOF_RATIO (1.5) the least gain of two workers; with PROOF_STORE the index is made
once, kept in that folder and taken up again.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from kezhuan.bench.synthetic import needs, records
from kezhuan.engines.matching import Matcher
from kezhuan.engines.matching.carrying import Carried, ClusterTrouble, carry_out
from kezhuan.engines.matching.runs import Run, Wanted, open_run, prepare, runs_in

pytest.importorskip("distributed")

ROOT = Path(__file__).resolve().parents[2]
SUPPLY = int(os.environ.get("PROOF_SUPPLY", "1000000"))
NEEDS = int(os.environ.get("PROOF_NEEDS", "10000"))
RATIO = float(os.environ.get("PROOF_RATIO", "1.5"))
STORE = os.environ.get("PROOF_STORE")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    size = {"supply": SUPPLY, "needs": NEEDS}
    store = Path(STORE) if STORE else tmp_path_factory.mktemp("match-all")
    made = next((one for one in runs_in(store) if one.notes == size), None)
    if made is None:

        def write_index(folder: Path) -> list[Wanted]:
            room = folder.with_name("room")
            room.mkdir()
            began = time.monotonic()
            Matcher().fit(records(SUPPLY), folder=room).save(folder)
            print(f"\nmatch_all: {SUPPLY:,} records made and indexed in {time.monotonic() - began:.0f} s")
            shutil.rmtree(room)
            return [Wanted(10)]

        made = prepare(store, list(needs(NEEDS, SUPPLY)), write_index, reasons=False, notes=size)
    yield made
    if not STORE:
        made.remove()


def afresh(run: Run) -> Run:
    """The run without any shard, as another process finds it."""
    for path in (run.folder / "shards").iterdir():
        path.unlink()
    return open_run(run.folder)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Cluster:
    """A scheduler and two workers, processes of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.scheduler = self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", self.address.rsplit(":", 1)[1], "--no-dashboard"
        )
        local = ("--local-directory", str(folder), "--no-dashboard")
        self.workers = self._start("dask_worker", self.address, "--nworkers", "2", "--nthreads", "1", *local)

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        env = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-m", f"distributed.cli.{what}", *words]
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=env, stdout=log, stderr=log)

    def worker_pids(self) -> list[int]:
        """The processes that make shards: children of the one that watches over them."""
        return [pid for pid in children(self.workers.pid) if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]

    def stop(self) -> None:
        for one in (self.workers, self.scheduler):
            one.terminate()
        for one in (self.workers, self.scheduler):
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    made = Cluster(folder)
    try:
        for _ in range(300):
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", int(made.address.rsplit(":", 1)[1]))) == 0:
                    break
            time.sleep(0.1)
        yield made
    finally:
        made.stop()


def children(pid: int) -> list[int]:
    return [int(one) for task in Path(f"/proc/{pid}/task").glob("*/children") for one in task.read_text().split()]


def memory(pids: list[int]) -> tuple[int, int]:
    """Megabytes that the processes hold each for itself, the most of any; and that they map from files, likewise."""
    own = mapped = 0
    for pid in pids:
        rows = dict(
            line.split()[:2] for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:] if ":" in line
        )
        private = int(rows["Private_Dirty:"])
        own, mapped = max(own, private // 1024), max(mapped, (int(rows["Rss:"]) - int(rows["Anonymous:"])) // 1024)
    return own, mapped


def once(stored: int, run: Run, act: Callable[[], None]) -> threading.Thread:
    """Do something once so many shards are stored."""

    def watch() -> None:
        while sum(not path.name.startswith(".") for path in (run.folder / "shards").iterdir()) < stored:
            time.sleep(0.02)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def told(what: str, carried: Carried, run: Run) -> str:
    speed = run.needs * carried.made / run.shards / carried.matching
    return f"{what}: start {carried.start:.1f} s, matching {carried.matching:.1f} s, {speed:.0f} needs/s"


def test_one_hash_everywhere(run: Run, tmp_path: Path, figure: Callable[[str], None]) -> None:
    disk = sum(path.stat().st_size for path in (run.folder / "index").rglob("*") if path.is_file()) / 1e6
    figure(f"{run.needs:,} needs x {SUPPLY:,} records in {run.shards} shards; index {disk:,.0f} MB on disk")
    one = afresh(run)
    alone = carry_out(one)
    expected = one.result_hash()
    figure(told("one process", alone, run))
    stored = sorted((run.folder / "shards").iterdir())
    spans = np.diff([path.stat().st_mtime for path in stored])
    size = sum(path.stat().st_size for path in stored) / run.needs
    figure(
        f"a shard takes {spans.mean():.2f} s, deviating by {spans.std() / spans.mean():.1%}; {size:,.0f} B for a need"
    )

    two, held = afresh(run), list[tuple[int, int]]()
    watching = once(run.shards // 2, two, lambda: held.append(memory(children(os.getpid()))))
    beside = carry_out(two, workers=2)
    watching.join(60)
    assert two.result_hash() == expected
    figure(told("two processes", beside, run) + f", {alone.matching / beside.matching:.2f} times one")
    figure(f"a worker holds {held[0][0]:,} MB of its own and {held[0][1]:,} MB of mapped files")

    with cluster(tmp_path) as made:
        three, seen = afresh(run), list[tuple[int, int]]()
        watching = once(run.shards // 2, three, lambda: seen.append(memory(made.worker_pids())))
        apart = carry_out(three, scheduler=made.address)
        watching.join(60)
    assert three.result_hash() == expected
    ratio = alone.matching / apart.matching
    figure(told("Dask, two workers", apart, run) + f", {ratio:.2f} times one")
    figure(f"a worker of Dask holds {seen[0][0]:,} MB of its own and {seen[0][1]:,} MB of mapped files")
    figure(f"result {expected}")
    assert ratio >= RATIO


def test_killed_workers_and_schedulers(run: Run, tmp_path: Path, figure: Callable[[str], None]) -> None:
    whole = afresh(run)
    carry_out(whole, workers=2)
    expected = whole.result_hash()

    local = afresh(run)
    killing = once(run.shards // 3, local, lambda: os.kill(children(os.getpid())[0], signal.SIGKILL))
    done = carry_out(local, workers=2)
    killing.join()
    assert local.result_hash() == expected
    figure(told("a process of two was killed, the result is the same", done, run))

    with cluster(tmp_path) as made:
        worker = afresh(run)
        killing = once(run.shards // 3, worker, lambda: os.kill(made.worker_pids()[0], signal.SIGKILL))
        done = carry_out(worker, scheduler=made.address)
        killing.join()
        assert worker.result_hash() == expected
        figure(told("a worker of Dask was killed, the result is the same", done, run))

        cut = afresh(run)
        killing = once(run.shards // 3, cut, made.scheduler.kill)
        began = time.monotonic()
        with pytest.raises(ClusterTrouble, match="lost"):
            carry_out(cut, scheduler=made.address)
        killing.join()
        seconds = time.monotonic() - began
    with cluster(tmp_path) as made:
        again = open_run(run.folder)
        done = carry_out(again, scheduler=made.address)
    assert again.result_hash() == expected
    assert 0 < done.found < run.shards
    figure(
        f"the scheduler was killed: said after {seconds:.1f} s in all; a new one took {done.found} stored shards "
        f"and made {done.made}, the result is the same"
    )


def python_workers(pid: int) -> list[int]:
    """The processes beneath one of this machine in which Spark runs Python."""
    beneath = [below for child in children(pid) for below in (child, *python_workers(child))]
    return [one for one in beneath if "pyspark.daemon" in Path(f"/proc/{one}/cmdline").read_text()]


def test_spark_gives_the_same_hash(run: Run, figure: Callable[[str], None]) -> None:
    pytest.importorskip("pyspark")
    whole = afresh(run)
    carry_out(whole, workers=2)
    expected = whole.result_hash()

    spark = afresh(run)
    done = carry_out(spark, scheduler="local-cluster[2,1,1024]")
    assert spark.result_hash() == expected
    figure(told("Spark, local cluster of two workers, the result is the same", done, run))

    cut = afresh(run)
    killing = once(run.shards // 3, cut, lambda: os.kill(python_workers(os.getpid())[-1], signal.SIGKILL))
    done = carry_out(cut, scheduler="local-cluster[2,1,1024]")
    killing.join()
    assert cut.result_hash() == expected
    figure(told("a worker of Spark was killed, the result is the same", done, run))
