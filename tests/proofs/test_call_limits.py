"""Proof: fifty officers award to one chain leader at once; never more than its limits, on both databases."""

from collections.abc import Callable

import pytest

from kezhuan.config.commands.test import ROOT
from kezhuan.config.commands.test import pytest as run_tests

TEST = "tests/areas/test_calls_at_once.py::test_officers_at_once_never_pass_the_limits_of_a_leader"
OFFICERS = 50


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_fifty_officers_award_to_one_leader_at_once(
    request: pytest.FixtureRequest, engine: str, figure: Callable[[str], None]
) -> None:
    assert (ROOT / TEST.partition("::")[0]).exists()
    variables = {"KEZHUAN_DATABASE_URL": request.getfixturevalue("postgres")} if engine == "PostgreSQL" else {}
    assert run_tests(["-q", TEST], variables | {"PROOF_OFFICERS": str(OFFICERS)}) == 0
    figure(f"2 of {OFFICERS} awards taken, {OFFICERS - 2} refused with the two named, on {engine}")
