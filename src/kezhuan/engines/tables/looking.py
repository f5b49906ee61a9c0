"""Look at a table before it is read: which sheets it has, its headers, what they are taken for, its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from kezhuan.engines.tables.cells import as_text
from kezhuan.engines.tables.columns import Column
from kezhuan.engines.tables.opening import Source
from kezhuan.engines.tables.problems import shorten
from kezhuan.engines.tables.reading import open_table

_SHOWN = 60  # characters of a cell at first sight


@dataclass(frozen=True, slots=True)
class Look:
    """A sheet, or a text file, at first sight.

    `headers` are the headers as written, each once; `taken_for` names the column that each recognised one is read as;
    `rows` are the first rows below, as short texts, in the order of the headers.
    """

    sheets: tuple[str, ...]
    sheet: str | None
    headers: tuple[str, ...]
    taken_for: Mapping[str, str]
    rows: tuple[tuple[str, ...], ...]


def look_at(
    source: Source,
    columns: Sequence[Column],
    *,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    rows: int = 5,
) -> Look:
    """Look at a sheet, or at the first with a known header; one that is not understood is shown all the same.

    Raises Unusable when there is nothing to be seen.
    """
    table = open_table(source, columns, sheet=sheet, mapping=mapping, lenient=True)
    places: dict[str, int] = {}
    for place, header in enumerate(table.headers):
        if header:
            places.setdefault(header, place)
    taken = {header: name for name, header in table.columns_found.items()}
    shown = []
    for row in islice(table.raw(), rows):
        cells = dict(zip(row.headers, row.cells, strict=False))
        shown.append(tuple(shorten(as_text(cells.get(header)), _SHOWN) for header in places))
    return Look(table.sheets, table.sheet, tuple(places), taken, tuple(shown))
