"""Pages of tasks of a chain: the list, one task with its gap and the record of its selection, writing and changing."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.chains.commissioning_actions import CommissionFacts, commission, commissions, directions_of
from kezhuan.areas.chains.forms_tasks import CommissionForm, TaskForm, initial_of, selection_form, selection_of
from kezhuan.areas.chains.models import SelectionMode, Task
from kezhuan.areas.chains.pages import ANY, owner_name
from kezhuan.areas.chains.permissions import unit_of
from kezhuan.areas.chains.queries import TASK_TOLD, tasks_visible_to
from kezhuan.areas.chains.selecting import parts_for
from kezhuan.areas.chains.task_actions import (
    CHANGED_AT,
    check_facts,
    draft_task,
    edit_task,
    keep_selection,
    pose_need,
    poses,
)
from kezhuan.areas.chains.task_lifecycle import TASK_KIND
from kezhuan.kernel.access import Actor, can_view, get_visible, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.vocabulary import REGIONS
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag, Text
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import BEFORE, RecordForm, confirm_page, entry_page, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import wan


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Task]:
    return list(tasks_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Task, words: str) -> ResultLine:
    mode = (Tag(row.get_mode_display()),) if row.mode else ()
    return faces.plain_line(
        row.record,
        kind_label=_("task of a chain"),
        tags=(faces.stage_tag(row.record), *mode),
        meta=(owner_name(row), row.chain, row.link, wan(row.fiscal_fen) if row.fiscal_fen is not None else ""),
        snippet_html=snippet(words, row.missing),
        on=row.record.opened_on,
    )


def register_face() -> None:
    """How tasks stand in lists."""
    faces.register(TASK_KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Task) -> str:
    may = row.record.stage in CHANGED_AT and represents_owner.test(actor, row)
    return reverse("task-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    return ButtonLink(_("Write a task"), reverse("task-new"), primary=True) if unit_of(actor) is not None else None


@takes_a_list
def task_list(request: Request) -> HttpResponse:
    """The task lists of chain leaders."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("tasks of chains")),
        kinds=(TASK_KIND,),
        facets=("chain", "mode", "stage", "region"),
        buttons=[new] if new is not None else [],
        lead=_("From the gap of a chain to the task that closes it, how it is given away, and the project it becomes."),
        empty=_("No task is on a list here."),
        labels={
            "mode": lambda value: str(SelectionMode(value).label),
            "region": lambda value: str(REGIONS.get(value, value)),
        },
    )


@require_safe
def task_page(request: Request, code: str) -> HttpResponse:
    """One task: its gap, how it is given away, and which parts of that record are there."""
    actor = request.actor
    row = get_visible(actor, Task, code, related=TASK_TOLD)
    full = can_view(actor, row.record, "full")
    return record_page(
        request,
        row,
        "chains/task.html",
        tags=(Tag(row.get_mode_display()),) if row.mode else (),
        buttons=_buttons(actor, row),
        gap=_gap(row, full=full),
        facts=_facts(actor, row, full=full),
        selection=_selection(actor, row) if full else None,
        others=_others(actor, row),
    )


def _buttons(actor: Actor, row: Task) -> list[ButtonLink]:
    may = row.mode and row.record.stage in CHANGED_AT and represents_owner.test(actor, row)
    code = row.record.code
    posing = [ButtonLink(_("Pose it as a need"), reverse("task-need", args=[code]))] if poses(actor, row) else []
    begins = (
        [ButtonLink(_("Award the commission"), reverse("task-commission", args=[code]), primary=True)]
        if commissions(actor, row)
        else []
    )
    return [
        *begins,
        *posing,
        *([ButtonLink(_("Enter the selection"), reverse("task-selection", args=[code]))] if may else []),
    ]


