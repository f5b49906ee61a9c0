"""What waits for the reader: areas say what, the shell counts and shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from kezhuan.kernel import clocks, registry
from kezhuan.kernel.access import Actor, allowed_audiences, can_view
from kezhuan.kernel.deputies import represented_by, standing_in
from kezhuan.kernel.models import Clock
from kezhuan.kernel.workdays import WORKING
from kezhuan.web import faces
from kezhuan.web.components import ClockLine, InboxLine, Text
from kezhuan.web.names import name_of


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


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in whose place the reader may act: how many things wait for them."""

    key: str
    name: Text
    organisation: Text
    count: int
    until: date


def places(actor: Actor) -> tuple[Place, ...]:
    """In whose place the actor may act and does not do so now, with what waits there; a few queries for each."""
    if actor.person is None:
        return ()
    return tuple(
        Place(
            f"deputy:{one.pk}",
            name_of(one.represented.record),
            name_of(one.organisation.record),
            count(standing_in(actor, one.pk)),
            one.until,
        )
        for one in represented_by(actor.person)
        if one.pk != actor.deputy
    )


MOST = 200
"""More things than this wait for nobody to read them all; the count then says “200”."""


def _waiting(actor: Actor) -> list[QuerySet[Clock]]:
    """Running clocks that wait for the actor's organisation, and those for the bureau when the actor is an officer.

    Asked apart: joined by "or", the database would read every clock there ever was.
    """
    # A record may wait for somebody who must not know of it yet: it is neither shown nor counted.
    # What waits for a post in particular is told by whoever knows who holds it.
    running = Clock.objects.filter(ended_on=None, post=None, audience__in=allowed_audiences(actor))
    found = [running.filter(party=actor.organisation.pk)] if actor.organisation is not None else []
    if actor.is_officer:
        found.append(running.filter(party=None))
    return found


def clock_line(label: Text, clock: Clock, left: clocks.Remaining) -> ClockLine:
    """A running term as pages draw it."""
    return ClockLine(label, clock.due_on, left.days, left.day_kind == WORKING, left.days < 0, left.unloaded)


def _count_waiting(actor: Actor) -> int:
    return min(sum(rows[:MOST].count() for rows in _waiting(actor)), MOST)


def waiting_clocks(actor: Actor) -> list[Clock]:
    """The running clocks that wait for the actor, most pressing first, with all that showing them needs."""
    named = ("record__owner__record", "record__public_to", "record__title_to")
    rows = [
        clock for waiting in _waiting(actor) for clock in waiting.select_related(*named).order_by("due_on", "pk")[:MOST]
    ]
    return sorted(rows, key=lambda clock: (clock.due_on, clock.pk))[:MOST]


def _waiting_lines(actor: Actor) -> list[InboxLine]:
    found, shown = [], waiting_clocks(actor)
    titles = faces.titles(actor, [clock.record for clock in shown])
    for clock, left in zip(shown, clocks.remaining_on(shown), strict=True):
        owner = clock.record.owner if can_view(actor, clock.record, "public") else None
        stage = registry.kind_of(clock.record).lifecycle.stages[clock.record.stage]
        found.append(
            InboxLine(
                label=f"{registry.kind_of(clock.record).label} · {stage.label}",
                title=titles[clock.record_id] or clock.record.code,
                url=faces.url_of(clock.record),
                code=clock.record.code,
                who=name_of(owner.record) if owner is not None else "",
                since=None,
                clock=clock_line(stage.label, clock, left),
            )
        )
    return found


add_source(Source(_count_waiting, _waiting_lines))
