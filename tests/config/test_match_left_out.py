"""Rows that match leaves out, and needs that meet nothing: named, counted and given back."""

import csv
import gzip
import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kezhuan.config import matching_files
from kezhuan.config.commands import match
from kezhuan.engines.tables.added import ADDED
from tests.config.test_match_command import NEEDS, SUPPLY, files, pairs

__all__ = ["files"]


def test_match_reports_twenty_bad_rows_and_counts_the_rest(files: tuple[str, str], tmp_path: Path, capsys: Any) -> None:
    supply = tmp_path / "many.csv"
    supply.write_text(SUPPLY + "".join(f"B{number},碳化硅,,12,,,\n" for number in range(30)), "utf-8")
    back = tmp_path / "back.xlsx"
    assert match.run([files[0], str(supply), "--out", str(tmp_path / "run.jsonl"), "--errors", str(back)]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "many.csv 第 5 行“成熟度”列：12 不在 1 到 9 之间；请更正或留空；该行已跳过。"
    assert len(lines) == 20 + 1 + 3
    assert lines[20:22] == ["many.csv：另有 10 行有问题：第 25-34 行。", f"30 行及原因已写入 {back}。"]
    assert "略去需求 0 行、成果 30 行" in lines[-1]
    header, *rows = openpyxl.load_workbook(back).active.iter_rows(values_only=True)
    assert (len(rows), header[-7:]) == (30, ADDED)
    told = dict(zip(header, rows[-1], strict=True))
    assert [told[name] for name in ("编号", "原因 reason", "原列 column", "原行号 row", "原文件 file")] == [
        "B29", "12 不在 1 到 9 之间；请更正或留空。", "成熟度", 34, "many.csv",
    ]  # fmt: skip


def test_match_writes_bad_rows_also_where_none_is_good(files: tuple[str, str], tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "bad.csv").write_text("编号,名称,成熟度\nB1,碳化硅,很高\nB2,抛光,12\n", "utf-8")
    back = tmp_path / "back.csv"
    assert match.run([files[0], str(tmp_path / "bad.csv"), "--errors", str(back), "--quiet"]) == 2
    assert [row["编号"] for row in csv.DictReader(back.read_text("utf-8-sig").splitlines())] == ["B1", "B2"]
    assert match.run([*files, "--errors", files[0]]) == 2
    assert "输出文件就是输入文件" in capsys.readouterr().err


def test_match_says_that_a_file_breaks_off_beside_any_number_of_bad_rows(
    files: tuple[str, str], tmp_path: Path, capsys: Any
) -> None:
    rows = "".join(f"S{n},碳化硅{os.urandom(20).hex()},{'x' if n % 2 else 5}\n" for n in range(500))
    packed = gzip.compress(f"编号,名称,成熟度\n{rows}".encode())
    (tmp_path / "cut.csv.gz").write_bytes(packed[:-2000])
    assert match.run([files[0], str(tmp_path / "cut.csv.gz"), "--out", str(tmp_path / "o.jsonl"), "--lang", "en"]) == 0
    said = capsys.readouterr().err.splitlines()
    place = next(n for n, line in enumerate(said) if "the file breaks off here" in line)
    more = int(said[place - 1].split("and ")[1].split(" more")[0])
    assert f"and {matching_files.MOST_PROBLEMS_SHOWN + more} of supply" in said[-1]
    assert said[:place].count(said[place]) == 0
    assert all("column “成熟度”" in line for line in said[: place - 1])


@pytest.mark.parametrize("name", ["o.csv", "o.jsonl"])
def test_a_need_that_meets_nothing_is_told(
    files: tuple[str, str], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs = tmp_path / "more.csv"
    needs.write_text(NEEDS + "N3,喷水纺织机,喷水纺织机,7,,,,王五\n", "utf-8")
    assert match.run([str(needs), files[1], "--out", str(tmp_path / name)]) == 0
    said = capsys.readouterr().err
    if name == "o.jsonl":
        found = pairs(tmp_path / name)
        assert {pair["need"] for pair in found} == {"N1", "N2"}
        count = len(found)
    else:
        *rows, last = csv.DictReader((tmp_path / name).read_text("utf-8-sig").splitlines())
        shown = [last[name] for name in ("需求编号", "名次", "成果编号", "得分", "理由", "需求：联系人")]
        assert shown == ["N3", "", "", "", "没有匹配：没有共有词语的成果", "王五"]
        count = len(rows)
    assert f"共 {count} 对" in said
    assert "；1 条需求没有匹配（N3）；" in said
