"""What is done with tasks of a chain: written, changed, and the record of their selection kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import CallItem
from kezhuan.areas.chains.models import SelectionMode, Task
from kezhuan.areas.chains.permissions import unit_of
from kezhuan.areas.chains.selecting import LEAST, leave_ended
from kezhuan.areas.chains.task_lifecycle import TASK, check_gap
from kezhuan.areas.needs.actions import NeedFacts, register_need
from kezhuan.areas.needs.models import Need, NeedSource
from kezhuan.areas.projects.checks import require_unit
from kezhuan.areas.projects.models import Project
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, represents_owner, seen_by, visible_to
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, today

CHANGED_AT = frozenset({"draft", "published"})
"""Stages at which a task and the record of its selection are written."""
MOST_FEN = 10**15
MOST_MONTHS = 600
COLUMNS = ("chain", "link", "missing", "state_of_art", "holds", "evidence", "indicators", "mode", "why")
NUMBERS = ("months", "fiscal_fen", "own_fen")


@dataclass(frozen=True)
class TaskFacts:
    """What is entered of a gap and the task that closes it; see `Task`. Money in 分."""

    title: str
    chain: str
    link: str
    missing: str
    summary: str = ""
    state_of_art: str = ""
    holds: str = ""
    evidence: str = ""
    indicators: str = ""
    months: int | None = None
    fiscal_fen: int | None = None
    own_fen: int | None = None
    mode: str = ""
    why: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Selection:
    """What is entered of a selection; organisation, call and project by their codes, the item by its number."""

    undertaker: str = ""
    capability: str = ""
    related: str = ""
    decided_on: date | None = None
    minutes_no: str = ""
    deciders: str = ""
    call: str = ""
    item: int | None = None
    project: str = ""


def check_facts(facts: TaskFacts) -> Iterator[Problem]:
    """What cannot even be kept as a draft."""
    if not 2 <= len(clean(facts.title)) <= 200:
        yield Problem("title-length", _("Give a title of 2 to 200 characters."), "title")
    for name, value, label in (
        ("chain", facts.chain, _("the chain")), ("link", facts.link, _("its link")),
        ("missing", facts.missing, _("what is missing in it")),
    ):  # fmt: skip
        if not clean(value):
            yield Problem("task-gap", _("This is still missing: %(name)s.") % {"name": label}, name)
    if facts.mode and facts.mode not in SelectionMode.values:
        yield Problem("choice-unknown", _("Choose from the list."), "mode")
    if facts.months is not None and not 1 <= facts.months <= MOST_MONTHS:
        message = _("Give the months, from 1 to %(most)s.") % {"most": MOST_MONTHS}
        yield Problem("task-months", message, "months")
    for name in ("fiscal_fen", "own_fen"):
        fen = getattr(facts, name)
        if fen is not None and not 0 <= fen <= MOST_FEN:
            yield Problem("task-money", _("Give an amount that is not below zero."), name)


def columns_of(facts: TaskFacts) -> dict[str, Any]:
    """The own columns."""
    texts = {name: clean(getattr(facts, name)) for name in COLUMNS}
    return texts | {name: getattr(facts, name) for name in NUMBERS}


def draft_task(*, actor: Actor, facts: TaskFacts) -> Task:
    """Write a gap of its chain and the task that closes it, for the organisation that the actor acts for. Raises
    `NotAllowed` or `Refused`."""
    if unit_of(actor) is None or actor.organisation is None:
        raise NotAllowed(_("Members of an organisation that write for it write its task list."))
    if problems := list(check_facts(facts)):
        raise Refused(problems)
    region = actor.organisation.region
    with journal.writing():
        row: Task = open_record(
            TASK,
            lambda record: Task(record=record, region=region, **columns_of(facts)),
            actor=actor,
            title=facts.title,
            summary=facts.summary,
            owner=actor.organisation,
            contact=actor.person,
        )
    return row


def edit_task(*, actor: Actor, task: Task, facts: TaskFacts, expected_version: int) -> Task:
    """Change a task that has not started. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if not represents_owner.test(actor, task):
        raise NotAllowed(_("Only the organisation changes its task list."))
    if problems := list(check_facts(facts)):
        raise Refused(problems)
    with journal.writing():
        row = _held(task)
        texts = {"title": clean(facts.title), "summary": clean(facts.summary)}
        changed = [*set_columns(row.record, texts), *set_columns(row, columns_of(facts))]
        if row.record.stage == "published" and (problems := list(check_gap(row))):
            raise Refused(problems)
        require_fits(row.record, row)
        row.record.save(update_fields=list(texts))
        row.save()
        touch(TASK, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def _held(task: Task) -> Task:
    row: Task = held(task)
    if row.record.stage not in CHANGED_AT:
        raise Conflict(_("A task that has started, or was given up, is not changed."))
    return row


def keep_selection(*, actor: Actor, task: Task, facts: Selection, expected_version: int | None = None) -> Task:
    """Enter what the record of the task's mode needs. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if not represents_owner.test(actor, task):
        raise NotAllowed(_("Only the organisation changes its task list."))
    unit = require_unit(facts.undertaker, "undertaker") if clean(facts.undertaker) else None
    if facts.decided_on is not None and facts.decided_on > today():
        raise Refused(Problem("day-later", _("This day lies in the future."), "decided_on"))
    columns: dict[str, Any] = {
        "undertaker": unit,
        "capability": clean(facts.capability),
        "related": clean(facts.related),
        "decided_on": facts.decided_on,
        "minutes_no": clean(facts.minutes_no),
        "deciders": clean(facts.deciders),
        "item": _item(actor, facts),
    }
    with journal.writing():
        row = _held(task)
        columns["project"] = _project(actor, facts.project, row)
        if columns["project"] != row.project:
            leave_ended(row)
        changed = set_columns(row, columns)
        require_fits(row)
        row.save()
        touch(TASK, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def poses(actor: Actor, task: Task) -> bool:
    """Whether the actor poses the task as a need now: for its leader, where its mode chooses from a call, once unless
    what was begun was thrown away."""
    unposed = task.need is None or task.need.phase == Phase.VOID
    fits = task.mode in LEAST and unposed and task.record.stage in CHANGED_AT
    return fits and represents_owner.test(actor, task) and unit_of(actor) is not None


def pose_need(*, actor: Actor, task: Task) -> Need:
    """Begin a need in the words that everybody reads of a task, to be put on the list of a call. Raises `NotAllowed`,
    `Refused` or `Conflict`."""
    if not represents_owner.test(actor, task):
        raise NotAllowed(_("Only the organisation changes its task list."))
    with journal.writing():
        row = _held(task)
        if not poses(actor, row):
            raise Conflict(_("A task whose mode chooses from a call is posed as a need, once, before it starts."))
        said = (row.missing, row.record.summary, row.indicators)
        made = register_need(
            actor=actor,
            owner=row.record.owner,
            facts=NeedFacts(
                title=row.record.title,
                problem="\n".join(filter(None, said)),
                chain=row.chain,
                budget_fen=row.own_fen or None,
                contact=actor.person,
                source=NeedSource.CHAIN_LEADER,
            ),
        )
        row.need = made.record
        row.save(update_fields=["need"])
        touch(TASK, row, actor=actor, fields=["need"])
    return made


def _item(actor: Actor, facts: Selection) -> CallItem | None:
    code = clean(facts.call).upper()
    if not code:
        return None
    rows = CallItem.objects.filter(seen_by(actor, "call__record__title_to"), call__record__code=code)
    chosen = list((rows if facts.item is None else rows.filter(number=facts.item))[:2])
    if len(chosen) != 1:
        message = _("No call “%(code)s” that you may see has this one item: give its code, and the number of the item.")
        raise Refused(Problem("task-item", message % {"code": code[:30]}, "call"))
    return chosen[0]


def _project(actor: Actor, code: str, row: Task) -> Project | None:
    if not clean(code):
        return None
    rows = Project.objects.filter(record__code=clean(code).upper(), alive=True).select_related("record")
    found = visible_to(actor, rows, "full").first()
    if found is None:
        message = _("“%(code)s” is no project here whose task book you read.")
        raise Refused(Problem("task-project", message % {"code": clean(code)[:30]}, "project"))
    if Task.objects.filter(project=found).exclude(pk=row.pk).exists():
        message = _("This project belongs to another task already.")
        raise Refused(Problem("task-project", message, "project"))
    return found
