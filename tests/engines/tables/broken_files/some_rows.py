"""Files of which some rows cannot be read: each of these is told, and the good ones stay."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import zstandard

from kezhuan.engines.tables import lines, opening
from tests.engines.tables.broken_files.making import GOOD, HEADER, csv_bytes, made_workbook, rows, written


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


@rows("merged-id", good=3)
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
