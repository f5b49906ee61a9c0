"""Proof: 200 times kill -9 while hundreds of records are added, deleted and merged loses none and brings none back."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from kezhuan.config.commands.test import ROOT

ROUNDS = 200
MOST_MILLISECONDS = 2
"""So many a record of a hundred take until they are kept; without the time that the process waited for a processor."""


def test_kill_while_adding_deleting_and_merging(tmp_path: Path, figure: Callable[[str], None]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEZHUAN_")}
    environment |= {"KEZHUAN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings"}
    environment |= {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v", "0"], env=environment, check=True)
    command = [sys.executable, "-m", "tests.proofs.killed_index", str(ROUNDS)]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    figure(
        f"killed {ROUNDS} times, {told['killed_in_merges']} of them while merging ({told['merges']} merges):"
        f" {told['added']:,} records stand, all found after each; {told['deleted']:,} deleted, none found; kept in"
        f" {told['milliseconds']:.2f} ms a record by the hundred ({told['own']:.2f} without waiting for a processor,"
        f" {told['processor']:.2f} with one), found {told['found']:.2f} s later ({told['latest']:.2f} at most), deleted"
        f" ones no more after {told['forgotten']:.2f} s"
    )
    assert told["deleted"]
    assert told["own"] <= MOST_MILLISECONDS  # the median batch: a stranger's load holds up single ones
    assert told["found"] < 1
    assert told["latest"] < 1
    assert told["killed_in_merges"] >= ROUNDS // 20
