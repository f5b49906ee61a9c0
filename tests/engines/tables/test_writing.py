"""What is written reads back, runs nothing, and is never left half-written."""

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import zstandard

from kezhuan.engines.tables import Column, Row, Unusable, check_writable, open_table, write_table, writing

HEADER = ("名称", "数", "日")


def test_workbook_has_frozen_header_types_and_widths(tmp_path: Path) -> None:
    assert (
        write_table(
            tmp_path / "a.xlsx",
            HEADER,
            [("=1+1", 2.5, date(2027, 1, 2)), ("长" * 40_000, None, "x\x0b")],
            widths=(30, 8, 12),
        )
        == 2
    )
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width == pytest.approx(30, abs=1)
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["B2"].value) == ("=1+1", "s", 2.5)
    assert sheet["C2"].value.date() == date(2027, 1, 2)
    assert len(sheet["A3"].value) == 32_767
    assert sheet["A3"].value.endswith("…")


def test_workbook_without_rows_has_its_header(tmp_path: Path) -> None:
    assert write_table(tmp_path / "a.xlsx", HEADER, []) == 0
    assert [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx").active[1]] == list(HEADER)


def test_workbook_goes_on_with_another_sheet_when_one_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_EXCEL_ROWS", 3)
    assert write_table(tmp_path / "a.xlsx", ("n",), [(number,) for number in range(5)], sheet="页") == 5
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert {sheet.title: [row[0] for row in sheet.values] for sheet in book} == {
        "页": ["n", 0, 1],
        "页 2": ["n", 2, 3],
        "页 3": ["n", 4],
    }


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "\t=x", "\r\n-x", "＝1"])
def test_csv_text_never_starts_a_formula(tmp_path: Path, text: str) -> None:
    write_table(tmp_path / "a.csv", HEADER, [(text, -5, None)])
    lines = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig").split("\n", 1)
    assert lines[1].lstrip('"').startswith("'")
    assert lines[1].rstrip().endswith(",-5,")


def test_json_lines_keep_values(tmp_path: Path) -> None:
    write_table(tmp_path / "a.jsonl.zst", HEADER, [("甲", 0.1, [1, {"b": None}])])
    line = zstandard.ZstdDecompressor().decompressobj().decompress((tmp_path / "a.jsonl.zst").read_bytes())
    assert json.loads(line) == {"名称": "甲", "数": 0.1, "日": [1, {"b": None}]}


def test_csv_packed_with_zstd_reads_back(tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv.zst", HEADER, [("甲", 1, "乙, 丙")])
    (row,) = open_table(tmp_path / "a.csv.zst", [Column("name", ("名称",))])
    assert isinstance(row, Row)
    assert (row.values, row.extra) == ({"name": "甲"}, {"数": "1", "日": "乙, 丙"})


def test_equal_rows_give_equal_packed_bytes(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        write_table(tmp_path / name, HEADER, [("甲", 1, 2)])
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).decode("utf-8-sig") == "名称,数,日\r\n甲,1,2\r\n"


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.csv.gz", "a.csv.zst", "a.jsonl", "a.jsonl.zst"])
def test_failure_leaves_the_old_file_and_no_other(tmp_path: Path, name: str) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        yield "甲", 1, 2
        raise RuntimeError

    (tmp_path / name).write_bytes(b"old")
    with pytest.raises(RuntimeError):
        write_table(tmp_path / name, HEADER, rows())
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"old")]


@pytest.mark.parametrize(
    ("name", "code"),
    [("a.txt", "unknown-ending"), ("a.xlsx.zst", "unknown-ending"), ("no/a.csv", "cannot-write"), ("", "is-a-folder")],
)
def test_place_that_cannot_be_written_is_refused(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(Unusable) as caught:
        check_writable(tmp_path / name)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []
