"""Turn one raw cell, as a spreadsheet or JSON gives it, into the value its column declares."""

from __future__ import annotations

import calendar
import json
import math
import re
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from kezhuan.engines.days import months_after
from kezhuan.engines.tables.columns import FEN_PER_UNIT, Column, Found, fold
from kezhuan.engines.tables.problems import BadCell, shorten
from kezhuan.engines.tables.ticks import ticked

LONGEST_CELL = 1_000_000
LONGEST_WORDS = 200  # beyond which a cell is no value said in other words
LONGEST_TERM = 1200  # months beyond which a term is taken for a slip
CITY_TIME = timezone(timedelta(hours=8))  # Asia/Shanghai, which has had no summer time since 1991
_TOO_LARGE = 10**17  # fen: a million times a billion yuan; also far inside a 64-bit integer

# Words that say "not known" in a column of numbers, dates or choices.
_UNKNOWN = frozenset(
    {"-", "--", "—", "——", "/", "\\", "?", "无", "空", "暂无", "面议", "待定", "待议", "协商", "另议", "不限", "不详"}
    | {"自筹", "企业自筹", "自筹资金", "按需", "视情况", "视情况而定", "商议", "待商议", "待商定", "无预算"}
    | {"未知", "n/a", "na", "none", "null", "nil", "tbd", "negotiable", "unknown"}
)
_LEFT_OPEN = re.compile(
    r"(?:[转受]让|许可|价格|费用|金额|预算|报价|双方|具体|另行|友好|再|可|待)*"
    r"(?:面议|面谈|洽谈|商谈|详谈|电议|议价|协商|商议|商定|商量|未定|待定|待评估|评估后?|保密)(?:确定|定价|解决|而定|公布)?"
)
"""Says that a value is not told yet: 价格面议, 双方协商确定."""
_EITHER = re.compile(r"[/、，,;~或及和至到-]+")
_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
UNSAVED = "#GETTING_DATA"
"""The error value of a formula whose result is not there yet."""
_SEPARATORS = re.compile(r"[；;、，,|\n]+")
_SEPARATORS_AND_SLASH = re.compile(r"[；;、，,|\n/]+")
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?(e[+-]?\d{1,3})?")
_ROMAN = {
    numeral: str(number) for number, numeral in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"), 1)
}
_DIGITS = "零一二三四五六七八九"
_CHINESE_NUMBER = re.compile(r"(?=.)(?:([一二三四五六七八九])?(十))?([一二三四五六七八九])?")
_MONEY = re.compile(
    r"(?:人民币|rmb|cny|¥)?(?P<number>[^a-z万亿千元]*?(?:e[+-]?\d+)?)"
    r"(?P<unit>亿元|亿|万元|万|千元|元|yuan|cny|rmb)?(?:人民币|整)?"
)
_MONTHS = tuple(calendar.month_abbr)
_NUMBERS = frozenset({"integer", "number", "money_wan"})
_SINGLE = _NUMBERS | {"date"}
_TAKEN = re.compile(
    r"\d{4}[-/](\d{1,2})[-/](\d{1,2})|(?:\d{4}年)?(\d{1,2})月(\d{1,2})日|(?P<day>\d{1,2})-(?P<month>[A-Z][a-z]{2})"
)
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?|年(\d{1,2})月(?:(\d{1,2})[日号]?)?)")
_TERM = re.compile(r"(\d{1,4})(个月|months?|年|years?|天|日(?=内|以内)|days?|周|weeks?)(?:内|以内)?")
_DAYS = {"天": 1, "日": 1, "day": 1, "周": 7, "week": 7}
_WEEKDAY = re.compile(r"\s*\(?(?:星期|礼拜|周)[一二三四五六日天]\)?\s*$")
_MIDNIGHT_OR_LATER = re.compile(
    r"(?:[t\s]\s*|(?<=[日号]))(?:[上下]午\s*)?(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:\s*[ap]m)?$"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_KINDS = {
    bool: ("是非值", "a true/false value"),
    int: ("数字", "a number"),
    float: ("数字", "a number"),
    str: ("文字", "text"),
    list: ("列表", "a list"),
    dict: ("对象", "an object"),
}
_EXPECTED = {
    "text": ("文字", "text"),
    "texts": ("文字或列表", "text or a list"),
    "integer": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "money_wan": ("金额", "an amount"),
    "date": ("日期", "a date"),
    "choice": ("选项", "a choice"),
}


class ErrorCell(str):
    """A spreadsheet's error value (such as #N/A), kept apart from text."""

    __slots__ = ()


class Joined(str):
    """The texts of one column in rows that merged cells make one, below each other."""

    __slots__ = ()


def range_taken_for(raw: object) -> str:
    """What was typed where a spreadsheet program made a day of it: 4-6; "" where there is no day of one."""
    if isinstance(raw, date):
        return f"{raw.month}-{raw.day}"
    found = _TAKEN.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        return ""
    if found["month"]:
        return f"{_MONTHS.index(found['month'])}-{int(found['day'])}" if found["month"] in _MONTHS else ""
    return f"{int(found[1] or found[3])}-{int(found[2] or found[4])}"


def kind_words(value: object) -> tuple[str, str]:
    """Return what a value is, in Chinese and English."""
    return _KINDS.get(type(value), ("其他内容", "something else"))


def as_text(raw: object) -> str:
    """Return a raw cell as text: whole numbers without `.0`, dates in ISO form, lists joined, None as empty."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        return raw.strip().strip("\ufeff\u200b").strip()
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, datetime):
        return raw.isoformat(" ") if raw.time() != time.min else raw.date().isoformat()
    if isinstance(raw, date | time):
        return raw.isoformat()
    if isinstance(raw, timedelta):
        return str(raw)
    if isinstance(raw, list | tuple):
        return "；".join(as_text(part) for part in raw)
    if isinstance(raw, dict):
        return json.dumps(raw, ensure_ascii=False, default=str)
    return str(raw)


def is_empty(raw: object) -> bool:
    """Return whether a raw cell holds nothing."""
    return raw is None or raw in ([], {}) or (isinstance(raw, str) and not as_text(raw))


def read_cell(
    raw: Any,
    column: Column,
    fen_per_unit: int = FEN_PER_UNIT["万元"],
    *,
    in_months: bool = False,
    on: date | None = None,
) -> Any:
    """Return the value of a non-empty raw cell for its column, or None when it says "not known".

    `in_months` says that bare numbers under its header are months; a term begins `on` a day, or today.
    Raises BadCell with a stable code when the cell does not hold what the column declares.
    """
    if isinstance(raw, ErrorCell) or (isinstance(raw, str) and raw.strip().upper() in _ERRORS):
        if str(raw).strip().upper() == UNSAVED:
            raise BadCell("formula-unsaved")
        raise BadCell("formula-error", value=str(raw).strip())
    if isinstance(raw, str) and len(raw) > LONGEST_CELL:
        raise BadCell("too-long", length=len(raw), limit=LONGEST_CELL)
    if isinstance(raw, list) and column.kind == "choice" and all(isinstance(one, str) for one in raw):
        raw = as_text(raw)
    if isinstance(raw, dict) or (isinstance(raw, list) and column.kind not in ("text", "texts")):
        raise _wrong_type(raw, column)
    if isinstance(raw, Joined) and (column.single or column.kind in _SINGLE):
        raise BadCell("merged-apart", values=tuple(shorten(one) for one in raw.split("\n")[:3]))
    if column.kind in _NUMBERS and (meant := range_taken_for(raw)):
        raise BadCell("taken-for-day", meant=meant, value=as_text(raw))
    if column.kind == "text":
        return _text(raw, column)
    if isinstance(raw, str) and (column.kind != "texts" or column.choices):
        raw = ticked(raw)
    if column.kind == "texts":
        return _texts(raw, column)
    if isinstance(raw, bool):
        raise _wrong_type(raw, column)
    if isinstance(raw, str) and _tells_nothing(fold(raw), column):
        return None
    if column.kind == "integer":
        return _integer(raw, column)
    if column.kind == "number":
        return float(_decimal(raw))
    if column.kind == "money_wan":
        return _money(raw, column, fen_per_unit)
    if column.kind == "date":
        return _date(raw, column, in_months=in_months, on=on)
    codes = _codes(as_text(raw), column).codes
    return codes[0] if len(codes) == 1 else None


def _tells_nothing(folded: str, column: Column) -> bool:
    """Whether words are no value of a column: not known, left open, or another scale's (小试/中试 of a TRL)."""
    if not folded or folded in _UNKNOWN or folded in column.neutral or _LEFT_OPEN.fullmatch(folded):
        return True
    parts = [part.strip() for part in _EITHER.split(folded)]
    return bool(column.neutral) and all(part in column.neutral for part in parts)


def says_more(raw: Any, value: Any, column: Column) -> bool:
    """Whether a cell holds what the value read from it does not tell: 面议 where a number is asked, 技术转让优先."""
    if value is None or (value == () and column.choices):
        return True
    return column.find is not None and not all(_codes(part, column).whole for part in _parts(raw, column))


def _wrong_type(raw: object, column: Column) -> BadCell:
    expected, found = _EXPECTED[column.kind], kind_words(raw)
    return BadCell("wrong-type", expected_zh=expected[0], expected_en=expected[1], found_zh=found[0], found_en=found[1])


def _text(raw: Any, column: Column) -> str:
    if isinstance(raw, float) and not math.isfinite(raw):
        raise BadCell("not-finite", value=raw)
    if isinstance(raw, list) and any(isinstance(part, list | dict) for part in raw):
        raise _wrong_type(raw, column)
    text = as_text(raw)
    if len(text) > LONGEST_CELL:
        raise BadCell("too-long", length=len(text), limit=LONGEST_CELL)
    return text


def _texts(raw: Any, column: Column) -> tuple[str, ...]:
    parts = _parts(raw, column)
    if column.choices:
        parts = [code for part in parts if fold(part) not in _UNKNOWN for code in _codes(part, column).codes]
    return tuple(dict.fromkeys(parts))


def _parts(raw: Any, column: Column) -> list[str]:
    """The texts of a cell that holds several."""
    if column.kind == "choice":
        return [as_text(raw)]
    if isinstance(raw, str) and raw.lstrip().startswith("["):
        try:
            parsed = json.loads(raw)
            raw = parsed if isinstance(parsed, list) else raw
        except (ValueError, RecursionError):
            pass  # a text that merely begins with a bracket
    if isinstance(raw, list):
        if any(isinstance(part, list | dict) for part in raw):
            raise _wrong_type(raw, column)
        parts = [as_text(part) for part in raw]
    else:
        # Codes never hold a slash, so 转让/许可 is two of them; a keyword such as TCP/IP is one.
        parts = (_SEPARATORS_AND_SLASH if column.choices else _SEPARATORS).split(as_text(raw))
    return [part for part in map(str.strip, parts) if part]


def _codes(text: str, column: Column) -> Found:
    """The code of a word; of a longer text, where the column can find them, those it holds, which may be none."""
    code = column.codes.get(fold(text))
    if code is not None:
        return Found((code,), whole=True)
    if column.find is not None:
        return column.find(text)
    if column.open_choices:
        return Found((text,), whole=True)
    raise BadCell("unknown-choice", value=shorten(text), choices=tuple(dict.fromkeys(column.choices)))


def _decimal(raw: Any) -> Decimal:
    """Return a number. Floats are taken at the fifteen digits a spreadsheet shows, so 0.1+0.2 is 0.3."""
    if isinstance(raw, int):
        if abs(raw) > _TOO_LARGE:
            raise BadCell("too-large", value=shorten(raw))
        return Decimal(raw)
    if isinstance(raw, float):
        if not math.isfinite(raw):
            raise BadCell("not-finite", value=raw)
        return Decimal(format(raw, ".15g"))
    text = fold(as_text(raw)).replace(" ", "")
    if text.lstrip("+-") in ("inf", "infinity", "nan", "∞"):
        raise BadCell("not-finite", value=shorten(raw))
    if not any(character.isdigit() for character in text) or not _NUMBER.fullmatch(text):
        raise BadCell("not-a-number", value=shorten(raw))
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise BadCell("not-a-number", value=shorten(raw)) from None


def _from_words(text: str) -> str:
    """A number from 1 to 99 written in Chinese, in digits; anything else as it is."""
    match = _CHINESE_NUMBER.fullmatch(text)
    if match is None:
        return text
    tens, units = (_DIGITS.index(match[place]) if match[place] else 0 for place in (1, 3))
    return str((tens or 1) * 10 + units if match[2] else units)


def _bounded(number: int, column: Column, shown: object) -> int:
    if column.low is not None and column.high is not None and not column.low <= number <= column.high:
        raise BadCell("out-of-range", value=shown, low=column.low, high=column.high)
    if column.low is not None and number < column.low:
        raise BadCell("below-minimum", value=shown, low=column.low)
    return number


def _integer(raw: Any, column: Column) -> int:
    if isinstance(raw, str):
        text = fold(raw)
        if not text.lstrip("-").isdigit():
            for affix in column.affixes:
                text = text.removeprefix(affix).removesuffix(affix).strip(" -:.=")
            text = _ROMAN.get(text, text) if column.affixes else text
        try:
            number = _decimal(_from_words(text))
        except BadCell as problem:
            raise BadCell(problem.code, value=shorten(raw)) from None
    elif isinstance(raw, int | float):
        number = _decimal(raw)
    else:
        raise BadCell("not-an-integer", value=shorten(as_text(raw)))
    if number and number.adjusted() > 17:
        raise BadCell("too-large", value=shorten(raw))
    if number != number.to_integral_value():
        raise BadCell("not-an-integer", value=shorten(as_text(raw)))
    return _bounded(int(number), column, int(number))


def _money(raw: Any, column: Column, fen_per_unit: int) -> int:
    if isinstance(raw, str):
        text = fold(raw).replace(" ", "")
        match = _MONEY.fullmatch(text)
        if match and match["unit"]:
            fen_per_unit = FEN_PER_UNIT[match["unit"]]
        try:
            number = _decimal(match["number"] if match else text)
        except BadCell as problem:
            raise BadCell(problem.code, value=shorten(raw)) from None
    elif isinstance(raw, int | float):
        number = _decimal(raw)
    else:
        raise BadCell("not-a-number", value=shorten(as_text(raw)))
    if number and number.adjusted() > 15:
        raise BadCell("too-large", value=shorten(raw))
    if number and number.adjusted() < -30:
        raise BadCell("too-many-decimals", value=shorten(as_text(raw)))
    fen = number * fen_per_unit
    if fen != fen.to_integral_value():
        raise BadCell("too-many-decimals", value=shorten(as_text(raw)))
    if abs(fen) > _TOO_LARGE:
        raise BadCell("too-large", value=shorten(raw))
    return _bounded(int(fen), column, shorten(as_text(raw)))


def _date(raw: Any, column: Column, *, in_months: bool, on: date | None) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = "".join(_WEEKDAY.sub("", _MIDNIGHT_OR_LATER.sub("", fold(as_text(raw)))).split())
    try:
        unit = "个月" if in_months and text.isdigit() and len(text) < 4 else ""
        if column.terms and (match := _TERM.fullmatch(text + unit)) and not (match[2] == "年" and len(match[1]) == 4):
            first = on or datetime.now(CITY_TIME).date()
            if days := int(match[1]) * _DAYS.get(match[2].removesuffix("s"), 0):
                return first + timedelta(days=days)
            months = int(match[1]) * (12 if match[2].startswith(("年", "year")) else 1)
            if 0 < months <= LONGEST_TERM:
                return months_after(first, months)
        if "t" in text or ":" in text:
            moment = datetime.fromisoformat(as_text(raw))
            return (moment.astimezone(CITY_TIME) if moment.tzinfo else moment).date()
        if match := _DATE.fullmatch(text):
            year, month, day = int(match[1]), int(match[2] or match[4]), match[3] or match[5]
            if day is None and column.month_end:
                return date(year, month, calendar.monthrange(year, month)[1])
            return date(year, month, int(day or 0))
        if match := _COMPACT_DATE.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
    except (ValueError, OverflowError):
        pass
    raise BadCell("not-a-date", value=shorten(as_text(raw)))
