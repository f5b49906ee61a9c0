"""Rows of an .xlsx workbook, after checking that it is one, is not locked, and will not flood memory."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, BinaryIO

import python_calamine

from kezhuan.engines.tables.cells import UNSAVED, ErrorCell
from kezhuan.engines.tables.lines import Record
from kezhuan.engines.tables.opening import MOST_WORKBOOK_BYTES, BrokenOff, Source, content_words, opened
from kezhuan.engines.tables.problems import Unusable, shorten

_MOST_CELLS = 12_000_000  # the reader lays a sheet out densely: about 0.4 GB
_MOST_ERRORS = 100_000
_MOST_MERGED_ROWS = 1_000_000
_NONE: frozenset[int] = frozenset()
_BLOCK = 1 << 20
_LIMIT = f"{MOST_WORKBOOK_BYTES // 1_000_000} MB"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A cell with content that lies far out (two-letter column, or row from 100,000), or that holds an error value.
_FAR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["'](?:([A-Z]{2,3})(\d{1,7})|([A-Z])(\d{6,7}))["'][^>]*[^/]>""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["'](\d{6,7})["']""")
_CELL_WITHOUT_PLACE = re.compile(rb"""<(?:\w+:)?c(?:>|\s(?![^>]*\br=)[^>]*[^/]>)""")
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["'][^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,20})<""",
    re.DOTALL,
)
# A formula beside which no result was stored; an empty text (t="str") is one.
_UNSAVED_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?![^>]*\bt=["'](?:str|inlineStr|e)["'])[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["'][^>]*(?<!/)>\s*"""
    rb"""<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"""
)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")


@dataclass
class _Scan:
    """What was seen in one sheet's XML: how far it reaches and where error values stand (row and column from 0)."""

    rows: int = 100_000
    columns: int = 26
    last_row: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


