"""What to write instead of a cell that was refused, where that can be known; a person decides."""

import calendar
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kezhuan.engines.tables.cells import as_text, is_empty, read_cell
from kezhuan.engines.tables.columns import FEN_PER_UNIT, Column, Dictionary, fold
from kezhuan.engines.tables.problems import BadCell, Language, Problem

_NEAR = 0.6
"""Least likeness of a word to one of a list."""
_CONFUSED = str.maketrans({"o": "0", "〇": "0", "l": "1", "i": "1", "|": "1"})
_BESIDE_DIGITS = re.compile(r"(?<=\d)[oli|〇]+(?![a-z])|(?<![a-z])[oli|〇]+(?=\d)")
_DIGITS = {character: place for place, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億", "一二三四五六七八九十百千万亿")
_CHINESE_NUMBER = re.compile("(?<!\\d)[〇零一二两三四五六七八九十百千万亿]+")
_TWO_READINGS = re.compile("[一二两三四五六七八九]{2}")
_WAN = re.compile(r"(?<=\d)w(?![a-z])")
_NUMBER = re.compile(r"(?<![\d.])[+-]?\d[\d,]*(?:\.\d+)?")
_AMOUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)(亿元|亿|万元|万|千元|元)?(?![\d千百k])")
_RANGE = re.compile(r"\d\s*(?:[~～—–至到]|-)\s*\d")
MONTHS = {name.casefold(): n for n, name in enumerate(calendar.month_name) if n} | {
    name.casefold(): n for n, name in enumerate(calendar.month_abbr) if n
}
DAY = re.compile(r"(?<!\d)(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月](\d{1,2})日?|月?(底|末)?)(?!\d)")
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{2})年(\d{1,2})月(?:(\d{1,2})[日号]|(底|末)?)")
YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
ENGLISH_DAY = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]{3,9})\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})"
)
QUARTER = re.compile(r"(\d{4})年?(?:第?([一二三四1-4])季度|q([1-4]))")
YEAR_END = re.compile(r"(\d{4})年?(底|末|年底|年末)")
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
    match code, column.kind:
        case "unknown-choice", _:
            words = nearest_word(text, column.choices)
        case _, "date":
            words = day_in(text, month_end=column.month_end)
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


def in_figures(text: str) -> str:
    """The text with Chinese numbers in figures (三百二十 → 320, 二〇二七 → 2027) and letters taken for digits put
    right."""
    return _CHINESE_NUMBER.sub(_as_figures, _put_right(text))


def money_in_figures(text: str) -> str:
    """The same of an amount without spaces, where 三十万 is 300000元 whatever the unit of bare numbers."""

    def with_unit(found: re.Match[str]) -> str:
        figures = _as_figures(found)
        counts_yuan = figures != found[0] and ("万" in found[0] or "亿" in found[0])
        return figures + ("元" if counts_yuan and found.string[found.end() : found.end() + 1] != "元" else "")

    return _CHINESE_NUMBER.sub(with_unit, _WAN.sub("万", "".join(_put_right(text).split())))


def _put_right(text: str) -> str:
    folded = fold(text).translate(_FORMAL)
    return _BESIDE_DIGITS.sub(lambda found: found[0].translate(_CONFUSED), folded)


def _as_figures(found: re.Match[str]) -> str:
    words = found[0]
    if words in {"万", "亿", "千"}:
        return words  # the unit of a number in figures
    if _TWO_READINGS.search(words) and not _PLACES.keys().isdisjoint(words):
        return words  # 两三百 is no number
    if not any(character in _PLACES for character in words):
        return "".join(str(_DIGITS[character]) for character in words)
    total = part = digit = 0
    for character in words:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif (place := _PLACES[character]) >= 10_000:
            total, part, digit = (total + part + digit) * place, 0, 0
        else:
            part, digit = part + (digit or 1) * place, 0
    return str(total + part + digit)


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


def ends_in(year: int, month: int) -> date | None:
    """The last day of a month; None where there is no such month."""
    return next(iter(_day(year, month, None)), None)


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
        quarter = _DIGITS.get(one[2] or one[3]) or int(one[2] or one[3])
        found += _day(int(one[1]), quarter * 3, None)
    return found


def _serial(text: str, _month_end: bool) -> list[date]:
    return [_FIRST_DAY + timedelta(days=int(text))] if _SERIAL.fullmatch(text) and 20_000 < int(text) < 75_000 else []
