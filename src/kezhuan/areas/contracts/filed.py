"""The registration form that goes along with a unit's filing to the bureau's instance: written, read, and checked
against what the filing tells."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.contracts.models import Contract, columns_of
from kezhuan.areas.contracts.queries import TELLING
from kezhuan.areas.contracts.sheets import FORM_COLUMNS, form_cells, header_of
from kezhuan.engines import contracts as engine
from kezhuan.engines.tables.cells import read_cell
from kezhuan.engines.tables.problems import BadCell
from kezhuan.kernel import filings
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models import Record


def form_in(cells: Mapping[str, str], text: str = "") -> engine.Contract:
    """The form that cells tell under the headers of an export, with the contract's text beside them; raises `Refused`
    that names the cell which cannot be read."""
    known = {header_of(column): column for column in FORM_COLUMNS}
    if strange := sorted(set(cells) - set(known)):
        message = _("The registration form has no field “%(field)s” here: bring both to one version.")
        raise Refused(_unlike(message % {"field": strange[0][:60]}))
    values: dict[str, Any] = {column.name: () if column.kind == "texts" else None for column in engine.COLUMNS}
    for header, cell in cells.items():
        column = known[header]
        try:
            values[column.name] = cell if column.kind == "text" else read_cell(cell, column)
        except BadCell:
            message = _("“%(field)s” of the registration form cannot be read: %(value)s.")
            raise Refused(_unlike(message % {"field": header, "value": cell[:60]})) from None
    return dataclasses.replace(engine.contract_from(0, values), text=text)


def check_cells(cells: Mapping[str, str], content: Mapping[str, Any]) -> list[Problem]:
    """What the form of a filing says otherwise than its frozen content: every field, and both figures."""
    try:
        form = form_in(cells, content["text"])
    except Refused as refused:
        return list(refused.problems)
    row = Contract(record=Record(title=form.name), **columns_of(form))
    return list(_differing(filings.frozen(TELLING, row, ()), content))


def _differing(form: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[Problem]:
    message = _("“%(field)s” is %(form)s in its registration form and %(filed)s in what was filed.")
    said, filed = dict(form["facts"]), dict(content["facts"])
    pairs = [(name, said.get(name, ""), filed.get(name, "")) for name in dict.fromkeys([*said, *filed])]
    for name, ours, theirs in pairs:
        if ours != theirs:
            words = {"field": name, "form": (ours or "–")[:60], "filed": (theirs or "–")[:60]}
            yield _unlike(message % words)
    for ours, theirs in zip_longest(form["figures"], content["figures"]):
        if ours is None or theirs is None or [*map(str, ours)] != [*map(str, theirs)]:
            name = TELLING.figures.get((ours or theirs)[0], (ours or theirs)[0])
            words = {"field": name, "form": _figure(ours), "filed": _figure(theirs)}
            yield _unlike(message % words)


def _figure(figure: Any) -> str:
    return "–" if figure is None else f"{figure[1] / 100:,.2f} ({figure[2]})"


def _unlike(message: str) -> Problem:
    return Problem("filed-form", message, "file")


def applied_on(form: engine.Contract, taken_on: date) -> date:
    """The day on which the unit handed it in at its own instance, and never one after it came in here."""
    return min(form.applied_on or taken_on, taken_on)


FORM = filings.Form(form_cells, check_cells)
"""The registration form, in the layout of an export."""
