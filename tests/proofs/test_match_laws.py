"""Proof: the laws of the matching engine hold for many more small corpora than the suite tries."""

import os
import re
import subprocess
import sys
from collections.abc import Callable

from kezhuan.config.commands.test import ROOT

EXAMPLES = 200
LAWS = ("properties", "segments", "why_not", "asking", "meaning", "search", "merging", "owners")
"""In tests/engines/matching, where the suite tries a few examples of each."""


def test_laws_of_the_matching_engine_hold_for_many_corpora(figure: Callable[[str], None]) -> None:
    files = [f"tests/engines/matching/test_{name}.py" for name in LAWS]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:xdist", *files],
        cwd=ROOT, env={**os.environ, "EXAMPLES": str(EXAMPLES)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    figure(f"{passed} tests, their laws with {EXAMPLES} examples each")
