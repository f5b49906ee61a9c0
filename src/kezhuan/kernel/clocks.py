"""Clocks on promises: a stage that waits for somebody has a due day by dated rule value, and everybody sees it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kezhuan.kernel import turns
from kezhuan.kernel.access import Actor, region_of
from kezhuan.kernel.lifecycle import OVER
from kezhuan.kernel.models import Clock, Grant, Organisation, Person, Record, RuleValue
from kezhuan.kernel.rulebook import day_kind_of, rule_or_none, stamp
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import (
    CALENDAR,
    WORKING,
    add_days,
    loaded_years,
    move_ends,
    special_days,
    unloaded_years,
    working_days_between,
)


def bureau(_row: Any) -> None:
    """The bureau acts: no organisation in particular is waited for."""


@dataclass(frozen=True)
class Restart:
    """A step for `Lifecycle.then`; see `restart`."""

    waits_for: Callable[[Any], Organisation | None]
    returned: frozenset[str] = frozenset()
    as_a_rule: bool = False

    @property
    def waits_for_bureau(self) -> bool:
        """Whether the bureau acts at every stage but the returned ones, if not always then `as_a_rule`."""
        return self.as_a_rule or self.waits_for is bureau

    def __call__(self, row: Any, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Any], actor: Actor) -> None:
        """End the clocks of rows that came to one stage together, and start the one of that stage."""
        if turns.are_running(rows):
            self._end(rows, actor)
        self.after_opening(rows, actor)

    def _end(self, rows: Sequence[Any], actor: Actor) -> None:
        running = Clock.objects.filter(record__in=[row.pk for row in rows], ended_on=None)
        if rows[0].record.phase not in OVER:  # what waits beside the stage goes on
            running = running.filter(grant=None)
        # Whether it was answered is what answer times are about: a need that its firm takes back was not.
        if actor.organisation is not None:
            running.filter(party=actor.organisation.pk).update(ended_on=today(), answered=True)
        if actor.is_officer:
            running.filter(party=None, person=None).update(ended_on=today(), answered=True)
        running.update(ended_on=today())

    def after_opening(self, rows: Sequence[Any], actor: Actor) -> None:
        """The same for rows that were just opened at one stage and have no clock yet: one look at the rule a place."""
        record: Record = rows[0].record
        values: dict[str, RuleValue | None] = {}
        used: list[tuple[Any, RuleValue]] = []
        for row in rows:
            place = region_of(row)
            if place not in values:
                values[place] = rule_or_none(f"clock.{record.kind}.{record.stage}", on=today(), jurisdiction=place)
            if (value := values[place]) is not None:
                used.append((row, value))
        if not used:
            return
        asked = turns.asked([row for row, _value in used])
        Clock.objects.bulk_create(self._of_stage(*each, one) for each, one in zip(used, asked, strict=True))
        stamp((row.record, value) for row, value in used)

    def _of_stage(self, row: Any, value: RuleValue, asked: int) -> Clock:
        party = row.record.owner if row.record.stage in self.returned else self.waits_for(row)
        return _clock(row, row.record.stage, value, party=party, asked=asked)


def restart(
    waits_for: Callable[[Any], Organisation | None] = bureau, *, returned: Iterable[str] = (), as_a_rule: bool = False
) -> Restart:
    """A step for `Lifecycle.then`: end the record's running clocks and start the one of its new stage, if a rule value
    `clock.<kind>.<stage>` is in force. `waits_for` names who must act (None: the bureau, which is the default); what
    stands at a stage of `returned` waits for its owner to put it right, in the inbox also where no value is in force.
    `as_a_rule`: whoever else it names, most of what stands here waits for the bureau.
    """
    return Restart(waits_for, frozenset(returned), as_a_rule)


def begin(row: Any, name: str, grant: Grant) -> None:
    """Start the clock of what somebody asks for by a grant, beside the record's stage, if a rule value
    `clock.<kind>.<name>` is in force; it waits for the bureau."""
    value = rule_or_none(f"clock.{row.record.kind}.{name}", on=today(), jurisdiction=region_of(row))
    if value is not None:
        clock = _clock(row, name, value, party=None, asked=turns.asked([row])[0])
        clock.grant = grant
        clock.save(force_insert=True)
        stamp([(row.record, value)])


def _clock(row: Any, name: str, value: RuleValue, *, party: Organisation | None, asked: int) -> Clock:
    day_kind = day_kind_of(value)
    whom = {"audience_id": asked} if party is None else {"party": party}
    return term(row.record, name, add_days(today(), int(value.value), day_kind), day_kind, **whom)


def term(record: Record, name: str, due_on: date, day_kind: str = CALENDAR, **more: Any) -> Clock:
    """A term of a record from today until a day, unsaved; `more` are its other columns: who must act, since when, and
    who knows of it, where that is not everybody who knows of the record."""
    given = {"audience_id": record.title_to_id, "started_on": today(), **more}
    return Clock(record=record, name=name, due_on=due_on, day_kind=day_kind, **given)


def let_run(record: Record, name: str, until: date | None, party: Organisation | None = None) -> None:
    """Let the record's owner, or another party, be waited for until a day by a term of this name: it begins, moves to
    that day, or, without one, ends."""
    running = Clock.objects.filter(record=record, name=name, ended_on=None)
    if until is None:
        running.update(ended_on=today())
    elif running.exists():
        move_ends(running, until)
    else:
        term(record, name, max(until, today()), party=party or record.owner).save(force_insert=True)


@dataclass(frozen=True)
class Personal:
    """A step for `Lifecycle.then`: while the record stands at a stage for which `due_on` gives a day it waits for
    `person`, who acts for themselves, until that day."""

    person: Callable[[Any], Person]
    due_on: Callable[[Any], date | None]

    def __call__(self, row: Any, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Any], actor: Actor) -> None:
        """The same for rows that came to one stage together."""
        running = Clock.objects.filter(record__in=[row.record.pk for row in rows], ended_on=None)
        if actor.person is not None:
            running.filter(person=actor.person.pk).update(ended_on=today(), answered=True)
        running.update(ended_on=today())
        Clock.objects.bulk_create(
            term(row.record, row.record.stage, max(due, today()), person=self.person(row))
            for row in rows
            if (due := self.due_on(row)) is not None
        )


@dataclass(frozen=True)
class Remaining:
    """How long a clock still runs, in its own kind of day; negative when overdue.

    In `unloaded` years, whose calendar nobody has loaded yet, working days are assumed to be Monday to Friday.
    """

    days: int
    day_kind: str
    unloaded: tuple[int, ...] = ()


def remaining(clock: Clock, on: date | None = None) -> Remaining:
    """Days left on an open clock, counted in the clock's own kind of day."""
    return remaining_on([clock], on)[0]


def remaining_on(clocks: Sequence[Clock], on: date | None = None) -> list[Remaining]:
    """The same for many clocks, in their order, with one look at the calendar."""
    day = on or today()
    working = [clock for clock in clocks if clock.day_kind == WORKING]
    ends = [day, *(clock.due_on for clock in working)]
    special = special_days(min(ends), max(ends)) if working else {}
    loaded = loaded_years() if working else frozenset()
    return [
        Remaining(
            working_days_between(day, clock.due_on, special),
            WORKING,
            unloaded_years(clock.started_on, clock.due_on, loaded),
        )
        if clock.day_kind == WORKING
        else Remaining((clock.due_on - day).days, CALENDAR)
        for clock in clocks
    ]
