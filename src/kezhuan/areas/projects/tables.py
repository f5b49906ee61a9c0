"""How rows of another system become projects, at the stage that they had there: under an application that was chosen,
with plan and payments."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Application, LibraryEntry
from kezhuan.areas.calls.permissions import is_funded
from kezhuan.areas.calls.tables import item_named
from kezhuan.areas.projects.actions import BookFacts, Share, check_facts, second_problem
from kezhuan.areas.projects.bringing import Made, Reached, milestones_of, payments_of
from kezhuan.areas.projects.bringing_actions import bring_plan
from kezhuan.areas.projects.changing import day_problems
from kezhuan.areas.projects.checks import check_days, payment_problems
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Member, Milestone, Payment, Project
from kezhuan.areas.projects.permissions import PROGRAMME, is_awarded, opens
from kezhuan.areas.projects.sheets import PROJECTS
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.kernel.access import SYSTEM, Actor, is_own_matter
from kezhuan.kernel.bulk import Number
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, cleaned

OVER = frozenset({"accepted", "evaluated"})
STAGES = ("signed", "running", "accepted", "evaluated", "terminated")
"""At which of its stages a project comes: with its task book signed, whatever followed."""
NUMBER_SCHEME = "project-of"
"""Scheme of the number by which a second row for one application is known: it has one project."""


@dataclass(frozen=True)
class Brought:
    """A project as its row says it; money in 分. `left` are lines of its plan that cannot be read, by column."""

    application: Application | None
    title: str
    fiscal_fen: int
    signed_on: date | None
    book: BookFacts
    reached: tuple[Reached, ...]
    made: tuple[Made, ...]
    left: Mapping[str, list[str]]
    stage: str = "running"
    accepted_on: date | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class ProjectRows(Importable[Brought]):
    """Officers in charge bring what another system holds."""

    lifecycle = PROJECT
    model = Project
    stage = "running"
    stages = STAGES
    for_members = False
    sheet = PROJECTS
    needs_one_of = ("call",)
    parts = ((Payment, "project"), (Milestone, "project"), (Member, "project"))

    def facts(self, content: Content) -> Brought:
        """See the base; some queries."""
        values = content.values
        for name in ("secrecy", "unit_code"):
            content.keep(name, values[name])
        if content.owner is None:
            content.keep("unit", values["unit"])
        application = _chosen(content)
        code = content.owner.record.code if content.owner is not None else ""
        reached, unread = milestones_of(values["milestones"] or "", code)
        made, unpaid = payments_of(values["payments"] or "")
        fiscal_fen = _award(application) if application is not None else 0
        known = application.record.title if application is not None else ""
        title = titled(values["title"] or known, "", content.extra)
        own_fen = values["own"] or 0
        return Brought(
            application=application,
            title=title,
            fiscal_fen=fiscal_fen,
            signed_on=values["signed_on"],
            book=BookFacts(
                starts_on=values["starts_on"],
                ends_on=values["ends_on"],
                own_fen=own_fen,
                firm_fen=values["firm"] or 0,
                shares=(Share(code, clean(title), fiscal_fen, own_fen),),
                milestones=tuple(one.aim for one in reached),
                payments=tuple(one.planned for one in made),
            ),
            reached=tuple(reached),
            made=tuple(made),
            stage=values["stage"] or self.stage,
            accepted_on=values["accepted_on"],
            left={name: lines for name, lines in (("milestones", unread), ("payments", unpaid)) if lines},
            extra=content.extra,
        )

    def check(self, facts: Brought, content: Content) -> list[Problem]:
        """An application that was chosen, and a task book as it must be when it is signed."""
        if facts.application is None:
            message = _("No application of “%(unit)s” was chosen for this item of the call: import its result first.")
            unit = clean(content.values["unit"] or "")[:60]
            return [Problem("project-application", message % {"unit": unit}, "call")]
        found = check_facts(facts.book)
        if not (is_awarded & is_funded).test(SYSTEM, facts.application):
            message = _("The call %(code)s begins no projects, or no budget document names this one yet.")
            code = facts.application.item.call.record.code
            found.append(Problem("project-unfunded", message % {"code": code}, "call"))
        if code := _standing(facts.application):
            found.append(second_problem(code))
        lines = listed_lines(facts.left)
        found += lines
        if not lines:
            found += _plan_problems(facts, Project(**self.own(facts)))
        found += _day_problems(facts, content.on)
        found += _stage_problems(facts)
        return found

    def words(self, facts: Brought) -> Words:
        """The name of the project, and what its application offers."""
        summary = facts.application.record.summary if facts.application is not None else ""
        return Words(clean(facts.title), "", summary)

    def own(self, facts: Brought) -> dict[str, Any]:
        """All own columns."""
        application, book = facts.application, facts.book
        return {
            "application": application,
            "leader": application.applicant if application is not None else None,
            "poster": application.item.poster if application is not None else None,
            "region": application.item.call.region if application is not None else "",
            "fiscal_fen": facts.fiscal_fen,
            "own_fen": book.own_fen,
            "firm_fen": book.firm_fen,
            "starts_on": book.starts_on,
            "ends_on": book.ends_on,
            "signed_on": facts.signed_on,
            "accepted_on": facts.accepted_on,
            "extra": cleaned(dict(facts.extra)),
        }

    def write_parts(self, rows: Sequence[tuple[Any, Brought]]) -> None:
        """The plan and what was paid; a project that stands here is not written by a file."""
        for row, facts in rows:
            bring_plan(row, facts.book, facts.reached, facts.made)

    def stage_of(self, facts: Brought) -> str:
        """Where it stood there."""
        return facts.stage

    def numbers(self, facts: Brought) -> tuple[Number, ...]:
        """The application: a living project of it stands once."""
        return (Number(NUMBER_SCHEME, str(facts.application.pk)),) if facts.application is not None else ()

    def owner_named(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The leader's credit code and name."""
        return tuple(clean(values[name]) for name in ("unit_code", "unit") if values[name])

    def identity(self, facts: Brought) -> str:
        """The application, by which a row without an id is known again."""
        return str(facts.application.pk) if facts.application is not None else ""

    def opening(self, facts: Brought) -> Hashable:
        """Each application has its own sides."""
        return facts.application.pk if facts.application is not None else None

    def may_open(self, actor: Actor, owner: Organisation | None, facts: Brought, stage: str | None) -> bool:
        """The officers in charge of the call and of projects, of no side, once the call's budget document is there."""
        application = facts.application
        if application is None or owner is None or is_own_matter.test(actor, owner) or not actor.is_officer:
            return False
        posed = application.item.poster_id in {one.pk for one in actor.choices}
        return not posed and actor.is_in_charge(application.region, PROGRAMME) and bool(opens.test(actor, application))

    def may_renew(self, actor: Actor, row: Any, *, from_file: bool) -> bool:
        """Nobody: it runs here."""
        return False

    def why_not(self, row: Any, facts: Brought) -> str:
        """What was brought runs here."""
        return _("It runs here by now: change it on its page, or take the import back and import it anew.")

    def brought_by(self, actor: Actor) -> bool:
        """Officers in charge of projects, who need not be in charge of everything."""
        office = actor.organisation
        return office is not None and actor.is_officer and actor.is_in_charge(office.region, PROGRAMME)

    def read_by(self, actor: Actor) -> bool:
        """The same read what their colleagues bring."""
        return self.brought_by(actor)


