"""Proof: the laws of the matching engine hold for many more small corpora than the suite tries."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable

from kezhuan.config.commands.test import ROOT

EXAMPLES = 200
"""Of each law, of which the suite tries a few."""


def test_laws_of_the_matching_engine_hold_for_many_corpora(figure: Callable[[str], None]) -> None:
    began, before = time.monotonic(), os.times()
    cores = str(len(os.sched_getaffinity(0)))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-n", cores, "-m", "hypothesis", "tests/engines/matching"],
        cwd=ROOT, env={**os.environ, "EXAMPLES": str(EXAMPLES)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    after = os.times()
    assert done.returncode == 0, done.stdout[-4000:]
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    processor = sum(after[2:4]) - sum(before[2:4])
    took = time.monotonic() - began
    figure(f"{passed} laws with {EXAMPLES} examples each in {took:.0f} s, {processor:.0f} s of the processor")
