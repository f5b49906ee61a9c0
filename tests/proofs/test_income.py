"""Proof: 100,000 random distributions of income sum to the fen, break no floor and pay no yuan twice."""

import time
from collections.abc import Callable
from random import Random

from tests.factories.incomes import check, random_case

CASES = 100_000


def test_random_distributions_hold(figure: Callable[[str], None]) -> None:
    random, began = Random(20250601), time.monotonic()
    for _ in range(CASES):
        check(*random_case(random))
    figure(f"{CASES:,} random distributions hold to the fen, {time.monotonic() - began:.0f} s")
