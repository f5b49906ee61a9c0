"""执行进度 and 绩效 for the finance office: how far the money of each budget line has come, and what came of it; every
figure opens the rows that it is the sum of."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Call
from kezhuan.areas.projects.execution import (
    ONLY,
    Execution,
    Performance,
    by_line,
    by_project,
    memberships,
    performances,
    years_of,
)
from kezhuan.areas.projects.execution_list import Lines, of_consortia, of_lines, of_performance, of_projects
from kezhuan.areas.projects.models import Member
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.text import bracketed
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Chart, ChartBar, Column, TableView, Text
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day, wan

SHOWN = 200
CHARTED = 30
"""Bars of a chart at most."""


def _year(request: Request) -> int | None:
    """The budget year that is asked for."""
    if not request.actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the officers in charge of projects see the payment list."))
    return whole_number(request.GET.get("year", ""), 0) or None


def _paid_for(state: str, **of: str) -> str:
    return f"{reverse('payments')}?{urlencode({'state': state, **of})}"


def _share(one: Execution) -> str:
    return f"{one.share_bp / 100:.2f} %" if one.share_bp is not None else "–"


def _rates(lines: Sequence[Execution], of: Text) -> Chart | None:
    """The rates of execution of the first lines, as bars: the table beside them has all."""
    told = [
        ChartBar(f"{one.of.record.code} {name_of(one.of.record)}", float(one.share_bp), _share(one))
        for one in lines[:CHARTED]
        if one.share_bp is not None
    ]
    return Chart(_("Rate of execution"), of, _("Rate of execution"), tuple(told), whole=10_000) if told else None


def _fen(fen: int, url: str = "") -> Cell:
    return Cell(wan(fen) or "0", url)


@takes_a_list
def execution(request: Request) -> HttpResponse:
    """How far the money of the budget lines has come, of one budget year or of all."""
    year = _year(request)
    lines = by_line(request.actor, year)
    title = _("Execution of the budget (执行进度)")
    return _answer(request, title, "execution", _lines(lines), of_lines(lines), year, chart=_rates(lines, _("Call")))


@takes_a_list
def execution_of_call(request: Request, code: str) -> HttpResponse:
    """How far the money of a call's budget line has come, project by project."""
    _year(request)
    call = get_visible(request.actor, Call, code)
    lines = by_project(request.actor, call)
    title = _("Execution of the budget of %(code)s") % {"code": code}
    return _answer(
        request, title, "execution", _projects(lines), of_projects(lines), None, years=False,
        chart=_rates(lines, _("Project")),
    )  # fmt: skip


@takes_a_list
def performance(request: Request) -> HttpResponse:
    """What came of the projects (绩效), of the calls of one budget year or of all."""
    year = _year(request)
    found = performances(request.actor, year, exports.MOST_LINES + 1 if exports.asks_for_file(request) else SHOWN)
    told = [
        ChartBar(f"{row.record.code} {name_of(row.record)}", one.passed, f"{one.passed} / {one.milestones}",
                 faces.url_of(row.record))
        for one in found[:CHARTED]
        for row in (one.project,)
    ]  # fmt: skip
    whole = max((one.milestones for one in found[:CHARTED]), default=0)
    chart = Chart(_("Milestones passed"), _("Project"), _("Milestones passed"), tuple(told), whole=whole)
    return _answer(
        request, _("Performance (绩效)"), "performance", _performances(found), of_performance(found), year,
        chart=chart if told else None,
    )  # fmt: skip


@takes_a_list
def consortia(request: Request) -> HttpResponse:
    """Who takes part in which project with which task: all units, those of Hong Kong, Macao and Taiwan, or those that
    set up an entity here."""
    year, only = _year(request), request.GET.get("only", "")
    only = only if only in ONLY else ""
    found = memberships(request.actor, year, only, exports.MOST_LINES + 1 if exports.asks_for_file(request) else SHOWN)
    labels = (
        ("", _("all units")),
        ("hk-macao", _("of Hong Kong, Macao and Taiwan")),
        ("landing", _("landing here (落户)")),
    )
    chosen = {"year": str(year)} if year else {}
    views = [
        (label, f"?{urlencode({**chosen, 'only': value} if value else chosen)}", value == only)
        for value, label in labels
    ]
    title, file = _("Consortia (创新联合体)"), of_consortia(found)
    told = [
        ChartBar(f"{one.project.record.code} {name_of(one.organisation.record)}", one.fiscal_fen + one.own_fen,
                 wan(one.fiscal_fen + one.own_fen) or "0", faces.url_of(one.project.record))
        for one in found[:CHARTED]
    ]  # fmt: skip
    chart = Chart(_("Money of each unit"), _("Unit"), _("Fiscal and own money"), tuple(told)) if told else None
    return _answer(request, title, "consortia", _consortia(found), file, year, views=views, only=only, chart=chart)


def _consortia(found: Sequence[Member]) -> TableView:
    heads = (_("Project"), _("Leader"), _("Unit"), _("Kind"), _("Task"))
    money = (_("Fiscal money"), _("Own money"))
    rows: list[tuple[Cell | Text, ...]] = []
    for one in found:
        row = one.project
        entity = bracketed(name_of(one.entity.record), day(one.landed_on)) if one.entity is not None else ""
        rows.append(
            (
                Cell(f"{row.record.code} {name_of(row.record)}", faces.url_of(row.record)),
                name_of(row.leader.record),
                Cell(name_of(one.organisation.record), faces.url_of(one.organisation.record)),
                one.organisation.get_kind_display(),
                one.task,
                _fen(one.fiscal_fen),
                _fen(one.own_fen),
                entity or (_("promised, not recorded yet") if one.lands else ""),
            )
        )
    columns = (*map(Column, heads), *(Column(one, numeric=True) for one in money), Column(_("Entity in the city")))
    return TableView(columns, tuple(rows))


