"""The reports of an office on its calls and projects, each a page with a chart and a file of the same table."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.areas.projects.reports import REPORTS, Row, checks_by_quarter, rows_of, years_of_calls
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.web import exports
from kezhuan.web.components import Cell, Chart, ChartBar, Column, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.query import whole_number
from kezhuan.web.shell import page, trail

SHOWN, CHARTED = 200, 20
"""Rows on the page, and bars in its chart, which shows the first rows; the file has all."""


def _bars(rows: Sequence[Row], label: Sequence[int], at: int, opens: tuple[str, int] | None = None) -> list[ChartBar]:
    """A bar for each of the first rows that has a figure in a column, named by these columns."""
    return [
        ChartBar(
            " ".join(row[place] for place in label), float(row[at].rstrip(" %")), row[at],
            reverse(opens[0], args=[row[opens[1]]]) if opens is not None else "",
        )
        for row in rows[:CHARTED]
        if row[at] not in {"", "–"}
    ]  # fmt: skip


def _claimed(_actor: Actor, _year: int | None, rows: Sequence[Row]) -> Chart:
    return Chart(_("Claim rate"), _("Call"), _("Claim rate"), tuple(_bars(rows, (0, 1), 9, ("call", 0))), whole=100)


def _funded(_actor: Actor, _year: int | None, rows: Sequence[Row]) -> Chart:
    bars = _bars(rows, (1, 2, 3), 6, ("call", 1))
    return Chart(_("Fiscal money by direction"), _("Direction"), _("Fiscal money (万元)"), tuple(bars))


def _received(_actor: Actor, _year: int | None, rows: Sequence[Row]) -> Chart:
    most = {row[5] for row in rows}
    (limit,) = most if len(most) == 1 else ("–",)
    bars = tuple(_bars(rows, (0, 1), 4))
    return Chart(_("What chain leaders receive"), _("Leader"), _("Receives (万元)"), bars,
                 whole=float(limit) if limit != "–" else 0)  # fmt: skip


def _checked(actor: Actor, year: int | None, _rows: Sequence[Row]) -> Chart:
    found = checks_by_quarter(actor, year).items()
    bars = tuple(ChartBar(name, passed, f"{passed}/{due}") for name, (due, passed) in found)
    whole = max((due for _name, (due, _passed) in found), default=0)
    return Chart(_("Milestones checked by quarter"), _("Quarter"), _("Passed / due"), bars, whole=whole)


def _lights(_actor: Actor, _year: int | None, rows: Sequence[Row]) -> Chart:
    counts = {light: sum(row[0] == light for row in rows) for light in sorted({row[0] for row in rows})}
    bars = tuple(ChartBar(light, number, str(number)) for light, number in counts.items())
    return Chart(_("Milestones by light"), _("Light"), _("How many"), bars, whole=len(rows))


CHARTS: Mapping[str, Callable[[Actor, int | None, Sequence[Row]], Chart]] = {
    "yearly": _claimed,
    "directions": _funded,
    "leaders": _received,
    "quarters": _checked,
    "milestones": _lights,
}
"""By the name of a report what its page draws of all its rows; the table beside it is the same in figures."""


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
    every = rows_of(request.actor, name, year)
    rows = tuple(every[:most])
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
        chart=chart if (chart := CHARTS[name](request.actor, year, every)).bars else None,
        most=SHOWN if len(rows) >= SHOWN else 0,
        endings=tuple(exports.MEDIA) if rows else (),
        nothing=_("Nothing to report here."),
    )
