"""A register of 1,000,000 technology contracts: it comes in at 2 ms a row, its yearly tables are read in 100 ms and
equal a full recount, and one more contract is registered in 50 ms.

PROOF_CONTRACTS (1,000,000) sets its size.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.proofs.importing import imported
from tests.proofs.measuring import run, variables_for

CONTRACTS = int(os.environ.get("PROOF_CONTRACTS", "1000000"))


def test_a_register_of_a_million(tmp_path: Path, figure: Callable[[str], None]) -> None:
    variables, path = variables_for(tmp_path / "data"), tmp_path / "register.jsonl"
    run(variables, "tests.proofs.big_register", "write", str(path), str(CONTRACTS))
    migrate = [sys.executable, "-m", "kezhuan", "migrate"]
    subprocess.run(migrate, env=variables, check=True, stdout=subprocess.DEVNULL)
    told = imported(variables, "contracts", path, CONTRACTS)
    figure(told.said)
    at_size = run(variables, "tests.proofs.big_register", "measure")
    figure(
        f"{at_size['contracts']:,} registered, counted into {at_size['totals']:,} totals in"
        f" {at_size['counting']:.0f} s, equal to a recount ({at_size['recount']:.0f} s); milliseconds, median / 95th"
        f" percentile: the tables of a"
        f" year {_pair(at_size['tables'])}, their page {_pair(at_size['page'])}; a registration"
        f" {_pair(at_size['registration'])} ({at_size['processor']:.0f} of the processor)"
    )
    assert told.each <= 2
    assert told.last <= 1.3 * told.first
    assert at_size["contracts"] == CONTRACTS
    assert at_size["equal"]
    assert at_size["tables"][1] < 100
    assert at_size["registration"][1] < 50


def _pair(times: list[float]) -> str:
    return f"{times[0]:.0f} / {times[1]:.0f}"
