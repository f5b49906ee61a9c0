"""All needs against all supply: the same result whoever makes the shards, and nothing made twice or lost."""

import json
import logging
import os
import random
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from kezhuan.engines.matching import Facts, Item, Matcher, runs
from kezhuan.engines.matching.apart import LostProcess
from kezhuan.engines.matching.carrying import Carried, ClusterTrouble, carry_out
from kezhuan.engines.matching.runs import (
    DamagedShard,
    Run,
    UnusableRun,
    Wanted,
    alone_in,
    key_of,
    mark_of,
    open_run,
    prepare,
    runs_in,
)

from .cases import CITY, WORDS

DRAW = random.Random(7)
SUPPLY = [Item(f"s{n}", " ".join(DRAW.sample(WORDS, 2)), " ".join(DRAW.choices(WORDS, k=6))) for n in range(40)]
FACTS = Facts(
    field="新材料及其应用", trl=6, money_fen=100_0000_00, modes=frozenset({"b", "a"}), deadline=date(2027, 5, 1)
)
NEEDS = [Item(n, text=" ".join(DRAW.choices(WORDS, k=5)), facts=FACTS if n % 3 else Facts()) for n in range(11)]


def city_run(store: Path, needs: list[Item] = NEEDS, *, reasons: bool = False, k: int = 3) -> Run:
    supply = [*CITY, *SUPPLY]
    some = np.arange(len(supply)) % 2 == 0

    def write_index(folder: Path) -> list[Wanted]:
        Matcher().fit(supply).save(folder)
        return [Wanted(k), Wanted(2, some)]

    return prepare(store, needs, write_index, supply=mark_of(supply), reasons=reasons)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SHARD", 2)


@pytest.fixture
def whole(tmp_path: Path) -> Run:
    run = city_run(tmp_path / "whole")
    carry_out(run)
    return run


def how(carried: Carried) -> tuple[int, int]:
    return carried.found, carried.made


def test_processes_do_not_change_the_result(tmp_path: Path, whole: Run) -> None:
    for workers in (1, 3):
        run, done = city_run(tmp_path / f"store {workers}"), list[int]()
        assert how(carry_out(run, workers=workers, progress=done.append)) == (0, 6), workers
        assert done == [0, 2, 4, 6, 8, 10, 11], workers
        assert run.result_hash() == whole.result_hash(), workers
        assert sorted(path.name for path in (run.folder / "shards").iterdir()) == [f"{n:06}" for n in range(6)]


