"""A poster's own desk: what its unit has posed, and what came of it."""

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from kezhuan.areas.projects.models import Evidence
from kezhuan.areas.projects.posed import Posed, posed_by
from kezhuan.kernel.text import wan_from_fen
from kezhuan.web import exports, faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import Cell, Column, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day

SHOWN = 200
"""Challenges on the page; the file has all."""


@takes_a_list
def posed(request: Request) -> HttpResponseBase:
    """Each challenge that the reader's unit has posed, with its call, its applications, its projects, the unit's own
    payments and its reports as first user."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    title, whole = _("What we posed"), exports.asks_for_file(request)
    rows = posed_by(request.actor, exports.MOST_LINES + 1 if whole else SHOWN)
    if whole:
        columns = [str(one.label) for one in _columns()]
        lines = [[one.text if isinstance(one, Cell) else str(one) for one in _line(row)] for row in rows]
        return exports.table_file(request, columns, lines, name="posed", title=title)
    return page(
        request,
        "projects/posed.html",
        title=title,
        crumbs=trail((_("Home"), "/"), title),
        table=TableView(_columns(), tuple(map(_line, rows))),
        most=SHOWN if len({one.item.pk for one in rows}) == SHOWN else 0,
        endings=tuple(exports.MEDIA) if rows else (),
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("Challenge")),
        Column(_("Call")),
        Column(_("Stage of the call")),
        Column(_("Handed in"), numeric=True),
        Column(_("Chosen"), numeric=True),
        Column(_("Project")),
        Column(_("Stage of the project")),
        Column(_("Own money (万元)"), numeric=True),
        Column(_("of it due"), numeric=True),
        Column(_("of it paid"), numeric=True),
        Column(_("First user's report")),
    )


def _line(row: Posed) -> tuple[Cell | str, ...]:
    item, call, project = row.item, row.item.call.record, row.project
    told = ("–", "–") if row.handed_in is None else (str(row.handed_in), str(row.chosen))
    first = (
        Cell(f"{item.number} {item.title}", faces.url_of(item.need) if item.need is not None else ""),
        Cell(f"{call.code} {name_of(call)}", faces.url_of(call)),
        str(faces.stage_tag(call).label),
        *told,
    )
    if project is None:
        return (*first, "", "", "", "", "", "")
    record = project.record
    return (
        *first,
        Cell(f"{record.code} {name_of(record)}", faces.url_of(record)),
        str(faces.stage_tag(record).label),
        *(wan_from_fen(fen) for fen in (row.planned_fen, row.due_fen, row.paid_fen)),
        _report(row.report),
    )


def _report(given: Evidence | None) -> str:
    if given is None:
        return _("none yet")
    return f"{day(given.on)} · {_('meets the task book') if given.meets else _('does not meet it')}"
