"""What a broken file is made with, and the list that it stands in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from kezhuan.engines.tables import lines, opening, workbook

HEADER = ["编号", "名称", "成熟度", "报价(万元)", "期限"]
GOOD: list[list[Any]] = [["G1", "碳化硅衬底抛光", 6, 120.5, "2027-06-30"], ["G2", "氮化镓外延", 7, 80, "2027/7/1"]]


@dataclass(frozen=True)
class Broken:
    """A broken file: either the whole of it (`file_code`), or rows of it (`row_codes`, with the rows that stay)."""

    name: str
    make: Callable[[Path], Path]
    file_code: str | None = None
    row_codes: tuple[str, ...] = ()
    good: int = 2


BROKEN: list[Broken] = []


def lower_limits(patch: pytest.MonkeyPatch) -> None:
    """Make the limits small, so that bombs for fast tests are small too; the proof runs with the real ones."""
    for module in (workbook, opening):
        patch.setattr(module, "MOST_WORKBOOK_BYTES", 4_000_000)
    patch.setattr(opening, "_FREE_TEXT_BYTES", 2_000_000)
    patch.setattr(lines, "_MOST_BLANK_LINES", 1_000)


def whole(code: str) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    def add(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
        BROKEN.append(Broken(make.__name__, make, file_code=code))
        return make

    return add


def rows(*codes: str, good: int = 2) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    def add(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
        BROKEN.append(Broken(make.__name__, make, row_codes=codes, good=good))
        return make

    return add


def csv_bytes(*extra: list[Any], header: list[str] = HEADER) -> bytes:
    table: list[list[Any]] = [header, GOOD[0], *extra, GOOD[1]]
    return "".join(",".join(map(str, line)) + "\r\n" for line in table).encode()


def made_workbook(path: Path, table: list[list[Any]], change: Callable[[Any, Any], None] | None = None) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("成果")
        for number, row in enumerate(table):
            sheet.write_row(number, 0, row)
        if change:
            change(book, sheet)
    return path


def good_workbook() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("成果")
        for number, row in enumerate([HEADER, *GOOD]):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def with_part(path: Path, name: str, content: bytes) -> Path:
    """Write a good workbook with one part replaced."""
    with zipfile.ZipFile(io.BytesIO(good_workbook())) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


SHEET = "xl/worksheets/sheet1.xml"
SHEET_START = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
