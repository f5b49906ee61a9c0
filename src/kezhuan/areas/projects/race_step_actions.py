"""What happens in a race is kept as a step, once its engine has allowed it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kezhuan.areas.projects.models import Project, Race, RaceStep
from kezhuan.areas.projects.racing import event_of, problem_of, state_of
from kezhuan.engines import races as engine
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import hold_records
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today

TERMS, STEP = "race.terms", "race.step"
"""Kinds of the entries of which a replay of the journal makes the race again, without the tables of races."""
FOUND = "figures"
"""What a third party found follows into no decision, and may be in its own words: the journal does without it."""


def note_terms(race: Race, teams: list[str], actor: Actor) -> None:
    """The terms on which a race begins, as the journal keeps them."""
    terms = {name: getattr(race, name) for name in ("planned_fen", "first_fen", "least_teams", "most_teams")}
    terms |= {"first_share_bp": race.first_share_bp, "gates": race.gates, "eliminated": race.eliminated}
    journal.note(TERMS, record=race.record, actor=actor, data={**terms, "teams": teams})


def append_step(
    race: Race, kind: str, data: Mapping[str, Any], *, actor: Actor, on: date | None = None, **more: Any
) -> tuple[engine.Race, engine.Race]:
    """Keep a step of a race that the caller holds, and note it; gives the race before it and after. Raises
    `Refused`."""
    before = state_of(race)
    number = race.steps.count() + 1
    step = RaceStep(race=race, number=number, kind=kind, on=on or today(), data=dict(data), **more)
    try:
        after = engine.step(before, event_of(step))
    except engine.Refused as refused:
        raise Refused(problem_of(refused)) from None
    step.save(force_insert=True)
    said = {name: value for name, value in step.data.items() if name != FOUND}
    noted = {**said, "number": number, "kind": kind, "on": step.on.isoformat()}
    journal.note(STEP, record=race.record, actor=actor, data=noted)
    return before, after


def hold_race(project: Project) -> None:
    """Hold the race of a project until the transaction ends: a race is always locked before its projects, as a gate
    does it."""
    hold_records(Record.objects.filter(race__teams__project=project.pk))


def note_in_race(project: Project, kind: str, fen: int, actor: Actor) -> None:
    """A payment to a team, or money that came back from one, is a step of its race."""
    team = getattr(project, "race_team", None)
    if team is not None:
        append_step(team.race, kind, {"team": project.record.code, "fen": fen}, actor=actor)
