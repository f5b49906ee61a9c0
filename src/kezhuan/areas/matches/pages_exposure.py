"""The page of exposure: how suggestions spread over organisations, districts, kinds and sizes, on both sides."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kezhuan.areas.matches.choosing import REPEATS, most_repeats
from kezhuan.areas.matches.exposure import counts_of, evenness, exposure_of
from kezhuan.areas.matches.models import NO_FIRM, Exposure, Spread
from kezhuan.areas.matches.permissions import reads_figures
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.errors import NotAllowed, Text
from kezhuan.kernel.models.parties import FirmSize, OrganisationKind
from kezhuan.kernel.text import bracketed
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Chart, ChartBar, Column, Figure, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of, place_name
from kezhuan.web.shell import page, trail

SHOWN = 20
"""Groups in a table or chart; the file has all."""
_ORGANISATIONS = (Spread.SUPPLIER, Spread.FIRM)
_OFFERING = (Spread.SUPPLIER_REGION, Spread.SUPPLIER_KIND, Spread.SUPPLIER_SIZE)
_SIZES = (Spread.SUPPLIER_SIZE, Spread.FIRM_SIZE)
_BY_SIZE = (*FirmSize.values, "", NO_FIRM)


@takes_a_list
def exposure_page(request: Request) -> HttpResponse:
    """Counts, how even they are, and the cap in force."""
    actor = request.actor
    if not reads_figures.test(actor, None):
        raise NotAllowed(_("How suggestions spread is told to officers and auditors."))
    title = _("How suggestions spread")
    if exports.asks_for_file(request):
        return _file(request, title)
    counts = counts_of(Spread.SUPPLIER)
    spread = evenness(counts)
    suppliers = list(exposure_of(Spread.SUPPLIER)[:SHOWN])
    firms = list(exposure_of(Spread.FIRM)[:SHOWN])
    return page(
        request,
        "matches/exposure.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (_("Match a need"), reverse("match")), title),
        counted_at=suppliers[0].counted_at if suppliers else None,
        figures=(
            Figure(f"{spread.total:,}", _("suggestions")),
            Figure(f"{spread.groups:,}", _("organisations that offer")),
            Figure(f"{spread.without:,}", _("of them without any suggestion")),
            Figure(_share(spread.top_share), _("share of the most suggested tenth")),
            Figure("–" if spread.gini is None else f"{spread.gini:.2f}", _("Gini coefficient, 0 to 1")),
        ),
        cap=most_repeats(),
        cap_url=reverse("rule", args=[REPEATS]),
        tables=(
            _table(actor, _("Over organisations that offer"), suppliers, spread.total, _("On offer")),
            _table(actor, _("Over organisations that ask"), firms, spread.total, _("Open needs")),
        ),
        charts=tuple(_chart(actor, one, spread.total) for one in Spread if one not in _ORGANISATIONS),
        endings=tuple(exports.MEDIA) if suppliers else (),
    )


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _table(actor: Actor, caption: Text, rows: list[Exposure], total: int, records: Text) -> TableView:
    """Organisations with all figures."""
    columns = (
        Column(_("Organisation")),
        Column(records, numeric=True),
        Column(_("Of them suggested"), numeric=True),
        Column(_("Suggestions"), numeric=True),
        Column(_("Share of all"), numeric=True),
        Column(_("Passed over"), numeric=True),
    )
    lines = tuple(
        (
            Cell(_name(actor, row), _url(actor, row)),
            f"{row.records:,}",
            f"{row.suggested:,}",
            f"{row.suggestions:,}",
            _share(row.suggestions / total if total else None),
            f"{row.passed_over:,}",
        )
        for row in rows
    )
    return TableView(columns, lines, caption)


def _chart(actor: Actor, spread: Spread, total: int) -> Chart:
    caption = _("Over %(groups)s") % {"groups": spread.label}
    rows = list(exposure_of(spread)[:SHOWN])
    if spread in _SIZES:
        rows.sort(key=lambda row: _BY_SIZE.index(row.key))
    bars = tuple(
        ChartBar(
            bracketed(_name(actor, row), f"{row.records:,}"),
            row.suggestions,
            f"{row.suggestions:,} ({_share(row.suggestions / total if total else None)})",
        )
        for row in rows
    )
    records = _("on offer") if spread in _OFFERING else _("open needs")
    return Chart(caption, bracketed(_("Group"), records), _("Suggestions"), bars)


def _name(actor: Actor, row: Exposure) -> Text:
    if row.spread in _ORGANISATIONS:
        if row.organisation is None:
            return _("nobody's")
        return name_of(row.organisation.record) if can_view(actor, row.organisation.record) else _("not shown")
    if row.spread in {Spread.SUPPLIER_KIND, Spread.FIRM_KIND}:
        return capfirst(str(OrganisationKind(row.key).label)) if row.key else _("nobody's")
    if row.spread in _SIZES and row.key:
        return _("not a firm") if row.key == NO_FIRM else capfirst(str(FirmSize(row.key).label))
    return place_name(row.key) if row.key else _("not told")


def _url(actor: Actor, row: Exposure) -> str:
    seen = row.organisation is not None and can_view(actor, row.organisation.record)
    return faces.url_of(row.organisation.record) if seen and row.organisation is not None else ""


def _file(request: Request, title: Text) -> HttpResponse:
    headers = (
        _("Over"), _("Group"), _("On offer, or open needs"), _("Of them suggested"), _("Suggestions"),
        _("Passed over"),
    )  # fmt: skip
    rows = [
        (
            str(Spread(row.spread).label), str(_name(request.actor, row)), row.records, row.suggested,
            row.suggestions, row.passed_over,
        )
        for spread in Spread
        for row in exposure_of(spread)[: exports.MOST_LINES + 1]
    ]  # fmt: skip
    return exports.table_file(request, headers, rows, name="exposure", title=title)
