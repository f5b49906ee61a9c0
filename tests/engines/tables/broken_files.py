"""Broken files made on the spot, each with what must be said about it."""

# long: a list of broken files and their builders, read from top to bottom.

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import zstandard

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


# The whole file


@whole("missing-file")
def file_that_is_not_there(folder: Path) -> Path:
    return folder / "nowhere.xlsx"


@whole("is-a-folder")
def folder_instead_of_file(folder: Path) -> Path:
    (folder / "supply.csv").mkdir()
    return folder / "supply.csv"


@whole("unknown-ending")
def word_processor_file(folder: Path) -> Path:
    return written(folder / "supply.docx", b"PK\x03\x04")


@whole("empty-file")
def empty_csv(folder: Path) -> Path:
    return written(folder / "supply.csv", b"")


@whole("empty-file")
def csv_of_blank_lines(folder: Path) -> Path:
    return written(folder / "supply.csv", b"\xef\xbb\xbf\r\n \r\n")


@whole("empty-file")
def empty_xlsx(folder: Path) -> Path:
    return written(folder / "supply.xlsx", b"")


@whole("empty-file")
def workbook_with_empty_sheet(folder: Path) -> Path:
    return made_workbook(folder / "supply.xlsx", [])


@whole("empty-file")
def empty_gz(folder: Path) -> Path:
    return written(folder / "supply.csv.gz", gzip.compress(b""))


@whole("empty-file")
def gz_of_no_bytes(folder: Path) -> Path:
    return written(folder / "supply.csv.gz", b"")


@whole("not-what-it-says")
def csv_named_xlsx(folder: Path) -> Path:
    return written(folder / "supply.xlsx", csv_bytes())


@whole("not-what-it-says")
def html_named_xlsx(folder: Path) -> Path:
    return written(folder / "supply.xlsx", b"<html><table><tr><td>\xe5\x90\x8d\xe7\xa7\xb0</td></tr></table></html>")


