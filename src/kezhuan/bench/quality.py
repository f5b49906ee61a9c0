"""One run over the truth sets: this engine, then each peer, with paired significance."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kezhuan.bench.measures import Figures, chance, figures
from kezhuan.bench.peers import PEERS, TOP, Cut, Missing, Peer
from kezhuan.bench.truths import Truth
from kezhuan.engines.matching import Item, Matcher, best_by_owner

OURS = "kezhuan"
_RECORDS_AN_OWNER = 5
"""So many records are asked for each owner wanted, since one owner may have several of the first."""

_BEST: dict[str, tuple[Cut, bool]] = {
    "need": ("pairs", True),
    "cite": ("pairs", True),
    "xling": ("words", False),
    "sbir": ("pairs", True),
    "cranfield": ("pairs", False),
    "instruments": ("pairs", False),
    "experts": ("both", True),
}
"""How texts are cut for the peers and whether repeated words of a need count again: what gave the best of them most on
the dev half of each set, so the peers are given what this engine is denied, a setting of their own for every set."""

Rank = Callable[[Item], list[str]]


@dataclass(frozen=True)
class Line:
    """A line of the table: who, cut how, the figures, and against this engine the difference in nDCG@10 and its p."""

    who: str
    how: str
    figures: Figures
    difference: float
    p: float
    seconds: float


def lines(truth: Truth, peers: Sequence[Peer], missing: Callable[[str], None]) -> Iterator[Line]:
    """This engine's line and one for each peer; a peer that is not installed is told to `missing` and left out."""
    began = time.monotonic()
    ours = _scores(truth, _engine(truth))
    yield Line(OURS, "", _mean(ours), 0.0, 1.0, time.monotonic() - began)
    ids, texts = _documents(truth)
    for peer in peers:
        began = time.monotonic()
        try:
            peer.fit(ids, texts)
        except Missing as error:
            missing(str(error))
            continue
        try:
            theirs = _scores(truth, partial(_asked, peer))
        finally:
            peer.close()
        gap = ours[:, 0] - theirs[:, 0]
        yield Line(
            peer.label,
            peer.how,
            _mean(theirs),
            float(gap.mean()),
            chance(ours[:, 0], theirs[:, 0]),
            time.monotonic() - began,
        )


def peers_for(name: str) -> list[Peer]:
    """Every peer, set as is best for a set."""
    cut, repeated = _BEST[name]
    return [peer(cut, repeated=repeated) for peer in PEERS]


def _engine(truth: Truth) -> Rank:
    matcher = Matcher().fit(truth.supply)

    def rank(need: Item) -> list[str]:
        if not truth.owners:
            return [str(match.supply) for match in matcher.kneighbors([need], TOP)[0]]
        [found] = matcher.kneighbors([need], TOP * _RECORDS_AN_OWNER)
        return [owner for owner, _match in best_by_owner(found, lambda one: truth.owners[str(one)], TOP)]

    return rank


def _scores(truth: Truth, rank: Rank) -> NDArray[np.float64]:
    """A row of figures for every need."""
    rows = []
    for need in truth.needs:
        name = str(need.id)
        itself = truth.left_out.get(name)
        rows.append(figures(truth.grades[name], [one for one in rank(need) if one != itself]))
    return np.array(rows)


def _mean(rows: NDArray[np.float64]) -> Figures:
    return Figures(*rows.mean(axis=0).tolist())


def _documents(truth: Truth) -> tuple[list[str], list[str]]:
    """Ids and texts for a peer: an owner's records are one text, since no peer knows of owners."""
    texts: dict[str, list[str]] = {}
    for item in truth.supply:
        one = str(item.id)
        texts.setdefault(truth.owners.get(one, one), []).append(_text(item))
    return list(texts), ["\n".join(parts) for parts in texts.values()]


def _asked(peer: Peer, need: Item) -> list[str]:
    return peer.rank(_text(need))


def _text(item: Item) -> str:
    return "\n".join(filter(None, (item.title, *item.keywords, item.text)))
