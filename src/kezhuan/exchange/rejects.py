"""Rows that could not enter: said one by one, and written back into a workbook with their reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.utils.translation import gettext as _

from kezhuan.engines.tables import Column, Raw
from kezhuan.engines.tables.fixes import Fix, in_words
from kezhuan.engines.tables.left_out import LeftOut, rows_again, write_left_out
from kezhuan.engines.tables.opening import Source
from kezhuan.exchange.cells import holds_secret
from kezhuan.exchange.models import Import


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
        return in_words(self.fixes)

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
        shown = [number for number, reject in waiting.items() if not reject.is_secret]
        found = {
            row.number: row
            for row in rows_again(self.file, self.columns, self.sheet, shown)
            # Read a second time, the row is looked at a second time.
            if not holds_secret(dict(zip(row.headers, row.cells, strict=False)))
        }
        for number in sorted(waiting):
            yield waiting[number], found.get(number)


def write_rejects(path: Path, files: Sequence[Rejects]) -> int:
    """Write the bad rows of all files with their reasons; returns how many. Raises `Unusable` when it cannot."""
    rows = [
        LeftOut(
            raw,
            reject.columns,
            (
                *(reject.reason, reject.suggestion, reject.column),
                *(reject.row, reject.sheet or "", reject.file, one.source),
            ),
        )
        for one in files
        for reject, raw in one.raw()
    ]
    return write_left_out(path, rows, sheet=_("left out"))
