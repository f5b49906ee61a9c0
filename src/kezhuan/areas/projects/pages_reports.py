"""The reports of an office on its calls and projects, each a page and a file of the same table."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.areas.projects.reports import REPORTS, rows_of, years_of_calls
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.web import exports
from kezhuan.web.components import Cell, Column, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.query import whole_number
from kezhuan.web.shell import page, trail

SHOWN = 200


def _opened(cell: str, kind: str | None) -> str | Cell:
    return Cell(cell, reverse(kind, args=[cell])) if kind is not None and cell else cell


@takes_a_list
def report(request: Request, name: str) -> HttpResponse:
    """One report, of a budget year or of all, for the officers in charge of projects."""
    if not request.actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the officers in charge of projects see the payment list."))
    if name not in REPORTS:
        raise Missing(name)
    asked, year = REPORTS[name], whole_number(request.GET.get("year", ""), 0) or None
    most = exports.MOST_LINES + 1 if exports.asks_for_file(request) else SHOWN
    rows = tuple(rows_of(request.actor, name, year, most))
    columns = tuple(Column(one, numeric=at in asked.figures) for at, one in enumerate(asked.columns))
    lines = tuple(tuple(_opened(cell, asked.opens.get(at)) for at, cell in enumerate(line)) for line in rows)
    table, title = TableView(columns, lines), str(asked.title)
    if exports.asks_for_file(request):
        filters = {"year": [str(year)]} if year else {}
        return exports.shown_file(request, table, name=f"report-{name}", title=title, filters=filters)
    kept = f"?{urlencode({'year': year})}" if year else ""
    return page(
        request,
        "projects/execution.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (_("Payment list"), reverse("payments")), title),
        years=[
            (_("all years"), "?", year is None),
            *((str(one), f"?year={one}", one == year) for one in years_of_calls(request.actor)),
        ],
        views=[(one.title, reverse("report", args=[other]) + kept, other == name) for other, one in REPORTS.items()],
        table=table,
        most=SHOWN if len(rows) >= SHOWN else 0,
        endings=tuple(exports.MEDIA) if rows else (),
        nothing=_("Nothing to report here."),
    )
