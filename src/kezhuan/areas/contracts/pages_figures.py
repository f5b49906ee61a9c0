"""The public page of the city's technology contracts: by year, and the yearly tables, from maintained totals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kezhuan.areas.contracts.figures import ABROAD, ALL, DIMENSIONS, FLOWS, Sums, sums_by
from kezhuan.areas.contracts.forms import FiguresForm
from kezhuan.areas.contracts.wording import DIMENSION_WORDS, MEASURE_WORDS, entry
from kezhuan.engines import contracts as engine
from kezhuan.engines.tables.places import place_name
from kezhuan.kernel.text import language
from kezhuan.kernel.vocabulary import REGIONS
from kezhuan.web.components import Chart, ChartBar, Column, TableView
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import wan

LEAST = 3
"""Contracts below which an amount is shown to registrars alone: a sum of one or two tells what its parties agreed."""
FLOW_WORDS = {
    "inside": gettext_lazy("seller and buyer in the city"),
    "out": gettext_lazy("sold out of the city (输出)"),
    "in": gettext_lazy("bought from outside (吸纳)"),
    "outside": gettext_lazy("neither in the city"),
}
TABLES = {
    "field": "fields", "rights": "rights", "goal": "goals", "plan": "plans", "seller_kind": "parties",
    "buyer_kind": "parties",
}  # fmt: skip
HIDDEN = "·"


@require_safe
def contract_figures(request: Request) -> HttpResponse:
    """Turnover and technology amount by year, and of one year by kind and whatever else the form tells apart."""
    by_year = {year: sums for (year,), sums in sums_by(ALL, ["year"]).items() if isinstance(year, int)}
    years = list(range(min(by_year), max(by_year) + 1)) if by_year else []
    form = FiguresForm(request.GET, years=[year for year in reversed(years) if year in by_year])
    asked = form.asked
    title, least = _("Technology contracts of the city"), 1 if request.actor.regions_of("contract") else LEAST
    shown: dict[str, Any] = {
        "title": title,
        "crumbs": trail((_("Home"), "/"), (capfirst(_("technology contracts")), reverse("contracts")), title),
        "form": form,
        "least": least,
    }
    if not years:
        return page(request, "contracts/figures.html", **shown)
    year, by, measure = asked["year"] or max(by_year), asked["by"], asked["measure"]
    said = {"year": year, "by": DIMENSION_WORDS[by], "measure": MEASURE_WORDS[measure]}
    return page(
        request,
        "contracts/figures.html",
        **shown,
        charts=[
            _chart(by_year, years, "turnover_fen", _("Turnover by year (成交额)"), least),
            _chart(by_year, years, "technology_fen", _("Technology amount by year (技术交易额)"), least),
        ],
        years=_years(by_year, years, least),
        missing=[year for year in years if year not in by_year],
        tables=[
            _table(_("%(year)s · kind and %(by)s · %(measure)s") % said, by, measure, year, least),
            _table(_("%(year)s · kind and month · %(measure)s") % said, "month", measure, year, least),
            _table(_("%(year)s · kind and seller's district · %(measure)s") % said, "place", measure, year, least),
        ],
    )


def _chart(by_year: Mapping[int, Sums], years: Sequence[int], amount: str, caption: str, least: int) -> Chart:
    """A bar for each year that has figures; one without says so and has none."""
    bars = tuple(
        ChartBar(str(year), float(_shown_fen(by_year[year], amount, least)), _amount(by_year[year], amount, least))
        if year in by_year
        else ChartBar(str(year), 0.0, _("not found"))
        for year in years
    )
    return Chart(caption, _("Year"), _("Amount"), bars)


def _shown_fen(sums: Sums, amount: str, least: int) -> int:
    return int(getattr(sums, amount)) if sums.contracts >= least else 0


def _amount(sums: Sums, amount: str, least: int) -> str:
    return wan(getattr(sums, amount)) if sums.contracts >= least else HIDDEN


def _years(by_year: Mapping[int, Sums], years: Sequence[int], least: int) -> TableView:
    columns = (
        Column(_("Year")),
        Column(_("Contracts"), numeric=True),
        Column(_("Turnover"), numeric=True),
        Column(_("Technology amount"), numeric=True),
    )
    lines = []
    for year in reversed(years):
        if (sums := by_year.get(year)) is None:
            lines.append((str(year), _("not found"), _("not found"), _("not found")))
        else:
            amounts = (_amount(sums, "turnover_fen", least), _amount(sums, "technology_fen", least))
            lines.append((str(year), f"{sums.contracts:,}", *amounts))
    return TableView(columns, tuple(lines))


def _table(caption: str, by: str, measure: str, year: int, least: int) -> TableView:
    """Kinds of contract across, the values down, and their sums."""
    dimension, column = (by, "value") if by in DIMENSIONS else (ALL, by)
    least = 0 if measure == "contracts" else least
    rows: dict[object, dict[str, Sums]] = {}
    for (kind, value), sums in sums_by(dimension, ["kind", column], year=year).items():
        if sums.contracts:
            rows.setdefault(value, {})[str(kind)] = sums
    kinds = [kind for kind in (*engine.tables()["kinds"].codes, "") if any(kind in row for row in rows.values())]
    head = (
        Column(_by_words(by)),
        *(Column(entry("kinds", kind) or _("not told"), numeric=True) for kind in kinds),
        Column(_("All"), numeric=True),
    )
    values = _ordered(by, set(rows))
    whole = {value: _together(rows[value].values()) for value in values}
    told = dict(zip(values, _line(whole, values, measure, least), strict=True))
    lines = tuple(
        (_value_words(by, one), *_line(rows[one], kinds, measure, least, closed=told[one] == HIDDEN), told[one])
        for one in values
    )
    return TableView(head, lines, caption)


def _line(
    sums: Mapping[Any, Sums], names: Sequence[Any], measure: str, least: int, *, closed: bool = False
) -> list[str]:
    """What is shown of parts whose sum may be told, in the order of their names: empty where there is none, hidden
    those of fewer contracts than `least`, and of the others the smallest, until two are hidden that together have so
    many, which the sum would tell else. Where it is the sum that is `closed`, they do not all tell it."""
    order = sorted((one for one in names if one in sums), key=lambda one: sums[one].contracts)
    shut = {name for name in order if sums[name].contracts < least} or set(order[: int(closed)])
    for name in order:
        if not shut or (len(shut) > 1 and sum(sums[one].contracts for one in shut) >= least):
            break
        shut.add(name)
    return ["" if name not in sums else HIDDEN if name in shut else _cell(sums[name], measure) for name in names]


def _together(several: Iterable[Sums]) -> Sums:
    rows = list(several)
    return Sums(
        sum(one.contracts for one in rows),
        sum(one.turnover_fen for one in rows),
        sum(one.technology_fen for one in rows),
    )


def _cell(sums: Sums, measure: str) -> str:
    return f"{sums.contracts:,}" if measure == "contracts" else wan(getattr(sums, f"{measure}_fen"))


def _ordered(by: str, values: set[object]) -> list[object]:
    if by == "month":
        return sorted(values, key=lambda one: int(str(one)))
    given = {"place": list(REGIONS), "flow": list(FLOWS), "buyer_place": sorted(map(str, values - {"", ABROAD}))}
    codes = given.get(by) or list(engine.tables()[TABLES[by]].codes if by in TABLES else ())
    known = [code for code in codes if code in values]
    return [*known, *sorted(map(str, values - set(known)))]


def _by_words(by: str) -> str:
    return {"month": _("month"), "place": _("seller's district")}.get(by) or str(DIMENSION_WORDS[by])


def _value_words(by: str, value: object) -> str:
    if by == "month":
        return _("month %(number)s") % {"number": value}
    code = str(value)
    if by == "place":
        return str(REGIONS.get(code, _("outside the city")))
    if by == "buyer_place":
        return _("abroad") if code == ABROAD else place_name(code, language()) or _("not told")
    if by == "flow":
        return str(FLOW_WORDS.get(code, code))
    return entry(TABLES[by], code) or _("not told")
