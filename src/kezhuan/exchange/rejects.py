"""Rows that could not enter: said one by one, and written back into a workbook with their reasons."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.engines.tables import Column, Problem, Row, open_table, write_table
from kezhuan.engines.tables.cells import as_text
from kezhuan.exchange.cells import holds_secret

REASON, ROW, FILE, SHEET = "原因 reason", "原行号 row", "原文件 file", "原工作表 sheet"
ADDED = frozenset({REASON, ROW, FILE, SHEET})
"""Headers of the columns that a workbook of bad rows has beside the file's own; an import of it leaves them out."""


@dataclass(frozen=True)
class Reject:
    """A row that was left out: where it stands and the sentence that says why and what to do.

    Of a row that holds a state secret nothing but its place is kept.
    """

    file: str
    row: int
    reason: str
    sheet: str | None = None
    column: str = ""
    is_secret: bool = False

    def say(self) -> str:
        """One sentence naming file, sheet, row and column."""
        sheet = _(", sheet “%(sheet)s”") % {"sheet": self.sheet} if self.sheet else ""
        column = _(", column “%(column)s”") % {"column": self.column} if self.column else ""
        return _("%(file)s%(sheet)s, row %(row)s%(column)s: %(reason)s") % {
            "file": self.file,
            "sheet": sheet,
            "row": self.row,
            "column": column,
            "reason": self.reason,
        }


@dataclass
class Rejects:
    """The bad rows of one file; their cells are read again from the file when they are written back."""

    path: Path
    sheet: str | None
    columns: Sequence[Column]
    rows: list[Reject] = field(default_factory=list)

    def cells(self) -> Iterator[tuple[Reject, dict[str, Any]]]:
        """Each bad row with its cells as text by header; a secret one without any."""
        waiting = {reject.row: reject for reject in self.rows}
        as_texts = [
            dataclasses.replace(column, kind="text", required=False, choices={}, neutral=frozenset())
            for column in self.columns
        ]
        if any(not reject.is_secret for reject in self.rows):
            table = open_table(self.path, as_texts, sheet=self.sheet)
            for row in table:
                number = row.number if isinstance(row, Row) else row.row
                if number not in waiting or waiting[number].is_secret:
                    continue
                yield waiting.pop(number), _cells_of(row, table.columns_found)
        for reject in waiting.values():
            yield reject, {}


def _cells_of(row: Row | Problem, headers: dict[str, str]) -> dict[str, Any]:
    if isinstance(row, Problem):
        cells = dict(row.cells)
    else:
        cells = {headers.get(name, name): value for name, value in row.values.items() if value is not None}
        cells |= row.extra
    # Read a second time, the row is looked at a second time.
    return {} if holds_secret(cells) else cells


def write_rejects(path: Path, files: Sequence[Rejects]) -> int:
    """Write the bad rows of all files with their reasons; returns how many. Raises `Unusable` when it cannot."""
    headers: dict[str, None] = {}
    for one in files:
        for _reject, cells in one.cells():
            headers.update(dict.fromkeys(cells))
    names = [name for name in headers if name not in ADDED]

    def rows() -> Iterator[list[Any]]:
        for one in files:
            for reject, cells in sorted(one.cells(), key=lambda pair: pair[0].row):
                own = [as_text(cells.get(name)) for name in names]
                reason = f"{reject.column}: {reject.reason}" if reject.column else reject.reason
                yield [*own, reason, reject.row, reject.file, reject.sheet or ""]

    widths = [*[24] * len(names), 60, 9, 24, 14]
    return write_table(path, [*names, REASON, ROW, FILE, SHEET], rows(), widths=widths, sheet=_("left out"))
