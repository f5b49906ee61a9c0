"""Proof: eight officers press the same move at once; one moves, seven are told, one entry — on both databases."""

import os
from collections.abc import Callable

from kezhuan.config.commands.test import ROOT, pytest

TEST = "tests/kernel/test_concurrency.py::test_eight_officers_press_the_same_move_at_once_and_one_moves"
ROUNDS = 3


def test_eight_officers_press_the_same_move_at_once(figure: Callable[[str], None]) -> None:
    assert (ROOT / TEST.partition("::")[0]).exists()
    engines = {"SQLite": {}}
    if address := os.environ.get("PROOF_POSTGRES_URL"):
        engines["PostgreSQL"] = {"KEZHUAN_DATABASE_URL": address}
    for variables in engines.values():
        for _ in range(ROUNDS):
            assert pytest(["-q", TEST], variables) == 0
    figure(f"1 moved, 7 were told that someone was faster, 1 entry; {ROUNDS} rounds on {' and on '.join(engines)}")