def _gap(row: Task, *, full: bool) -> list[Fact]:
    facts = [
        Fact(_("Chain leader"), owner_name(row), faces.url_of(row.record.owner.record) if row.record.owner else ""),
        Fact(_("Chain"), row.chain),
        Fact(_("Link of the chain"), row.link),
        Fact(_("What is missing in it"), row.missing),
        Fact(_("State of the art"), row.state_of_art if full else ""),
        Fact(_("Who masters it"), row.holds if full else ""),
        Fact(_("Evidence of the gap"), row.evidence if full else ""),
    ]
    return [one for one in facts if one.value]


def _facts(actor: Actor, row: Task, *, full: bool) -> list[Fact]:
    former = row.former.select_related("record__title_to").order_by("pk") if full else ()
    facts = [
        Fact(_("Goal"), row.record.summary),
        Fact(_("Indicators"), row.indicators),
        Fact(_("Months"), str(row.months or "")),
        Fact(_("Fiscal money"), wan(row.fiscal_fen) if row.fiscal_fen is not None else ""),
        Fact(_("Own money"), wan(row.own_fen) if row.own_fen is not None else ""),
        Fact(_("Mode of selection"), row.get_mode_display() if row.mode else ""),
        Fact(_("Why this mode"), row.why),
        *(
            [faces.linked_fact(actor, _("Need"), row.need)]
            if row.need is not None and can_view(actor, row.need)
            else []
        ),
        *([faces.linked_fact(actor, _("Call"), row.item.call.record)] if row.item is not None else []),
        *(
            [faces.linked_fact(actor, _("Commission awarded"), row.commission.record)]
            if full and row.commission is not None
            else []
        ),
        *([faces.linked_fact(actor, _("Project"), row.project.record)] if full and row.project is not None else []),
        *(faces.linked_fact(actor, _("Project that ended before"), one.record) for one in former),
    ]
    return [one for one in facts if one.value]


def _selection(actor: Actor, row: Task) -> TableView:
    rows: list[tuple[Cell | Text, ...]] = [
        (one.name, one.there, Cell("", tag=Tag(_("there"), "ok") if one.there else Tag(_("still missing"), "wait")))
        for one in parts_for(actor, row)
    ]
    columns = (Column(_("Part of the record")), Column(_("What is there")), Column(_("State")))
    return TableView(columns, tuple(rows), _("Record of the selection"))


def _others(actor: Actor, row: Task) -> TableView | None:
    """Other tasks that close the same gap."""
    same = {"chain": row.chain, "link": row.link, "missing": row.missing, "record__owner": row.record.owner_id}
    found = tasks_visible_to(actor).filter(**same).exclude(pk=row.pk).order_by("pk")[:50]
    rows = tuple(
        (
            Cell(f"{one.record.code} {name_of(one.record)}", faces.url_of(one.record)),
            one.get_mode_display() if one.mode else "",
            Cell("", tag=faces.stage_tag(one.record)),
        )
        for one in found
    )
    columns = (Column(_("Task")), Column(_("Mode of selection")), Column(_("Stage")))
    return TableView(columns, rows, _("Other tasks for the same gap")) if rows else None


# -- writing -----------------------------------------------------------------------------------------------------------


@require_http_methods(ANY)
def task_new(request: Request) -> HttpResponse:
    """Write a gap and the task that closes it."""
    if unit_of(request.actor) is None:
        raise NotAllowed(_("Members of an organisation that write for it write its task list."))

    def enter(form: TaskForm) -> Task:
        return draft_task(actor=request.actor, facts=form.facts)

    return _form(request, _("Write a task"), enter, {}, reverse("tasks"))


@require_http_methods(ANY)
def task_edit(request: Request, code: str) -> HttpResponse:
    """Change a task that has not started."""
    row = get_visible(request.actor, Task, code, related=TASK_TOLD)
    must_allow(_edit_url, request.actor, row)
    if request.GET.get(BEFORE) == "start" and row.mode:
        return redirect("task-selection", code)  # what keeps a task from its start is entered there

    def enter(form: TaskForm) -> Task:
        expected = expected_version(request, row.record.version)
        return edit_task(actor=request.actor, task=row, facts=form.facts, expected_version=expected)

    return _form(request, _("Change the task"), enter, initial_of(row), faces.url_of(row.record), row)


