"""Lists, searches and pages of records over 1,000,000 achievements: 300 ms at the 95th percentile, on both databases.

An hour and a half, half of it for making the city: once, on SQLite; PostgreSQL gets it as a city does that has grown:
by `copy-database`.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.proofs.measuring import ROOT, emptied, million, variables_for
from tests.proofs.test_lists_100k import prove_lists, small_city

SIZE = ("1000000", "20000", "3000")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of a city of a million achievements on SQLite, and the seconds that its parts took."""
    return million(tmp_path_factory, *SIZE)


def test_lists_over_a_million_achievements_on_sqlite(
    city: tuple[Path, Any], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    folder, built = city
    figure(", ".join(f"{part} made in {seconds:.0f} s" for part, seconds in built.items()))
    prove_lists("sqlite", variables_for(folder), small_city(tmp_path, ""), figure)


def test_lists_over_a_million_achievements_on_postgresql(
    city: tuple[Path, Any], postgres: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    folder, _ = city
    address = emptied(postgres, "million")
    began = time.monotonic()
    copied = subprocess.run(
        [sys.executable, "-P", "-m", "kezhuan", "copy-database", address, "--quiet"],
        cwd=ROOT, env=variables_for(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert copied.returncode == 0, copied.stderr[-3000:]
    figure(f"copied from SQLite to PostgreSQL in {time.monotonic() - began:.0f} s")
    prove_lists("postgresql", variables_for(folder, address), small_city(tmp_path, postgres), figure)
