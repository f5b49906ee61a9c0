"""Clocks on promises: a stage that waits for somebody has a due day by dated rule value, and everybody sees it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import CalendarDay, Clock, Organisation, Record
from kezhuan.kernel.rulebook import NoRuleValue, rule_value
from kezhuan.kernel.text import today

WORKING = "working"
CALENDAR = "calendar"


def add_days(start: date, days: int, day_kind: str) -> date:
    """The last day of a window of `days` calendar or working days that begins on the day after `start`.

    Working days are Monday to Friday, corrected by the loaded calendar of holidays and make-up workdays.
    """
    if day_kind == CALENDAR:
        return start + timedelta(days=days)
    special = special_days(start, start + timedelta(days=days * 3 + 30))
    day = start
    while days > 0:
        day += timedelta(days=1)
        if special.get(day, day.weekday() < 5):
            days -= 1
    return day


def working_days_between(start: date, end: date, special: Mapping[date, bool] | None = None) -> int:
    """Working days after `start` up to and including `end`; negative when `end` lies before `start`.

    `special` are the holidays and make-up workdays of the window, when the caller has looked them up.
    """
    if end < start:
        return -working_days_between(end, start, special)
    if special is None:
        special = special_days(start, end)
    span = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(special.get(day, day.weekday() < 5) for day in span)


def special_days(start: date, end: date) -> dict[date, bool]:
    """Days after `start` up to `end` that are no ordinary day of their week, and whether one works on them."""
    return dict(CalendarDay.objects.filter(on__gt=start, on__lte=end).values_list("on", "is_workday"))


def _bureau(_row: Any) -> None:
    return None


@dataclass(frozen=True)
class Restart:
    """A step for `Lifecycle.then`; see `restart`."""

    waits_for: Callable[[Any], Organisation | None]

    def __call__(self, row: Any, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Any], actor: Actor) -> None:
        """End the clocks of rows that came to one stage together, and start the one of that stage."""
        Clock.objects.filter(record__in=[row.pk for row in rows], ended_on=None).update(ended_on=today())
        self.after_opening(rows, actor)

    def after_opening(self, rows: Sequence[Any], actor: Actor) -> None:
        """The same for rows that were just opened at one stage and have no clock yet: one look at the rule for all."""
        record: Record = rows[0].record
        try:
            value = rule_value(f"clock.{record.kind}.{record.stage}", on=today())
        except NoRuleValue:
            return
        day_kind = WORKING if value.unit.startswith(WORKING) else CALENDAR
        due_on = add_days(today(), int(value.value), day_kind)
        Clock.objects.bulk_create(
            Clock(
                record=row.record,
                name=record.stage,
                party=self.waits_for(row),
                audience_id=row.record.title_to_id,
                started_on=today(),
                due_on=due_on,
                day_kind=day_kind,
            )
            for row in rows
        )


def restart(waits_for: Callable[[Any], Organisation | None] = _bureau) -> Restart:
    """A step for `Lifecycle.then`: end the record's running clocks and start the one of its new stage, if a rule value
    `clock.<kind>.<stage>` is in force. `waits_for` names who must act (None: the bureau, which is the default)."""
    return Restart(waits_for)


@dataclass(frozen=True)
class Remaining:
    """How long a clock still runs, in its own kind of day; negative when overdue."""

    days: int
    day_kind: str


def remaining(clock: Clock, on: date | None = None) -> Remaining:
    """Days left on an open clock, counted in the clock's own kind of day."""
    return remaining_on([clock], on)[0]


def remaining_on(clocks: Sequence[Clock], on: date | None = None) -> list[Remaining]:
    """The same for many clocks, in their order, with one look at the calendar."""
    day = on or today()
    ends = [day, *(clock.due_on for clock in clocks if clock.day_kind == WORKING)]
    special = special_days(min(ends), max(ends)) if len(ends) > 1 else {}
    return [
        Remaining(working_days_between(day, clock.due_on, special), WORKING)
        if clock.day_kind == WORKING
        else Remaining((clock.due_on - day).days, CALENDAR)
        for clock in clocks
    ]
