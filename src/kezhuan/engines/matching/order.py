"""The order of ids as people count: S-9 before S-10."""

from __future__ import annotations

import re
from typing import Any

from .records import Id
from .units import fold

_NUMBER = re.compile("([0-9]+)")


def natural(one: Id) -> tuple[Any, ...]:
    """What ids are sorted by: numbers first, then texts, in which runs of digits count as numbers and neither case nor
    width matters. No two ids have the same."""
    if isinstance(one, int):
        return (0, one)
    pieces = _NUMBER.split(fold(one))
    # A number by its length and digits, for one of thousands of digits is no int.
    numbers = [(len(digits), digits) for piece in pieces[1::2] for digits in (piece.lstrip("0"),)]
    return (1, *(each for pair in zip(pieces[::2], [*numbers, ()], strict=True) for each in pair), one)
