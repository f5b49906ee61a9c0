"""遴选记录: what the record of each mode of selection needs before a task starts, and which of it is missing.

A directed commission rests on reasons that were decided on together; an open challenge and a competitive selection on
their call, whose list, applications, panel and decision are read where they stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Application
from kezhuan.areas.chains.models import SelectionMode, Task
from kezhuan.areas.projects.models import MemberState, Project
from kezhuan.areas.projects.permissions import CUT_SHORT
from kezhuan.areas.reviews.queries import advice_on
from kezhuan.kernel.access import Actor, can_view, predicate, region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import clean, listed, today

LISTED = frozenset({"published", "closed", "decided"})
"""Stages of calls whose lists were announced."""
LEAST = {SelectionMode.OPEN: 1, SelectionMode.COMPETITIVE: 2}
"""How many candidates there are at least: nobody chooses from none, and one alone does not compete."""


def candidates_code(mode: str) -> str:
    """Code of the rule value: how many candidates a selection has at least; none ships."""
    return f"task.{mode}.candidates"


@dataclass(frozen=True)
class Part:
    """A part of a task's record of selection: what it is, what is there of it (nothing: it is missing), and the field
    in which it is entered."""

    name: str
    there: str
    field: str


def parts_of(task: Task) -> list[Part]:
    """Everything that the record of the task's mode needs, in its order, with what is there."""
    found = [
        Part(_("Goal"), clean(task.record.summary), "summary"),
        Part(_("Indicators"), task.indicators, "indicators"),
        Part(_("Mode of selection"), str(task.get_mode_display()), "mode"),
        Part(_("Why this mode"), task.why, "why"),
    ]
    if task.mode == SelectionMode.DIRECTED:
        found += _directed(task)
    elif task.mode:
        found += _called(task)
    if _undertakes_itself(task):
        found.append(_chosen_by_panel(task))
    return [*found, Part(_("Project, with the leader of the chain taking part"), _project_of(task), "project")]


def parts_for(actor: Actor, task: Task) -> list[Part]:
    """The same for somebody who reads the task: of a call that they do not see no more than that it is there."""
    found, item = parts_of(task), task.item
    if item is None or can_view(actor, item.call.record):
        return found
    return [replace(one, there=_("there")) if one.there and one.field == "item" else one for one in found]


def missing_of(task: Task) -> list[Part]:
    """The parts of its record that are missing."""
    return [one for one in parts_of(task) if not one.there]


def check_record(row: Any) -> Iterator[Problem]:
    """The record that the task's mode needs is complete; each part that is missing is named."""
    if lacking := missing_of(row):
        message = _("The record of this mode is not complete. Missing: %(parts)s.")
        yield Problem("task-record", message % {"parts": listed(one.name for one in lacking)}, lacking[0].field)


@predicate
def is_unbegun(_actor: Actor, row: Any) -> bool:
    """Nothing stands of a task: no award that it was commissioned by, and no project; or what stood has ended."""
    if row.commission is not None and not _ended().filter(application=row.commission_id).exists():
        return False
    return row.project is None or not stands(row.project)


def _ended() -> QuerySet[Project]:
    return Project.objects.filter(alive=True, record__stage__in=CUT_SHORT)


@is_unbegun.beside
def _being_unbegun(_actor: Actor, rows: Rows) -> Q:
    unawarded = rows.where(commission=None) | rows.where(commission__in=_ended().values("application"))
    gone = Project.objects.filter(Q(alive=False) | Q(record__stage__in=CUT_SHORT)).values("pk")
    return unawarded & (rows.where(project=None) | rows.where(project__in=gone))


@predicate
def is_to_be_awarded(actor: Actor, row: Any) -> bool:
    """A directed commission on the list, to another than its leader, has the whole of its record but the project."""
    if row.record.stage != "published" or row.mode != SelectionMode.DIRECTED or not is_unbegun.test(actor, row):
        return False
    return row.undertaker_id != row.record.owner_id and all(one.field == "project" for one in missing_of(row))


_WORDS = ("indicators", "why", "capability", "related", "minutes_no", "deciders")
"""Columns of words that the record of a directed commission needs, beside the goal, which is the record's summary."""


