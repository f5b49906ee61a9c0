"""What is done to races: opened over projects for one challenge, gates held by a third party, money reserved for those
who go on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.models import CallItem
from kezhuan.areas.projects.book_actions import renew_book, tell_unit
from kezhuan.areas.projects.checks import require_unit
from kezhuan.areas.projects.following_actions import keep_limits, note_decision
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import (
    Eliminated,
    Member,
    MemberState,
    Payment,
    PaymentState,
    Project,
    Race,
    RaceTeam,
    RaceTest,
    Source,
)
from kezhuan.areas.projects.permissions import PROGRAMME, decides, decides_race, opens_races
from kezhuan.areas.projects.queries import STARTABLE, next_number, sides_of
from kezhuan.areas.projects.race_lifecycle import RACE
from kezhuan.areas.projects.race_step_actions import append_step, note_terms
from kezhuan.areas.projects.racing import (
    FIRST_SHARE,
    GATE_AFTER,
    LEAST,
    MOST,
    next_gate,
    problem_of,
    rules_at,
    state_of,
    terms_of,
)
from kezhuan.engines import races as engine
from kezhuan.engines.days import months_after
from kezhuan.kernel import journal, rulebook
from kezhuan.kernel.access import SYSTEM, Actor
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, held, hold_records, open_record, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Organisation, Record, RuleValue
from kezhuan.kernel.text import clean, listed, today

LEAVES = PROJECT.moves["leave-race"]

GATE_HELD = "race.gate-held"
"""Letter: a gate was held, and the team of the receiver goes on or has left."""


@dataclass(frozen=True)
class RaceFacts:
    """What an officer says of a race: its projects by code, the equal first payment (分), the days of its gates, where
    the money of who leaves goes; and the call's own numbers where no rule value is in force."""

    projects: tuple[str, ...]
    first_fen: int
    gates: tuple[date, ...]
    eliminated: str = Eliminated.ON
    title: str = ""
    least_teams: int | None = None
    most_teams: int | None = None
    first_share_bp: int | None = None


@dataclass(frozen=True)
class GateFacts:
    """What a third party found at a gate: its code and report, of each team a figure for each target in their order,
    who passed; and what was decided among several."""

    on: date
    tester: str
    report_no: str
    figures: Mapping[str, Sequence[str]]
    passed: tuple[str, ...]
    words: str = ""
    decision: str = ""
    ranking: tuple[str, ...] = ()
    keep: int = 0
    merged: tuple[str, str] | None = None


# -- opened ------------------------------------------------------------------------------------------------------------


def open_race(*, actor: Actor, item: CallItem, facts: RaceFacts) -> Race:
    """Let projects for one challenge race while their task books are written: each plans the first payment alone, the
    rest of all awards is kept for those who go on. Raises `NotAllowed` or `Refused`."""
    region = item.call.region
    if not opens_races(actor, region):
        raise NotAllowed(_("Races are opened by the officers in charge of projects, of no side of one."))
    refuse_marked_texts([facts.title], "title")
    with journal.writing():
        rows = _projects(item, facts.projects)
        for row in rows:
            if not decides.test(actor, row):
                raise NotAllowed(_("Races are opened by the officers in charge of projects, of no side of one."))
        draft = Race(item=item, region=region, first_fen=facts.first_fen, eliminated=facts.eliminated)
        rules = rules_at(region)
        draft.planned_fen = sum(row.application.award_fen or 0 for row in rows)
        draft.gates = [day.isoformat() for day in facts.gates]
        if problems := [*_set_rules(draft, facts, rules), *_gate_problems(facts, rules)]:
            raise Refused(problems)
        codes = [row.record.code for row in rows]
        try:
            engine.open_race(terms_of(draft, codes))
        except engine.Refused as refused:
            raise Refused(problem_of(refused)) from None

        def build(record: Any) -> Race:
            draft.record = record
            return draft

        made: Race = open_record(
            RACE, build, actor=actor, title=clean(facts.title) or item.title, summary=item.problem, contact=actor.person
        )
        for number, row in enumerate(rows, 1):
            RaceTeam.objects.create(race=made, number=number, project=row)
            row.fiscal_fen = facts.first_fen
            row.save(update_fields=["fiscal_fen"])
            row.members.filter(organisation=row.leader).update(fiscal_fen=facts.first_fen)
            row.payments.filter(source=Source.FISCAL).delete()
            touch(PROJECT, row, actor=actor, fields=["fiscal_fen"])
        for row in rows:
            note_decision(row, actor, "race", raced=True)
        touch(RACE, made, actor=actor, fields=["teams"])
        note_terms(made, codes, actor)
        rulebook.stamp((made.record, rule) for rule in rules.values())
    return made


