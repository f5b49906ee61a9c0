"""Divide an amount by weights so that the parts sum to it exactly."""

from __future__ import annotations

from collections.abc import Sequence


def divide(total: int, weights: Sequence[int]) -> list[int]:
    """Parts of a total in proportion to weights, by largest remainder: they sum to the total exactly.

    Each part is its exact share rounded down, or that and one; of equal remainders the first gets the unit more. Total
    and weights are whole and not negative, and some weight is above zero: `ValueError` otherwise.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("a total and weights that can be divided are needed")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(parts)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def at_least(total: int, points: int) -> int:
    """So many basis points of a total, rounded up: the least whole amount that does not fall below the share."""
    return -(-total * points // 10_000)
