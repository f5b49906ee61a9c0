"""The life line (生命线) of an achievement: its way from registration to money, as far as the reader knows of it.

Higher areas add their steps; this area knows the first one alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.approvals import is_inside
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.present import Naming
from kezhuan.web import faces
from kezhuan.web.components import ClockLine, StageStep
from kezhuan.web.names import name_of
from kezhuan.web.records import OFF_THE_PATH, clock_lines

SHOWN = 20


@dataclass(frozen=True)
class LifeStep:
    """A step of the way. `rows` are the records that take it, newest first, as the actor may see them; one of them has
    taken it at a stage in `reached`, on the day that `on` reads from it; one that has not ended otherwise is on its
    way there. `begin` is where the actor begins one, or empty. What is `optional` is next for those alone who begin it:
    others go on to the step after it. `other_side` names who it waits for where that is neither the unit nor an
    officer."""

    order: int
    label: Text
    rows: Callable[[Actor, Any], Iterable[Any]]
    reached: frozenset[str]
    on: Callable[[Any], date | None]
    begin: Callable[[Actor, Any], str] = lambda _actor, _row: ""
    optional: bool = False
    other_side: Callable[[Any], str] = lambda _row: ""


@dataclass(frozen=True, slots=True)
class Held:
    """What is on its way: the step, its record, at which stage it stands, and whom it waits for: by its clocks, or who
    holds it."""

    label: Text
    title: Text
    url: str
    stage: Text
    clocks: tuple[ClockLine, ...]
    who: Text


_steps: list[LifeStep] = []


def add_life_step(step: LifeStep, *asks: Naming) -> None:
    """Show a step on the life line of achievements; called once per step from an area's `kinds.py`. `asks` are what it
    asks `is_named` of, unless a panel asks it, too."""
    registry.kind_of("achievement").asked.extend(asks)
    _steps.append(step)
    _steps.sort(key=lambda one: one.order)


def registration() -> LifeStep:
    """The first step: the achievement itself."""
    return LifeStep(
        10,
        registry.kind_of("achievement").lifecycle.stages["registered"].label,
        lambda _actor, row: [row],
        frozenset({"registered"}),
        lambda _row: None,
    )


def life_line_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The life line, for those who read the achievement in full. What is next is told to whoever begins it, who reads
    all of that step: to others it may be hidden, and not missing. Queries: a few for each step."""
    if row.record.phase not in {Phase.PUBLIC, Phase.ACTIVE} or not can_view(actor, row.record, "full"):
        return None
    line: list[StageStep] = []
    held: list[Held] = []
    furthest = -1
    for place, step in enumerate(_steps):
        rows = [one for one in list(step.rows(actor, row))[:SHOWN] if one.record.phase not in OFF_THE_PATH]
        taken = next((one for one in rows if one.record.stage in step.reached), None)
        under_way = next((one for one in rows if one.record.stage not in step.reached), None)
        if taken is not None or under_way is not None:
            furthest = place
        if under_way is not None and under_way.record.pk != row.record.pk:
            held.append(_held(actor, step, under_way))
        if taken is not None:
            line.append(StageStep(step.label, "done", step.on(taken)))
        else:
            line.append(StageStep(step.label, "now" if under_way is not None else "todo"))
    rest = _steps[furthest + 1 :]
    after = next((one for one in rest if not one.optional or one.begin(actor, row)), None)
    begin = after.begin(actor, row) if after is not None else ""
    # Nothing of the way is hidden from those who administer its unit.
    whole = is_inside.test(actor, row.record) and Role.ADMINISTRATOR in actor.roles
    return registry.Panel(
        "achievements/life_line.html",
        {"steps": tuple(line), "held": tuple(held), "after": after, "begin": begin, "whole": whole},
    )


def _held(actor: Actor, step: LifeStep, row: Any) -> Held:
    stage = registry.kind_of(row.record).lifecycle.stages[row.record.stage].label
    title = f"{row.record.code} {faces.titles(actor, [row.record])[row.record.pk]}".strip()
    clocks = tuple(clock_lines(actor, row.record))
    who = "" if clocks else step.other_side(row) or _holder(row.record)
    return Held(step.label, title, faces.url_of(row.record), stage, clocks, who)


def _holder(record: Record) -> Text:
    """Who has the next step of a record: the officers in charge of what was handed in to them, else its unit."""
    handed_in = not registry.kind_of(record).lifecycle.inner and record.phase in {Phase.SUBMITTED, Phase.REVIEWING}
    if handed_in and (record.kind, record.stage) not in registry.returned():
        return _("the officers in charge")
    return name_of(record.owner.record) if record.owner is not None else ""