def _projects(item: CallItem, codes: Sequence[str]) -> list[Project]:
    """The projects by their codes, in the order of these, held until the transaction ends."""
    asked = list(dict.fromkeys(clean(one).upper() for one in codes))
    hold_records(Record.objects.filter(code__in=asked, kind=PROGRAMME))
    rows = Project.objects.filter(STARTABLE, application__item=item, record__code__in=asked)
    found = {one.record.code: one for one in rows.select_related("record__owner__record", "application", "leader")}
    if missing := [code for code in asked if code not in found]:
        message = _("“%(code)s” is no project of this challenge whose task book is being written and that runs alone.")
        raise Refused([Problem("race-project", message % {"code": code[:30]}, "projects") for code in missing])
    return [found[code] for code in sorted(asked)]


def _set_rules(race: Race, facts: RaceFacts, rules: Mapping[str, RuleValue]) -> list[Problem]:
    """The numbers of the race: of the rule value where one is in force, else the call's own."""
    found = []
    for code, column in ((LEAST, "least_teams"), (MOST, "most_teams"), (FIRST_SHARE, "first_share_bp")):
        rule, own = rules.get(code), getattr(facts, column)
        if rule is not None and own is not None and own != rule.value:
            message = _("%(value)s is set by a rule in force: leave it empty.")
            found.append(Problem("race-rule-set", message % {"value": rule.value}, column, rule.source))
        elif rule is None and own is None:
            message = _("No rule is in force here: enter the call's own number.")
            found.append(Problem("race-rule-missing", message, column))
        setattr(race, column, int(rule.value) if rule is not None else (own or 0))
    return found


def _gate_problems(facts: RaceFacts, rules: Mapping[str, RuleValue]) -> list[Problem]:
    rule = rules.get(GATE_AFTER)
    if rule is None or not facts.gates:
        return []
    if min(facts.gates) >= months_after(today(), int(rule.value)):
        return []
    message = _("The first gate is held %(months)s months after the beginning at the earliest.")
    return [Problem("race-gate-early", message % {"months": rule.value}, "gates", rule.source)]


# -- gates -------------------------------------------------------------------------------------------------------------


def hold_gate(*, actor: Actor, race: Race, facts: GateFacts) -> Race:
    """Keep what a third party found of all teams against the same targets, and what follows: who goes on, and where
    the money of who leaves goes. Raises `NotAllowed`, `Refused` or `Conflict`."""
    require_runs(actor, race)
    refuse_marked_texts([facts.words, facts.report_no, *figures_of(facts)], "words")
    with journal.writing():
        row: Race = held(race)
        state = state_of(row)
        tester = tester_of(row, facts.tester)
        test = RaceTest.objects.filter(race=row, gate=state.gates_held + 1).first()
        if problems := [*figure_problems(row, state, facts), *_test_problems(test, tester, facts)]:
            raise Refused(problems)
        merged = list(facts.merged) if facts.merged is not None else None
        data = {
            "passed": sorted(facts.passed),
            "decision": facts.decision,
            "ranking": list(facts.ranking),
            "keep": facts.keep,
            "merged": merged,
            "figures": {code: [clean(one) for one in facts.figures[code]] for code in state.running},
        }
        before, after = append_step(
            row, "gate", data, actor=actor, on=facts.on, tester=tester, report_no=clean(facts.report_no),
            words=clean(facts.words),
        )  # fmt: skip
        RaceTest.objects.filter(race=row, gate=state.gates_held + 1).update(held_on=today())
        gone = set(before.running) - set(after.running)
        for team in row.teams.filter(project__record__code__in=before.running).select_related("project__record"):
            project, left = team.project, team.project.record.code in gone
            if left and project.record.stage in LEAVES.source:  # what ended before the gate ends no second time
                advance(PROJECT, project, LEAVES.name, actor=SYSTEM)
            note_decision(project, actor, "gate" if left else "gate-on", before.gates_held + 1, raced=True)
            told = {"project": project.pk, "gate": before.gates_held + 1}
            tell_unit(project.leader, GATE_HELD, key=f"{GATE_HELD}:{project.pk}:{before.gates_held + 1}", content=told)
        touch(RACE, row, actor=actor, fields=["steps"])
    return row


def figures_of(facts: GateFacts) -> list[str]:
    """All figures of all teams."""
    return [one for found in facts.figures.values() for one in found]


