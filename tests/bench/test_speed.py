"""The bench of speed at a size where nothing is quick or slow: every figure is there, and what is too much is told."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from kezhuan.bench import speed
from kezhuan.bench.engines import Engine, Keeping, Setting
from kezhuan.bench.ours import Ours
from kezhuan.bench.peers import Fts5, Tantivy, Tfidf
from kezhuan.config import postgres
from kezhuan.config.commandline import main
from kezhuan.engines.matching import Item

ASKED = speed.Asked(200, 6, 2**34, 60.0)


def test_every_engine_is_built_asked_added_to_and_deleted_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "_BATCHES", 1)
    for kind in (Ours, Tantivy, Fts5, Tfidf):
        folder = tmp_path / kind.__name__
        folder.mkdir()
        steps = (speed._build, speed._serve) if issubclass(kind, Keeping) else (speed._build_and_serve,)
        told: speed.Measured = {}
        for step in steps:
            for measured in step(kind(Setting(folder, speed.TOP)), ASKED):
                told |= measured
        there = {name for name, value in told.items() if value and value > 0}
        assert {"build", "p50", "p99", "one", "two", "memory"} <= there
        assert ({"add", "found", "delete", "disk"} <= there) is issubclass(kind, Keeping)
        assert told.get("overlap") == (1.0 if kind is Ours else None)
        assert told["p50"] <= told["p99"]


class Greedy(Engine):
    """Takes more and more memory for an answer."""

    label = "greedy"

    def build(self, items: Iterable[Item]) -> None:
        list(items)

    def first(self, need: Item) -> list[str]:
        taken = []
        while True:
            taken.append(np.ones(10_000_000))


class Broken(Fts5):
    def first(self, need: Item) -> list[str]:
        raise ValueError("no answer")


def test_what_takes_too_much_is_ended_and_told_with_what_was_measured(tmp_path: Path) -> None:
    line = speed.measure(Greedy, speed.Asked(100, 1, 2**29, 60.0), tmp_path)
    known = {name for name, value in asdict(line).items() if value is not None}
    assert (line.cut, known) == ("memory", {"label", "build", "build_cpu", "cut"})
    assert list(tmp_path.iterdir()) == []


def test_what_goes_wrong_is_told_with_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def here(step: speed.Step, engine: Engine, asked: speed.Asked, so_far: speed.Measured) -> None:
        told: list[Any] = []
        speed._carry_out(step, engine, asked, SimpleNamespace(send=told.append))
        for one in told:
            if isinstance(one, Exception):
                raise one
            so_far |= one or {}

    monkeypatch.setattr(speed, "_apart", here)
    line = speed.measure(Broken, speed.Asked(100, 2, 2**34, 60.0), tmp_path)
    assert (line.cut, line.p50) == ("ValueError: no answer", None)
    assert line.build is not None


def test_to_be_asked_an_engine_has_as_long_as_to_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    class Reader:
        """Most of the time passes before each thing that is told."""

        told: ClassVar[list[Any]] = [{"build": 1.0}, {"p50": 2.0}, {"one": 3.0}, None]

        def poll(self, seconds: float) -> bool:
            now[0] += 0.6
            return True

        def recv(self) -> Any:
            return self.told.pop(0)

        def close(self) -> None:
            pass

    process = SimpleNamespace(pid=0, exitcode=0, start=lambda: None, join=lambda *_: None, terminate=lambda: None)
    writer = SimpleNamespace(close=lambda: None)
    context = SimpleNamespace(Pipe=lambda duplex: (Reader(), writer), Process=lambda **_: process)
    monkeypatch.setattr(speed.multiprocessing, "get_context", lambda kind: context)
    monkeypatch.setattr(speed, "time", SimpleNamespace(monotonic=lambda: now[0]))
    line = speed.measure(Greedy, speed.Asked(100, 1, 2**34, 1.0), tmp_path)
    assert (line.build, line.p50, line.one, line.cut) == (1.0, 2.0, 3.0, "minutes")


@pytest.mark.parametrize(("said", "for_speed"), [("9,0.00001", 0.0006), ("0.00001", 0.0006), ("2,7", 420.0)])
def test_time_for_speed_is_bounded_apart_from_time_on_sets(
    said: str, for_speed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds: list[float] = []
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    monkeypatch.setattr(speed, "lines", lambda engines, asked, missing, room: bounds.append(asked.seconds) or [])
    assert main(["bench", "match", "--sets", "none", "--sizes", "1000", "--minutes", said]) == 0
    assert bounds == pytest.approx([for_speed])
