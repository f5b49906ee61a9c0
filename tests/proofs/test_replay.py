"""Proof: decisions of a year raise precision@10 on held-back ones, by a rule the ranker does not know; coins do not.

PROOF_NEEDS (600) and PROOF_SUPPLY (6,000) set the size of the year, PROOF_COINS (20) the years decided by a coin.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from kezhuan.engines.matching.learning import Replay, learn, replay, split
from tests.factories.decided_year import Year, year_of

NEEDS = int(os.environ.get("PROOF_NEEDS", "600"))
SUPPLY = int(os.environ.get("PROOF_SUPPLY", "6000"))
COINS = int(os.environ.get("PROOF_COINS", "20"))


def replayed(year: Year) -> tuple[dict[str, float], Replay]:
    earlier, later = split(year.decisions)
    factors = learn(earlier)
    return factors, replay(earlier, later, year.pools, factors)


def said(found: Replay) -> str:
    return (
        f"precision@10 {found.before:.3f} -> {found.after:.3f} on {found.needs} needs held back, "
        f"gain {found.gain:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
    )


@pytest.mark.proof
def test_decisions_teach_and_coins_do_not(figure: Callable[[str], None]) -> None:
    for seed in range(3):
        year = year_of(NEEDS, SUPPLY, seed=seed)
        factors, found = replayed(year)
        figure(f"year {seed}: {len(year.decisions):,} decisions; {said(found)}")
        figure("  " + ", ".join(f"{name} x{factor:g}" for name, factor in factors.items() if factor != 1))
        assert found.is_better
    coins = [replayed(year_of(NEEDS, SUPPLY, seed=seed, at_random=True))[1] for seed in range(COINS)]
    best = max(coins, key=lambda one: one.low)
    figure(f"{COINS} years decided by a coin: switched on {sum(one.is_better for one in coins)}; nearest: {said(best)}")
    assert not any(one.is_better for one in coins)
