"""What drawn bars are made of."""

from dataclasses import dataclass

BAR_WIDTH = 1000
"""Length of a bar in drawing units: a score of 1.0, or the longest bar of a chart."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A painted stretch of a bar, in drawing units."""

    start: int
    length: int
    paint: str
