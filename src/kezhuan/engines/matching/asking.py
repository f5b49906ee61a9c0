"""The other way round: for which needs, themselves in the index, a record may be worth suggesting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .config import Config
from .facts import NAMES
from .index import Index
from .latent import bounds
from .units import names_alone
from .weights import Floats, bend_of, bm25_counts, brevity, cosine_counts

_BATCH = 1024
_SLACK = 1.001  # for rounding


def may_ask(index: Index, slot: int, slots: NDArray[np.int64], least: float) -> NDArray[np.int64]:
    """Those of `slots` for which, as needs, the record in `slot` might reach the similarity `least`.

    One sparse product; none is missed. The needs are taken as they stand in the index, with all facts agreeing. Of what
    they are there they may leave out words in other letters that their title alone has (an English title beside the
    Chinese one), numbers and single letters (the code under which they are kept).
    """
    theirs, own = index.entries(slot), index.lengths.view[[slot]]
    size = len(index.vocabulary)
    cosine, bm25 = np.zeros(size), np.zeros(size)
    cosine[theirs.unit] = cosine_counts(theirs, index.config) / index.norm.view[slot]
    bm25[theirs.unit] = bm25_counts(theirs, own, index.statistics, index.config)
    wanted = least / (_SLACK * _best(index.config))
    across, latent = index.across.bounds(index, slot, slots), bounds(index, slot, slots)

    def most(part: NDArray[np.int64], here: slice) -> Floats:
        # A need may be asked with fewer units than it has in the index, and then length counts for less.
        units = np.bincount(index.entries_of(part).row, minlength=len(part))
        words = np.where(_may_be_lone(index, part), np.inf, _bounds(index, part, cosine, bm25))
        words *= np.maximum(brevity(own, bend_of(units, index.config), index.statistics), 1.0)
        return words + across[here] + np.minimum(latent[here], index.config.latent_times * words)

    found = [
        part[most(part, slice(first, first + len(part))) >= wanted]
        for first in range(0, len(slots), _BATCH)
        for part in (slots[first : first + _BATCH],)
    ]
    return np.concatenate([slots[:0], *found])


def _may_be_lone(index: Index, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the needs in `slots` may be so short that a single character in them stands for pairs."""
    needs = index.entries_of(slots)
    pair, word = index.edges.kinds(index.vocabulary, needs.unit)
    short = np.bincount(needs.row, pair, len(slots)) <= index.config.short_need
    others = np.flatnonzero(~pair & ~word & short[needs.row])
    lone = np.zeros(len(slots), np.bool_)
    lone[
        [
            row
            for row, unit in zip(needs.row[others].tolist(), needs.unit[others].tolist(), strict=True)
            if names_alone(index.vocabulary.units[unit])
        ]
    ] = True
    return lone


def _bounds(index: Index, slots: NDArray[np.int64], cosine: Floats, bm25: Floats) -> Floats:
    """At most the word score of a record with these worths by unit, for each of the needs in `slots`."""
    config, statistics = index.config, index.statistics
    needs = index.entries_of(slots)
    title, body = needs.counts[:, 0], needs.counts[:, 1:] @ np.array([config.query_title_weight, 1.0])
    most = title * config.query_title_weight + body
    pair, word = index.edges.kinds(index.vocabulary, needs.unit)
    least = np.where(pair, most, np.where(word, body, 0.0))
    idf = statistics.idf(needs.unit)
    low, high = idf**config.cosine_idf_power, idf**config.bm25_idf_power

    def summed(values: Floats) -> Floats:
        return np.bincount(needs.row, values, minlength=len(slots)).astype(np.float64)

    kept = least > 0
    length = np.sqrt(summed(np.where(kept, ((1 + np.log(np.where(kept, least, 1.0))) * low) ** 2, 0.0)))
    ideal = summed(np.sqrt(least) * high) * (config.bm25_k1 + 1)
    shared_cosine = summed((1 + np.log(most)) * low * low * cosine[needs.unit])
    shared_bm25 = summed(np.sqrt(most) * high * bm25[needs.unit])
    with np.errstate(divide="ignore", invalid="ignore"):  # a need of numbers alone has no bound
        bounds = (shared_cosine / length + config.bm25_share * shared_bm25 / ideal) / (1 + config.bm25_share)
    return np.where(shared_cosine > 0, bounds, 0.0)


def _best(config: Config) -> float:
    """The factor of a record whose facts all agree."""
    matches: list[float] = [getattr(config, f"{name}_match") for name in NAMES]
    return 1 + sum(matches)
