"""A race as its engine knows it: its terms, what happened, and what follows from that alone."""

import operator
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.projects.models import Race, RaceStep
from kezhuan.engines import races as engine
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import RuleValue
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import today

LEAST, MOST, FIRST_SHARE, GATE_AFTER = (
    "race.least-teams", "race.most-teams", "race.first-share", "race.gate-after",
)  # fmt: skip
"""Codes of the rule values: teams at least and at most, the first payments' share of the fiscal money together, and
after how many months the first gate is held. Where none is in force the call's own are entered."""

WORDS = {
    engine.Decision.CONTINUE: gettext_lazy("all who passed go on"),
    engine.Decision.MERGE: gettext_lazy("two teams merge"),
    engine.Decision.CUT: gettext_lazy("the first of the ranking go on"),
    engine.Decision.SOLE_WINNER: gettext_lazy("one has won"),
    engine.Decision.STOP: gettext_lazy("all stop"),
}
STEPS = {
    "gate": gettext_lazy("Gate"),
    "pay": gettext_lazy("Paid out"),
    "reserve": gettext_lazy("Reserved"),
    "take-back": gettext_lazy("Came back"),
    "wind-up": gettext_lazy("Race closed"),
}
"""What follows from a gate, and what else happens in a race, in words."""
_NUMBER = re.compile(r"\s*(-?[0-9]+(?:\.[0-9]+)?)\s*")
_RANGE = re.compile(rf"{_NUMBER.pattern}[-–—~～至到]{_NUMBER.pattern}")
_COMPARE = {"≥": operator.ge, "≤": operator.le, "=": operator.eq, ">": operator.gt, "<": operator.lt}


def rules_at(region: str) -> dict[str, RuleValue]:
    """The rule values of races in force today in a district, by code."""
    found = {code: rule_or_none(code, on=today(), jurisdiction=region) for code in
             (LEAST, MOST, FIRST_SHARE, GATE_AFTER)}  # fmt: skip
    return {code: rule for code, rule in found.items() if rule is not None}


def terms_of(race: Race, teams: list[str]) -> engine.Terms:
    """What all task books fix alike."""
    return engine.Terms(
        planned_fen=race.planned_fen,
        teams=tuple(teams),
        first_fen=race.first_fen,
        gates=tuple(date.fromisoformat(day) for day in race.gates),
        rules=engine.RaceRules(race.least_teams, race.most_teams, race.first_share_bp),
        eliminated=engine.Eliminated(race.eliminated),
    )


def event_of(step: RaceStep) -> engine.Event:
    """A step as the engine takes it."""
    data = step.data
    if step.kind == "gate":
        decision = engine.Decision(data["decision"]) if data["decision"] else None
        stays, joins = data["merged"] or (None, None)
        return engine.Gate(
            on=step.on,
            passed=frozenset(data["passed"]),
            decision=decision,
            merged=(stays, joins) if stays and joins else None,
            ranking=tuple(data["ranking"]),
            keep=data["keep"],
        )
    if step.kind == "wind-up":
        return engine.WindUp()
    kinds = {"pay": engine.Pay, "reserve": engine.Reserve, "take-back": engine.TakeBack}
    moved: engine.Event = kinds[step.kind](data["team"], data["fen"])  # type: ignore[assignment]  # one of the three
    return moved


def codes_of(race: Race) -> list[str]:
    """The codes of the projects that began the race, in their order."""
    return [one.project.record.code for one in race.teams.all()]


def state_of(race: Race) -> engine.Race:
    """Who still runs and where each fen is: the replay of what happened."""
    return engine.replay(terms_of(race, codes_of(race)), map(event_of, race.steps.all()))


def next_gate(race: Race, state: engine.Race) -> date | None:
    """The day before which the next gate is not held; None where none is left."""
    return date.fromisoformat(race.gates[state.gates_held]) if state.gates_held < len(race.gates) else None


def meets(indicator: Mapping[str, str], figure: str) -> bool | None:
    """Whether a figure, with the indicator's own unit or without one, reaches its target; None where they cannot be
    compared, as in words or in another unit."""
    plain = figure.replace(indicator["unit"], "") if indicator["unit"] else figure
    is_range = indicator["operator"] == "range"
    found, target = _NUMBER.fullmatch(plain), (_RANGE if is_range else _NUMBER).fullmatch(indicator["value"])
    if found is None or target is None:
        return None
    reached, bounds = Decimal(found[1]), [Decimal(one) for one in target.groups()]
    if is_range:
        return min(bounds) <= reached <= max(bounds)
    return bool(_COMPARE[indicator["operator"]](reached, bounds[0]))


def last_figures(steps: Iterable[RaceStep]) -> dict[str, list[str]]:
    """By the code of each project what the last gate found that it came to."""
    found: dict[str, list[str]] = {}
    for one in steps:
        if one.kind == "gate":
            found |= one.data["figures"]
    return found


def problem_of(refused: engine.Refused) -> Problem:
    """What the engine refuses, in the reader's language."""
    words = {
        "team-twice": _("A project stands twice among the teams."),
        "race-team-count": _("The number of teams is not what the rules of the race allow."),
        "race-gates": _("A race has at least one gate, and its gates follow one another."),
        "race-first-payments": _("The first payments together are above the share that the rules of the race allow."),
        "race-over": _("The race is over."),
        "amount": _("An amount is above zero."),
        "team-runs": _("This team still runs: the next gate is held first."),
        "team-left": _("This team does not run any more and gets nothing."),
        "not-enough-kept": _("Less than that is kept for those who go on."),
        "not-enough": _("Less than that is reserved for this team, or was paid to it."),
        "gate-day": _("The next gate is not held before its day, and there is one for each day fixed."),
        "gate-strangers": _("Only teams that run pass a gate."),
        "gate-merge": _("Two teams that passed merge: choose who goes on and who joins."),
        "gate-ranking": _("A cut ranks exactly those who passed, and keeps at least one and not all."),
        "gate-decision": _("One that passes alone has won, with none all stop; of several say what follows."),
    }
    return Problem(refused.code, words[refused.code], "race")
