"""One run over the truth sets: this engine, then each peer, with paired significance.

A peer that is slow answers a drawn sample of the needs, as many as its time allows, and is compared on these alone.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kezhuan.bench.engines import Cut, Engine, Missing, Setting
from kezhuan.bench.measures import Figures, chance, figures
from kezhuan.bench.truths import Truth
from kezhuan.engines.matching import Item, Matcher, best_by_owner
from kezhuan.engines.matching.records import text_of

OURS = "kezhuan"
TOP = 101
"""One more than recall looks at: the record a need was made from may be among them."""
_ENOUGH = 200
"""Needs that are answered though the time be over, or a sample would say too little, ..."""
_AT_MOST = 4
"""... but for so many times the time."""
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
class Means:
    """What a peer has on each set: seconds to build and as many to answer, more where it has answered hardly any need;
    a PostgreSQL server, a folder of an encoder."""

    seconds: float
    postgres: str = ""
    encoder: Path | None = None


@dataclass(frozen=True)
class Line:
    """A line of the table: who, cut how, needs answered, seconds taken, the figures, and by how much nDCG@10 is below
    that of this engine, with its p. A peer's figures, difference and p are of the needs that it has answered; it has
    none where the time was over before it was built."""

    who: str
    how: str
    answered: int
    seconds: float
    figures: Figures | None = None
    difference: float = 0.0
    p: float = 1.0


class _TooLong(Exception):
    """A peer is not built in its time."""


def lines(truth: Truth, peers: Sequence[type[Engine]], means: Means, missing: Callable[[str], None]) -> Iterator[Line]:
    """This engine's line and one for each peer, set as is best for the set; a peer that is not installed is told to
    `missing` and left out."""
    began = time.monotonic()
    rank = _engine(truth)
    ours = np.array([_figures(truth, need, rank) for need in truth.needs])
    yield Line(OURS, "", len(ours), time.monotonic() - began, Figures(*ours.mean(axis=0).tolist()))
    supply = _documents(truth)
    for peer in peers:
        with tempfile.TemporaryDirectory(prefix="kezhuan-bench-") as folder:
            cut, repeated = _BEST[truth.name]
            engine = peer(Setting(Path(folder), TOP, cut, repeated, means.postgres, means.encoder))
            try:
                yield _line(truth, engine, supply, means.seconds, ours)
            except Missing as error:
                missing(str(error))
            else:
                engine.clear()


def _line(truth: Truth, engine: Engine, supply: Sequence[Item], seconds: float, ours: NDArray[np.float64]) -> Line:
    began = time.monotonic()
    try:
        engine.build(_until(began + seconds, supply))
    except _TooLong:
        return Line(engine.label, engine.how, 0, time.monotonic() - began)
    engine.open()
    answered, theirs = _sampled(truth, engine.first, seconds)
    same, took = ours[answered], time.monotonic() - began
    gap, p = float((same - theirs)[:, 0].mean()), chance(same[:, 0], theirs[:, 0])
    return Line(engine.label, engine.how, len(answered), took, Figures(*theirs.mean(axis=0).tolist()), gap, p)


def _until(end: float, items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if time.monotonic() > end:
            raise _TooLong
        yield item


def _sampled(truth: Truth, rank: Rank, seconds: float) -> tuple[list[int], NDArray[np.float64]]:
    """The needs answered within the time, in an order that is drawn once and for all, and a row of figures for each."""
    answered, rows, began = list[int](), list[Figures](), time.monotonic()
    for at in np.random.default_rng(0).permutation(len(truth.needs)).tolist():
        answered.append(at)
        rows.append(_figures(truth, truth.needs[at], rank))
        if time.monotonic() > began + seconds * (1 if len(rows) >= _ENOUGH else _AT_MOST):
            break
    return answered, np.array(rows)


def _engine(truth: Truth) -> Rank:
    matcher = Matcher().fit(truth.supply)

    def rank(need: Item) -> list[str]:
        if not truth.owners:
            return [str(match.supply) for match in matcher.kneighbors([need], TOP)[0]]
        [found] = matcher.kneighbors([need], TOP * _RECORDS_AN_OWNER)
        return [owner for owner, _match in best_by_owner(found, lambda one: truth.owners[str(one)], TOP)]

    return rank


def _figures(truth: Truth, need: Item, rank: Rank) -> Figures:
    name = str(need.id)
    itself = truth.left_out.get(name)
    return figures(truth.grades[name], [one for one in rank(need) if one != itself])


def _documents(truth: Truth) -> list[Item]:
    """Records for a peer: an owner's are one text, since no peer knows of owners."""
    texts: dict[str, list[str]] = {}
    for item in truth.supply:
        one = str(item.id)
        texts.setdefault(truth.owners.get(one, one), []).append(text_of(item))
    return [Item(one, text="\n".join(parts)) for one, parts in texts.items()]
