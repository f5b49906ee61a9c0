"""Pages of projects: the list, and one project with its task book."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.calls.pages import LABELS
from kezhuan.areas.projects.models import Change, Project, Source
from kezhuan.areas.projects.permissions import (
    asks_change,
    decides,
    is_asked_to_join,
    is_invited,
    signs_book,
)
from kezhuan.areas.projects.queries import open_change, projects_visible_to, wording_of
from kezhuan.kernel.access import Actor, can_view, get_visible, represents_owner
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag, Text
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.records import record_page
from kezhuan.web.templatetags.kezhuan import day, wan

FACETS = ("stage", "call_kind", "region")
WHOLE = (
    "application__item__call__record__title_to", "application__item__call__record__public_to", "application__record",
    "application__record__title_to", "leader__record", "poster__record",
)  # fmt: skip


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Project]:
    return list(projects_visible_to(actor).filter(pk__in=ids))


def _line(actor: Actor, row: Project, words: str) -> ResultLine:
    seen = can_view(actor, row.record, "public")
    return faces.plain_line(
        row.record,
        kind_label=_("project"),
        tags=(faces.stage_tag(row.record),),
        meta=(name_of(row.leader.record), wan(row.fiscal_fen)) if seen else (),
        snippet_html=snippet(words, row.record.summary) if seen else None,
        on=row.record.opened_on,
    )


def register_face() -> None:
    """How projects stand in lists."""
    faces.register("project", faces.Face(_rows, _line, edit=edit_url))


def edit_url(actor: Actor, row: Project) -> str:
    """Where the actor writes the task book, if they do."""
    may = row.record.stage == "drafted" and represents_owner.test(actor, row)
    return reverse("project-edit", args=[row.record.code]) if may else ""


@takes_a_list
def project_list(request: Request) -> HttpResponse:
    """The projects whose task books are signed, and those of the reader's unit and office before."""
    return list_page(
        request,
        title=capfirst(_("projects")),
        kinds=("project",),
        facets=FACETS,
        lead=_("What was chosen in calls, from its task book to what came of it."),
        labels=LABELS,
    )


@require_safe
def project_page(request: Request, code: str) -> HttpResponse:
    """One project: who undertakes it with whom, by which milestones and for what money."""
    actor = request.actor
    row = get_visible(actor, Project, code, related=WHOLE)
    seen, inside = can_view(actor, row.record, "public"), can_view(actor, row.record, "full")
    book: dict[str, Any] = _book(row) if inside else {}
    return record_page(
        request,
        row,
        "projects/project.html",
        meta=[name_of(row.leader.record)] if seen else [],
        buttons=_buttons(actor, row),
        facts=_facts(row, inside=inside) if seen else (),
        seen=seen,
        inside=inside,
        changes=_changes(actor, row) if inside else (),
        **book,
    )


def _buttons(actor: Actor, row: Project) -> list[ButtonLink]:
    code, found = row.record.code, []
    if is_invited.test(actor, row):
        found.append(ButtonLink(_("Answer the invitation"), reverse("project-answer", args=[code]), primary=True))
    if signs_book.test(actor, row) and not _has_signed(row, actor):
        found.append(ButtonLink(_("Sign the task book"), reverse("project-sign-book", args=[code]), primary=True))
    if is_asked_to_join.test(actor, row):
        found.append(ButtonLink(_("Agree to take part"), reverse("project-join", args=[code]), primary=True))
    if asks_change.test(actor, row) and open_change(row) is None and row.members.count() > 1:
        found.append(ButtonLink(_("Ask for a change of members"), reverse("project-change-new", args=[code])))
    return found


def _has_signed(row: Project, actor: Actor) -> bool:
    unit, wording = actor.organisation, wording_of(row)
    if unit is not None and unit.pk == row.poster_id:
        return row.poster_signed == wording
    return bool(row.members.filter(organisation=unit, signed=wording).exists())


def _facts(row: Project, *, inside: bool) -> list[Fact]:
    item = row.application.item
    facts = [
        Fact(_("Call"), f"{item.call.record.code} {name_of(item.call.record)}", faces.url_of(item.call.record)),
        Fact(_("Item"), f"{item.number} {item.title}"),
        Fact(_("Application"), row.application.record.code, faces.url_of(row.application.record)),
        Fact(_("Leader"), name_of(row.leader.record), faces.url_of(row.leader.record)),
        Fact(_("Challenge posed by"), name_of(row.poster.record), faces.url_of(row.poster.record)),
        Fact(_("Fiscal money"), wan(row.fiscal_fen)),
    ]
    if row.starts_on and row.ends_on:
        facts.append(Fact(_("Runs"), f"{day(row.starts_on)} – {day(row.ends_on)}"))
    if inside:
        facts += [
            Fact(_("Own money of the members"), wan(row.own_fen)),
            Fact(_("Money of the poster"), wan(row.firm_fen)),
            Fact(_("Task book signed on"), day(row.signed_on) if row.signed_on else ""),
        ]
    return [one for one in facts if one.value]