def listed_lines(left: Mapping[str, list[str]]) -> list[Problem]:
    """A sentence on each cell of a plan with a line that cannot be read."""
    message = {
        "milestones": _("“%(line)s” is no milestone: write indicator | day | how it is found out | day reached."),
        "payments": _("“%(line)s” is no payment: write 财政 | 里程碑1 | 万元 | day it was paid | voucher."),
    }
    return [Problem("plan-line", message[name] % {"line": lines[0][:60]}, name) for name, lines in left.items()]


def _plan_problems(facts: Brought, row: Project) -> Iterator[Problem]:
    if not facts.reached:
        yield Problem("milestones-missing", _("Add at least one milestone."), "milestones")
    yield from day_problems(row, row.starts_on, row.ends_on, [one.aim.due_on for one in facts.reached])
    planned = [
        Payment(source=one.planned.source, occasion=one.planned.occasion, planned_fen=one.planned.fen)
        for one in facts.made
    ]
    yield from payment_problems(row, planned)


def _day_problems(facts: Brought, on: date) -> Iterator[Problem]:
    book = facts.book
    if book.starts_on is None or book.ends_on is None:
        yield from check_days(Project(application=facts.application, starts_on=book.starts_on, ends_on=book.ends_on))
    if facts.signed_on is None:
        yield Problem("project-unsigned", _("Give the day on which the task book was signed."), "signed_on")
    days = (
        ("signed_on", [facts.signed_on]),
        ("accepted_on", [facts.accepted_on]),
        ("milestones", [one.passed_on for one in facts.reached]),
        ("payments", [one.paid_on for one in facts.made]),
    )
    for name, said in days:
        if any(one is not None and one > on for one in said):
            yield Problem("day-later", _("This day lies in the future."), name)


def _stage_problems(facts: Brought) -> Iterator[Problem]:
    """What was accepted says when, and has reached its milestones; what has not begun has reached none."""
    passed = [one.passed_on is not None for one in facts.reached]
    if (facts.stage in OVER) != (facts.accepted_on is not None):
        message = _("Give the day of acceptance of what has passed it, and of nothing else.")
        yield Problem("project-accepted-day", message, "accepted_on")
    if facts.stage in OVER and not all(passed):
        message = _("What has passed acceptance has reached every milestone: give the day of each.")
        yield Problem("project-accepted-open", message, "milestones")
    if facts.stage == "signed" and any(passed):
        message = _("What has not begun has reached no milestone yet: it is under way.")
        yield Problem("project-not-begun", message, "milestones")
    if facts.accepted_on is not None and facts.signed_on is not None and facts.accepted_on < facts.signed_on:
        yield Problem("project-accepted-day", _("It passed acceptance after its task book was signed."), "accepted_on")


def _chosen(content: Content) -> Application | None:
    """The application of a unit that was chosen for an item of a call."""
    item = item_named(content, content.values["call"] or "", content.values["item"] or "")
    if item is None or content.owner is None:
        return None
    rows = Application.objects.filter(item=item, applicant=content.owner, alive=True, record__stage="awarded")
    told = ("record", "item__call__record", "item__poster__record", "applicant__record")
    return rows.select_related(*told).first()


def _award(application: Application) -> int:
    """The fiscal money of its project: what a budget document gives, else the award."""
    entry = LibraryEntry.objects.filter(application=application).first()
    if entry is None:
        return application.award_fen or 0
    return entry.funded_fen if entry.funded_fen is not None else entry.amount_fen


def _standing(application: Application) -> str:
    """The code of a living project of it that no import brought."""
    rows = Project.objects.filter(application=application, alive=True)
    brought = rows.filter(record__identifiers__scheme=NUMBER_SCHEME, record__identifiers__active=True)
    return str(rows.exclude(pk__in=brought.values("pk")).values_list("record__code", flat=True).first() or "")


ROWS = ProjectRows()
