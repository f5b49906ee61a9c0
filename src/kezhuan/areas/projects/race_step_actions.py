"""What happens in a race is kept as a step, once its engine has allowed it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kezhuan.areas.projects.models import Project, Race, RaceStep
from kezhuan.areas.projects.racing import event_of, problem_of, state_of
from kezhuan.engines import races as engine
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import hold_records
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today


def append_step(
    race: Race, kind: str, data: Mapping[str, Any], *, on: date | None = None, **more: Any
) -> tuple[engine.Race, engine.Race]:
    """Keep a step of a race that the caller holds; gives the race before it and after. Raises `Refused`."""
    before = state_of(race)
    number = race.steps.count() + 1
    step = RaceStep(race=race, number=number, kind=kind, on=on or today(), data=dict(data), **more)
    try:
        after = engine.step(before, event_of(step))
    except engine.Refused as refused:
        raise Refused(problem_of(refused)) from None
    step.save(force_insert=True)
    return before, after


def hold_race(project: Project) -> None:
    """Hold the race of a project until the transaction ends: a race is always locked before its projects, as a gate
    does it."""
    hold_records(Record.objects.filter(race__teams__project=project.pk))


def note_in_race(project: Project, kind: str, fen: int) -> None:
    """A payment to a team, or money that came back from one, is a step of its race."""
    team = getattr(project, "race_team", None)
    if team is not None:
        append_step(team.race, kind, {"team": project.record.code, "fen": fen})
