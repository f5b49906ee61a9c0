"""Words around a number or day that say one value and no other: 200万以内 of a budget, 6级以上 of a TRL.

Each function gives what the column takes instead, "" where they are true but name no value, or None where two
readings are possible.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from kezhuan.engines.tables.columns import FEN_PER_UNIT, fold
from kezhuan.engines.tables.fixes import DAY, ENGLISH_DAY, MONTHS, QUARTER, YEAR_END, YEAR_LAST, ends_in, in_figures

_TO = r"(?:-|~|—+|–|至|到)"
_ABOUT = r"大约|约为|约|大概|about|around|approx\.?|~|≈"
_NEARLY = r"左右|上下"
_NEAR = re.compile(f"{_ABOUT}|{_NEARLY}")
_AMOUNT = r"(?:人民币|¥)?(\d[\d,]*(?:\.\d+)?)(亿元|亿|万元|万|千元|元)?"
_AT_MOST = re.compile(
    rf"(?P<before>{_ABOUT}|≤|<=|<|不超过|不高于|不大于|不多于|最多|最高|至多|上限为?|控制在|upto|atmost|nomorethan|within|max\.?)?"
    rf"{_AMOUNT}"
    rf"(?P<after>以内|之内|内|及以下|以下|封顶|{_NEARLY})?"
)
_AMOUNTS = re.compile(rf"{_AMOUNT}{_TO}{_AMOUNT}")
_LEVEL = r"(?:trl|第)*([1-9一二三四五六七八九])(?:级别|级|level)?"
_AT_LEAST = re.compile(
    rf"(?P<before>{_ABOUT}|≥|>=|不低于|不小于|不少于|至少|最低|达到|atleast|min\.?)?{_LEVEL}"
    rf"(?P<after>及其?以上|或以上|以上|orabove|orhigher|andabove|\+|起|{_NEARLY})?"
)
_LEVELS = re.compile(rf"{_LEVEL}{_TO}{_LEVEL}")
_NO_DAY = re.compile(r"(?:19|20)\d\d年?|尽快|尽早|越快越好|asap|assoonaspossible")
# What a term begins with is still to come: 签约后12个月 takes as long as 12个月.
_AFTER = r"(?:自|从)?(?:签约|(?:合同|协议)?(?:签订|签署|生效)|签订?(?:合同|协议)|立项|启动)(?:之?日)?(?:以?后|起)"
_TERM = re.compile(
    rf"(?:{_AFTER})?(?:约|大约)?(?:(?P<number>[一二两三四五六七八九十\d]+)(?P<unit>个月|年(?P<half>半)?)|(?P<halves>半)年)(?:内|以内|之内|左右)?"
)
_SHORT = re.compile(r"(\d{1,2})-([a-z]{3})-(\d{4}|\d{2})")
"""As spreadsheets write a day in English: 30-Jun-26."""
_BY = re.compile(r"(?:之前|以前|前|止)$")


def _tight(text: str) -> str:
    return "".join(fold(text).split())


def at_most(text: str, *, about: bool = True) -> str | None:
    """The amount that a text names as its most or, unless `about` is false, as about it: ≤200, 200万以内; 约200."""
    found = _AT_MOST.fullmatch(_tight(text))
    if found is None or not (found["before"] or found["after"]) or not (about or _is_exact(found)):
        return None
    return found[2].replace(",", "") + (found[3] or "")


def ceiling(text: str) -> str | None:
    """The same of what somebody can pay; of a range (100-200万) the upper end is its most."""
    found = _AMOUNTS.fullmatch(_tight(text))
    if found is None:
        return at_most(text)
    low, unit, high, last = found.groups()
    if unit and not last:
        return None
    unit = unit or last
    amounts = [
        Decimal(number.replace(",", "")) * FEN_PER_UNIT[of or "万元"] for number, of in ((low, unit), (high, last))
    ]
    return high.replace(",", "") + (last or "") if amounts[0] < amounts[1] else None


def least_level(text: str, *, about: bool = True) -> str | None:
    """The level that is reached, or asked for, at least: ≥6, 6级以上, 6-7; unless `about` is false, about it: 约6级."""
    tight = _tight(text)
    if found := _LEVELS.fullmatch(tight):
        low, high = map(_level, found.groups())
        return str(low) if low < high else None
    found = _AT_LEAST.fullmatch(tight)
    if found is None or not (found["before"] or found["after"]) or not (about or _is_exact(found)):
        return None
    return str(_level(found[2]))


def _is_exact(found: re.Match[str]) -> bool:
    """Whether the words around a number bound it, and do not only say that it is near."""
    return not any(_NEAR.fullmatch(found[side] or "") for side in ("before", "after"))


def _level(character: str) -> int:
    return int(character) if character.isdigit() else "一二三四五六七八九".index(character) + 1


def last_day(text: str) -> str | None:
    """The day by which something is due, written in another order or by its end: 31/12/2026, Dec 31, 2026, 30-Jun-26,
    2026年底前; or a term in words: 六个月, 一年半, 签约后12个月.

    05/06/2026 may be two days and is none; a year alone (2026年) and 尽快 name no day.
    """
    words = _BY.sub("", fold(text))
    tight = "".join(words.split())
    if _NO_DAY.fullmatch(tight):
        return ""
    if found := _TERM.fullmatch(tight):
        return _in_months(found)
    days: set[date] = set()
    if found := YEAR_LAST.fullmatch(tight):
        first, second, year = map(int, found.groups())
        days = {day for month, number in ((second, first), (first, second)) if (day := _real(year, month, number))}
    elif (found := ENGLISH_DAY.fullmatch(words)) and (number := found[1] or found[3]):
        days = {day for day in [_real(int(found[4]), MONTHS.get(found[2], 0), int(number))] if day}
    elif found := _SHORT.fullmatch(tight):
        day = _real(int(f"20{found[3]}"[-4:]), MONTHS.get(found[2], 0), int(found[1]))
        days = {day} if day else set()
    elif found := DAY.fullmatch(tight):
        month = int(found[2])
        whole = _real(int(found[1]), month, int(found[3])) if found[3] else ends_in(int(found[1]), month)
        days = {whole} if whole else set()
    elif found := YEAR_END.fullmatch(tight):
        days = {date(int(found[1]), 12, 31)}
    elif found := QUARTER.fullmatch(tight.removesuffix("末").removesuffix("底")):
        end = ends_in(int(found[1]), 3 * _level(found[2] or found[3]))
        days = {end} if end else set()
    return next(iter(days)).isoformat() if len(days) == 1 else None


def _in_months(found: re.Match[str]) -> str | None:
    """A term in words as a number of months; None where its number is none."""
    number = in_figures(found["number"] or "")
    if number and not number.isdigit():
        return None
    months = int(number or 0) * (12 if (found["unit"] or "").startswith("年") else 1) + (
        6 if found["half"] or found["halves"] else 0
    )
    return f"{months}个月" if months else None


def _real(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
