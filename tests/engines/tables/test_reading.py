"""Good files in every format give the same rows; headers are recognised as people write them."""

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.tables import MATCH_COLUMNS, Column, Problem, Row, Unusable, open_table
from kezhuan.engines.tables.columns import Dictionary
from kezhuan.engines.tables.footers import is_footer
from kezhuan.engines.tables.lines import find_encoding

HEADER = ["编号", "成果名称", "摘要", "关键词", "成熟度", "报价（万元）", "所在区", "合作方式", "期限", "团队"]
ROWS: list[list[Any]] = [
    ["A1", "碳化硅衬底", "低缺陷", "碳化硅；抛光", 6, 120.5, "黄埔区", "技术转让、许可", "2027-06-30", "甲"],
    ["A2", "培养基, 无血清", "第一行\n第二行", "", "", "", "", "", "", ""],
]


def read(path: Path, **options: Any) -> list[Row | Problem]:
    return list(open_table(path, MATCH_COLUMNS, any_of=("title", "text"), unique="id", **options))


def good(path: Path, **options: Any) -> list[Row]:
    rows = read(path, **options)
    assert not [row for row in rows if isinstance(row, Problem)]
    return [row for row in rows if isinstance(row, Row)]


def delimited(delimiter: str) -> str:
    def cell(value: Any) -> str:
        text = str(value)
        return f'"{text}"' if any(mark in text for mark in (",", ";", "\t", "\n")) else text

    return "".join(delimiter.join(map(cell, row)) + "\r\n" for row in [HEADER, *ROWS])


