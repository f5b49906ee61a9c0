"""Proof: eight officers press the same move at once; one moves, seven are told, one entry — on both databases."""

from collections.abc import Callable

import pytest

from kezhuan.config.commands.test import ROOT
from kezhuan.config.commands.test import pytest as run_tests

TEST = "tests/kernel/test_concurrency.py::test_eight_officers_press_the_same_move_at_once_and_one_moves"
ROUNDS = 3


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_eight_officers_press_the_same_move_at_once(
    request: pytest.FixtureRequest, engine: str, figure: Callable[[str], None]
) -> None:
    assert (ROOT / TEST.partition("::")[0]).exists()
    variables = {"KEZHUAN_DATABASE_URL": request.getfixturevalue("postgres")} if engine == "PostgreSQL" else {}
    for _ in range(ROUNDS):
        assert run_tests(["-q", TEST], variables) == 0
    figure(f"1 moved, 7 were told that someone was faster, 1 entry; {ROUNDS} rounds on {engine}")
