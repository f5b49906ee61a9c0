"""Ranks as people count them, and who stands above a line: a tie across the line is said, never decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """An item's rank: one more than the items with a higher score; equals share it and the next are skipped."""

    item: str
    rank: int
    score: Decimal
    tied_with: tuple[str, ...]


def places(scores: Mapping[str, Decimal]) -> tuple[Place, ...]:
    """Rank items by their scores as shown, highest first; equals by name.

    Raises ValueError when a score is no finite number.
    """
    by_score: dict[Decimal, list[str]] = {}
    for item in sorted(scores):
        if not scores[item].is_finite():
            raise ValueError(f"“{item}” has no finite score and cannot be ranked.")
        by_score.setdefault(scores[item], []).append(item)
    ranked: list[Place] = []
    for score in sorted(by_score, reverse=True):
        rank, equals = len(ranked) + 1, by_score[score]
        ranked += [Place(item, rank, score, tuple(one for one in equals if one != item)) for item in equals]
    return tuple(ranked)


def cut(ranked: tuple[Place, ...], line: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is surely among the first `line`, and who ties across it and needs a decision by people with a reason.

    Whoever ranks below the line gets nothing by it: with 50 prizes, rank 51 gets none.
    """
    if line < 0:
        raise ValueError("The number of places cannot be below zero.")
    across = [place for place in ranked if place.rank <= line < place.rank + len(place.tied_with)]
    unsure = {place.item for place in across}
    return (
        tuple(place.item for place in ranked if place.rank <= line and place.item not in unsure),
        tuple(place.item for place in across),
    )
