"""Who stands behind records: people and teams are found by the best of their works."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from .records import Id, Match

Owner = TypeVar("Owner")


def best_by_owner(matches: Iterable[Match], owner_of: Callable[[Id], Owner], k: int) -> list[tuple[Owner, Match]]:
    """The first `k` owners in the order of their best record, each with that record's match as the reason.

    The best record ranks experts better than the mean or the sum of all: one close work tells more than many far ones.
    """
    found: dict[Owner, Match] = {}
    for match in matches:
        if found.setdefault(owner_of(match.supply), match) is match and len(found) == k:
            break
    return list(found.items())
