"""Proof: the laws of the matching engine hold for many more small corpora than the suite tries."""

import os
import re
import subprocess
import sys
from collections.abc import Callable

from kezhuan.config.commands.test import ROOT

EXAMPLES = 200
"""Of each law, of which the suite tries a few."""


def test_laws_of_the_matching_engine_hold_for_many_corpora(figure: Callable[[str], None]) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:xdist", "-m", "hypothesis", "tests/engines/matching"],
        cwd=ROOT, env={**os.environ, "EXAMPLES": str(EXAMPLES)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    figure(f"{passed} laws with {EXAMPLES} examples each")
