import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kezhuan.bench.measures import chance, figures


def invented(needs: int) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    draw = random.Random(3)
    records = [f"r{number}" for number in range(300)]
    grades = {f"n{n}": {one: draw.randint(0, 3) for one in draw.sample(records, 12)} | {"r0": 1} for n in range(needs)}
    return grades, {need: draw.sample(records, 150) for need in grades}


def test_a_ranking_in_the_order_of_the_grades_is_perfect():
    assert figures({"a": 3, "b": 1, "c": 0}, ["a", "b", "x"]) == (1.0, 1.0, 1.0, 1.0)
    assert figures({"a": 3, "b": 1}, ["x", "a"])[1] == 0.5
    assert figures({"a": 3}, []) == (0.0, 0.0, 0.0, 0.0)


def test_what_has_no_figures_is_refused():
    with pytest.raises(ValueError, match="twice"):
        figures({"a": 1}, ["b", "b"])
    with pytest.raises(ValueError, match="no figures"):
        figures({"a": 0}, ["a"])


def test_chance_is_small_for_a_clear_difference_and_large_for_none():
    draw = np.random.default_rng(1)
    ours = draw.random(200)
    assert chance(ours, ours) == 1.0
    assert chance(ours, ours - 0.1) < 0.001
    assert chance(ours, ours + draw.normal(0, 0.3, 200)) > 0.01


def test_figures_are_those_of_the_tool_that_is_shared(tmp_path: Path, shared_data: Callable[[str], Path]):
    tool = shared_data("en_cranfield").parent.parent / "tools" / "evaluate.py"
    grades, ours = invented(40)
    theirs = {need: random.Random(need).sample(ranking, 120) for need, ranking in ours.items()}
    qrels = tmp_path / "qrels.tsv"
    lines = [f"{need}\t{one}\t{grade}" for need, judged in grades.items() for one, grade in judged.items()]
    qrels.write_text("\n".join(lines))
    runs = []
    for name, run in (("a", ours), ("b", theirs)):
        runs.append(tmp_path / name)
        rows = [(need, one, rank) for need, ranking in run.items() for rank, one in enumerate(ranking, 1)]
        runs[-1].write_text(
            "\n".join(json.dumps(dict(zip(("need", "supply", "rank"), row, strict=True))) for row in rows)
        )
    said = subprocess.run([sys.executable, str(tool), str(qrels), *runs], capture_output=True, text=True, check=True)
    words = said.stdout.split()
    rows = {
        name: np.array([figures(grades[need], run[need]) for need in grades])
        for name, run in (("a", ours), ("b", theirs))
    }
    for at, label in enumerate(("nDCG@10", "MRR", "R@20", "R@100")):
        assert float(words[words.index(label) + 1]) == pytest.approx(rows["a"][:, at].mean(), abs=6e-5)
    assert float(words[-1]) == pytest.approx(chance(rows["a"][:, 0], rows["b"][:, 0]), abs=0.02)
