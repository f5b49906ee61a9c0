"""Proof: frauds of every kind seeded among 100,000 contracts are found, at most 1 % of honest ones flagged, in 60 s."""

import time
from collections.abc import Callable
from random import Random

from kezhuan.engines.contracts import KINDS, flags
from tests.factories.registers import AS_OF, register

HONEST, FRAUDS = 99_000, 20


def test_seeded_frauds_are_found(figure: Callable[[str], None]) -> None:
    contracts, seeded = register(Random(2025), HONEST, FRAUDS)
    began, worked = time.monotonic(), time.process_time()
    found = flags(contracts, as_of=AS_OF)
    seconds, worked = time.monotonic() - began, time.process_time() - worked
    guilty = set().union(*(fraud for group in seeded.values() for fraud in group))
    missed = {}
    for kind in KINDS:
        rows = [set(one.rows) for one in found if one.kind == kind]
        missed[kind] = sum(not any(one <= fraud for one in rows) for fraud in seeded[kind])
    accused = {row for one in found for row in one.rows} - guilty
    share = len(accused) / (len(contracts) - len(guilty))
    figure(
        f"{len(contracts):,} contracts, {FRAUDS} frauds of each of {len(KINDS)} kinds, {sum(missed.values())} missed;"
        f" {len(accused):,} of {len(contracts) - len(guilty):,} honest ones flagged ({share:.2%});"
        f" {seconds:.1f} s ({worked:.1f} s of processor)"
    )
    assert not any(missed.values()), missed
    assert share <= 0.01
    assert seconds < 60
