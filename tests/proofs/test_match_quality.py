"""Proof: two truth sets matched whole, in time and in memory, ranked as well as promised, every sum exact."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = "import sys; from kezhuan.config.commandline import main; sys.exit(main(sys.argv[1:]))"
SETS = {
    "zh_need_supply": ("dev/need_queries", "dev/need_qrels.tsv", 0.69),
    "en_sbir_topic_award": ("dev/needs", "dev/qrels.tsv", 0.75),
}
PAGE = os.sysconf("SC_PAGE_SIZE")


def family(root: int) -> list[int]:
    """A process and its children."""
    pids = [root]
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        pids += [int(pid) for pid in task.read_text().split()]
    return pids


def held_bytes(root: int) -> int:
    """Memory held by a process and its children; pages they share are counted for each, so it is no less than it is."""
    total = 0
    for pid in family(root):
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        except FileNotFoundError:
            continue
    return total


def measured(command: list[str], folder: Path) -> tuple[float, float, int]:
    """Run a command that must succeed: seconds on the clock, seconds of processor, and most bytes held."""
    before, began = os.times(), time.monotonic()
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as run:
        most, over = 0, threading.Event()

        def watch() -> None:
            nonlocal most
            while not over.wait(0.1):
                most = max(most, held_bytes(run.pid))

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            _, said = run.communicate()
        finally:
            over.set()
            watching.join()
        seconds = time.monotonic() - began
    after = os.times()
    assert run.returncode == 0, said
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu, most


@pytest.mark.parametrize("name", SETS)
def test_truth_sets_are_matched_in_time_and_well(
    name: str, tmp_path: Path, shared_data: Callable[[str], Path], figure: Callable[[str], None]
) -> None:
    folder = shared_data(name)
    needs, truth, promised = SETS[name]
    out = tmp_path / "run.jsonl"
    command = [sys.executable, "-c", SCRIPT, "match", needs, "corpus", "--top", "100", "--out", str(out), "--quiet"]
    seconds, cpu, most = measured(command, folder)
    pairs = wrong = 0
    worst = 0.0
    with out.open(encoding="utf-8") as lines:
        for pair in map(json.loads, lines):
            error = abs(pair["score"] - sum(part["value"] for part in pair["parts"]))
            pairs, wrong, worst = pairs + 1, wrong + (error > 1e-9), max(worst, error)
    tool = folder.parent.parent / "tools" / "evaluate.py"
    said = subprocess.run(
        [sys.executable, str(tool), str(folder / truth), str(out)], capture_output=True, text=True, check=True
    ).stdout
    figure(
        f"{name}: {pairs:,} pairs, {seconds:.0f} s ({cpu:.0f} s of processor), {most / 1e6:.0f} MB; "
        f"{' '.join(said.split()[:8])}; {wrong} pairs that do not add up, worst error {worst:.1e}"
    )
    assert float(said.split("nDCG@10")[1].split()[0]) >= promised
    assert wrong == 0
    assert most < 1e9
    assert seconds < 60
