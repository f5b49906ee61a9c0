"""Which row of a table is its header, and which sheet of a workbook is the one that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from kezhuan.engines.tables.cells import as_text, is_empty
from kezhuan.engines.tables.columns import Dictionary, Layout, fold, lay_out
from kezhuan.engines.tables.lines import Record
from kezhuan.engines.tables.problems import Unusable
from kezhuan.engines.tables.workbook import Workbook

HEADER_ROWS = 10
"""Rows from the top among which the header is looked for."""
_LEAST_OF_FORM = 3
"""Headers one below the other that make a form."""
Side = Literal["needs", "supply"]
_WORDS: dict[Side, tuple[str, ...]] = {
    "needs": ("需求", "难题", "预算", "need", "demand", "budget"),
    "supply": ("成果", "供给", "报价", "achievement", "supply", "offer", "price"),
}


@dataclass(frozen=True)
class Sheet:
    """A sheet with a header: what its columns are, and the rows below that hold something."""

    name: str
    layout: Layout
    below: list[Record]


@dataclass(frozen=True)
class Looked:
    """The sheet that is read, if any, and the others that could have been; else the first cells that were seen, and
    whether a header without rows, or a form, was."""

    sheet: Sheet | None
    others: tuple[str, ...] = ()
    first_seen: Sequence[object] = ()
    is_header_only: bool = False
    is_form: bool = False


def look_through(
    book: Workbook,
    names: Sequence[str],
    dictionary: Dictionary,
    needed: Sequence[str],
    about: Side | None,
    *,
    lenient: bool,
) -> Looked:
    """Choose among sheets: those with a known header before, when `lenient`, those that merely look like a table.

    Raises Unusable when the first that is looked at cannot be read.
    """
    first_seen: list[object] = []
    best: tuple[tuple[int, int], Sheet] | None = None
    readable: list[str] = []
    is_header_only = is_form = False
    for look in ("known", "any") if lenient else ("known",):
        for name in names:
            try:
                rows = list(book.rows(name))
            except Unusable:
                if best is None:
                    raise
                readable.append(name)
                continue
            top = rows[:HEADER_ROWS]
            first_seen = first_seen or next((list(one.cells) for one in top if not all(map(is_empty, one.cells))), [])
            header = best_header(top, dictionary, needed) if look == "known" else any_header(top, dictionary)
            if header is None:
                continue
            if is_a_form(top, header[1], dictionary):
                is_form = True
                continue
            below = [record for record in rows[header[0] :] if not all(map(is_empty, record.cells))]
            if not below:
                is_header_only = True  # a cover; the table may stand on a later sheet
                continue
            readable.append(name)
            fit = _fit(name, header[1], about)
            if best is None or fit > best[0]:
                best = fit, Sheet(name, header[1], below)
            if look == "any":
                break
        if best is not None:
            return Looked(best[1], tuple(name for name in readable if name != best[1].name))
    return Looked(None, (), first_seen, is_header_only, is_form)


def _fit(name: str, layout: Layout, about: Side | None) -> tuple[int, int]:
    """How well a sheet fits what is looked for: by its name, then by its headers."""
    if about is None:
        return 0, 0
    own, other = _WORDS[about], _WORDS["supply" if about == "needs" else "needs"]

    def votes(text: str) -> int:
        folded = fold(text)
        return any(word in folded for word in own) - any(word in folded for word in other)

    return votes(name), sum(votes(as_text(header)) for header in layout.headers)


def best_header(rows: Iterable[Record], dictionary: Dictionary, needed: Sequence[str]) -> tuple[int, Layout] | None:
    """Return the number and layout of the row among these that looks most like a header, or None."""
    best: tuple[int, int, Layout] | None = None
    for record in rows:
        if record.code is not None or not isinstance(record.cells, list):
            continue
        layout = lay_out(record.cells, dictionary)
        if any(name in layout.places for name in needed) and (best is None or len(layout.places) > best[0]):
            best = (len(layout.places), record.number, layout)
    return (best[1], best[2]) if best else None


def is_a_form(rows: Iterable[Record], layout: Layout, dictionary: Dictionary) -> bool:
    """Whether headers stand one below the other, each with its value beside it, as in a form about one thing."""
    first = (
        next((cell for cell in row.cells if not is_empty(cell)), None) for row in rows if isinstance(row.cells, list)
    )
    named = {place.column.name for cell in first if (place := dictionary.place(cell)) is not None}
    return len(named) >= _LEAST_OF_FORM and len(named) > len(layout.places)


def any_header(rows: Iterable[Record], dictionary: Dictionary) -> tuple[int, Layout] | None:
    """Return the row that a person would take for the header where no header is known: the first with two cells."""
    filled = [
        (sum(not is_empty(cell) for cell in record.cells), record)
        for record in rows
        if record.code is None and isinstance(record.cells, list)
    ]
    found = next((record for count, record in filled if count > 1), next((one for n, one in filled if n), None))
    return (found.number, lay_out(list(found.cells), dictionary)) if found is not None else None
