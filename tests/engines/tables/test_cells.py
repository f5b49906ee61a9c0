"""Cells become the values their columns declare, or say why not."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.tables.cells import as_text, read_cell
from kezhuan.engines.tables.columns import Column
from kezhuan.engines.tables.problems import BadCell

MONEY = Column("budget", ("预算",), kind="money_wan", low=0)
LEVEL = Column(
    "trl",
    ("成熟度",),
    kind="integer",
    low=1,
    high=9,
    affixes=("trl", "技术成熟度", "成熟度", "第", "级"),
    neutral=frozenset({"中试"}),
)
DAY = Column("deadline", ("期限",), kind="date", month_end=True)
TERM = Column("deadline", ("期限",), kind="date", month_end=True, terms=True)
MODE = Column(
    "mode", ("方式",), kind="texts", choices={"转让": "转让", "技术转让": "转让", "许可": "许可"}, open_choices=True
)
KIND = Column("kind", ("类型",), kind="choice", choices={"高校": "university", "university": "university"})
WORDS = Column("keywords", ("关键词",), kind="texts")


@pytest.mark.parametrize(
    ("raw", "fen"),
    [
        (1, 1_000_000),
        (0.1 + 0.2, 300_000),
        ("1,234.5", 1_234_500_000),
        ("１２", 12_000_000),
        ("0.000001", 1),
        ("200万元", 200_000_000),
        ("200 万", 200_000_000),
        ("人民币 3 万元整", 3_000_000),
        ("￥5", 5_000_000),
        ("1.5亿元", 15_000_000_000),
        ("50000元", 5_000_000),
        ("1e2", 100_000_000),
        ("面议", None),
        ("—", None),
    ],
)
def test_money_is_read_into_fen(raw: Any, fen: int | None) -> None:
    assert read_cell(raw, MONEY) == fen


@given(st.integers(min_value=0, max_value=10**15))
def test_money_written_in_wan_comes_back_to_the_fen(fen: int) -> None:
    assert read_cell(str(Decimal(fen) / 1_000_000), MONEY) == fen


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (0.1234567, "too-many-decimals"),
        ("0.0000001", "too-many-decimals"),
        ("1e-60", "too-many-decimals"),
        (-1, "below-minimum"),
        (float("inf"), "not-finite"),
        ("100-200", "not-a-number"),
        ("约100", "not-a-number"),
        ("1e999", "too-large"),
        (10**30, "too-large"),
        (True, "wrong-type"),
        ([1], "wrong-type"),
        (date(2027, 1, 1), "taken-for-day"),
        ("1月3日", "taken-for-day"),
    ],
)
def test_money_that_is_none_is_refused(raw: Any, code: str) -> None:
    with pytest.raises(BadCell) as caught:
        read_cell(raw, MONEY)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("raw", "level"), [(6, 6), (6.0, 6), ("6", 6), ("TRL 6", 6), ("TRL-6", 6), ("第6级", 6), ("６", 6), ("中试", None)]
)
def test_level_is_read_with_the_words_around_it(raw: Any, level: int | None) -> None:
    assert read_cell(raw, LEVEL) == level


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (1.5, "not-an-integer"),
        (12, "out-of-range"),
        ("-3", "out-of-range"),
        ("高", "not-a-number"),
        ("1e400", "too-large"),
    ],
)
def test_level_that_is_none_is_refused(raw: Any, code: str) -> None:
    with pytest.raises(BadCell) as caught:
        read_cell(raw, LEVEL)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        "2027-06-30", "2027/6/30", "2027.06.30", "2027年6月30日", "２０２７年６月３０日", "20270630", 20270630,
        "2027-06", "2027年6月", date(2027, 6, 30), datetime(2027, 6, 30, 8, tzinfo=UTC),
        "2027-06-30 00:00:00", "2027-06-29T20:00:00Z", "2027/6/30 0:00:00", "2027/06/30 00:00:00", "2027-6-30 0:00",
        "2027年6月30日 星期三", "2027-06-30（周三）", "2027年6月30日0:00", "2027/6/30 上午 12:00:00",
    ],
)  # fmt: skip
def test_date_is_read_as_written(raw: Any) -> None:
    assert read_cell(raw, DAY) == date(2027, 6, 30)


@pytest.mark.parametrize(
    "raw",
    [
        "2027-02-30",
        "2027-13-01",
        "6/30/2027",
        "30.6.2027",
        "soon",
        46203,
        "2027",
        "12:00",
        "0000-01-01",
        "2027/6/30 25:00",
    ],
)
def test_date_that_does_not_exist_is_refused(raw: Any) -> None:
    with pytest.raises(BadCell) as caught:
        read_cell(raw, DAY)
    assert caught.value.code == "not-a-date"


@pytest.mark.parametrize(
    ("column", "raw", "value"),
    [
        (WORDS, "碳化硅；衬底、抛光,SiC|TCP/IP", ("碳化硅", "衬底", "抛光", "SiC", "TCP/IP")),
        (WORDS, '["a", "b", "a"]', ("a", "b")),
        (WORDS, ["a", 5, ""], ("a", "5")),
        (WORDS, "[方法]研究", ("[方法]研究",)),
        (MODE, "技术转让/许可", ("转让", "许可")),
        (MODE, "转让,租赁", ("转让", "租赁")),
        (MODE, "面议", ()),
        (KIND, " University ", "university"),
    ],
)
def test_lists_and_choices_are_read(column: Column, raw: Any, value: Any) -> None:
    assert read_cell(raw, column) == value


def test_unknown_choice_names_the_choices() -> None:
    with pytest.raises(BadCell) as caught:
        read_cell("公司", KIND)
    assert (caught.value.code, caught.value.params["choices"]) == ("unknown-choice", ("高校", "university"))


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.lists(st.text()), st.dates()))
def test_any_cell_gives_a_value_or_a_reason(raw: Any) -> None:
    for column in (MONEY, LEVEL, DAY, MODE, KIND, WORDS, Column("title", ("名称",))):
        with contextlib.suppress(BadCell):
            read_cell(raw, column)


@pytest.mark.parametrize(
    ("raw", "text"),
    [(None, ""), (5.0, "5"), (5.5, "5.5"), (True, "TRUE"), (date(2027, 1, 2), "2027-01-02"), (["a", 1], "a；1")],
)
def test_raw_cells_read_as_text(raw: Any, text: str) -> None:
    assert as_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "level"),
    [
        ("六级", 6),
        ("第七级", 7),
        ("三", 3),
        ("TRL 5", 5),
        ("９级", 9),
        ("TRL=6", 6),
        ("成熟度6", 6),
        ("技术成熟度：6级", 6),
        ("中试", None),
    ],
)
def test_level_is_read_in_digits_and_in_words(raw: str, level: int | None) -> None:
    assert read_cell(raw, LEVEL) == level


@pytest.mark.parametrize(("raw", "number"), [("十", 10), ("十一", 11), ("二十", 20), ("九十九", 99), ("一", 1)])
def test_number_in_words_is_read(raw: str, number: int) -> None:
    assert read_cell(raw, Column("n", ("n",), kind="integer")) == number


@pytest.mark.parametrize("raw", ["十十", "一二", "百", "零", "十级半"])
def test_other_words_are_no_number(raw: str) -> None:
    with pytest.raises(BadCell):
        read_cell(raw, Column("n", ("n",), kind="integer"))


def test_term_counts_from_the_day_of_reading() -> None:
    on = date(2026, 1, 31)
    assert read_cell("18个月", TERM, on=on) == date(2027, 7, 31)
    assert read_cell(18, TERM, in_months=True, on=on) == date(2027, 7, 31)
    assert read_cell("2年内", TERM, on=on) == date(2028, 1, 31)
    assert read_cell("6个月", TERM) > datetime.now(UTC).date()
    for raw, column in ((18, TERM), ("18个月", DAY), ("0个月", TERM), ("2027年", TERM)):
        with pytest.raises(BadCell):
            read_cell(raw, column, on=on)
