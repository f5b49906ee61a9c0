"""Money, days and marked words read the same value back that went in."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.web.templatetags.kezhuan import ago, day, figure, highlight, moment, wan, wan_in_table

FEN = st.integers(min_value=-(10**15), max_value=10**15)


@given(FEN)
def test_wan_in_chinese_keeps_every_fen(fen: int) -> None:
    with translation.override("zh-hans"):
        shown = wan(fen)
    number, unit = shown.split(" ")
    assert unit == "万元"
    assert Decimal(number.replace(",", "")) * 1_000_000 == fen
    assert not re.search(r"\.\d*0$", number)


@given(FEN)
def test_wan_in_english_keeps_every_fen(fen: int) -> None:
    with translation.override("en"):
        shown = wan(fen)
    found = re.fullmatch(r"CNY (-?[\d,]+(?:\.\d{2,8})?)( million)?", shown)
    assert found
    amount = Decimal(found[1].replace(",", ""))
    assert amount * (100_000_000 if found[2] else 100) == fen
    assert bool(found[2]) == (abs(fen) >= 100_000_000)


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (0, "0 万元", "CNY 0"),
        (200_000_000, "200 万元", "CNY 2.00 million"),
        (1_234_567, "1.234567 万元", "CNY 12,345.67"),
        (255_082_000_000_000, "255,082,000 万元", "CNY 2,550,820.00 million"),
        (None, "", ""),
    ],
)
def test_wan_reads_naturally(fen: int | None, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert wan(fen) == chinese
    with translation.override("en"):
        assert wan(fen) == english


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (0, "0.00 万元", "CNY 0"),
        (5_000, "0.01 万元", "CNY 50"),
        (4_999, "0.00 万元", "CNY 50"),
        (-49, "0.00 万元", "CNY 0"),
        (-5_000, "-0.01 万元", "CNY -50"),
        (1_234_567_890, "1,234.57 万元", "CNY 12.35 million"),
        (99_999_950, "100.00 万元", "CNY 1,000,000"),
        (255_082_000_000_001, "255,082,000.00 万元", "CNY 2,550,820.00 million"),
    ],
)
def test_a_table_of_statistics_has_two_decimals(fen: int, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert wan_in_table(fen) == chinese
    with translation.override("en"):
        assert wan_in_table(fen) == english


@given(st.dates(min_value=date(1949, 10, 1)))
def test_day_names_the_day_in_both_languages(when: date) -> None:
    with translation.override("zh-hans"):
        assert day(when) == f"{when.year}年{when.month}月{when.day}日"
    with translation.override("en"):
        assert datetime.strptime(day(when), "%d %b %Y").date() == when  # noqa: DTZ007  # a day has no zone


def test_day_of_a_moment_is_the_day_in_shanghai() -> None:
    with translation.override("zh-hans"):
        assert day(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)) == "2027年1月1日"
        assert moment(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)) == "2027年1月1日 00:30"
        assert day(None) == moment(None) == ""


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "today 07:00"),
        (timedelta(hours=12), "yesterday 22:00"),
        (timedelta(days=3), "21 Nov 2026"),
        (timedelta(minutes=-5), "today 10:05"),
    ],
)
def test_ago_is_near_when_it_was_near(past: timedelta, words: str) -> None:
    now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    with translation.override("en"):
        assert ago(now - past, now) == words


def test_ago_of_nothing_is_nothing() -> None:
    assert ago(None) == ""


def test_figure_groups_thousands() -> None:
    assert (figure(1284), figure(None)) == ("1,284", "")


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45)), max_size=6))
def test_highlight_keeps_the_text_and_marks_exactly_the_spans(text: str, spans: list[tuple[int, int]]) -> None:
    html = highlight(text, spans)
    assert unescape(re.sub(r"</?mark>", "", html)) == unescape(str(highlight(text, [])))
    marked = {place for start, end in spans for place in range(max(0, start), min(len(text), end))}
    assert len("".join(unescape(piece) for piece in re.findall(r"<mark>(.*?)</mark>", html, re.DOTALL))) == len(marked)
    assert "</mark><mark>" not in html


def test_highlight_escapes_what_it_marks() -> None:
    assert highlight("<b>&", [(0, 3)]) == "<mark>&lt;b&gt;</mark>&amp;"
