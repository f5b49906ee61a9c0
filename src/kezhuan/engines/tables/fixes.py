"""What to write instead of a cell that was refused, where that can be known; a person decides."""

import calendar
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kezhuan.engines.tables.cells import LONGEST_WORDS, as_text, is_empty, range_taken_for, read_cell
from kezhuan.engines.tables.columns import FEN_PER_UNIT, Column, Dictionary, fold
from kezhuan.engines.tables.due import DAY, ENGLISH_DAY, MONTHS, QUARTER, YEAR_END, YEAR_LAST, is_period, last_day
from kezhuan.engines.tables.figures import in_figures, money_in_figures
from kezhuan.engines.tables.problems import BadCell, Language, Problem

_NEAR = 0.6
"""Least likeness of a word to one of a list."""
_NUMBER = re.compile(r"(?<![\d.])[+-]?\d[\d,]*(?:\.\d+)?")
_AMOUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)(亿元|亿|万元|万|千元|元)?(?![\d千百k])")
_RANGE = re.compile(r"\d\s*(?:[~～—–至到]|-)\s*\d")
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{2})年(\d{1,2})月(?:(\d{1,2})[日号]|(底|末)?)")
_SERIAL = re.compile(r"\d{5}")
_FIRST_DAY = date(1899, 12, 30)
"""Day 0 of a workbook's calendar."""


@dataclass(frozen=True)
class Fix:
    """The header of a column and what to write there."""

    column: str
    value: str


def fixes_of(problem: Problem, dictionary: Dictionary) -> tuple[Fix, ...]:
    """What to write instead of the cells that a row's problems name; none where it can only be guessed."""
    found = []
    for one in (problem, *problem.rest):
        place = dictionary.place(one.column) if one.column else None
        raw = problem.cells.get(one.column or "")
        if place is not None and not is_empty(raw):
            words = fix_of(one.code, raw, place.column, place.fen_per_unit)
            if words is not None and one.column:
                found.append(Fix(one.column, words))
    return tuple(found)


def in_words(fixes: Sequence[Fix], language: Language = "zh") -> str:
    """What to write where, in one text."""
    return ("；" if language == "zh" else "; ").join(f"{fix.column} → {fix.value}" for fix in fixes)


def suggested(words: str, language: Language) -> str:
    """The sentence of such words that goes behind a row's problem, or ""."""
    if not words:
        return ""
    return f"建议：{words}。" if language == "zh" else f" Suggested: {words}."


def fix_of(code: str, raw: Any, column: Column, fen_per_unit: int = FEN_PER_UNIT["万元"]) -> str | None:
    """What to write instead of one cell; it is always a value that the column takes."""
    text = as_text(raw)
    if len(text) > LONGEST_WORDS:
        return None
    match code, column.kind:
        case "unknown-choice", _:
            words = nearest_word(text, column.choices)
        case _, "date" if not is_period(text):
            words = (last_day(text) if column.month_end else None) or day_in(text, month_end=column.month_end)
        case "taken-for-day", _:
            words = column.plain(range_taken_for(raw)) if column.plain is not None else None
        case (("not-a-number" | "not-an-integer" | "wrong-type"), "integer"):
            words = number_in(text)
        case (("not-a-number" | "wrong-type"), "money_wan"):
            words = amount_in(text)
        case "too-many-decimals", "money_wan":
            words = _rounded(text, fen_per_unit)
        case _:
            words = None
    if not words or words == text:
        return None
    try:
        return words if read_cell(words, column, fen_per_unit) is not None else None
    except BadCell:
        return None