def test_neither_do_the_sizes_of_shards(tmp_path: Path, whole: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = whole.result_hash()
    monkeypatch.setattr(runs, "SHARD", 5)
    run = city_run(tmp_path / "store")
    assert how(carry_out(run)) == (0, 3)
    assert run.result_hash() == expected


def test_answers_are_what_the_matcher_says(tmp_path: Path) -> None:
    run = city_run(tmp_path, reasons=True)
    carry_out(run)
    matcher, mask = run.matcher, run.wanted[1].allowed
    for need, answer in zip(NEEDS, run.answers(), strict=True):
        asked = [matcher.kneighbors([need], 3)[0], matcher.kneighbors([need], 2, allowed=mask)[0]]
        assert answer.need == need.id
        for said, stored in zip(asked, answer.lists, strict=True):
            assert [(one.supply, one.rank, one.score) for one in said] == [
                (one.supply, one.rank, one.score) for one in stored
            ]
            assert [[(part.name, part.value) for part in one.parts] for one in said] == [
                [(part.name, part.value) for part in one.parts] for one in stored
            ]
            for language in ("zh", "en"):
                assert [[part.because.say(language) for part in one.parts] for one in said] == [
                    [part.because.say(language) for part in one.parts] for one in stored
                ]
    assert any(answer.lists[1] for answer in run.answers())


def test_a_run_goes_on_from_its_stored_shards(tmp_path: Path, whole: Run) -> None:
    expected, kept = whole.result_hash(), whole.folder / "shards" / "000001"
    seen = kept.stat().st_mtime_ns
    for number in (0, 3):
        (whole.folder / "shards" / f"{number:06}").unlink()
    with pytest.raises(DamagedShard):
        whole.result_hash()
    again = city_run(tmp_path / "whole")  # as a restart finds it
    assert again == whole
    assert how(carry_out(again, workers=2)) == (4, 2)
    assert (again.result_hash(), kept.stat().st_mtime_ns) == (expected, seen)
    assert how(carry_out(again)) == (6, 0)


def test_a_shard_cut_short_is_refused_and_made_again(whole: Run) -> None:
    expected, path = whole.result_hash(), whole.folder / "shards" / "000002"
    whole_shard = path.read_bytes()
    for left in (0, 1, 60, -1):
        path.write_bytes(whole_shard[:left])
        assert whole.missing() == [2], left
        with pytest.raises(DamagedShard):
            list(whole.answers())
        assert how(carry_out(whole)) == (5, 1), left
        assert (whole.result_hash(), path.read_bytes()) == (expected, whole_shard), left


def test_a_shard_of_another_run_or_place_is_refused(tmp_path: Path, whole: Run) -> None:
    other = city_run(tmp_path / "other", k=1)
    carry_out(other)
    place = whole.folder / "shards" / "000002"
    for foreign in (other.folder / "shards" / "000002", whole.folder / "shards" / "000003"):
        place.write_bytes(foreign.read_bytes())
        assert whole.missing() == [2]


def test_the_key_follows_everything_that_moves_a_result() -> None:
    lists = [Wanted(3)]
    keys = {
        key_of("a", NEEDS, lists, reasons=False),
        key_of("b", NEEDS, lists, reasons=False),
        key_of("a", NEEDS[:-1], lists, reasons=False),
        key_of("a", [replace(NEEDS[0], facts=Facts(trl=1)), *NEEDS[1:]], lists, reasons=False),
        key_of("a", NEEDS, [Wanted(4)], reasons=False),
        key_of("a", NEEDS, [Wanted(3, np.ones(2, np.bool_))], reasons=False),
        key_of("a", NEEDS, [Wanted(3, np.zeros(2, np.bool_))], reasons=False),
        key_of("a", NEEDS, lists, reasons=True),
        key_of("a", NEEDS, lists, reasons=False, table=lambda: None),
    }
    assert len(keys) == 9
    assert key_of("a", list(NEEDS), lists, reasons=False) in keys


def test_without_a_mark_the_index_itself_is_the_mark(tmp_path: Path) -> None:
    def key(supply: list[Item]) -> str:
        def write_index(folder: Path) -> list[Wanted]:
            Matcher().fit(supply).save(folder)
            return [Wanted(1)]

        return prepare(tmp_path / "store", NEEDS, write_index, reasons=False).key

    assert key(SUPPLY) == key(SUPPLY) != key(SUPPLY[:-1])


class Deadly(Run):
    """A run of which the process that makes a shard is killed, as often as there are marks for it."""

    def make(self, number: int) -> None:
        for mark in self.folder.glob(f"deadly-{number}-*"):
            mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        super().make(number)


def deadly(run: Run, *marks: str) -> Run:
    for mark in marks:
        (run.folder / f"deadly-{mark}").touch()
    return Deadly(**{name: getattr(run, name) for name in Run.__dataclass_fields__})


def test_a_killed_process_is_replaced(tmp_path: Path, whole: Run) -> None:
    run = deadly(city_run(tmp_path / "store"), "1-a", "1-b", "4-a")
    assert how(carry_out(run, workers=2)) == (0, 6)
    assert run.result_hash() == whole.result_hash()


def test_a_shard_that_kills_again_and_again_ends_the_run_and_nothing_is_lost(tmp_path: Path, whole: Run) -> None:
    run = deadly(city_run(tmp_path / "store"), *(f"3-{n}" for n in range(9)))
    with pytest.raises(LostProcess):
        carry_out(run, workers=2)
    assert 3 in run.missing()
    run = open_run(run.folder)
    carry_out(run, workers=2)
    assert run.result_hash() == whole.result_hash()


def test_a_shard_that_kills_is_made_apart_even_when_it_is_the_last(tmp_path: Path, whole: Run) -> None:
    run = city_run(tmp_path / "store")
    carry_out(run, workers=1)
    (run.folder / "shards" / f"{3:06}").unlink()
    with pytest.raises(LostProcess):
        carry_out(deadly(run, *(f"3-{n}" for n in range(9))), workers=2)
    carry_out(run, workers=2)
    assert run.result_hash() == whole.result_hash()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_disk_that_takes_nothing_is_said(tmp_path: Path, workers: int) -> None:
    run = city_run(tmp_path)
    (run.folder / "shards").rmdir()
    with pytest.raises(FileNotFoundError):
        carry_out(run, workers=workers)


def test_damaged_runs_are_not_taken_up(tmp_path: Path) -> None:
    run = city_run(tmp_path)
    assert runs_in(tmp_path) == [run]
    head = json.loads((run.folder / "run.json").read_text())
    (run.folder / "run.json").write_text(json.dumps(head | {"format": "another"}))
    with pytest.raises(UnusableRun):
        open_run(run.folder)
    assert runs_in(tmp_path) == []
    assert city_run(tmp_path) == run  # prepared anew in its place
    (run.folder / "run.json").write_text(json.dumps(head | {"table": "another"}))
    with pytest.raises(UnusableRun, match="table of meanings"):
        carry_out(open_run(run.folder))
    run.remove()
    assert list(tmp_path.iterdir()) == []


def test_one_at_a_time_in_a_store(tmp_path: Path) -> None:
    with alone_in(tmp_path) as first, alone_in(tmp_path) as second:
        assert (first, second) == (True, False)
    with alone_in(tmp_path) as third:
        assert third


@pytest.fixture
def cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0"
    ) as made:
        yield made.scheduler_address


def test_a_cluster_gives_the_same_result(tmp_path: Path, whole: Run, cluster: str) -> None:
    run = city_run(tmp_path / "store")
    run.make(4)
    assert how(carry_out(run, scheduler=cluster)) == (1, 5)
    assert run.result_hash() == whole.result_hash()
    run = city_run(tmp_path / "gone", k=2)
    run.remove()
    run.folder.mkdir()
    with pytest.raises(ClusterTrouble, match="no-shared-folder"):
        carry_out(run, scheduler=cluster)


def test_spark_gives_the_same_result(tmp_path: Path, whole: Run) -> None:
    pytest.importorskip("pyspark", reason="PySpark is in no lock file: it takes 450 MB", exc_type=ImportError)
    run, done = city_run(tmp_path / "store"), list[int]()
    run.make(4)
    assert how(carry_out(run, scheduler="local-cluster[2,1,1024]", progress=done.append)) == (1, 5)
    assert done[-1] == run.needs
    assert run.result_hash() == whole.result_hash()
    (run.folder / "shards" / "000001").unlink()
    kept, run = run.folder, replace(run, folder=tmp_path / "gone")
    kept.rename(run.folder)
    (run.folder / "run.json").unlink()
    with pytest.raises(ClusterTrouble, match="no-shared-folder"):
        carry_out(run, scheduler="local-cluster[2,1,1024]")


def test_without_spark_its_address_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(ClusterTrouble, match="no-spark"):
        carry_out(city_run(tmp_path), scheduler="spark://127.0.0.1:1")