def _answer(
    request: Request,
    title: str,
    name: str,
    table: TableView,
    file: Lines,
    year: int | None,
    *,
    years: bool = True,
    views: Sequence[tuple[Text, str, bool]] = (),
    only: str = "",
    chart: Chart | None = None,
) -> HttpResponse:
    if exports.asks_for_file(request):
        filters = ({"year": [str(year)]} if year else {}) | ({"only": [only]} if only else {})
        return exports.table_file(request, *file, name=name, title=title, filters=filters)
    shown = years_of(request.actor) if years else []
    return page(
        request,
        "projects/execution.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (_("Payment list"), reverse("payments")), title),
        years=[(_("all years"), "?", year is None), *((str(one), f"?year={one}", one == year) for one in shown)]
        if years
        else [],
        views=views,
        table=table,
        chart=chart,
        most=SHOWN if len(table.rows) >= SHOWN else 0,
        endings=tuple(exports.MEDIA) if table.rows else (),
    )


def _columns(*heads: Text) -> tuple[Column, ...]:
    money = (_("Arranged in task books"), _("Paid out"), _("Came back"), _("Rate of execution"))
    return (*(Column(one) for one in heads), *(Column(one, numeric=True) for one in money))


def _lines(lines: list[Execution]) -> TableView:
    rows: list[tuple[Cell | Text, ...]] = []
    for one in lines:
        call, code = one.of, one.of.record.code
        rows.append(
            (
                str(call.budget_year or ""),
                call.budget_subject,
                call.budget_document,
                Cell(f"{code} {name_of(call.record)}", faces.url_of(call.record)),
                _fen(one.budget_fen or 0, faces.url_of(call.record)),
                _fen(one.arranged_fen, _paid_for("all", call=code)),
                _fen(one.paid_fen, _paid_for("paid", call=code)),
                _fen(one.returned_fen, reverse("execution-of-call", args=[code])),
                _share(one),
            )
        )
    if rows:
        sums = [
            sum(getattr(one, name) or 0 for one in lines)
            for name in ("budget_fen", "arranged_fen", "paid_fen", "returned_fen")
        ]
        together = Execution(None, *sums)
        rows.append((_("Together"), "", "", "", *(_fen(fen) for fen in sums), _share(together)))
    heads = _columns(_("Budget year"), _("Budget subject (科目)"), _("Budget document"), _("Call"))
    return TableView((*heads[:4], Column(_("Budget"), numeric=True), *heads[4:]), tuple(rows))


def _projects(lines: list[Execution]) -> TableView:
    rows: list[tuple[Cell | Text, ...]] = [
        (
            Cell(f"{one.of.record.code} {name_of(one.of.record)}", faces.url_of(one.of.record)),
            name_of(one.of.leader.record),
            _fen(one.arranged_fen, _paid_for("all", project=one.of.record.code)),
            _fen(one.paid_fen, _paid_for("paid", project=one.of.record.code)),
            _fen(one.returned_fen, faces.url_of(one.of.record)),
            _share(one),
        )
        for one in lines
    ]
    return TableView(_columns(_("Project"), _("Leader")), tuple(rows))


def _performances(shown: list[Performance]) -> TableView:
    heads = (_("Project"), _("Leader"), _("Call"))
    figures = (_("Milestones passed"), _("Reported late"), _("Fiscal money paid"), _("Poster's money paid"))
    found = (_("First user"), _("Accepted"), _("Self-evaluation (绩效自评)"), _("Evaluated"))
    rows: list[tuple[Cell | Text, ...]] = []
    for one in shown:
        row, code, url = one.project, one.project.record.code, faces.url_of(one.project.record)
        used = {None: "", True: _("meets the task book"), False: _("does not meet it")}[one.first_use]
        late = _("late") if one.accepted_late else _("in time")
        rows.append(
            (
                Cell(f"{code} {name_of(row.record)}", url),
                name_of(row.leader.record),
                Cell(row.application.item.call.record.code, faces.url_of(row.application.item.call.record)),
                Cell(f"{one.passed} / {one.milestones}", url),
                Cell(str(one.late), url),
                Cell(
                    f"{wan(one.fiscal_paid_fen) or '0'} / {wan(one.fiscal_fen) or '0'}", _paid_for("paid", project=code)
                ),
                Cell(f"{wan(one.firm_paid_fen) or '0'} / {wan(one.firm_fen) or '0'}", url),
                used,
                bracketed(day(one.accepted_on), late) if one.accepted_on is not None else "",
                Cell(day(one.own.on), f"{url}#self-evaluation") if one.own is not None else "",
                day(one.evaluated_on) if one.evaluated_on is not None else "",
            )
        )
    columns = (
        *(Column(one) for one in heads), *(Column(one, numeric=True) for one in figures),
        *(Column(one) for one in found),
    )  # fmt: skip
    return TableView(columns, tuple(rows))
