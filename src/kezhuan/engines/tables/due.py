"""The day by which something is due, as people write it: 31/12/2026, 2026年底前, 签约后12个月."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date

from kezhuan.engines.tables.cells import LONGEST_WORDS
from kezhuan.engines.tables.columns import fold
from kezhuan.engines.tables.figures import in_figures

MONTHS = {name.casefold(): n for n, name in enumerate(calendar.month_name) if n} | {
    name.casefold(): n for n, name in enumerate(calendar.month_abbr) if n
}
DAY = re.compile(r"(?<!\d)(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月](\d{1,2})日?|月?(底|末)?)(?!\d)")
YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
ENGLISH_DAY = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]{3,9})\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})"
)
QUARTER = re.compile(r"(\d{4})年?(?:第?([一二三四1-4])季度|q([1-4]))")
YEAR_END = re.compile(r"(\d{4})年?(底|末|年底|年末)")
_TO = r"(?:~|—+|–|至|到)"
_YEAR = r"(?:19|20)\d\d年?"
_NO_DAY = re.compile(
    rf"{_YEAR}(?:(?:{_TO}|-){_YEAR})?|尽快|尽早|越快越好|asap|assoonaspossible"
    r"|随时|即[时刻日]|立即|马上|急需?|紧急|加急|特急|不急|[近短中长]期|中长期|无(?:期限|时限|限制)|urgent|immediate(?:ly)?|soon"
    r"|年内|(?:今年|本年|明年|后年)(?:内|底|末|年底|年中|[上下]半年)?|年[底末中]|[上下]半年|\d{1,2}月(?:内|份|底|末|中旬|[上下]旬)?"
    r"|(?:根据|按照?|视).{1,12}"
)
"""Names no day: soon, a year alone, a part of a year that is not said."""
# What a term begins with is still to come: 签约后12个月 takes as long as 12个月.
_AFTER = r"(?:自|从)?(?:签约|(?:合同|协议)?(?:签订|签署|生效)|签订?(?:合同|协议)|立项|启动)(?:之?日)?(?:以?后|起)"
_TERM = re.compile(
    rf"(?:{_AFTER})?(?:约|大约)?(?:(?P<number>[一二两三四五六七八九十\d]+)(?P<unit>个月|年(?P<half>半)?)|(?P<halves>半)年)(?:内|以内|之内)?"
)
_HALVES = re.compile(rf"(?:{_AFTER})?(\d)\.5(?:年|years?)(?:内|以内)?")
_ENGLISH_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_ENGLISH_TERM = re.compile(rf"(\d{{1,3}}|{'|'.join(_ENGLISH_NUMBERS)})((?:month|year|week|day)s?)")
_SHORT = re.compile(r"(\d{1,2})-([a-z]{3})-(\d{4}|\d{2})")
"""As spreadsheets write a day in English: 30-Jun-26."""
_MONTH_YEAR = re.compile(r"([a-z]{3,9})[.,]?(\d{4})")
_QUARTER_YEAR = re.compile(r"q([1-4])[,/]?(\d{4})")
_HALF_YEAR = re.compile(r"(\d{4})年?([上下])半年")
_SHORT_YEAR = re.compile(r"(\d{2})年(\d{1,2})月(?:(\d{1,2})[日号]?)?[底末]?")
_PERIOD = re.compile(rf"(.+?)(?:{_TO}|(?<=[^-])-(?=[^-]*$))(.+)")
_BEFORE = re.compile(r"^(?:by|before|until|within|截至|截止到?|至|不晚于|不迟于|最晚|最迟)\s*")
_BEHIND = re.compile(r"(?:之前|以前|前|止|完成|交付|左右)+$")


def last_day(text: str) -> str | None:
    """The day by which something is due, written in another order or by its end, or the end of a period; or a term in
    words as one that the column takes: 六个月, 一年半, within 12 months.

    05/06/2026 may be two days and is none; a year alone (2026年) and 尽快 name no day and are "".
    """
    if len(text) > LONGEST_WORDS:
        return None
    words = _BEFORE.sub("", _BEHIND.sub("", fold(text)))
    tight = _BEFORE.sub("", "".join(words.split()))
    if _NO_DAY.fullmatch(tight) and tight == "".join(_BEHIND.sub("", fold(text)).split()):
        return ""
    if (term := _term(tight)) is not None:
        return term
    if found := ENGLISH_DAY.fullmatch(words):
        days = _english_day(found)
    else:
        days = next((read(found) for form, read in _FORMS if (found := form.fullmatch(tight))), [])
    if len(set(days)) == 1:
        return days[0].isoformat()
    if days:
        return None
    figures = in_figures(tight)
    return _period_end(tight) if figures == tight else last_day(figures)


def is_period(text: str) -> bool:
    """Whether a text names a beginning and an end: 2027年1月至12月."""
    return len(text) <= LONGEST_WORDS and _period_end("".join(fold(text).split())) is not None


def _term(tight: str) -> str | None:
    """A term in words as a number of months, weeks or days; None where it is none."""
    if found := _TERM.fullmatch(tight):
        number = in_figures(found["number"] or "")
        if number and not number.isdigit():
            return None
        months = int(number or 0) * (12 if (found["unit"] or "").startswith("年") else 1) + (
            6 if found["half"] or found["halves"] else 0
        )
        return f"{months}个月" if months else None
    if found := _HALVES.fullmatch(tight):
        return f"{int(found[1]) * 12 + 6}个月"
    if found := _ENGLISH_TERM.fullmatch(tight):
        return f"{_ENGLISH_NUMBERS.get(found[1], found[1])} {found[2]}"
    return None


def _period_end(tight: str) -> str | None:
    """The end of a period, 2026年1月至12月 or 6-12个月, that begins before it."""
    found = _PERIOD.fullmatch(tight)
    if found is None:
        return None
    first, last = found.groups()
    if (year := re.match(r"\d{4}年", first)) and re.match(r"\d{1,2}月", last):
        last = year[0] + last
    if first.isdigit() and (unit := re.fullmatch(r"(\d+)(\D+)", last)) and int(first) < int(unit[1]) < 1000:
        return last_day(last)
    begin, end = last_day(first), last_day(last)
    # A day in ISO form says which comes first; a term does not.
    return end if begin and end and len(begin) == len(end) == 10 and begin < end else None


def ends_in(year: int, month: int) -> date | None:
    """The last day of a month; None where there is no such month."""
    return date(year, month, calendar.monthrange(year, month)[1]) if 1900 <= year <= 2100 and 1 <= month <= 12 else None


def _real(year: int, month: int, number: int) -> list[date]:
    try:
        return [date(year, month, number)]
    except ValueError:
        return []


def _month_end(year: int, month: int) -> list[date]:
    end = ends_in(year, month) if month else None
    return [end] if end else []


def _day_or_month(year: int, month: int, number: str | None) -> list[date]:
    return _real(year, month, int(number)) if number else _month_end(year, month)


def _year_last(found: re.Match[str]) -> list[date]:
    first, second, year = map(int, found.groups())
    return [*_real(year, second, first), *_real(year, first, second)]


def _english_day(found: re.Match[str]) -> list[date]:
    return _day_or_month(int(found[4]), MONTHS.get(found[2], 0), found[1] or found[3])


def _quarter(year: str, number: str) -> list[date]:
    return _month_end(int(year), 3 * (int(number) if number.isdigit() else "一二三四".index(number) + 1))


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[date]]], ...] = (
    (YEAR_LAST, _year_last),
    (_SHORT, lambda found: _real(int(f"20{found[3]}"[-4:]), MONTHS.get(found[2], 0), int(found[1]))),
    (DAY, lambda found: _day_or_month(int(found[1]), int(found[2]), found[3])),
    (_SHORT_YEAR, lambda found: _day_or_month(2000 + int(found[1]), int(found[2]), found[3])),
    (re.compile(r"endof(\d{4})"), lambda found: [date(int(found[1]), 12, 31)]),
    (_MONTH_YEAR, lambda found: _month_end(int(found[2]), MONTHS.get(found[1], 0))),
    (YEAR_END, lambda found: [date(int(found[1]), 12, 31)]),
    (re.compile(f"(?:{QUARTER.pattern})[末底]?"), lambda found: _quarter(found[1], found[2] or found[3])),
    (_QUARTER_YEAR, lambda found: _quarter(found[2], found[1])),
    (_HALF_YEAR, lambda found: _month_end(int(found[1]), 6 if found[2] == "上" else 12)),
)