def nearest_word(text: str, choices: Mapping[str, str]) -> str | None:
    """The word of a list that is meant: the one most alike, else the only code whose words are contained in the text
    or contain it; None when two are."""
    typed = fold(text)
    by_word = {fold(word): word for word in choices}
    close = difflib.get_close_matches(typed, by_word, n=2, cutoff=_NEAR)
    if close:
        codes = {choices[by_word[word]] for word in close}
        return by_word[close[0]] if len(codes) == 1 else None
    inside = {choices[word]: word for folded, word in by_word.items() if len(folded) > 1 and folded in typed}
    around = {choices[word]: word for folded, word in by_word.items() if len(typed) > 1 and typed in folded}
    for found in (inside, around):
        if len(found) == 1:
            return next(iter(found.values()))
    return None


def number_in(text: str) -> str | None:
    """The only whole number in a text; None when there are several, or a range."""
    figures = in_figures(text)
    found = _NUMBER.findall(figures)
    if len(found) != 1 or _RANGE.search(figures):
        return None
    number = Decimal(found[0].replace(",", ""))
    return str(int(number)) if number == number.to_integral_value() else None


def amount_in(text: str) -> str | None:
    """The only amount in a text, with its unit when it has one; None when there are several, or a range."""
    figures = money_in_figures(text)
    found = list(_AMOUNT.finditer(figures))
    return found[0][0].replace(",", "") if len(found) == 1 and not _RANGE.search(figures) else None


def _rounded(text: str, fen_per_unit: int) -> str | None:
    found = _AMOUNT.fullmatch(fold(text).replace(" ", ""))
    if found is None:
        return None
    unit = found[2] or ""
    step = Decimal(1) / (FEN_PER_UNIT[unit] if unit else fen_per_unit)
    number = Decimal(found[1].replace(",", "")).quantize(step, ROUND_HALF_UP).normalize()
    return f"{number:f}{unit}"


def day_in(text: str, *, month_end: bool = False) -> str | None:
    """The only day that a text can mean, in ISO form.

    A day that its month does not have is its last one; a month or year that ends (6月底, 2027年底, 三季度) is its last
    day, and so is a bare month where `month_end` says that terms are meant. None where two readings are possible.
    """
    folded = in_figures(text)
    days = {found for read in (_days, _year_last, _english, _ends, _serial) for found in read(folded, month_end)}
    return next(iter(days)).isoformat() if len(days) == 1 else None


def _day(year: int, month: int, day: int | None) -> list[date]:
    if not (1900 <= year <= 2100 and 1 <= month <= 12 and (day is None or 1 <= day <= 31)):
        return []
    last = calendar.monthrange(year, month)[1]
    return [date(year, month, last if day is None else min(day, last))]


def _days(text: str, month_end: bool) -> list[date]:
    tight = text.replace(" ", "")
    found = [(int(one[1]), one) for one in DAY.finditer(tight)]
    found += [(2000 + int(one[1]), one) for one in _SHORT_YEAR.finditer(tight)]
    return [
        day
        for year, one in found
        if one[3] or one[4] or month_end
        for day in _day(year, int(one[2]), int(one[3]) if one[3] else None)
    ]


def _year_last(text: str, _month_end: bool) -> list[date]:
    found = []
    for one in YEAR_LAST.finditer(text.replace(" ", "")):
        first, second, year = int(one[1]), int(one[2]), int(one[3])
        found += _day(year, second, first) + _day(year, first, second)
    return found


def _english(text: str, month_end: bool) -> list[date]:
    found = []
    for one in ENGLISH_DAY.finditer(text):
        month, day = MONTHS.get(one[2]), one[1] or one[3]
        if month and (day or month_end):
            found += _day(int(one[4]), month, int(day) if day else None)
    return found


def _ends(text: str, _month_end: bool) -> list[date]:
    tight = text.replace(" ", "")
    found = [day for one in YEAR_END.finditer(tight) for day in _day(int(one[1]), 12, 31)]
    for one in QUARTER.finditer(tight):
        quarter = int(one[2] or one[3])
        found += _day(int(one[1]), quarter * 3, None)
    return found


def _serial(text: str, _month_end: bool) -> list[date]:
    return [_FIRST_DAY + timedelta(days=int(text))] if _SERIAL.fullmatch(text) and 20_000 < int(text) < 75_000 else []