@whole("not-what-it-says")
def pdf_named_csv(folder: Path) -> Path:
    return written(folder / "supply.csv", b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n")


@whole("not-what-it-says")
def workbook_named_csv(folder: Path) -> Path:
    return written(folder / "supply.csv", good_workbook())


@whole("not-what-it-says")
def word_document_named_xlsx(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "supply.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return folder / "supply.xlsx"


@whole("not-what-it-says")
def json_named_csv(folder: Path) -> Path:
    return written(folder / "supply.csv", b'{"title": "abc"}\n')


@whole("not-what-it-says")
def csv_named_jsonl(folder: Path) -> Path:
    return written(folder / "supply.jsonl", csv_bytes())


@whole("not-what-it-says")
def plain_csv_named_gz(folder: Path) -> Path:
    return written(folder / "supply.csv.gz", csv_bytes())


@whole("too-deep")
def deep_json_alone(folder: Path) -> Path:
    return written(folder / "supply.jsonl", b'{"title": "a", "x": %s}' % (b"[" * 150 + b"]" * 150))


@whole("utf-16")
def utf16_csv(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes().decode().encode("utf-16"))


@whole("not-what-it-says")
def binary_named_tsv(folder: Path) -> Path:
    return written(folder / "supply.tsv", bytes(range(256)) + bytes(2000))


@whole("json-array")
def one_json_array(folder: Path) -> Path:
    return written(folder / "supply.jsonl", b'[{"title": "abc"}, {"title": "def"}]')


@whole("old-xls")
def old_xls(folder: Path) -> Path:
    return written(folder / "supply.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@whole("old-xls")
def old_xls_named_xlsx(folder: Path) -> Path:
    return written(folder / "supply.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@whole("password-protected")
def workbook_with_password(folder: Path) -> Path:
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    return written(folder / "supply.xlsx", container)


@whole("damaged")
def truncated_xlsx(folder: Path) -> Path:
    content = good_workbook()
    return written(folder / "supply.xlsx", content[: len(content) * 2 // 3])


@whole("damaged")
def workbook_with_flipped_bytes(folder: Path) -> Path:
    content = bytearray(good_workbook())
    start = content.index(SHEET.encode()) + len(SHEET) + 20
    content[start : start + 40] = b"\xff" * 40
    return written(folder / "supply.xlsx", bytes(content))


@whole("damaged")
def workbook_with_broken_xml(folder: Path) -> Path:
    return with_part(folder / "supply.xlsx", SHEET, SHEET_START + b"<row r='1'><c r='A1'></row></oops>")


@whole("inflates-too-far")
def sheet_of_200_megabytes(folder: Path) -> Path:
    return with_part(folder / "supply.xlsx", SHEET, SHEET_START + b" " * opening.MOST_WORKBOOK_BYTES)


@whole("inflates-too-far")
def zip_bomb_that_lies_about_its_size(folder: Path) -> Path:
    path = with_part(folder / "supply.xlsx", SHEET, SHEET_START + b" " * opening.MOST_WORKBOOK_BYTES)
    content = bytearray(path.read_bytes())
    size = struct.pack("<I", len(SHEET_START) + opening.MOST_WORKBOOK_BYTES)
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = struct.pack("<I", 1000)
    return written(path, bytes(content))


@whole("inflates-too-far")
def gz_bomb_without_a_line_end(folder: Path) -> Path:
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=1) as packed:
        for _ in range(opening.MOST_WORKBOOK_BYTES >> 20):
            packed.write(bytes(1 << 20))
    return written(folder / "supply.xlsx.gz", stream.getvalue() * 2)


@whole("inflates-too-far")
def gz_bomb_in_the_second_line(folder: Path) -> Path:
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=9) as packed:
        packed.write("编号,名称\n".encode())
        for _ in range((opening._FREE_TEXT_BYTES >> 20) + 2):
            packed.write(b"a" * (1 << 20))
    return written(folder / "supply.csv.gz", stream.getvalue())


@whole("sheet-too-wide")
def workbook_with_a_cell_far_away(folder: Path) -> Path:
    return made_workbook(
        folder / "supply.xlsx", [HEADER, *GOOD], lambda _, sheet: sheet.write(1_000_000, 16_000, "stray") and None
    )


@whole("no-known-column")
def csv_without_known_columns(folder: Path) -> Path:
    return written(folder / "supply.csv", "甲,乙\r\n1,2\r\n".encode())


@whole("headers-in-column")
def csv_of_a_form(folder: Path) -> Path:
    return written(folder / "supply.csv", "成果名称,甲\r\n摘要,低缺陷\r\n成熟度,6\r\n".encode())


@whole("headers-in-column")
def workbook_of_a_form(folder: Path) -> Path:
    rows = [["成果登记表"], ["成果名称", "甲", "成熟度", 6], ["摘要", "低缺陷"], ["报价", 5], ["团队", "乙"]]
    return made_workbook(folder / "supply.xlsx", rows)


@whole("no-known-column")
def workbook_without_known_columns(folder: Path) -> Path:
    return made_workbook(folder / "supply.xlsx", [["甲", "乙"], [1, 2]])


@whole("no-known-column")
def jsonl_without_known_columns(folder: Path) -> Path:
    return written(folder / "supply.jsonl", b'{"a": 1}\n{"b": 2}\n')


@whole("no-rows")
def header_without_rows(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes().split(b"\r\n")[0] + b"\r\n")


@whole("no-rows")
def workbook_header_without_rows(folder: Path) -> Path:
    return made_workbook(folder / "supply.xlsx", [HEADER])


@whole("several-files")
def ambiguous_short_name(folder: Path) -> Path:
    written(folder / "supply.csv", csv_bytes())
    written(folder / "supply.jsonl", b"{}")
    return folder / "supply"


@whole("damaged")
def gz_with_damaged_start(folder: Path) -> Path:
    return written(folder / "supply.csv.gz", gzip.compress(csv_bytes())[:10] + b"\xff" * 50)


# Some rows


@rows("no-text", "no-text")
def rows_without_text(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes(["B1", "", 5, 1, ""], ["B2", "  ", "", "", ""]))


@rows("duplicate-id")
def duplicate_id(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes(["G1", "又一个", 5, 1, ""]))


@rows("out-of-range", "not-an-integer", "not-an-integer", "not-a-number")
def wrong_maturity(folder: Path) -> Path:
    bad: list[list[Any]] = [["B1", "甲", 12], ["B2", "乙", 1.5], ["B3", "丙", "1.5"], ["B4", "丁", "六成"]]
    return made_workbook(folder / "supply.xlsx", [HEADER, *GOOD, *bad])


@rows("below-minimum", "too-many-decimals", "not-a-number", "not-finite", "not-finite", "too-large", "too-large")
def wrong_prices(folder: Path) -> Path:
    bad = [-5, "1.1234567", "很多", "inf", "NaN", "1e18", "9" * 40]
    return written(folder / "supply.csv", csv_bytes(*[[f"B{i}", "甲", 5, price, ""] for i, price in enumerate(bad)]))


@rows("not-a-date", "not-a-date", "not-a-date")
def wrong_dates(folder: Path) -> Path:
    bad = ["2027-02-30", "过年", "6/7/2027"]
    return written(folder / "supply.csv", csv_bytes(*[[f"B{i}", "甲", 5, 1, day] for i, day in enumerate(bad)]))


@rows("formula-error", "formula-error")
def formula_errors(folder: Path) -> Path:
    def change(_: Any, sheet: Any) -> None:
        sheet.write_row(3, 0, ["B1", "甲"])
        sheet.write_formula(3, 3, "=1/0", None, "#DIV/0!")
        sheet.write(4, 0, "B2")
        sheet.write_formula(4, 1, "=NA()", None, "#N/A")

    return made_workbook(folder / "supply.xlsx", [HEADER, *GOOD], change)


@rows("duplicate-id", good=3)
def merged_cells(folder: Path) -> Path:
    def change(_: Any, sheet: Any) -> None:
        sheet.merge_range(3, 0, 4, 0, "B1")
        sheet.write_row(3, 1, ["甲", 5])
        sheet.write_row(4, 1, ["乙", 5])

    return made_workbook(folder / "supply.xlsx", [HEADER, *GOOD], change)


@rows("bad-bytes")
def gb18030_row_in_utf8_file(folder: Path) -> Path:
    bad = "B1,氮化镓外延片,5,1,\r\n".encode("gb18030")
    content = csv_bytes()
    return written(folder / "supply.csv", content + bad)


@rows("bad-bytes")
def utf8_row_in_gb18030_file(folder: Path) -> Path:
    content = csv_bytes().decode().encode("gb18030")
    return written(folder / "supply.csv", content + "B1,氮化镓外延,5,1,\r\n".encode())


@rows("nul-byte")
def nul_byte(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes(["B1", "甲\0乙", 5, 1, ""]))


@rows("broken-quotes")
def quote_never_closed(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes(["B1", '"甲乙丙', 5, 1, ""]))


@rows("too-many-cells")
def unquoted_delimiter(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes(["B1", "甲,乙", 5, 1, "2027-01-01"]))


@rows("too-long")
def very_long_cell(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes(["B1", "长" * 1_000_001, 5, 1, ""]))


@rows("line-too-long")
def very_long_line(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes(["B1", "x" * 16_000_001, 5, 1, ""]))


@rows(
    "not-json",
    "not-json",
    "not-an-object",
    "not-an-object",
    "wrong-type",
    "wrong-type",
    "bad-bytes",
    "too-deep",
    "not-json",
    "too-deep",
)
def broken_json_lines(folder: Path) -> Path:
    said = ['{"title": "a"}', "oops", '{"title": "b"', '["title"]', "null", '{"title": {"a": 1}}']
    said += [
        '{"title": "c", "trl": [1]}',
        '{"title": "\\ud800"}',
        "[" * 100_000,
        '{"title": "x", "trl": %s}' % ("1" * 5000),
        '{"title": "深", "x": %s}' % ("[" * 500 + "]" * 500),
    ]
    return written(folder / "supply.jsonl", "\n".join([*said, '{"title": "d", "x": [[[1]]]}']).encode())


@rows("not-finite", "not-finite")
def json_infinities(folder: Path) -> Path:
    said = ['{"title": "a"}', '{"title": "b", "price": NaN}', '{"title": "c", "price": -Infinity}', '{"title": "d"}']
    return written(folder / "supply.jsonl", "\n".join(said).encode())


@rows("wrong-type", "wrong-type")
def json_of_wrong_types(folder: Path) -> Path:
    values = [{"title": "a"}, {"title": "b", "trl": True}, {"title": "c", "price": {"low": 1}}, {"title": "d"}]
    return written(folder / "supply.jsonl", "\n".join(map(json.dumps, values)).encode())


@rows("broken-off", good=2000)
def truncated_gz(folder: Path) -> Path:
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb") as packed:
        packed.write(_lines(2000))
        packed.flush()
        cut = len(stream.getvalue())
        packed.write(_lines(2000))
    return written(folder / "supply.jsonl.gz", stream.getvalue()[:cut])


@rows("broken-off", good=2000)
def truncated_zst(folder: Path) -> Path:
    stream = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(stream, closefd=False) as packed:
        packed.write(_lines(2000))
        packed.flush(zstandard.FLUSH_BLOCK)
        packed.write(_lines(2000))
        cut = len(stream.getvalue())
    return written(folder / "supply.jsonl.zst", stream.getvalue()[:cut])


@rows("inflates-too-far")
def zst_bomb(folder: Path) -> Path:
    stream = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(stream, closefd=False) as packed:
        packed.write(b'{"title": "a"}\n{"title": "b"}\n')
        for _ in range((opening._FREE_TEXT_BYTES >> 20) + 2):
            packed.write(b" " * (1 << 20))
    return written(folder / "supply.jsonl.zst", stream.getvalue())


@rows("too-many-blank-lines")
def endless_blank_lines(folder: Path) -> Path:
    return written(folder / "supply.csv", csv_bytes() + b"\n" * (lines._MOST_BLANK_LINES + 10))


def _lines(count: int) -> bytes:
    return b"".join(b'{"title": "result %d"}\n' % number for number in range(count))