def require_runs(actor: Actor, race: Race) -> None:
    """Raises `NotAllowed` but for the officers who run a race, `Conflict` once it is over."""
    if not decides_race.test(actor, race):
        raise NotAllowed(_("Races are run by the officers in charge of projects, of no side of one."))
    if race.record.stage != "running":
        raise Conflict(_("The race is over."))


def tester_of(row: Race, code: str) -> Organisation:
    """The third party of this code; raises `Refused` for none, and for a unit on a side of the race."""
    unit = require_unit(code, "tester")
    sides = {one for team in row.teams.select_related("project") for one, _part in sides_of(team.project)}
    if unit.pk in sides:
        message = _("This unit is on a side of the race: a third party holds the gate.")
        raise Refused(Problem("evidence-side", message, "tester"))
    return unit


def _test_problems(test: RaceTest | None, tester: Organisation, facts: GateFacts) -> list[Problem]:
    """Where a third party was asked, the gate is held by what it entered and by nothing else."""
    if test is None:
        return []
    if test.entered_at is None:
        message = _("The third party that was asked has not entered what it found.")
        return [Problem("gate-untested", message, "tester")]
    said = (tester.pk, facts.on, clean(facts.report_no), clean(facts.words), sorted(facts.passed))
    figures = {code: [clean(one) for one in found] for code, found in facts.figures.items()}
    if said == (test.tester_id, test.on, test.report_no, test.words, test.passed) and figures == test.figures:
        return []
    message = _("Hold the gate by what the third party entered, or ask it again.")
    return [Problem("gate-figures", message, "figures")]


def figure_problems(row: Race, state: engine.Race, facts: GateFacts, strangers: Collection[str] = ()) -> list[Problem]:
    """What is missing of what a third party found; `strangers` are said to have passed and do not run."""
    found, targets = [], row.item.indicators
    if strangers:
        message = _("%(codes)s do not run in this race any more.")
        found.append(Problem("race-figures", message % {"codes": listed(sorted(strangers))}, "figures"))
    if facts.on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "on"))
    if (due := next_gate(row, state)) is not None and facts.on < due:
        message = _("The next gate is held on %(day)s or later.")
        found.append(Problem("gate-day", message % {"day": due}, "on"))
    if not clean(facts.report_no):
        found.append(Problem("evidence-words", _("Give the number of the third party's report."), "report_no"))
    for code in state.running:
        figures = facts.figures.get(code, ())
        if len(figures) != len(targets) or not all(map(clean, figures)):
            message = _("Enter a figure of %(code)s for each target.")
            found.append(Problem("race-figures", message % {"code": code}, "figures"))
    return found


# -- money -------------------------------------------------------------------------------------------------------------


def reserve(*, actor: Actor, race: Race, team: str, fen: int, occasion: str) -> Payment:
    """Reserve money that is kept for those who go on for a team whose task book is signed: its next payment, due now or
    after acceptance; the limits of its leader are asked again. Raises `NotAllowed`, `Refused` or `Conflict`."""
    require_runs(actor, race)
    if occasion not in {Occasion.SIGNING, Occasion.ACCEPTANCE}:
        raise Refused(Problem("payment-incomplete", _("It is paid now or after acceptance."), "occasion"))
    with journal.writing():
        row: Race = held(race)
        entered = row.teams.filter(project__record__code=clean(team).upper()).select_related("project__record").first()
        if entered is None or entered.project.record.stage not in {"signed", "running", "rectifying"}:
            message = _("“%(code)s” is no team of this race whose task book is signed and that is under way.")
            raise Refused(Problem("race-project", message % {"code": clean(team)[:30]}, "team"))
        append_step(row, "reserve", {"team": entered.project.record.code, "fen": fen}, actor=actor)
        project: Project = held(entered.project)
        project.fiscal_fen += fen
        project.save(update_fields=["fiscal_fen"])
        leader = Member.objects.get(project=project, organisation=project.leader, state=MemberState.ACCEPTED)
        leader.fiscal_fen += fen
        leader.save(update_fields=["fiscal_fen"])
        now = occasion == Occasion.SIGNING
        number = next_number(project)
        made = Payment(
            project=project, number=number, part_of=number, source=Source.FISCAL, occasion=occasion,
            planned_fen=fen, state=PaymentState.DUE if now else PaymentState.PLANNED, due_on=today() if now else None,
        )  # fmt: skip
        require_fits(made)
        made.save()
        keep_limits(project, actor)
        renew_book(project)
        note_decision(project, actor, "reserve", made.number, raced=True)
        touch(PROJECT, project, actor=actor, fields=["fiscal_fen"])
        touch(RACE, row, actor=actor, fields=["steps"])
    return made
