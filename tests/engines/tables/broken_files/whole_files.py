"""Files of which nothing can be read: each is told in one sentence."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

from kezhuan.engines.tables import opening
from tests.engines.tables.broken_files.making import (
    GOOD,
    HEADER,
    SHEET,
    SHEET_START,
    csv_bytes,
    good_workbook,
    made_workbook,
    whole,
    with_part,
    written,
)


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


@whole("header-too-long")
def csv_of_a_hundred_thousand_columns(folder: Path) -> Path:
    names = ",".join(["编号", "成果名称", *(f"c{number}" for number in range(100_000))])
    return written(folder / "supply.csv", f"{names}\nA1,碳化硅{',1' * 100_000}\n".encode())


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
