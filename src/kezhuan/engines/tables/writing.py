"""Write rows as .xlsx, .csv or .jsonl, beside the target and renamed, so that a half-written file is never left."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
import zstandard

from kezhuan.engines.tables.cells import as_text
from kezhuan.engines.tables.inert import inert
from kezhuan.engines.tables.opening import claimed_format
from kezhuan.engines.tables.problems import Unusable

_LONGEST_EXCEL_CELL = 32_767
_EXCEL_ROWS = 1_048_576
_PIECE = 32_768  # characters of .csv that are handed on together
_FIRST_YEAR = 1900  # the calendar of workbooks begins here; earlier days are written as text


@dataclass(frozen=True, slots=True)
class Marked:
    """A cell that is to strike the eye: shaded in a workbook, the plain value everywhere else."""

    value: Any


def write_table(
    path: str | Path,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    widths: Sequence[float] | None = None,
    sheet: str = "Sheet1",
) -> int:
    """Write a table in the format its ending names (.xlsx, .csv, .tsv, .jsonl; all but .xlsx also .gz, .zst).

    Returns the number of rows. `widths` are column widths in characters for .xlsx. In .csv a text that a spreadsheet
    would take for a formula is prefixed with an apostrophe; .jsonl holds one object per row with the header as keys
    and values as they are. Raises Unusable when the ending is not understood or the place cannot be written.
    """
    path = Path(path)
    claimed = claimed_format(path)
    if claimed is None or (claimed[0] == "xlsx" and claimed[1]):
        raise Unusable(path.name, "unknown-ending")
    kind, packing = claimed
    counted = _Counted(rows)
    with written_beside(path) as stream:
        if kind == "xlsx":
            _write_workbook(stream, header, counted, widths, sheet)
        else:
            with _packed(stream, packing) as inner:
                if kind == "jsonl":
                    _write_json(inner, header, counted)
                else:
                    _write_delimited(inner, header, counted, "\t" if kind == "tsv" else ",")
    return counted.count


class _Counted:
    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def check_writable(path: str | Path) -> None:
    """Raise Unusable when a table cannot be written at `path`, before long work is done for it."""
    path = Path(path)
    claimed = claimed_format(path)
    if path.is_dir():
        raise Unusable(path.name or str(path), "is-a-folder")
    if claimed is None or (claimed[0] == "xlsx" and claimed[1]):
        raise Unusable(path.name, "unknown-ending")
    with written_beside(path, keep=False):
        pass


@contextmanager
def written_beside(path: Path, *, keep: bool = True) -> Iterator[BinaryIO]:
    """Give a stream for a hidden neighbour of `path` that takes its name when all went well."""
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        stream = neighbour.open("wb")
    except OSError as error:
        raise Unusable(path.name, "cannot-write", reason=error) from None
    try:
        with stream:
            yield stream
        if keep:
            neighbour.replace(path)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise Unusable(path.name, "cannot-write", reason=error) from None
    finally:
        neighbour.unlink(missing_ok=True)


@contextmanager
def _packed(stream: BinaryIO, packing: str | None) -> Iterator[BinaryIO]:
    if packing == ".gz":
        # A fixed time keeps equal rows giving equal bytes.
        with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=6, mtime=0, filename="") as inner:
            yield inner  # type: ignore[misc]  # it is written to, no more
    elif packing == ".zst":
        with zstandard.ZstdCompressor().stream_writer(stream, closefd=False) as inner:
            yield inner
    else:
        yield stream


def _write_json(stream: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, default=as_text, allow_nan=False).encode
    write = stream.write  # zstandard's writer has no writelines
    for row in rows:
        write(encode(dict(zip(header, map(_bare, row), strict=True))).encode("utf-8", "replace") + b"\n")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]], delimiter: str = ",") -> Iterator[bytes]:
    """Yield a table as .csv with a byte order mark, some rows at a time: for a file, or an answer that is being sent.

    A text that a spreadsheet would take for a formula is prefixed with an apostrophe.
    """
    text = io.StringIO(newline="")
    text.write("\ufeff")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([inert(cell) for cell in header])
    for row in rows:
        writer.writerow([inert(_bare(cell)) for cell in row])
        if text.tell() > _PIECE:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", "replace")


def _write_delimited(stream: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Any]], delimiter: str) -> None:
    write = stream.write  # zstandard's writer has no writelines
    for piece in csv_lines(header, rows, delimiter):
        write(piece)


def _bare(cell: Any) -> Any:
    return cell.value if isinstance(cell, Marked) else cell


def _write_workbook(
    stream: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[float] | None, sheet: str
) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF5"})
        plain, marked = _Dress.make(book), _Dress.make(book, bg_color="#FBE3D6")
        page, next_row = None, _EXCEL_ROWS
        pages = 0
        for row in _with_first(rows):
            if next_row >= _EXCEL_ROWS or page is None:
                pages += 1
                page = book.add_worksheet(sheet if pages == 1 else f"{sheet} {pages}")
                page.freeze_panes(1, 0)
                for index in range(len(header)):
                    page.set_column(index, index, widths[index] if widths else 20)
                for index, cell in enumerate(header):
                    page.write_string(0, index, as_text(cell)[:_LONGEST_EXCEL_CELL], bold)
                next_row = 1
            if row is None:
                continue
            for index, cell in enumerate(row):
                _put(page, next_row, index, _bare(cell), marked if isinstance(cell, Marked) else plain)
            next_row += 1


@dataclass(frozen=True, slots=True)
class _Dress:
    """How cells of one sort look."""

    text: Any
    day: Any
    moment: Any
    is_shaded: bool

    @classmethod
    def make(cls, book: Any, **more: Any) -> _Dress:
        look = {"valign": "top", **more}
        return cls(
            book.add_format({"text_wrap": True, **look}),
            book.add_format({"num_format": "yyyy-mm-dd", **look}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm", **look}),
            bool(more),
        )


def _put(page: Any, row: int, column: int, cell: Any, dress: _Dress) -> None:
    if cell is None or cell == "":
        if dress.is_shaded:
            page.write_blank(row, column, None, dress.text)
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell, dress.text)
    elif isinstance(cell, int | float) and abs(cell) < 1e15:
        page.write_number(row, column, cell, dress.text)
    elif isinstance(cell, datetime | date) and cell.year >= _FIRST_YEAR:
        is_moment = isinstance(cell, datetime) and cell.time() != time.min
        page.write_datetime(row, column, cell, dress.moment if is_moment else dress.day)
    else:
        page.write_string(row, column, fit(as_text(cell)), dress.text)


def _with_first(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any] | None]:
    """Give None first, so that a table without rows still gets its header."""
    yield None
    yield from rows


def fit(text: str) -> str:
    """Return a text as a cell of a workbook can hold it: at most 32,767 characters, whole ones."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _LONGEST_EXCEL_CELL else text[: _LONGEST_EXCEL_CELL - 1] + "…"
