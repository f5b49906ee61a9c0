"""Draw experts at random by strata (随机抽取) from a committed seed; anybody can draw again and gets the same."""

from kezhuan.engines.drawing.drawing import (
    ALGORITHM,
    Candidate,
    Decline,
    Drawing,
    Line,
    Terms,
    Why,
    commitment,
    draw,
    new_seed,
    ticket,
)

__all__ = [
    "ALGORITHM",
    "Candidate",
    "Decline",
    "Drawing",
    "Line",
    "Terms",
    "Why",
    "commitment",
    "draw",
    "new_seed",
    "ticket",
]
