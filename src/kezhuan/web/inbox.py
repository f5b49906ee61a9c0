"""What waits for the reader: areas say what, the shell counts and shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kezhuan.kernel.access import Actor
from kezhuan.web.components import InboxLine


@dataclass(frozen=True, slots=True)
class Source:
    """One area's share: how many things wait (on every page, so one cheap query), and which."""

    count: Callable[[Actor], int]
    lines: Callable[[Actor], Sequence[InboxLine]]


_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Add an area's share; called from its `apps.py`."""
    _sources.append(source)


def count(actor: Actor) -> int:
    """How many things wait for the actor."""
    return sum(source.count(actor) for source in _sources)


def lines(actor: Actor) -> tuple[InboxLine, ...]:
    """What waits for the actor: most pressing first, then things without a term."""
    found = [line for source in _sources for line in source.lines(actor)]
    return tuple(sorted(found, key=lambda line: (line.clock is None, line.clock.due.toordinal() if line.clock else 0)))