def as_jsonl() -> bytes:
    return "".join(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n" for row in ROWS).encode()


def as_workbook(path: Path, lead: int = 0) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write(0, 0, "请在下一页填写")
        sheet = book.add_worksheet("成果")
        for number, row in enumerate([["某市科技成果汇总表"]] * lead + [HEADER, *ROWS]):
            sheet.write_row(number, 0, row)


FORMATS: dict[str, Callable[[Path], Any]] = {
    "a.csv": lambda path: path.write_text(delimited(","), "utf-8", newline=""),
    "bom.csv": lambda path: path.write_text(delimited(","), "utf-8-sig", newline=""),
    "gb.csv": lambda path: path.write_text(delimited(","), "gb18030", newline=""),
    "returns.csv": lambda path: path.write_bytes(delimited(",").replace("\r\n", "\r").replace("\n", "\r").encode()),
    "returns-gb.csv.gz": lambda path: path.write_bytes(
        gzip.compress(delimited(",").replace("\r\n", "\r").replace("\n", "\r").encode("gb18030"))
    ),
    "returns.jsonl": lambda path: path.write_bytes(as_jsonl().replace(b"\n", b"\r")),
    "semicolon.csv": lambda path: path.write_text(delimited(";"), "utf-8", newline=""),
    "tab.csv": lambda path: path.write_text(delimited("\t"), "utf-8", newline=""),
    "a.tsv": lambda path: path.write_text(delimited("\t"), "utf-8", newline=""),
    "a.CSV.GZ": lambda path: path.write_bytes(gzip.compress(delimited(",").encode())),
    "two-members.csv.gz": lambda path: path.write_bytes(
        gzip.compress(delimited(",").encode()[:50]) + gzip.compress(delimited(",").encode()[50:])
    ),
    "a.jsonl": lambda path: path.write_bytes(as_jsonl()),
    "a.jsonl.gz": lambda path: path.write_bytes(gzip.compress(as_jsonl())),
    "two-frames.jsonl.zst": lambda path: path.write_bytes(
        zstandard.compress(as_jsonl()[:50]) + zstandard.compress(as_jsonl()[50:])
    ),
    "gb.jsonl": lambda path: path.write_bytes(as_jsonl().decode().encode("gb18030")),
    "a.xlsx": as_workbook,
    "titled.xlsx": lambda path: as_workbook(path, lead=3),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(name: str, tmp_path: Path) -> None:
    FORMATS[name](tmp_path / name)
    first, second = good(tmp_path / name)
    assert first.values == {
        "id": "A1",
        "title": "碳化硅衬底",
        "text": "低缺陷",
        "background": None,
        "keywords": ("碳化硅", "抛光"),
        "field": None,
        "trl": 6,
        "budget": None,
        "price": 120_500_000,
        "region": "440112",
        "mode": ("转让", "许可"),
        "deadline": date(2027, 6, 30),
        "rights": (),
    }
    assert first.extra == {"团队": "甲"}
    assert (second.values["title"], second.values["keywords"], second.values["trl"]) == ("培养基, 无血清", (), None)
    assert second.values["text"].split() == ["第一行", "第二行"]


def test_workbook_gzipped_is_read(tmp_path: Path) -> None:
    as_workbook(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx.gz").write_bytes(gzip.compress((tmp_path / "a.xlsx").read_bytes()))
    assert len(good(tmp_path / "b.xlsx.gz")) == 2


def test_row_numbers_are_those_a_person_sees(tmp_path: Path) -> None:
    as_workbook(tmp_path / "a.xlsx", lead=3)
    assert [row.number for row in good(tmp_path / "a.xlsx")] == [5, 6]
    (tmp_path / "a.csv").write_text('名称\n"两\n行"\n\n三\n', "utf-8")
    assert [row.number for row in good(tmp_path / "a.csv")] == [2, 5]


def test_table_tells_its_columns_and_can_be_read_twice(tmp_path: Path) -> None:
    FORMATS["a.csv"](tmp_path / "a.csv")
    table = open_table(tmp_path / "a.csv", MATCH_COLUMNS)
    assert table.columns_found["price"] == "报价（万元）"
    assert table.columns_unknown == ("团队",)
    assert len(list(table)) == len(list(table)) == 2


def test_cells_under_no_header_are_named_by_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称,,,备注\n甲,一,二,三\n", "utf-8")
    table = open_table(tmp_path / "a.csv", MATCH_COLUMNS)
    assert table.columns_unknown == ("备注",)
    assert [row.extra for row in table if isinstance(row, Row)] == [{"#2": "一", "#3": "二", "备注": "三"}]


def test_ids_of_which_a_spreadsheet_cut_the_digits_are_told(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["编号", "名称"], [20261126000000012, "甲"], [20261126000000013, "乙"]]):
            sheet.write_row(number, 0, row)
    _first, second = open_table(tmp_path / "a.xlsx", MATCH_COLUMNS, unique="id")
    assert isinstance(second, Problem)
    assert second.code == "duplicate-cut-id"


def test_headers_that_stand_again_on_each_printed_page_are_no_row(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "成果汇总表,,\n,名称,摘要\n1,甲,x\n,名称, 摘要 ,\n2,乙,y\n,名称,摘要介绍\n", "utf-8"
    )
    assert [row.values["title"] for row in good(tmp_path / "s.csv")] == ["甲", "乙", "名称"]


@pytest.mark.parametrize(
    ("cells", "is_one"),
    [
        (["合计", "", 380], True), (["", " 小 计 ", "380万元"], True), (["合计", "新材料", ""], False),
        (["填表人：王", "", "审核人（签字）：赵"], True), (["填报日期：", "2026年11月1日"], True),
        (["注：1. 由企业填写。"], True),
        (["负责人：王", "碳化硅抛光"], False), (["说明：低温电解液", "低缺陷"], False), (["合计算法", ""], False),
        ([3, "审核人：赵"], False), ([], False),
    ],
)  # fmt: skip
def test_lines_of_totals_and_signatures_are_known(cells: list[Any], is_one: bool) -> None:
    assert is_footer(cells) is is_one


def test_lines_of_totals_and_signatures_are_handed_back(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("名称,报价,原因 reason\n甲,3\n合计,3,x\n填表人：王,日期：2026年11月1日\n", "utf-8")
    kept, *left = read(tmp_path / "s.csv")
    assert isinstance(kept, Row)
    assert [(one.code, one.row) for one in left if isinstance(one, Problem)] == [
        ("not-a-record", 3),
        ("not-a-record", 4),
    ]


def test_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("一", "二"):
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, ["名称", f"成果{name}"])
    assert good(tmp_path / "a.xlsx")[0].values["title"] == "成果一"
    assert good(tmp_path / "a.xlsx", sheet="二")[0].values["title"] == "成果二"
    with pytest.raises(Unusable, match="没有名为“三”的工作表；现有：一、二。"):
        read(tmp_path / "a.xlsx", sheet="三")


def test_hidden_sheet_comes_last(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("旧", "新"):
            book.add_worksheet(name).write_column(0, 0, ["名称", name])
        book.get_worksheet_by_name("新").activate()
        book.get_worksheet_by_name("旧").hide()
    assert good(tmp_path / "a.xlsx")[0].sheet == "新"


def test_better_synonym_is_read_and_the_other_kept(tmp_path: Path) -> None:
    rows = [{"name": "俗名", "title": "甲"}, {"name": "俗名", "title": ""}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    first, second = good(tmp_path / "a.jsonl")
    assert (first.values["title"], first.extra) == ("甲", {"name": "俗名"})
    assert (second.values["title"], second.extra) == ("俗名", {})


def test_all_texts_of_a_row_are_read(tmp_path: Path) -> None:
    rows = [
        {"abstract": "摘要", "内容": "抛光工艺", "title": "甲"},
        {"abstract": "抛光工艺的摘要", "内容": "抛光工艺", "title": "乙"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    first, second = good(tmp_path / "a.jsonl")
    assert (first.values["text"].split("\n"), first.extra) == (["抛光工艺", "摘要"], {})
    assert set(second.values["text"].split("\n")) == {"抛光工艺", "抛光工艺的摘要"}


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("技术转让、许可", {"mode": ("转让", "许可")}),
        ("技术服务", {"mode": ("技术服务",)}),
        ("均可", {"mode": (), "extra": {"合作方式": "均可"}}),
        ("面议", {"mode": (), "extra": {"合作方式": "面议"}}),
        ("技术转让优先", {"mode": ("转让",), "extra": {"合作方式": "技术转让优先"}}),
    ],
)
def test_a_cell_that_says_more_than_was_understood_is_kept(cell: str, values: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"名称,合作方式\n甲,{cell}\n", "utf-8")
    (row,) = good(tmp_path / "a.csv")
    assert (row.values["mode"], row.extra) == (values["mode"], values.get("extra", {}))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("预算", ["自筹", "按需", "视情况而定", "待商议", "无预算"]),
        ("成熟度", ["已量产", "已完成中试", "处于实验室阶段"]),
        ("期限", ["2026年", 2026, 2026.0]),
    ],
)
def test_words_that_name_no_value_cost_no_row(header: str, cells: list[Any], tmp_path: Path) -> None:
    rows = [json.dumps({"名称": f"甲{number}", header: cell}) for number, cell in enumerate(cells)]
    (tmp_path / "a.jsonl").write_text("\n".join(rows), "utf-8")
    name = {"预算": "budget", "成熟度": "trl", "期限": "deadline"}[header]
    assert [(row.values[name], row.extra) for row in good(tmp_path / "a.jsonl")] == [
        (None, {header: cell}) for cell in cells
    ]


def test_value_that_says_unknown_is_kept_as_extra(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称,报价,成熟度\n甲,面议,中试阶段\n", "utf-8")
    (row,) = good(tmp_path / "a.csv")
    assert (row.values["price"], row.values["trl"], row.extra) == (None, None, {"报价": "面议", "成熟度": "中试阶段"})


@pytest.mark.parametrize(
    ("header", "name", "fen"),
    [
        ("预算(万元)", "budget", 1_000_000),
        ("预算（元）", "budget", 100),
        (" ＊预 算 金 额：", "budget", None),
        ("预算万元", "budget", 1_000_000),
        ("Budget (10k CNY)", "budget", 1_000_000),
        ("budget_yuan", "budget", 100),
        ("报价[亿元]", "price", 10_000_000_000),
        ("Topic_Name", "title", None),
        ("2、需求名称", "title", None),
        ("关键词（用分号分隔）", "keywords", None),
        ("名称 Title", "title", None),
        ("Title 名称", "title", None),
        ("名称/Title", "title", None),
        ("成果名称 Achievement", "title", None),
        ("成熟度TRL", "trl", None),
        ("技术领域 | Technical Field", "field", None),
        ("预算/万元", "budget", 1_000_000),
        ("预算／元", "budget", 100),
        ("预算 Budget/元", "budget", 100),
        ("报价 Price（亿元）", "price", 10_000_000_000),
        ("预算万元 Budget", "budget", 1_000_000),
        ("单位名称 Name", None, None),
        ("名称/编号", None, None),
        ("摘要 English", None, None),
        ("报价/kg", None, None),
        ("预算 USD", None, None),
        ("预算/美元", None, None),
        ("国家/地区", None, None),
        ("预算(USD)", None, None),
        ("团队", None, None),
        ("", None, None),
        (None, None, None),
        (5, None, None),
    ],
)
def test_headers_are_recognised_as_people_write_them(header: Any, name: str | None, fen: int | None) -> None:
    place = Dictionary(MATCH_COLUMNS).place(header)
    assert (place and place.column.name) == name
    assert fen is None or (place and place.fen_per_unit) == fen


def test_a_header_may_say_months_behind_a_slash() -> None:
    place = Dictionary(MATCH_COLUMNS).place("期限/月")
    assert place is not None
    assert (place.column.name, place.in_months) == ("deadline", True)


def test_money_follows_the_unit_of_its_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称,预算（元）\n甲,50000.25\n", "utf-8")
    assert good(tmp_path / "a.csv")[0].values["budget"] == 5_000_025


def test_required_cell_that_is_empty_is_reported_with_its_row(tmp_path: Path) -> None:
    columns = [Column("name", ("名称",), required=True), Column("level", ("级别",), kind="integer")]
    (tmp_path / "a.csv").write_text("名称,级别\n,高\n甲,3\n", "utf-8")
    problem, row = open_table(tmp_path / "a.csv", columns)
    assert isinstance(problem, Problem)
    assert (problem.row, problem.code, problem.column, problem.cells) == (
        2,
        "missing-value",
        "名称",
        {"名称": "", "级别": "高"},
    )
    assert [other.code for other in problem.rest] == ["not-a-number"]
    assert isinstance(row, Row)


def test_problem_is_said_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称,成熟度\n甲,12\n", "utf-8")
    (problem,) = read(tmp_path / "a.csv")
    assert isinstance(problem, Problem)
    assert problem.say("zh") == "a.csv 第 2 行“成熟度”列：12 不在 1 到 9 之间；请更正或留空；该行已跳过。"
    assert (
        problem.say("en") == "a.csv, row 2, column “成熟度”: 12 is not between 1 and 9; correct it or leave it empty;"
        " the row was left out."
    )


def test_unclosed_quote_does_not_swallow_quoted_rows_after_it(tmp_path: Path) -> None:
    lines = ["编号,名称", '1,"甲', '2,"乙, 丙"', '3,"丁""戊"', '4,"己\n庚"', '5,"辛"某公司']
    (tmp_path / "a.csv").write_text("\n".join(lines), "utf-8")
    rows = read(tmp_path / "a.csv")
    assert [row.code if isinstance(row, Problem) else row.values["title"] for row in rows] == [
        "broken-quotes", "乙, 丙", '丁"戊', "己\n庚", "辛某公司",
    ]  # fmt: skip


@given(st.text(alphabet="碳化硅衬底抛光研究ab1,，。", min_size=1).filter(lambda text: not text.isascii()))
def test_encoding_of_utf8_is_found(text: str) -> None:
    assert find_encoding(f"编号,名称,摘要内容\n1,{text}\n".encode()) == "utf-8"


@given(st.text(alphabet="碳化硅衬底抛光研究ab1,，。", min_size=1))
def test_encoding_of_gb18030_is_found(text: str) -> None:
    assert find_encoding(f"编号,名称,摘要内容\n1,{text}\n".encode("gb18030")) == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("ending", [".csv", ".jsonl.gz"])
def test_encoding_is_found_where_the_first_chinese_stands(
    encoding: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kezhuan.engines.tables.reading._START_BYTES", 64)
    titles = ["plain"] * 200 + ["碳化硅衬底"] * 3
    rows = [f'{{"title": "{title}"}}' if "json" in ending else title for title in titles]
    content = "\n".join([*([] if "json" in ending else ["title"]), *rows]).encode(encoding)
    (tmp_path / f"a{ending}").write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    assert [row.values["title"] for row in read(tmp_path / f"a{ending}") if isinstance(row, Row)] == titles


def test_every_bad_cell_of_a_row_is_named_in_its_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称,成熟度,期限\n甲,很高,明天\n", "utf-8")
    (problem,) = read(tmp_path / "a.csv")
    assert isinstance(problem, Problem)
    said = problem.say("zh")
    assert all(words in said for words in ("“成熟度”列：“很高”", "“期限”列：“明天”", "该行已跳过。"))
    assert (said.count("。"), problem.say("en").count("column “")) == (1, 2)


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("拟解决的主要技术问题", "text"),
        ("主要技术内容", "text"),
        ("技术难题", "text"),
        ("成果内容", "text"),
        ("需求背景", "background"),
        ("所属技术领域", "field"),
        ("技术成熟度要求", "trl"),
        ("时限要求", "deadline"),
    ],
)
def test_headers_of_the_citys_own_forms_are_known(header: str, column: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"名称,{header}\n甲,6\n", "utf-8")
    assert open_table(tmp_path / "a.csv", MATCH_COLUMNS).columns_found[column] == header