def _book(row: Project) -> dict[str, Any]:
    """The task book as its readers see it: members, milestones, and the payments of each source apart."""
    wording = wording_of(row)
    payments = list(row.payments.select_related("milestone"))
    return {
        "members": _members(row, wording),
        "poster_tag": _signed(row.poster_signed, wording),
        "milestones": _milestones(row),
        "payments": [
            _payments(source, rows) for source in Source if (rows := [one for one in payments if one.source == source])
        ],
    }


def _signed(signed: str, wording: str) -> Tag:
    if signed == wording:
        return Tag(_("signed"), "ok")
    return Tag(_("signed an earlier wording") if signed else _("not signed"), "wait")


def _members(row: Project, wording: str) -> TableView:
    members = list(row.members.select_related("organisation__record"))
    living = [one for one in members if one.state in {"invited", "accepted"}]
    lines: list[tuple[Cell | Text, ...]] = [
        (
            Cell(name_of(one.organisation.record), faces.url_of(one.organisation.record)),
            _("leader") if one.organisation_id == row.leader_id else one.get_state_display(),
            f"{day(one.since) if one.since else ''} – {day(one.until) if one.until else ''}".strip(" –"),
            one.task,
            wan(one.fiscal_fen),
            wan(one.own_fen),
            Cell("", tag=_signed(one.signed, wording)) if one in living else "",
        )
        for one in members
    ]
    together = (wan(sum(one.fiscal_fen for one in living)), wan(sum(one.own_fen for one in living)))
    lines.append((_("Together"), "", "", "", *together, ""))
    return TableView(
        columns=(
            Column(_("Unit")),
            Column(_("Takes part as")),
            Column(_("In the project")),
            Column(_("Task")),
            Column(_("Fiscal money"), numeric=True),
            Column(_("Own money"), numeric=True),
            Column(_("Task book")),
        ),
        rows=tuple(lines),
        caption=_("Consortium (创新联合体)"),
    )


def _milestones(row: Project) -> TableView:
    rows = row.milestones.select_related("member__organisation__record")
    return TableView(
        columns=(
            Column(_("No."), numeric=True),
            Column(_("What is reached")),
            Column(_("To be reached by")),
            Column(_("How it is accepted")),
            Column(_("Who answers for it")),
        ),
        rows=tuple(
            (str(one.number), one.indicator, day(one.due_on), one.method, name_of(one.member.organisation.record))
            for one in rows
        ),
        caption=_("Milestones"),
    )


def _payments(source: Source, rows: Sequence[Any]) -> TableView:
    lines: list[tuple[Cell | Text, ...]] = [(str(one.number), _occasion(one), wan(one.planned_fen)) for one in rows]
    lines.append((_("Together"), "", wan(sum(one.planned_fen for one in rows))))
    return TableView(
        columns=(Column(_("No."), numeric=True), Column(_("Paid")), Column(_("Amount"), numeric=True)),
        rows=tuple(lines),
        caption=capfirst(str(source.label)),
    )


def _occasion(one: Any) -> str:
    words = str(one.get_occasion_display())
    return f"{words} {one.milestone.number}" if one.milestone is not None else words


def _changes(actor: Actor, row: Project) -> list[dict[str, Any]]:
    """The changes of members, the newest first, with the way to decide on the one that waits."""
    rows = row.changes.select_related("leaving__organisation__record", "joining__record").order_by("-number")
    may = decides.test(actor, row)
    return [
        {
            "change": one,
            "leaving": name_of(one.leaving.organisation.record),
            "joining": name_of(one.joining.record) if one.joining is not None else "",
            "tag": _change_tag(one),
            "url": reverse("project-change", args=[row.record.code, one.number])
            if may and one.approved is None
            else "",
        }
        for one in rows
    ]


def _change_tag(one: Change) -> Tag:
    if one.approved is None:
        return Tag(_("waits for an answer"), "wait")
    return Tag(_("approved"), "ok") if one.approved else Tag(_("refused"), "no")
