"""A race as a fold over its events: who still runs, and where each fen of its fiscal money is.

At every step, to the fen:

    planned = paid + reserved for teams + kept for those who go on + freed

What a team that leaves had reserved moves by the race's rule: to those who go on, or back to the budget (freed). The
first payment of a race, its team count and its gate are set by jurisdiction (for 450000, 桂科计字〔2022〕125号: equal
first payments, together at most 30 % of the fiscal total, two or more teams); the caller gives them from rule values,
and where a jurisdiction has none, the call's own. Amounts are fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import reduce

WHOLE = 10_000  # basis points


class Refused(ValueError):
    """A step that the race's rules do not allow; `code` is stable, the message says which rule."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class RaceRules:
    """What a jurisdiction, or the call itself, sets: team counts, and the first payments' share of the fiscal total."""

    least_teams: int
    most_teams: int
    first_share_bp: int


class Eliminated(StrEnum):
    """Where the money of a team that leaves goes."""

    TO_THOSE_WHO_GO_ON = "on"
    TO_THE_BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the task books of all teams fix alike: planned fiscal money, equal first payments, gate days, the rule."""

    planned_fen: int
    teams: tuple[str, ...]
    first_fen: int
    gates: tuple[date, ...]
    rules: RaceRules
    eliminated: Eliminated


class Decision(StrEnum):
    """What follows from a gate."""

    CONTINUE = "continue"
    MERGE = "merge"
    CUT = "cut"
    SOLE_WINNER = "sole-winner"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Pay:
    """Money that was reserved for a team is paid to it."""

    team: str
    fen: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """Money kept for those who go on is reserved for a team: its next payment."""

    team: str
    fen: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Unspent money comes back from a team that has left, and is freed."""

    team: str
    fen: int


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate by a third party: who passed, and what was decided among several who did.

    With one that passes it is the sole winner, with none all stop; with several `decision` says whether all go on, two
    merge (`merged`: the team that goes on, the team that joins it), or only the first `keep` of `ranking` go on.
    """

    on: date
    passed: frozenset[str]
    decision: Decision | None = None
    merged: tuple[str, str] | None = None
    ranking: tuple[str, ...] = ()
    keep: int = 0


@dataclass(frozen=True, slots=True)
class WindUp:
    """The race is over; what is neither paid nor needed any more is freed."""


Event = Pay | Reserve | TakeBack | Gate | WindUp


@dataclass(frozen=True)
class Race:
    """The race after some events."""

    terms: Terms
    running: tuple[str, ...]
    paid: Mapping[str, int]
    reserved: Mapping[str, int]
    kept_fen: int
    freed_fen: int
    gates_held: int = 0
    decisions: tuple[Decision, ...] = ()
    over: bool = False
    joined: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        amounts = [*self.paid.values(), *self.reserved.values(), self.kept_fen, self.freed_fen]
        if min(amounts) < 0 or sum(amounts) != self.terms.planned_fen:
            raise AssertionError("the money of the race does not add up")

    @property
    def paid_fen(self) -> int:
        """Paid to all teams."""
        return sum(self.paid.values())

    @property
    def reserved_fen(self) -> int:
        """Neither paid nor freed: for a team, or for those who go on."""
        return sum(self.reserved.values()) + self.kept_fen


def open_race(terms: Terms) -> Race:
    """Open a race. Raises Refused for terms that its rules do not allow."""
    teams, rules = terms.teams, terms.rules
    if len(set(teams)) != len(teams):
        raise Refused("team-twice", "A team runs only once in a race.")
    if not rules.least_teams <= len(teams) <= rules.most_teams:
        raise Refused(
            "race-team-count", f"A race has {rules.least_teams} to {rules.most_teams} teams; this one has {len(teams)}."
        )
    if not terms.gates or list(terms.gates) != sorted(set(terms.gates)):
        raise Refused("race-gates", "A race has at least one gate, and its gates follow one another.")
    together = terms.first_fen * len(teams)
    if terms.first_fen <= 0 or together * WHOLE > terms.planned_fen * rules.first_share_bp:
        raise Refused(
            "race-first-payments",
            f"First payments of {together} fen together are not above zero and at most {rules.first_share_bp} basis "
            f"points of {terms.planned_fen} fen.",
        )
    return Race(
        terms, teams, dict.fromkeys(teams, 0), dict.fromkeys(teams, terms.first_fen), terms.planned_fen - together, 0
    )


def replay(terms: Terms, events: Iterable[Event]) -> Race:
    """The race after its events; the same events always give the same race. Raises Refused at the first wrong one."""
    return reduce(step, events, open_race(terms))


def step(race: Race, event: Event) -> Race:
    """The race after one event more."""
    if race.over and not isinstance(event, TakeBack):
        raise Refused("race-over", "The race is over.")
    if isinstance(event, Gate):
        return _gate(race, event)
    if isinstance(event, WindUp):
        return _wound_up(race)
    if event.fen <= 0:
        raise Refused("amount", "An amount is above zero.")
    if isinstance(event, TakeBack):
        if event.team in race.running and not race.over:
            raise Refused("team-runs", f"{event.team} still runs; nothing is taken back from it.")
        paid = _moved(race.paid, event.team, -event.fen)
        return replace(race, paid=paid, freed_fen=race.freed_fen + event.fen)
    if event.team not in race.running:
        raise Refused("team-left", f"{event.team} does not run any more and gets nothing.")
    if isinstance(event, Pay):
        reserved = _moved(race.reserved, event.team, -event.fen)
        return replace(race, reserved=reserved, paid=_moved(race.paid, event.team, event.fen))
    if event.fen > race.kept_fen:
        raise Refused("not-enough-kept", f"Only {race.kept_fen} fen are kept for those who go on.")
    return replace(race, kept_fen=race.kept_fen - event.fen, reserved=_moved(race.reserved, event.team, event.fen))


def _moved(amounts: Mapping[str, int], team: str, fen: int) -> dict[str, int]:
    left = amounts.get(team, 0) + fen
    if left < 0:
        raise Refused("not-enough", f"{team} has only {amounts.get(team, 0)} fen there.")
    return {**amounts, team: left}


def _gate(race: Race, gate: Gate) -> Race:
    if race.gates_held >= len(race.terms.gates) or gate.on < race.terms.gates[race.gates_held]:
        raise Refused("gate-day", "The next gate is not held before its day, and there is one for each day fixed.")
    strangers = gate.passed - set(race.running)
    if strangers:
        raise Refused("gate-strangers", f"{min(strangers)} does not run and passes no gate.")
    decision, on, joined = _decided(race, gate)
    left = [team for team in race.running if team not in on]
    freed = sum(race.reserved[team] for team in left)
    reserved = {team: 0 if team in left else fen for team, fen in race.reserved.items()}
    now = replace(
        race,
        running=on,
        reserved=reserved,
        gates_held=race.gates_held + 1,
        decisions=(*race.decisions, decision),
        joined={**race.joined, **joined},
        kept_fen=race.kept_fen + (freed if race.terms.eliminated is Eliminated.TO_THOSE_WHO_GO_ON else 0),
        freed_fen=race.freed_fen + (freed if race.terms.eliminated is Eliminated.TO_THE_BUDGET else 0),
    )
    return _wound_up(now) if decision is Decision.STOP else now


def _decided(race: Race, gate: Gate) -> tuple[Decision, tuple[str, ...], dict[str, str]]:
    """What follows, who goes on, and who joined whom."""
    passed = tuple(team for team in race.running if team in gate.passed)
    if len(passed) < 2:
        forced = Decision.SOLE_WINNER if passed else Decision.STOP
        if gate.decision not in {None, forced}:
            raise Refused("gate-decision", f"With {len(passed)} that passed, the decision is {forced}.")
        return forced, passed, {}
    if gate.decision is Decision.CONTINUE:
        return Decision.CONTINUE, passed, {}
    if gate.decision is Decision.MERGE:
        if gate.merged is None or len(set(gate.merged)) != 2 or not set(gate.merged) <= set(passed):
            raise Refused("gate-merge", "Two teams that passed merge; name who goes on and who joins.")
        stays, joins = gate.merged
        return Decision.MERGE, tuple(team for team in passed if team != joins), {joins: stays}
    if gate.decision is Decision.CUT:
        if sorted(gate.ranking) != sorted(passed) or not 1 <= gate.keep < len(passed):
            raise Refused("gate-ranking", "A cut ranks exactly those who passed, and keeps at least one and not all.")
        first = set(gate.ranking[: gate.keep])
        return Decision.CUT, tuple(team for team in passed if team in first), {}
    raise Refused("gate-decision", "Several passed: say whether all go on, two merge, or the first of a ranking go on.")


def _wound_up(race: Race) -> Race:
    left = race.reserved_fen
    none = dict.fromkeys(race.reserved, 0)
    return replace(race, reserved=none, kept_fen=0, freed_fen=race.freed_fen + left, over=True)


def equal_shares(fen: int, teams: Sequence[str]) -> dict[str, int]:
    """An amount in equal shares; the fen that are left over go one each to the first teams in order (residue rule)."""
    each, rest = divmod(fen, len(teams))
    return {team: each + (place < rest) for place, team in enumerate(teams)}
