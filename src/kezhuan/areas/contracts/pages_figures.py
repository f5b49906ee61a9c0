"""The public page of the city's technology contracts: by year, and the yearly tables, from maintained totals."""

from collections.abc import Container, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kezhuan.areas.contracts.figure_tables import HIDDEN, LEAST, by_words, lines_of, value_words
from kezhuan.areas.contracts.figures import ALL, UNFOUND, Sums, sums_by
from kezhuan.areas.contracts.forms import FiguresForm
from kezhuan.areas.contracts.wording import MEASURE_WORDS, entry
from kezhuan.kernel import rulebook
from kezhuan.kernel.text import FEN_PER_WAN, today
from kezhuan.web import exports
from kezhuan.web.components import Chart, ChartBar, Column, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import wan_in_table


@takes_a_list
def contract_figures(request: Request) -> HttpResponse:
    """Turnover and technology amount by year, and of one year by kind and whatever else the form tells apart."""
    by_year = {year: sums for (year,), sums in sums_by(ALL, ["year"]).items() if isinstance(year, int)}
    years = list(range(min(by_year), max(by_year) + 1)) if by_year else []
    # The year that runs is told last and opened on where there is no other: its figures are not whole.
    running = today().year
    opened = max((one for one in by_year if one < running), default=running)
    form = FiguresForm(request.GET, years=[year for year in reversed(years) if year in by_year], opened=opened)
    asked = form.asked
    title, least = _("Technology contracts of the city"), 1 if request.actor.regions_of("contract") else LEAST
    shown: dict[str, Any] = {
        "title": title,
        "crumbs": trail((_("Home"), "/"), (capfirst(_("technology contracts")), reverse("contracts")), title),
        "form": form,
        "least": least,
    }
    by, measure, year = asked["by"], asked["measure"], asked["year"]
    unfound = _unfound_among([one for one in years if one not in by_year])
    if exports.asks_for_file(request):
        return _file(request, by, measure, year, least)
    if not years:
        return page(request, "contracts/figures.html", **shown)
    said = {"year": year, "by": by_words(by), "measure": MEASURE_WORDS[measure]}
    return page(
        request,
        "contracts/figures.html",
        **shown,
        charts=[
            _chart(by_year, years, unfound, "turnover_fen", _("Turnover by year (成交额)"), least),
            _chart(by_year, years, unfound, "technology_fen", _("Technology amount by year (技术交易额)"), least),
        ],
        years=_years(by_year, years, unfound, least),
        missing=sorted(unfound),
        empty=[one for one in years if one not in by_year and one not in unfound],
        running=running if running in by_year else None,
        tables=[
            _table(_("%(year)s · kind and %(by)s · %(measure)s") % said, by, measure, year, least),
            *(
                _table(
                    _("%(year)s · kind and %(by)s · %(measure)s") % (said | {"by": by_words(one)}),
                    one,
                    measure,
                    year,
                    least,
                )
                for one in ("month", "place")
                if one != by
            ),
        ],
        first_counts=by == "rights",
        endings=tuple(exports.MEDIA),
    )


def _unfound_among(years: Sequence[int]) -> set[int]:
    """The years whose figures somebody has looked for and not found, and said so with a source: a rule value in force
    in each; one query, or none without such years."""
    days = [date(year, 12, 31) for year in years]
    rules = rulebook.rule_on_days(UNFOUND, days, jurisdiction=settings.CITY) if days else {}
    return {day.year for day, rule in rules.items() if rule.value > 0}


def _of_none(year: int, unfound: Container[int]) -> str:
    return _("not found") if year in unfound else _("none registered here")


def _chart(
    by_year: Mapping[int, Sums], years: Sequence[int], unfound: Container[int], amount: str, caption: str, least: int
) -> Chart:
    """A bar for each year that has figures; one without says so and has none."""
    bars = tuple(
        ChartBar(str(year), float(_shown_fen(by_year[year], amount, least)), _amount(by_year[year], amount, least))
        if year in by_year
        else ChartBar(str(year), 0.0, _of_none(year, unfound))
        for year in years
    )
    return Chart(caption, _("Year"), _("Amount"), bars)


def _shown_fen(sums: Sums, amount: str, least: int) -> int:
    return int(getattr(sums, amount)) if sums.contracts >= least else 0


def _amount(sums: Sums, amount: str, least: int) -> str:
    return wan_in_table(getattr(sums, amount)) if sums.contracts >= least else HIDDEN


def _years(by_year: Mapping[int, Sums], years: Sequence[int], unfound: Container[int], least: int) -> TableView:
    columns = (
        Column(_("Year")),
        Column(_("Contracts"), numeric=True),
        Column(_("Turnover"), numeric=True),
        Column(_("Technology amount"), numeric=True),
    )
    lines = []
    for year in reversed(years):
        if (sums := by_year.get(year)) is None:
            lines.append((str(year), *[_of_none(year, unfound)] * 3))
        else:
            amounts = (_amount(sums, "turnover_fen", least), _amount(sums, "technology_fen", least))
            told = _("%(year)s, so far") % {"year": year} if year == today().year else str(year)
            lines.append((told, f"{sums.contracts:,}", *amounts))
    return TableView(columns, tuple(lines), crossed=True)


def _table(caption: str, by: str, measure: str, year: int, least: int) -> TableView:
    found = lines_of(by, measure, year, least, _cell)
    head = (
        Column(by_words(by)),
        Column(_("All"), numeric=True),
        *(Column(entry("kinds", kind) or _("not told"), numeric=True) for kind in found.kinds),
    )
    lines = tuple((value_words(by, value), whole, *cells) for value, cells, whole in found.lines)
    return TableView(head, lines, caption, crossed=True)


def _file(request: Request, by: str, measure: str, year: int, least: int) -> HttpResponse:
    """The table that is asked for as a file: amounts are numbers in 万元."""
    found = lines_of(by, measure, year, least, _number)
    unit = "" if measure == "contracts" else " (万元)"
    heads = [f"{entry('kinds', kind) or _('not told')}{unit}" for kind in found.kinds]
    rows = [[year, value_words(by, value), *cells, whole] for value, cells, whole in found.lines]
    title = _("%(year)s · kind and %(by)s · %(measure)s") % {
        "year": year, "by": by_words(by), "measure": MEASURE_WORDS[measure],
    }  # fmt: skip
    given = {"year": [str(year)], "by": [by], "measure": [measure]}
    heads = [_("Year"), by_words(by), *heads, f"{_('All')}{unit}"]
    return exports.table_file(request, heads, rows, name="contract-figures", title=title, filters=given)


def _number(sums: Sums, measure: str) -> int | float:
    return sums.contracts if measure == "contracts" else float(Decimal(getattr(sums, f"{measure}_fen")) / FEN_PER_WAN)


def _cell(sums: Sums, measure: str) -> Any:
    return f"{sums.contracts:,}" if measure == "contracts" else wan_in_table(getattr(sums, f"{measure}_fen"))