class Workbook:
    """An opened workbook; its sheets are read one at a time."""

    def __init__(self, source: Source) -> None:
        """Open and check; raises Unusable with the reason."""
        self._source = source
        with _whole(source) as stream:
            start = stream.read(4096)
            if not start:
                raise Unusable(source.name, "empty-file")
            if start.startswith(_OLE):
                stream.seek(0)
                locked = "EncryptedPackage".encode("utf-16-le") in stream.read(MOST_WORKBOOK_BYTES)
                raise Unusable(source.name, "password-protected" if locked else "old-xls")
            if not start.startswith(b"PK\x03\x04"):
                foreign = content_words(start) or ("普通文字", "plain text")
                raise Unusable(
                    source.name, "not-what-it-says", claimed=".xlsx", found_zh=foreign[0], found_en=foreign[1]
                )
            try:
                with zipfile.ZipFile(stream) as archive:
                    self._scans = _inspect(archive, source)
                stream.seek(0)
                self._book = python_calamine.CalamineWorkbook.from_filelike(stream)
            except Unusable:
                raise
            except python_calamine.PasswordError:
                raise Unusable(source.name, "password-protected") from None
            except BaseException as error:  # noqa: BLE001
                raise _damaged(source, error) from None
        visible = python_calamine.SheetVisibleEnum.Visible
        sheets = [one for one in self._book.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
        self.sheets = [one.name for one in sorted(sheets, key=lambda one: one.visible != visible)]

    def rows(self, sheet: str) -> Iterator[Record]:
        """Give the rows of a sheet with their spreadsheet row numbers; merged cells repeat downwards."""
        scan = self._scans.get(sheet, _Scan())
        if scan.rows * scan.columns > _MOST_CELLS:
            raise Unusable(self._source.name, "sheet-too-wide", rows=f"{scan.rows:,}", columns=f"{scan.columns:,}")
        try:
            grid = self._book.get_sheet_by_name(sheet)
            first_column = grid.start[1] if grid.start else 0
            merged = _downward(grid.merged_cell_ranges or [])
        except BaseException as error:  # noqa: BLE001
            raise _damaged(self._source, error) from None
        errors: dict[int, dict[int, str]] = {}
        for (row, column), value in scan.errors.items():
            errors.setdefault(row, {})[column - first_column] = value
        carried: dict[int, Any] = {}
        blank: list[list[Any]] = [[""] * grid.width for _row in range(max(errors, default=-1) + 1 - grid.total_height)]
        # Rows of nothing but formulas without results are none to the reader behind.
        for index, cells in enumerate(chain(grid.iter_rows(), blank)):
            for column, value in errors.get(index, {}).items():
                if 0 <= column < len(cells):
                    cells[column] = ErrorCell(value)
            shared: set[int] = set()
            for column, is_first in merged.get(index, ()):
                position = column - first_column
                if 0 <= position < len(cells):
                    if is_first:
                        carried[position] = cells[position]
                    else:
                        cells[position] = carried.get(position, cells[position])
                        shared.add(position)
            yield Record(index + 1, cells, merged=frozenset(shared) if shared else _NONE)


def _whole(source: Source) -> BinaryIO:
    """Return the workbook as a seekable stream; a packed one is inflated into memory under the limit."""
    try:
        with opened(source, MOST_WORKBOOK_BYTES) as stream:
            whole = stream.read(MOST_WORKBOOK_BYTES + 1)
    except BrokenOff as broken:
        raise Unusable(
            source.name, "damaged" if broken.code == "broken-off" else broken.code, **broken.params
        ) from None
    if len(whole) > MOST_WORKBOOK_BYTES:
        raise Unusable(source.name, "inflates-too-far", limit=_LIMIT)
    return io.BytesIO(whole)


def _damaged(source: Source, error: BaseException) -> Unusable:
    """Return the sentence for a reader's failure; a Rust panic arrives as a BaseException of its own."""
    if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
        raise error
    return Unusable(source.name, "damaged")


def _inspect(archive: zipfile.ZipFile, source: Source) -> dict[str, _Scan]:
    """Check an archive's parts and inflate the sheets once under the limit; return what was seen per sheet name."""
    parts = {part.filename: part for part in archive.infolist()}
    if "xl/workbook.xml" not in parts:
        words = _office_words(parts)
        raise Unusable(source.name, "not-what-it-says", claimed=".xlsx", found_zh=words[0], found_en=words[1])
    if any(part.flag_bits & 1 for part in parts.values()):
        raise Unusable(source.name, "password-protected")
    readable = [part for part in parts.values() if part.filename.endswith((".xml", ".rels"))]
    if sum(part.file_size for part in readable) >= MOST_WORKBOOK_BYTES:
        raise Unusable(source.name, "inflates-too-far", limit=_LIMIT)
    scans: dict[str, _Scan] = {}
    total = 0
    for part in readable:
        # The reader behind inflates until the data end, so a declared size that lies must not stop the count here.
        part.file_size = 1 << 62
        scan = _Scan()
        tail = b""
        with archive.open(part) as stream:
            while block := stream.read(_BLOCK):
                total += len(block)
                if total >= MOST_WORKBOOK_BYTES:
                    raise Unusable(source.name, "inflates-too-far", limit=_LIMIT)
                if "/worksheets/" in part.filename:
                    block = tail + block
                    _look(block, scan)
                    tail = block[-2000:]
        scans[part.filename] = scan
    return {name: scans[path] for name, path in _sheet_parts(archive, parts).items() if path in scans}


def _look(block: bytes, scan: _Scan) -> None:
    for found in _FAR_CELL.finditer(block):
        scan.rows = max(scan.rows, int(found[2] or found[4]))
        scan.columns = max(scan.columns, _column_number(found[1] or found[3]))
    for found in _ROW.finditer(block):
        scan.last_row = max(scan.last_row, int(found[1]))
    if scan.last_row > scan.rows and _CELL_WITHOUT_PLACE.search(block):
        scan.rows = scan.last_row
    if (b't="e"' in block or b"t='e'" in block) and len(scan.errors) < _MOST_ERRORS:
        for found in _ERROR_CELL.finditer(block):
            scan.errors[int(found[2]) - 1, _column_number(found[1]) - 1] = found[3].decode("utf-8", "replace")
    if (b"f>" in block or b"<f " in block or b":f " in block) and len(scan.errors) < _MOST_ERRORS:
        for found in _UNSAVED_CELL.finditer(block):
            scan.errors[int(found[2]) - 1, _column_number(found[1]) - 1] = UNSAVED


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_parts(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> dict[str, str]:
    """Return the part that holds each sheet, by the sheet's name."""
    targets: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in parts:
        for found in _RELATION.finditer(archive.read("xl/_rels/workbook.xml.rels")):
            target = _attribute(found[0], "Target")
            targets[_attribute(found[0], "Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return {
        _attribute(found[0], "name"): targets.get(_attribute(found[0], r"\w+:id"), "")
        for found in _SHEET.finditer(archive.read("xl/workbook.xml"))
    }


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(rf"""\s{name}=["']([^"']*)["']""", tag.decode("utf-8", "replace"))
    if not found:
        return ""
    text = found[1]
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def _office_words(parts: dict[str, zipfile.ZipInfo]) -> tuple[str, str]:
    if "word/document.xml" in parts:
        return "Word 文档", "a Word document"
    if "ppt/presentation.xml" in parts:
        return "演示文稿", "a presentation"
    if "mimetype" in parts and "content.xml" in parts:
        return "OpenDocument 文件", "an OpenDocument file"
    names = list(parts)[:3]
    return f"压缩包（{shorten('、'.join(names), 60)}）", f"a zip archive ({shorten(', '.join(names), 60)})"


def _downward(ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> dict[int, list[tuple[int, bool]]]:
    """Return, by row from 0, the columns merged over several rows and whether the row is the first of them."""
    by_row: dict[int, list[tuple[int, bool]]] = {}
    left = _MOST_MERGED_ROWS
    for (top, column), (bottom, _) in ranges:
        if bottom > top and left > 0:
            left -= bottom - top
            for row in range(top, min(bottom, top + _MOST_MERGED_ROWS) + 1):
                by_row.setdefault(row, []).append((column, row == top))
    return by_row
