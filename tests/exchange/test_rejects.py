"""The workbook of bad rows: the file's own columns in order, then why; mended, it is imported as it is."""

from datetime import date, datetime

import pytest
import xlsxwriter
from openpyxl import load_workbook

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.achievements.tables import ROWS as ACHIEVEMENTS
from kezhuan.engines.tables.added import ADDED
from kezhuan.exchange.rejects import write_rejects
from kezhuan.kernel.models import Identifier
from tests.factories.imports import take_in

pytestmark = pytest.mark.django_db

JUNE = datetime(2025, 6, 30)  # noqa: DTZ001  a workbook knows no zones
HEADER = ["备注", "名称", "编号", "报价(万元)", "完成日期", "备注", "成熟度", ""]
ROWS = [
    ["a", "好的", "S1", 12.5, JUNE, "x", 6, None],
    ["b", "坏的", "S2", 3, JUNE, "y", "约六级", "z"],
    ["c", "更坏", "S3", "约300万", "30/06/2025", "", 99, None],
]


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "成果.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write(0, 0, "本表由科技局编制")
        page = book.add_worksheet("成果")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, ["2026年成果汇总表"])
        page.write_row(1, 0, HEADER)
        for number, row in enumerate(ROWS, 2):
            for place, cell in enumerate(row):
                page.write(number, place, cell, day if isinstance(cell, datetime) else None)
    return path


@pytest.fixture
def back(workbook, tmp_path):
    done = take_in(ACHIEVEMENTS, workbook)
    assert vars(done.counts) == {"read": 3, "created": 1, "updated": 0, "unchanged": 0, "rejected": 2}
    path = tmp_path / "back.xlsx"
    assert write_rejects(path, [done.rejects]) == 2
    return path


def test_columns_keep_their_order_headers_and_types(back):
    page = load_workbook(back).active
    header, first, second = page.iter_rows(values_only=True)
    assert list(header) == [*HEADER, *ADDED]
    assert first[: len(HEADER)] == ("b", "坏的", "S2", 3, JUNE, "y", "约六级", "z")
    own = dict(zip(ADDED, first[len(HEADER) :], strict=True))
    assert (own["原列 column"], own["原行号 row"], own["原工作表 sheet"]) == ("成熟度", 4, "成果")
    assert (own["建议 suggestion"], own["原文件 file"], own["编号来源 id source"]) == (
        "成熟度 → 6",
        "成果.xlsx",
        "成果",
    )
    assert "约六级" in own["原因 reason"]
    assert set(second[len(HEADER) + 2].split("、")) == {"报价(万元)", "完成日期", "成熟度"}
    assert page.freeze_panes == "A2"


def test_what_the_area_refuses_is_told_with_what_could_not_be_read(tmp_path):
    path = tmp_path / "两处.csv"
    path.write_text("编号,名称,报价(万元),成熟度\nA,负的,-1,12\nB,好的,1,6\n", "utf-8")
    done = take_in(ACHIEVEMENTS, path)
    assert (done.counts.created, done.counts.rejected) == (1, 1)
    [reject] = done.rejects.rows
    assert reject.columns == ("报价(万元)", "成熟度")
    assert "-1 is below 0" in reject.reason
    assert "from 1 to 9 on this scale" in reject.reason
    assert reject.fixes == ()


def test_bad_cells_are_shaded_and_others_are_not(back):
    page = load_workbook(back).active
    shaded = {cell.coordinate for row in page.iter_rows(min_row=2) for cell in row if cell.fill.fill_type}
    assert shaded == {"G2", "D3", "E3", "G3"}


def test_mended_workbook_is_imported_as_it_is(back):
    book = load_workbook(back)
    page = book.active
    page["G2"] = 6
    page["D3"], page["E3"], page["G3"] = "300万", date(2025, 6, 30), 7
    book.save(back)
    done = take_in(ACHIEVEMENTS, back)
    assert (done.counts.created, done.counts.rejected) == (2, 0)
    # Known by the first file's ids: the same file, mended itself, would find them.
    assert set(Identifier.objects.values_list("scheme", "value")) == {("成果", "S1"), ("成果", "S2"), ("成果", "S3")}
    row = Achievement.objects.get(record__title="更坏")
    assert (row.price_fen, row.trl, row.completed_on) == (300_000_000, 7, date(2025, 6, 30))
    assert Achievement.objects.get(record__title="坏的").extra == {"备注": "b", "备注 2": "y", "#8": "z"}


def test_rows_that_cannot_be_taken_apart_come_back_as_far_as_they_can(tmp_path):
    path = tmp_path / "broken.csv"
    text = "编号,名称,密级\nS1,一,公开,多,余\nS2,二\x00,\nS3,qzxv,秘密,多\nS4,四,公开\n"
    path.write_bytes(text.encode())
    done = take_in(ACHIEVEMENTS, path)
    assert (done.counts.created, done.counts.rejected) == (1, 3)
    back = tmp_path / "back.csv"
    write_rejects(back, [done.rejects])
    header, first, second, third = back.read_text(encoding="utf-8-sig").splitlines()
    assert header.split(",")[:5] == ["编号", "名称", "密级", "#4", "#5"]
    assert first.split(",")[:5] == ["S1", "一", "公开", "多", "余"]
    assert second.split(",")[:5] == [""] * 5
    assert "qzxv" not in third
    assert ",4," in third
