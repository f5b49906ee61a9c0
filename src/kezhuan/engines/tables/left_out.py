"""Rows that were left out, written back with why: a workbook to mend and to read again."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kezhuan.engines.tables.added import ADDED
from kezhuan.engines.tables.cells import as_text
from kezhuan.engines.tables.columns import Column
from kezhuan.engines.tables.opening import Source
from kezhuan.engines.tables.reading import Raw, open_table
from kezhuan.engines.tables.writing import Marked, write_table

_WIDTHS = (60, 30, 16, 9, 14, 24, 16)


@dataclass(frozen=True)
class LeftOut:
    """A row that was left out: its cells (None where they may not be shown), the headers of the wrong ones, and what
    is told of it in the columns `ADDED`."""

    raw: Raw | None
    columns: tuple[str, ...]
    told: tuple[str | int, ...]


def rows_again(
    file: str | Path | Source, columns: Sequence[Column], sheet: str | None, numbers: Collection[int]
) -> Iterator[Raw]:
    """Read a file once more, for its rows of these numbers; it stops at the last of them."""
    waiting = set(numbers)
    if not waiting:
        return
    for row in open_table(file, columns, sheet=sheet, lenient=True).raw():
        if row.number in waiting:
            waiting.remove(row.number)
            yield row
            if not waiting:
                return


def write_left_out(path: Path, rows: Sequence[LeftOut], *, sheet: str) -> int:
    """Write the rows with their reasons to a `sheet`; returns how many. Raises `Unusable` when it cannot.

    The files' own columns come first, in their order and with their headers, so that the mended workbook can be read
    as it is.
    """
    written: dict[str, str] = {}
    for one in rows:
        if one.raw is not None:
            written |= {name: text for name, text in _named(one.raw) if name not in written}
    names = [name for name in written if name not in ADDED]

    def cells() -> Iterator[list[Any]]:
        for one in rows:
            found = dict(zip((name for name, _text in _named(one.raw)), one.raw.cells, strict=True)) if one.raw else {}
            own = [_cell(found.get(name)) for name in names]
            yield [
                *(Marked(cell) if name in one.columns else cell for name, cell in zip(names, own, strict=True)),
                *one.told,
            ]

    header = [*(written[name] for name in names), *ADDED]
    return write_table(path, header, cells(), widths=[*[24] * len(names), *_WIDTHS], sheet=sheet)


def _named(raw: Raw) -> Iterator[tuple[str, str]]:
    """For each cell the name that tells it apart and its header as written; cells beyond the header have a number."""
    for place in range(len(raw.cells)):
        if place < len(raw.headers):
            yield raw.headers[place], raw.written[place]
        else:
            yield f"#{place + 1}", f"#{place + 1}"


def _cell(value: Any) -> Any:
    """A cell as it can be written again: numbers and days stay what they are."""
    if value is None or isinstance(value, bool | int | date) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return as_text(value)
