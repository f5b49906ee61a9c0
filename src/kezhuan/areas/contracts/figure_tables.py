"""The yearly tables of registered contracts, whoever shows them: what each line tells, and what is hidden of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.contracts.figures import ABROAD, ALL, DIMENSIONS, FLOWS, Sums, sums_by
from kezhuan.areas.contracts.wording import TABLE_WORDS, entry
from kezhuan.engines import contracts as engine
from kezhuan.engines.tables.places import place_name
from kezhuan.kernel.text import language
from kezhuan.kernel.vocabulary import REGIONS

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


@dataclass(frozen=True)
class Lines:
    """One of the yearly tables: kinds of contract across, and for each value what is shown of each kind and of all."""

    kinds: list[str]
    lines: list[tuple[object, list[Any], Any]]


def lines_of(by: str, measure: str, year: int, least: int, cell: Callable[[Sums, str], Any]) -> Lines:
    """Kinds of contract across, the values down, and their sums, each as `cell` says it; amounts of fewer contracts
    than `least` are hidden."""
    dimension, column = (by, "value") if by in DIMENSIONS else (ALL, by)
    least = 0 if measure == "contracts" else least
    rows: dict[object, dict[str, Sums]] = {}
    for (kind, value), sums in sums_by(dimension, ["kind", column], year=year).items():
        if sums.contracts:
            rows.setdefault(value, {})[str(kind)] = sums
    kinds = [kind for kind in (*engine.tables()["kinds"].codes, "") if any(kind in row for row in rows.values())]
    values = _ordered(by, set(rows))
    whole = {value: _together(rows[value].values()) for value in values}
    told = dict(zip(values, line(whole, values, measure, least, cell=cell), strict=True))
    lines = [
        (one, line(rows[one], kinds, measure, least, closed=told[one] == HIDDEN, cell=cell), told[one])
        for one in values
    ]
    return Lines(kinds, lines)


def line(
    sums: Mapping[Any, Sums],
    names: Sequence[Any],
    measure: str,
    least: int,
    *,
    cell: Callable[[Sums, str], Any],
    closed: bool = False,
) -> list[Any]:
    """What is shown of parts whose sum may be told, in the order of their names: empty where there is none, hidden
    those of fewer contracts than `least`, and of the others the smallest, until two are hidden that together have so
    many, which the sum would tell else. Where it is the sum that is `closed`, they do not all tell it."""
    order = sorted((one for one in names if one in sums), key=lambda one: sums[one].contracts)
    shut = {name for name in order if sums[name].contracts < least} or set(order[: int(closed)])
    for name in order:
        if not shut or (len(shut) > 1 and sum(sums[one].contracts for one in shut) >= least):
            break
        shut.add(name)
    return ["" if name not in sums else HIDDEN if name in shut else cell(sums[name], measure) for name in names]


def _together(several: Iterable[Sums]) -> Sums:
    rows = list(several)
    return Sums(
        sum(one.contracts for one in rows),
        sum(one.turnover_fen for one in rows),
        sum(one.technology_fen for one in rows),
    )


def _ordered(by: str, values: set[object]) -> list[object]:
    if by == "month":
        return sorted(values, key=lambda one: int(str(one)))
    given = {"place": list(REGIONS), "flow": list(FLOWS), "buyer_place": sorted(map(str, values - {"", ABROAD}))}
    codes = given.get(by) or list(engine.tables()[TABLES[by]].codes if by in TABLES else ())
    known = [code for code in codes if code in values]
    return [*known, *sorted(map(str, values - set(known)))]


def by_words(by: str) -> str:
    """What a table tells apart, in words."""
    return str(TABLE_WORDS[by])


def value_words(by: str, value: object) -> str:
    """A value that a table tells apart, in words."""
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
