"""Lists and searches over 1,000,000 achievements answer within 300 ms at the 95th percentile, on both databases.

An hour or two on each, most of it making the city.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs.test_lists_100k import prove_lists

SIZE = ("1000000", "20000", "3000")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_lists_over_a_million_achievements(
    request: pytest.FixtureRequest, engine: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    prove_lists(request, engine, tmp_path, figure, SIZE)
