"""Proof: on none of the seven truth sets is a peer better by more than noise; on need, xling and experts all are worse.

Each peer is set as is best for the set. PROOF_HALF (dev) names the folder of needs and answers, PROOF_MINUTES (3) what
a peer has to build and as much to answer; a slower one is compared on a drawn sample of the needs.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kezhuan.bench import truths
from kezhuan.bench.peers import PEERS
from kezhuan.bench.quality import Line, Means, lines

HALF = os.environ.get("PROOF_HALF", truths.DEV)
MINUTES = float(os.environ.get("PROOF_MINUTES", "3"))
NOISE = 0.05
AHEAD = {"need", "xling", "experts"}
"""Where this engine must be ahead of everybody by more than noise."""


@pytest.mark.parametrize("name", truths.NAMES)
def test_no_peer_is_better(
    name: str,
    shared_data: Callable[[str], Path],
    figure: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(pool, "1")
    truth = truths.read(name, shared_data("en_cranfield").parent, HALF)
    told: list[str] = []
    ours, *theirs = lines(truth, PEERS, Means(MINUTES * 60, os.environ.get("PROOF_POSTGRES_URL", "")), told.append)
    assert ours.figures
    figure(
        f"{name} ({HALF}): {len(truth.needs):,} needs, {len(truth.supply):,} records, nDCG@10 {ours.figures.ndcg:.4f}"
    )
    for line in theirs:
        figure(f"  {_said(line)}")
    for peer in told:
        figure(f"  {peer} left out: not installed")
    compared = [line for line in theirs if line.figures]
    assert len(compared) >= 5
    worse = [line.who for line in compared if line.difference < 0 and line.p < NOISE]
    assert not worse
    if name in AHEAD:
        assert [line.who for line in compared if line.difference <= 0 or line.p >= NOISE] == []


def _said(line: Line) -> str:
    if line.figures is None:
        return f"{line.who}: not built in {MINUTES:g} minutes"
    return f"{line.who} {line.figures.ndcg:.4f}, {-line.difference:+.4f} (p {line.p:.4f}, {line.answered:,} needs)"