@is_to_be_awarded.beside
def _being_to_be_awarded(actor: Actor, rows: Rows) -> Q:
    there = ~rows.records.where(summary="") & rows.where(decided_on__isnull=False, undertaker__isnull=False)
    for name in _WORDS:
        there &= ~rows.where(**{name: ""})
    on_list = rows.records.where(stage="published") & rows.where(mode=SelectionMode.DIRECTED)
    return on_list & there & ~rows.where(undertaker=F(f"{rows.path}record__owner")) & is_unbegun.where(actor, rows)


def leave_ended(task: Task) -> None:
    """What ended without closing the gap stands among the task's former projects, and no longer as what came of it."""
    if task.project is not None and not stands(task.project):
        task.former.add(task.project)
        task.project = None


def stands(project: Project) -> bool:
    """Whether what came of a task goes on, or reached its goal."""
    return project.alive and project.record.stage not in CUT_SHORT


def _directed(task: Task) -> list[Part]:
    decided = task.decided_on.isoformat() if task.decided_on is not None and task.minutes_no else ""
    return [
        Part(
            _("Undertaker who is commissioned"),
            task.undertaker.record.title if task.undertaker is not None else "",
            "undertaker",
        ),
        Part(_("Evidence that it alone is able to"), task.capability, "capability"),
        Part(_("How it is related to the leader (none: say so)"), task.related, "related"),
        Part(_("Day and minutes of the collective decision"), f"{decided} {task.minutes_no}".strip() if decided else "",
             "decided_on"),
        Part(_("Who decided"), task.deciders, "deciders"),
    ]  # fmt: skip


def _called(task: Task) -> list[Part]:
    item = task.item
    call = item.call if item is not None else None
    told = f"{call.record.code} {item.number} {item.title}" if item is not None and call is not None else ""
    announced = call is not None and call.record.stage in LISTED
    number = _candidates(task) if item is not None else 0
    chosen = (
        task.project.application
        if task.project is not None and task.project.application.item_id == task.item_id
        else None
    )
    advice = advice_on([chosen.pk]).get(chosen.pk) if chosen is not None else None
    panel = advice.panel if advice is not None else None
    return [
        Part(_("Item on the list of a call"), told, "item"),
        Part(_("Announcement of the call"), call.record.code if announced and call is not None else "", "item"),
        Part(
            _("Candidates, at least %(least)s") % {"least": _least(task)},
            str(number) if number >= _least(task) else "",
            "item",
        ),
        Part(_("Scores of a panel"), panel.record.code if panel is not None else "", "item"),
        Part(_("Minutes of the panel"), panel.minutes_no if panel is not None else "", "item"),
        Part(_("Decision of the call"), chosen.record.code if chosen is not None else "", "project"),
    ]


def _undertakes_itself(task: Task) -> bool:
    """Whether the leader of the chain gives the task to itself, by whatever mode: then others choose."""
    undertakers = {task.undertaker_id} if task.mode == SelectionMode.DIRECTED else set()
    return task.record.owner_id in undertakers | {task.project.leader_id if task.project is not None else None}


def _chosen_by_panel(task: Task) -> Part:
    """That a panel of the bureau advises to choose what the leader applied with for the project."""
    advice = advice_on([task.project.application_id]) if task.project is not None else {}
    panel = next((one.panel.record.code for one in advice.values() if one.advised), "")
    return Part(
        _("The bureau's panel chose the leader: where it undertakes, it does not choose itself"), panel, "project"
    )


def _least(task: Task) -> int:
    rule = rule_or_none(candidates_code(task.mode), on=today(), jurisdiction=region_of(task))
    plain = LEAST[SelectionMode(task.mode)]
    return max(plain, int(rule.value)) if rule is not None else plain


def _candidates(task: Task) -> int:
    rows = Application.objects.filter(item=task.item_id, submitted_at__isnull=False, commissioned_by=None)
    return rows.exclude(record__stage__in=("withdrawn", "discarded")).count()


def _project_of(task: Task) -> str:
    """The project, where it is what the selection led to and the leader of the chain takes part in it."""
    row = task.project
    if row is None or not stands(row):
        return ""
    fits = (
        row.leader_id == task.undertaker_id
        if task.mode == SelectionMode.DIRECTED
        else row.application.item_id == task.item_id
    )
    part = row.members.filter(organisation=task.record.owner_id, state=MemberState.ACCEPTED).exists()
    return row.record.code if fits and (part or row.leader_id == task.record.owner_id) else ""
