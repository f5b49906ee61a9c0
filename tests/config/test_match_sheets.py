"""Which sheets `./kezhuan match` reads, which cells of them, and what it says of those it leaves."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kezhuan.config.commands import match
from tests.config.test_match_command import pairs


def book(path: Path, **sheets: list[list[Any]]) -> str:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return str(path)


def test_match_finds_needs_and_supply_on_two_sheets_and_says_what_it_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {"说明": [["填写说明"]], "甲": [["编号", "名称", "报价"], ["S1", "碳化硅抛光", 1]]}
    both = book(tmp_path / "both.xlsx", **rows, 乙=[["编号", "名称", "预算"], ["N1", "碳化硅抛光", 2]])
    assert match.run([both, both, "--quiet", "--lang", "en", "--out", str(tmp_path / "o.jsonl")]) == 0
    assert [(one["need"], one["supply"]) for one in pairs(tmp_path / "o.jsonl")] == [("N1", "S1")]
    assert capsys.readouterr().err == (
        "both.xlsx: sheet “乙” is read and “甲” left; --sheet-needs names another.\n"
        "both.xlsx: sheet “甲” is read and “乙” left; --sheet-supply names another.\n"
    )
    header = ["编号", "名称"]
    years = book(tmp_path / "y.xlsx", **{"2025年": [header, [1, "石墨烯"]], "2026年": [header, [2, "碳化硅"]]})
    assert match.run(["--need", "石墨烯", years, "--quiet"]) == 0
    assert capsys.readouterr().err == "y.xlsx：只读取工作表“2025年”，未读取“2026年”；可用 --sheet-supply 指定。\n"
    assert match.run(["--need", "碳化硅", years, "--quiet", "--sheet-supply", "2026年"]) == 0
    assert capsys.readouterr().err == ""


def test_match_reads_a_sheet_named_for_its_side(tmp_path: Path) -> None:
    header = ["编号", "名称"]
    both = book(tmp_path / "both.xlsx", 成果库=[header, ["S1", "碳化硅"]], 企业需求=[header, ["N1", "碳化硅"]])
    assert match.run([both, both, "--quiet", "--out", str(tmp_path / "o.jsonl")]) == 0
    assert [(one["need"], one["supply"]) for one in pairs(tmp_path / "o.jsonl")] == [("N1", "S1")]


def test_match_reports_formulas_without_a_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = ["编号", "名称", "报价(万元)"]
    rows = [header, ["S1", "碳化硅衬底", "=10*3"], ["S2", "碳化硅抛光", 30], ["=1+1", "=A1", "=1"]]
    supply = book(tmp_path / "s.xlsx", 成果=rows)
    assert match.run(["--need", "碳化硅", supply, "--quiet", "--lang", "en", "--out", str(tmp_path / "o.jsonl")]) == 0
    assert [one["supply"] for one in pairs(tmp_path / "o.jsonl")] == ["S2"]
    said = capsys.readouterr().err.splitlines()
    wanted = "column “报价(万元)”: the formula has no stored value; open the file in a spreadsheet program and save it"
    assert said[0].startswith(f"s.xlsx, sheet “成果”, row 2, {wanted}")
    assert said[1].startswith("s.xlsx, sheet “成果”, row 4, column “编号”: the formula has no stored value")
    assert len(said) == 2


def test_match_reads_what_means_one_value_and_suggests_for_what_it_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "n.csv").write_text(
        "编号,名称,预算(万元),成熟度\nA,碳化硅,200万以内,6级以上\nB,碳化硅,合计200万,5\n", "utf-8"
    )
    (tmp_path / "s.csv").write_text("编号,名称,报价(万元),成熟度\nS,碳化硅,300,4\n", "utf-8")
    out = tmp_path / "o.jsonl"
    assert match.run([str(tmp_path / "n.csv"), str(tmp_path / "s.csv"), "--quiet", "--out", str(out)]) == 0
    [pair] = pairs(out)
    said = {part["because"] for part in pair["parts"]}
    assert {"报价 300 万元 > 预算 200 万元", "成熟度 4 < 6"} <= said
    [left] = capsys.readouterr().err.splitlines()
    assert left.startswith("n.csv 第 3 行“预算(万元)”列：")
    assert left.endswith("该行已跳过。建议：预算(万元) → 200万。")
