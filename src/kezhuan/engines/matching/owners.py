"""Who stands behind records: people and teams are found by the best of their works."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from .matcher import Matcher
from .records import Id, Item, Match

Owner = TypeVar("Owner")
_MORE = 8  # records asked for at first for each owner wanted: one may have several of the first


def best_by_owner(matches: Iterable[Match], owner_of: Callable[[Id], Owner], k: int) -> list[tuple[Owner, Match]]:
    """The first `k` owners in the order of their best record, each with that record's match as the reason.

    The best record ranks experts better than the mean or the sum of all: one close work tells more than many far ones.
    """
    found: dict[Owner, Match] = {}
    for match in matches:
        if found.setdefault(owner_of(match.supply), match) is match and len(found) == k:
            break
    return list(found.items())


def nearest_owners(matcher: Matcher, need: Item, k: int, owner_of: Callable[[Id], Owner]) -> list[Match]:
    """The matches by which the best `k` owners stand, ranked from 1; fewer where fewer share a word with the need.

    None is missed however many records an owner has: more are asked for until there are enough owners, or no more
    records. Raises ValueError when k is below 1.
    """
    asked = _MORE * k
    while True:
        matches = matcher.kneighbors([need], asked)[0]
        found = best_by_owner(matches, owner_of, k)
        if len(found) == k or len(matches) < asked:
            return [replace(match, rank=rank) for rank, (_owner, match) in enumerate(found, 1)]
        asked *= 4
