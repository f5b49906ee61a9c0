"""The bench of speed at a size where nothing is quick or slow: every figure is there, and what is too much is told."""

from dataclasses import asdict
from pathlib import Path

import pytest

from kezhuan.bench import speed
from kezhuan.bench.engines import Fts5, Ours, Tantivy, Tfidf
from kezhuan.config.commandline import main

ASKED = speed.Asked(200, 6, 2**34, 60.0)


def test_every_engine_is_built_asked_added_to_and_deleted_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "_BATCHES", 1)
    for engine in (Ours, Tantivy, Fts5, Tfidf):
        folder = tmp_path / engine.__name__
        folder.mkdir()
        steps = (speed._build, speed._serve) if engine.keeps else (speed._build_and_serve,)
        told = {name: value for step in steps for name, value in step(engine(folder), ASKED).items()}
        there = {name for name, value in told.items() if value and value > 0}
        assert {"build", "p50", "p99", "one", "two", "memory"} <= there
        assert ({"add", "found", "delete", "disk"} <= there) is engine.keeps
        assert told.get("overlap") == (1.0 if engine is Ours else None)
        assert told["p50"] <= told["p99"]


def test_what_takes_too_much_is_ended_and_told(tmp_path: Path) -> None:
    line = speed.measure(Tfidf, speed.Asked(50_000, 1, 2**20, 60.0), tmp_path)
    assert asdict(line) == asdict(speed.Speed("TF-IDF", left_out="memory"))
    assert list(tmp_path.iterdir()) == []


def test_the_command_names_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("12", "many", ""):
        assert main(["bench", "match", "--sets", "none", "--sizes", wrong]) == 2
        assert "--sizes" in capsys.readouterr().err
