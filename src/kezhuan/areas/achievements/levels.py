"""What an evaluation found of an achievement's maturity: its unit says no higher level while that report holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Record


@dataclass(frozen=True)
class Found:
    """The level that a report found, on which scale, in words, and the number of the report."""

    level: int
    scale: str
    words: str
    report: str


Tell = Callable[[Record], Found | None]
_tells: list[Tell] = []


def tell_level_by(tell: Tell) -> None:
    """Register what tells the level that the report which holds found: evaluations stand above achievements."""
    _tells[:] = [tell]


def check_found(achievement: Record, level: int | None, scale: str) -> Iterator[Problem]:
    """A level moves above what evidence has shown by another evaluation alone; two scales are not compared."""
    found = next((tell(achievement) for tell in _tells), None)
    if level is not None and found is not None and scale == found.scale and level > found.level:
        message = _(
            "The report of evaluation %(report)s found %(level)s: say no higher level, or have it evaluated anew with"
            " the evidence for one."
        )
        yield Problem("maturity-above-report", message % {"report": found.report, "level": found.words}, "trl")
