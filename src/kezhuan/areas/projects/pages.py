"""Pages of projects: the list, and one project with what its reader may do; its task book is in `pages_book`."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.calls.pages import LABELS
from kezhuan.areas.projects.landing_actions import LANDS_AT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.pages_book import task_book
from kezhuan.areas.projects.permissions import (
    JUDGED,
    asks_change,
    decides,
    evaluates_self,
    is_asked_to_agree,
    is_invited,
    is_posed_inside,
    reads_decisions,
    signs_book,
    uses_first,
)
from kezhuan.areas.projects.queries import money_of, open_change, projects_visible_to, waits_to_land, wording_of
from kezhuan.exchange.origins import brought_from
from kezhuan.kernel.access import VISITOR, Actor, can_view, get_visible, represents_owner
from kezhuan.kernel.text import bracketed
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Crumb, Fact, ResultLine
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day, wan

FACETS = ("stage", "call_kind", "region")
WHOLE = (
    "application__item__call__record__title_to", "application__item__call__record__public_to", "application__record",
    "application__record__title_to", "leader__record", "poster__record", "user__record",
    "race_team__race__record", "self_evaluation",
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


def crumbs_of(row: Any, title: str) -> tuple[Crumb, ...]:
    """The way to a page of a project."""
    projects = (capfirst(_("projects")), reverse("projects"))
    return tuple(trail((_("Home"), "/"), projects, (row.record.code, faces.url_of(row.record)), title))


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
    book = task_book(actor, row) if inside else {}
    return record_page(
        request,
        row,
        "projects/project.html",
        meta=[name_of(row.leader.record)] if seen else [],
        buttons=_buttons(actor, row),
        facts=_facts(actor, row, inside=inside) if seen else (),
        seen=seen,
        inside=inside,
        extra=row.extra.items() if inside else (),
        **book,
    )


def _buttons(actor: Actor, row: Project) -> list[ButtonLink]:
    code, found = row.record.code, []
    if is_invited.test(actor, row):
        found.append(ButtonLink(_("Answer the invitation"), reverse("project-answer", args=[code]), primary=True))
    if signs_book.test(actor, row) and not _has_signed(row, actor):
        found.append(ButtonLink(_("Sign the task book"), reverse("project-sign-book", args=[code]), primary=True))
    if is_asked_to_agree.test(actor, row):
        found.append(ButtonLink(_("Agree to the change"), reverse("project-agree", args=[code]), primary=True))
        found.append(ButtonLink(_("Do not agree to the change"), reverse("project-disagree", args=[code])))
    if uses_first.test(actor, row):
        found.append(ButtonLink(_("Report as the first user"), reverse("project-first-use", args=[code])))
    if evaluates_self.test(actor, row):
        found.append(ButtonLink(_("Self-evaluation (绩效自评)"), reverse("self-evaluation", args=[code])))
    if decides.test(actor, row):
        found += _officers_buttons(row)
    if reads_decisions.test(actor, row) and row.record.stage not in {"drafted", "filed"}:
        found.append(ButtonLink(_("Who decided, and who was barred"), reverse("project-decisions", args=[code])))
    if asks_change.test(actor, row) and open_change(row) is None:
        found.append(ButtonLink(_("Ask for a change"), reverse("project-change-new", args=[code])))
    return found


def _officers_buttons(row: Project) -> list[ButtonLink]:
    code, stage = row.record.code, row.record.stage
    if stage in {"failed", "terminated"}:
        return [ButtonLink(_("Settle the money"), reverse("project-settlement", args=[code]), primary=True)]
    land = [ButtonLink(_("Record the local entity"), reverse("project-landing", args=[code]))]
    landing = land if stage in LANDS_AT and waits_to_land(row) else []
    if stage not in JUDGED:
        return landing
    test = ButtonLink(_("Record a test report"), reverse("project-test-report", args=[code]))
    if not is_posed_inside.test(VISITOR, row):
        return [*landing, *([test] if row.poster_id is None else [])]
    return [ButtonLink(_("Name the first user"), reverse("project-first-user", args=[code])), test, *landing]


def _has_signed(row: Project, actor: Actor) -> bool:
    unit, wording = actor.organisation, wording_of(row)
    if unit is not None and unit.pk == row.poster_id:
        return row.poster_signed == wording
    return bool(row.members.filter(organisation=unit, signed=wording).exists())


def _posed_by(row: Project) -> list[Fact]:
    if row.poster is None:
        return []
    return [Fact(_("Challenge posed by"), name_of(row.poster.record), faces.url_of(row.poster.record))]


def _facts(actor: Actor, row: Project, *, inside: bool) -> list[Fact]:
    item = row.application.item
    call = item.call.record
    facts = [
        Fact(_("Call"), f"{call.code} {name_of(call)}", faces.url_of(call) if can_view(actor, call) else ""),
        Fact(_("Item"), f"{item.number} {item.title}"),
        Fact(_("Application"), row.application.record.code, faces.url_of(row.application.record)),
        Fact(_("Leader"), name_of(row.leader.record), faces.url_of(row.leader.record)),
        *_posed_by(row),
        Fact(_("Fiscal money"), wan(row.fiscal_fen)),
    ]
    if (team := getattr(row, "race_team", None)) is not None:
        facts.append(Fact(_("Runs in the race"), team.race.record.code, faces.url_of(team.race.record)))
    if row.starts_on and row.ends_on:
        facts.append(Fact(_("Runs"), f"{day(row.starts_on)} – {day(row.ends_on)}"))
    if inside:
        facts += [
            Fact(_("Own money of the members"), wan(row.own_fen)),
            Fact(_("Money of the poster"), wan(row.firm_fen)),
            Fact(_("Task book signed on"), day(row.signed_on) if row.signed_on else ""),
            Fact(
                _("Version of the task book"),
                _("version %(number)s, fingerprint %(hash)s")
                % {"number": row.book_version, "hash": (row.wording or wording_of(row))[:12]}
                if row.signed_on
                else "",
            ),
            Fact(_("First user in the poster's place"), name_of(row.user.record) if row.user is not None else ""),
            *_ending_facts(row),
            Fact(_("Brought from another system"), brought_from(row.record)),
        ]
    return [one for one in facts if one.value]


def _ending_facts(row: Project) -> list[Fact]:
    """How it ended: accepted, in time or late; or its money settled, and what came back of it."""
    facts = []
    if row.accepted_on is not None and row.ends_on is not None:
        late = _("late") if row.accepted_on > row.ends_on else _("in time")
        facts.append(Fact(_("Passed acceptance on"), bracketed(day(row.accepted_on), late)))
    if row.spent_fen is not None:
        owed = money_of(row).paid + row.returned_fen - row.spent_fen
        came = f"{day(row.returned_on)} {row.returned_voucher}" if row.returned_on is not None else _("not yet")
        facts += [
            Fact(_("Spent of what was paid"), wan(row.spent_fen)),
            Fact(_("Due diligence (尽职)"), _("yes") if row.diligent else _("no")),
            Fact(_("Settlement"), row.settlement),
            Fact(_("Clawed back"), f"{wan(owed)} · {came}" if owed else _("none")),
        ]
    return facts
