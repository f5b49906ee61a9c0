"""Which records may be among the first for a need, by scores of single precision; they are then scored exactly.

Up to `Config.exact_most` records none of the first is missed, nor where so many are asked for that an eighth of the
records would be scored exactly. Beyond that most of the time would go into units that nearly every record has and that
tell nearly nothing: only the units that tell most are looked up, and the best records by these are scored by all.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from . import latent
from .across import Asked
from .config import Config
from .index import Index
from .records import Facts
from .weights import Floats, Query, brevity

_MORE = 4  # times the records asked for, whose facts tell what a record has to reach
_SLACK = 1e-5  # single precision errs by far less, so no record of the true first k is missed
_WIDER = 8  # times the records scored exactly, of which facts and meaning are read to choose these
_NEAREST = 1000  # the best by words, which what is near by the corpus' own words may lift among the first
_STRETCH = 64  # scores of which only the best is looked at first

Singles = NDArray[np.float32]
Slots = NDArray[np.int64]


def likely(
    index: Index,
    facts: Facts,
    query: Query,
    asked: Asked | None,
    near: latent.Near | None,
    mask: NDArray[np.bool_],
    k: int,
) -> Slots:
    """Slots in order, among them the best `k` of those in the mask; where those are many, nearly always all of them."""
    config, records = index.config, index.statistics.records
    few = max(config.pruned_least, config.pruned_times * k)
    if records > max(config.exact_most, few * _WIDER):
        if np.count_nonzero(mask) <= few * _WIDER:
            return np.flatnonzero(mask)  # less work than to look through all for where these few stand
        share = config.pruned_share * max(1.0, config.pruned_units / max(len(query.units), 1))
        telling = query.telling(index.statistics, int(share * records))
        if telling is not query:
            scores = index.word_scores(telling)
            scores *= mask
            wide = candidates(scores, few * _WIDER)
            if len(wide) >= few:
                return _chosen(index, facts, asked, near, scores, wide, query.bend, mask, few)
    scores = index.word_scores(query)
    _add_meaning(index, asked, scores)
    scores *= mask
    if near is not None:
        wide = candidates(scores, max(_NEAREST, _MORE * k))
        scores[wide] += latent.worth(index, near, wide, scores[wide]).astype(np.float32)
    return _hopeful(index, facts, scores, k)


def _add_meaning(index: Index, asked: Asked | None, scores: Singles, *, alone: bool = False) -> None:
    """Add the semantic worth; where `alone`, only of what is near without sharing a word."""
    if asked is None:
        return
    for slots, worth, counts_alone in index.across.scores(index, asked, alone=alone):
        scores[slots] += worth if counts_alone else np.where(scores[slots] > 0, worth, 0)


def _chosen(
    index: Index,
    facts: Facts,
    asked: Asked | None,
    near: latent.Near | None,
    scores: Singles,
    wide: Slots,
    bend: float,
    mask: NDArray[np.bool_],
    few: int,
) -> Slots:
    """Of those that lead by some words the best `few` with facts and meaning, and as many that are near by meaning."""
    words = scores[wide].astype(np.float64)
    if bend:
        words *= brevity(index.lengths.view[wide], bend, index.statistics)
    alike = words + index.across.worth(index, asked, wide, words) + latent.worth(index, near, wide, words)
    chosen = wide[candidates(alike * factor(index.facts.weights(facts, index.config, wide), len(wide)), few)]
    if asked is None:
        return chosen
    # What meaning adds is whole whereas words are counted in part, so the two are not set against each other.
    _add_meaning(index, asked, scores, alone=True)
    scores *= mask
    wide = candidates(scores, few * _WIDER)
    reached = scores[wide] * factor(index.facts.weights(facts, index.config, wide), len(wide))
    return np.union1d(chosen, wide[candidates(reached, few)])


def _hopeful(index: Index, facts: Facts, alike: Singles, k: int) -> Slots:
    """Slots that may belong to the first `k` once facts count, by their scores before.

    Facts are read of few: what the best of them reach with their facts is out of reach for most, did all facts agree.
    """

    def reached(slots: Slots) -> tuple[Floats, dict[str, Floats]]:
        weights = index.facts.weights(facts, index.config, slots)
        return alike[slots] * factor(weights, len(slots)), weights

    hopeful = candidates(alike, _MORE * k)
    scores, weights = reached(hopeful)
    if weights and len(hopeful) >= k:
        least = float(np.partition(scores, len(scores) - k)[len(scores) - k])
        most = most_factor(index.config, weights)
        hopeful = np.flatnonzero((alike > 0) & (alike * np.float32(most) >= least * (1 - _SLACK)))
        scores, _weights = reached(hopeful)
    return hopeful[candidates(scores, k)]


def factor(weights: dict[str, Floats], size: int) -> Floats:
    """By what the facts multiply the scores of so many records."""
    return 1 + sum(weights.values(), np.zeros(size))


def most_factor(config: Config, names: Iterable[str]) -> float:
    """By what the facts of these names multiply a score where all agree."""
    return 1.0 + sum(float(getattr(config, f"{name}_match")) for name in names)


def candidates(scores: NDArray[np.floating], k: int) -> Slots:
    """Positions that may belong to the first `k`: all within rounding of the k-th positive score."""
    edge = _edge(scores, k) * (1 - _SLACK)
    ahead = np.flatnonzero(scores >= edge if edge > 0 else scores > 0)
    if not 0 < k < len(ahead):
        return ahead
    # Among these only: thousands of equal zeros make the selection many times slower.
    reached = scores[ahead]
    return ahead[reached >= float(_largest(reached, k)) * (1 - _SLACK)]


def line(scores: NDArray[np.floating], top: int) -> np.floating:
    """The `top`-th largest of more scores than that."""
    edge = _edge(scores, top)
    return _largest(scores[scores >= edge] if edge > 0 else scores, top)


def _edge(scores: NDArray[np.floating], top: int) -> float:
    """What at least `top` of many scores reach, or 0: told by the best of so many at a time. Those looked at together
    stand far apart, because then a processor compares many at once."""
    if not 0 < top * _STRETCH < len(scores):
        return 0.0
    return float(_largest(scores[: len(scores) // _STRETCH * _STRETCH].reshape(_STRETCH, -1).max(axis=0), top))


def _largest(scores: NDArray[np.floating], top: int) -> np.floating:
    largest: np.floating = np.partition(scores, len(scores) - top)[len(scores) - top]
    return largest
