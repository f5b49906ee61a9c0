"""Every expert against every submission: in conflict, clear, or not known, which is no clearance.

A pair is **in conflict** when a way along relations leads from the expert to a party of the submission and was not
dismissed. It is **clear** only when, besides, the ties of every kind are known of the expert and of every party:
declared, or looked up in a register. Whatever else is **unknown**, with the names of whom nothing is known; it keeps
an expert off a panel like a conflict, until somebody declares or looks it up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from kezhuan.engines.conflicts.relations import Relation, Rule, Step, Tie
from kezhuan.engines.days import months_after

SELF = "party"
"""The kind of a conflict where the expert is a party of the submission."""


class Verdict(IntEnum):
    """What is known of a pair."""

    CLEAR = 0
    UNKNOWN = 1
    CONFLICT = 2


@dataclass(frozen=True, slots=True)
class Submission:
    """What is to be judged: its parties by identifier (people and organisations), each with its role in it."""

    uid: str
    parties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One way from an expert to a party: the kind, and the relations walked along, in order."""

    kind: str
    expert: str
    party: str
    way: tuple[Relation, ...]

    @property
    def key(self) -> str:
        """What a dismissal names: the same ties between the same parties, whatever the submission or the dates."""
        ties = (f"{one.tie}:{one.first}:{one.second}" for one in self.way)
        return "|".join((self.kind, self.expert, self.party, *ties))


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A finding that is none, such as of a namesake: who said so, why, and when. It stays, for every submission."""

    key: str
    by: str
    reason: str
    on: date

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("A conflict is dismissed with a reason; give one.")


@dataclass(frozen=True)
class Cleared:
    """The verdicts, submissions by experts, with what was found.

    `findings` are by (submission, expert); `dismissed` are those that were found and do not count, with their
    dismissal.
    """

    submissions: tuple[Submission, ...]
    experts: tuple[str, ...]
    verdicts: NDArray[np.int8]
    findings: Mapping[tuple[str, str], tuple[Finding, ...]]
    dismissed: Mapping[tuple[str, str], tuple[tuple[Finding, Dismissal], ...]]
    kinds: tuple[str, ...]
    known: Mapping[str, frozenset[str]] = field(repr=False)

    @property
    def barred(self) -> NDArray[np.bool_]:
        """The pairs that must not be made: in conflict, or not known to be clear."""
        barred: NDArray[np.bool_] = self.verdicts != Verdict.CLEAR
        return barred

    def unknown(self, submission: Submission, expert: str) -> dict[str, tuple[str, ...]]:
        """Of whom which kinds are not known, for a pair."""
        whom = [expert, *submission.parties]
        left = {one: tuple(kind for kind in self.kinds if kind not in self.known.get(one, ())) for one in whom}
        return {one: kinds for one, kinds in left.items() if kinds}


def clear(
    submissions: Sequence[Submission],
    experts: Sequence[str],
    relations: Iterable[Relation],
    rules: Sequence[Rule],
    *,
    on: date,
    known: Mapping[str, frozenset[str]],
    dismissals: Iterable[Dismissal] = (),
    namesakes: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Cleared:
    """Clear every pair on a day.

    `known` says of each party of which kinds its ties are known. A submission without parties is unknown to everybody.
    `namesakes` are people by whom a party may be meant that is known by name alone: who is tied to one of them is in
    conflict with that party, until that is dismissed.
    """
    parties: dict[str, list[int]] = defaultdict(list)
    for place, submission in enumerate(submissions):
        for party in submission.parties:
            parties[party].append(place)
    graph = _Graph(relations, set(parties) | set(namesakes))
    gone = {one.key: one for one in dismissals}
    verdicts = _unknown(submissions, experts, rules, known)
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    dismissed: dict[tuple[str, str], list[tuple[Finding, Dismissal]]] = defaultdict(list)
    since = {rule.months: None if rule.months is None else months_after(on, -rule.months) for rule in rules}
    for column, expert in enumerate(experts):
        for finding in _findings(graph, expert, rules, since, parties, namesakes):
            for row in parties[finding.party]:
                pair = (submissions[row].uid, expert)
                dismissal = gone.get(finding.key)
                if dismissal is not None:
                    dismissed[pair].append((finding, dismissal))
                else:
                    found[pair].append(finding)
                    verdicts[row, column] = Verdict.CONFLICT
    return Cleared(
        tuple(submissions),
        tuple(experts),
        verdicts,
        {pair: tuple(findings) for pair, findings in found.items()},
        {pair: tuple(findings) for pair, findings in dismissed.items()},
        tuple(dict.fromkeys(rule.kind for rule in rules)),
        known,
    )


def _findings(
    graph: _Graph,
    expert: str,
    rules: Sequence[Rule],
    since: Mapping[int | None, date | None],
    parties: Mapping[str, object],
    namesakes: Mapping[str, Collection[str]],
) -> Iterator[Finding]:
    if expert in parties:
        yield Finding(SELF, expert, expert, ())
    for party in namesakes.get(expert, ()):
        yield Finding(SELF, expert, party, (Relation(Tie.NAMED, expert, party),))
    for rule in rules:
        for end, way in graph.walk(expert, rule.path, since[rule.months]):
            if end in parties:
                yield Finding(rule.kind, expert, end, way)
            for party in namesakes.get(end, ()):
                yield Finding(rule.kind, expert, party, (*way, Relation(Tie.NAMED, end, party)))


def _unknown(
    submissions: Sequence[Submission],
    experts: Sequence[str],
    rules: Sequence[Rule],
    known: Mapping[str, frozenset[str]],
) -> NDArray[np.int8]:
    """Unknown wherever a kind is not known of the expert or of a party; clear elsewhere."""
    kinds = {rule.kind for rule in rules}
    told = np.array([kinds <= known.get(expert, frozenset()) for expert in experts], dtype=bool)
    of_all = np.array(
        [
            bool(one.parties) and all(kinds <= known.get(party, frozenset()) for party in one.parties)
            for one in submissions
        ],
        dtype=bool,
    )
    clear_pairs = of_all[:, None] & told[None, :]
    return np.where(clear_pairs, np.int8(Verdict.CLEAR), np.int8(Verdict.UNKNOWN)).astype(np.int8)


class _Graph:
    """Relations by step and party; the last step of a way looks only at parties of submissions."""

    def __init__(self, relations: Iterable[Relation], parties: set[str]) -> None:
        steps = [(tie, forward) for tie in Tie for forward in (True, False)]
        self._near: dict[Step, dict[str, list[tuple[str, Relation]]]] = {step: defaultdict(list) for step in steps}
        self._last: dict[Step, dict[str, list[tuple[str, Relation]]]] = {step: defaultdict(list) for step in steps}
        by_tie: dict[Tie, list[Relation]] = defaultdict(list)
        for one in relations:
            by_tie[one.tie].append(one)
        for tie, same in by_tie.items():
            for forward in (True, False):
                ways = (True, False) if tie is Tie.FAMILY else (forward,)
                near = [self._near[tie, way] for way in ways]
                last = [self._last[tie, way] for way in ways]
                for one in same:
                    here, there = (one.first, one.second) if forward else (one.second, one.first)
                    for nearby in near:
                        nearby[here].append((there, one))
                    if there in parties:
                        for nearby in last:
                            nearby[here].append((there, one))

    def walk(
        self, start: str, path: tuple[Step, ...], since: date | None
    ) -> Iterator[tuple[str, tuple[Relation, ...]]]:
        """Every way along the path to a party, by relations that did not end before a day and twice by nobody."""
        ends: list[tuple[str, tuple[Relation, ...]]] = [(start, ())]
        for place, step in enumerate(path):
            near = (self._last if place == len(path) - 1 else self._near)[step]
            ends = [
                (there, (*way, one))
                for here, way in ends
                for there, one in near.get(here, ())
                if there != start
                and (since is None or one.until is None or one.until >= since)
                # Somebody's own unit is no partner of its own contract.
                and not any(there in (step.first, step.second) for step in way)
            ]
        yield from ends
