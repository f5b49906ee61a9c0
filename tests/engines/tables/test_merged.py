"""Merged cells of a workbook: what belongs to one thing becomes one row, and what does not is told as what it is."""

from pathlib import Path

import pytest
import xlsxwriter

from kezhuan.areas.needs.cells import figures
from kezhuan.areas.needs.tables import ROWS as NEEDS
from kezhuan.engines.tables import MATCH_COLUMNS, Problem, Row, open_table
from kezhuan.engines.tables.left_out import rows_again
from kezhuan.exchange.candidates import Marks

HEADER = ["编号", "需求名称", "需求描述", "核心指标", "成熟度", "预算（万元）"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("需求")
        sheet.write_row(0, 0, HEADER)
        for column, value in enumerate(["N1", "衬底抛光", "低缺陷", None, 6]):
            if value is not None:
                sheet.merge_range(1, column, 3, column, value)
        sheet.write_column(1, 3, ["粗糙度 ≤ 0.2 nm", "良率 ≥ 98 %", "厚度 ≤ 1 um"])
        sheet.write_column(1, 5, [100, "", 100])
        sheet.merge_range("A5:A6", "N2")
        sheet.write_column(4, 1, ["电池回收", "钠电池"])
        sheet.merge_range("A7:A8", "N3")
        sheet.write_column(6, 1, ["轴承", "轴承"])
        sheet.write_column(6, 5, [100, 200])
        sheet.write_row(8, 0, ["N4", "电机"])
    return path


def test_rows_under_a_merged_id_are_one_thing_unless_their_titles_differ(book: Path) -> None:
    options = {"any_of": ("title", "text"), "unique": "id"}
    table = open_table(book, NEEDS.columns, **options)
    one, other, same, apart, last = table
    assert isinstance(one, Row)
    assert isinstance(other, Row)
    assert isinstance(last, Row)
    assert (one.number, one.values["id"], one.values["text"], one.values["trl"]) == (2, "N1", "低缺陷", 6)
    assert one.values["budget"] == 100_000_000
    found, left = figures(one.values["indicators"])
    assert [(figure.name, figure.value) for figure in found] == [("粗糙度", "0.2"), ("良率", "98"), ("厚度", "1")]
    assert not left
    assert (other.values["title"], last.values["title"]) == ("电池回收", "电机")
    assert isinstance(same, Problem)
    assert (same.row, same.code) == (6, "merged-id")
    assert "所在的单元格与第 5 行合并" in same.say()
    assert "merged with row 5" in same.say("en")
    assert isinstance(apart, Problem)
    assert (apart.row, apart.code, apart.column) == (7, "merged-apart", "预算（万元）")
    assert "（100、200）" in apart.say()
    assert "(100, 200)" in apart.say("en")
    # Handed back to be mended, the row is there with all that it says.
    (again,) = rows_again(book, NEEDS.columns, None, [7])
    assert again.cells[:2] == ["N3", "轴承"]
    assert again.cells[5] == "100\n200"


def test_a_running_number_merged_over_several_things_is_the_first_ones(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["序号", "单位", "成果名称"])
        for column, value in enumerate(["1", "某厂"]):
            sheet.merge_range(1, column, 2, column, value)
        sheet.write_column(1, 2, ["甲", "乙"])
    first, second = open_table(tmp_path / "a.xlsx", MATCH_COLUMNS, any_of=("title",), unique="id")
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.values["id"], second.values["id"], second.values["title"]) == ("1", None, "乙")
    assert first.extra == second.extra == {"单位": "某厂"}


def test_without_an_id_a_merged_title_makes_one_thing(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["成果名称", "关键词", "完成单位"])
        sheet.merge_range(1, 0, 2, 0, "甲")
        sheet.write_row(1, 1, ["抛光", "某大学"])
        sheet.write_row(2, 1, ["衬底", "某厂"])
        sheet.write_row(3, 0, ["乙", "电池", "某厂"])
    first, second = open_table(tmp_path / "a.xlsx", MATCH_COLUMNS, any_of=("title",), unique="id")
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.values["keywords"], first.extra["完成单位"]) == (("抛光", "衬底"), "某大学\n某厂")
    assert second.number == 4


def test_rows_made_one_say_one_class_and_only_a_secret_one_is_told_as_a_secret(tmp_path: Path) -> None:
    things = {"N1": ("公开", "内部", "否"), "N2": ("公开", "秘密", "否"), "N3": ("公开", "公开", "无")}
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["编号", "需求名称", "密级", "是否涉密"])
        for place, (number, (first, second, asked)) in enumerate(things.items()):
            at = 1 + 2 * place
            sheet.merge_range(at, 0, at + 1, 0, number)
            sheet.write_row(at, 1, ["衬底抛光", first, "否"])
            sheet.write_row(at + 1, 1, ["衬底抛光", second, asked])
    apart, secret, one = open_table(tmp_path / "a.xlsx", NEEDS.columns, any_of=("title", "text"), unique="id")
    assert isinstance(apart, Problem)
    assert isinstance(secret, Problem)
    assert isinstance(one, Row)
    assert (apart.code, apart.column, secret.code, one.values["secrecy"]) == (
        "merged-apart", "密级", "merged-apart", "public"
    )  # fmt: skip
    marks = Marks(NEEDS)
    assert [marks.names_secret(cells) for cells in (apart.cells, secret.cells, one.extra)] == [False, True, False]
