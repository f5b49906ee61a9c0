"""Rows that could not enter: said one by one, and written back into a workbook with their reasons."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.engines.tables import Column, Marked, Raw, open_table, write_table
from kezhuan.engines.tables.cells import as_text
from kezhuan.engines.tables.fixes import Fix
from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.cells import holds_secret
from kezhuan.exchange.models import Import

REASON, FIX, COLUMN, ROW = "原因 reason", "建议 suggestion", "原列 column", "原行号 row"
SHEET, FILE, SOURCE = "原工作表 sheet", "原文件 file", "编号来源 id source"
ADDED = (REASON, FIX, COLUMN, ROW, SHEET, FILE, SOURCE)
"""Headers of the columns that a workbook of bad rows has after the file's own; an import of it leaves them out, but for
the last: the ids of the mended rows come from where those of the first file came from."""
_WIDTHS = (60, 30, 16, 9, 14, 24, 16)


@dataclass(frozen=True)
class Reject:
    """A row that was left out: where it stands, the sentence that says why, and what to write instead where known.

    `columns` are the headers that the reasons speak of. Of a row that holds a state secret nothing but its place is
    kept.
    """

    file: str
    row: int
    reason: str
    sheet: str | None = None
    columns: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    is_secret: bool = False

    @property
    def column(self) -> str:
        """The headers in one text."""
        return "、".join(self.columns)

    @property
    def suggestion(self) -> str:
        """What to write instead, in one text."""
        return "；".join(f"{fix.column} → {fix.value}" for fix in self.fixes)

    def with_others(self, others: "Reject") -> "Reject":
        """The same row with what another look found wrong in it as well."""
        columns = tuple(dict.fromkeys((*self.columns, *others.columns)))
        fixes = tuple(dict.fromkeys((*self.fixes, *others.fixes)))
        return replace(self, reason=f"{self.reason} {others.reason}", columns=columns, fixes=fixes)

    def say(self) -> str:
        """One sentence naming file, sheet, row and column."""
        sheet = _(", sheet “%(sheet)s”") % {"sheet": self.sheet} if self.sheet else ""
        column = _(", column “%(column)s”") % {"column": self.column} if self.columns else ""
        said = _("%(file)s%(sheet)s, row %(row)s%(column)s: %(reason)s") % {
            "file": self.file,
            "sheet": sheet,
            "row": self.row,
            "column": column,
            "reason": self.reason,
        }
        return said + (_(" Suggested: %(fixes)s.") % {"fixes": self.suggestion} if self.fixes else "")


@dataclass
class Rejects:
    """The bad rows of one file; their cells are read again from the file when they are written back."""

    file: Source
    sheet: str | None
    columns: Sequence[Column]
    source: str = ""
    rows: list[Reject] = field(default_factory=list)

    @classmethod
    def of(cls, kept: Import, file: Source, columns: Sequence[Column]) -> "Rejects":
        """The rows that an import has left out so far."""
        sheet = kept.options.get("sheet")
        rows = [
            Reject(
                file.name,
                one.row,
                one.reason,
                sheet,
                tuple(one.columns),
                tuple(Fix(*fix) for fix in one.fixes),
                one.is_secret,
            )
            for one in kept.rejects.order_by("row", "pk")
        ]
        return cls(file, sheet, columns, kept.source, rows)

    def raw(self) -> Iterator[tuple[Reject, Raw | None]]:
        """Each bad row as it stands in the file, in order; None for one of which nothing may be shown."""
        waiting = {reject.row: reject for reject in self.rows}
        found: dict[int, Raw] = {}
        if any(not reject.is_secret for reject in self.rows):
            for row in open_table(self.file, self.columns, sheet=self.sheet, lenient=True).raw():
                if row.number in waiting and not waiting[row.number].is_secret:
                    # Read a second time, the row is looked at a second time.
                    if not holds_secret(dict(zip(row.headers, row.cells, strict=False))):
                        found[row.number] = row
                    if len(found) == len(waiting):
                        break
        for number in sorted(waiting):
            yield waiting[number], found.get(number)


def write_rejects(path: Path, files: Sequence[Rejects]) -> int:
    """Write the bad rows of all files with their reasons; returns how many. Raises `Unusable` when it cannot.

    The files' own columns come first, in their order and with their headers, so that the mended workbook can be
    imported as it is.
    """
    found = [(one, reject, raw) for one in files for reject, raw in one.raw()]
    written: dict[str, str] = {}
    for _one, _reject, raw in found:
        if raw is not None:
            written |= {name: text for name, text in _named(raw) if name not in written}
    names = [name for name in written if name not in ADDED]

    def rows() -> Iterator[list[Any]]:
        for one, reject, raw in found:
            cells = dict(zip((name for name, _text in _named(raw)), raw.cells, strict=True)) if raw else {}
            bad = set(reject.columns)
            own = [Marked(_cell(cells.get(name))) if name in bad else _cell(cells.get(name)) for name in names]
            place = (reject.column, reject.row, reject.sheet or "", reject.file, one.source)
            yield [*own, reject.reason, reject.suggestion, *place]

    header = [*(written[name] for name in names), *ADDED]
    widths = [*[24] * len(names), *_WIDTHS]
    return write_table(path, header, rows(), widths=widths, sheet=_("left out"))


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