def _form(
    request: Request,
    title: str,
    enter: Callable[[TaskForm], Task],
    fields: dict[str, Any],
    back: str,
    row: Task | None = None,
) -> HttpResponse:
    shown = RecordForm(
        title=title,
        maker=lambda posted: TaskForm(posted, initial=fields),
        groups=(
            (_("The gap"), ("chain", "link", "missing", "state_of_art", "holds", "evidence")),
            (_("The task"), ("title", "summary", "indicators", "months", "fiscal_fen", "own_fen")),
            (_("How it is given away"), ("mode", "why")),
        ),
        rows={},
        initial_rows={},
        save=lambda form, _typed: enter(form),
        crumbs=trail((_("Home"), "/"), (capfirst(_("tasks of chains")), reverse("tasks")), title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=lambda form, _typed: check_facts(form.facts),
    )
    return form_page(request, shown)


@require_http_methods(ANY)
def task_need(request: Request, code: str) -> HttpResponseBase:
    """Begin a need in the words of a task, and go on in its form."""
    row = get_visible(request.actor, Task, code, related=TASK_TOLD)
    must_allow(
        poses,
        request.actor,
        row,
        _("A task whose mode chooses from a call is posed as a need, once, before it starts."),
    )
    title = _("Pose it as a need")

    def act() -> HttpResponseBase:
        return redirect("need-edit", pose_need(actor=request.actor, task=row).record.code)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_(
            "A draft of a need begins in the words that everybody reads of this task: add its indicators, publish it."
            " Once officers have put it on the list of a call, the selection here knows the call and the item."
        ),
        submit_label=title,
        back=faces.url_of(row.record),
        crumbs=trail((_("Home"), "/"), (capfirst(_("tasks of chains")), reverse("tasks")), title),
        grave=False,
    )


@require_http_methods(ANY)
def task_selection(request: Request, code: str) -> HttpResponseBase:
    """Enter what the record of the task's mode needs."""
    row = get_visible(request.actor, Task, code, related=TASK_TOLD)
    must_allow(
        lambda actor, task: task.mode and _edit_url(actor, task),
        request.actor,
        row,
        _("The selection is entered by the leader, once its mode is chosen and before the task starts."),
    )

    def act(form: Any) -> object:
        expected = expected_version(request, row.record.version)
        return keep_selection(actor=request.actor, task=row, facts=selection_of(form), expected_version=expected)

    return entry_page(
        request,
        row,
        lambda posted, _files: selection_form(row, posted),
        act,
        title=_("Enter the selection"),
        intro=f"{name_of(row.record)} · {row.get_mode_display()}",
        carried=[("version", row.record.version)],
    )


@require_http_methods(ANY)
def task_commission(request: Request, code: str) -> HttpResponseBase:
    """Award what is commissioned, and open its project."""
    row = get_visible(request.actor, Task, code, related=TASK_TOLD)
    must_allow(
        commissions,
        request.actor,
        row,
        _("The officers in charge award a commission, once, to whom a chosen leader of a chain commissions."),
    )

    def act(form: Any) -> object:
        expected = expected_version(request, row.record.version)
        facts = CommissionFacts(**form.cleaned_data)
        return commission(actor=request.actor, task=row, facts=facts, expected_version=expected)

    directions = directions_of(request.actor, row)
    return entry_page(
        request,
        row,
        lambda posted, _files: CommissionForm(posted, row=row, directions=directions),
        act,
        title=_("Award the commission"),
        submit_label=_("Award it and open the project"),
        done=_("The commission is awarded."),
        intro=_(
            "It counts against the budget line and the limits of the call that chose the leader of the chain, who signs"
            " the task book, takes part with people of its own, and is the first user."
        ),
        carried=[("version", row.record.version)],
    )
