"""Cells of need lists as people write them: terms in months, shares in percent, indicators as lines of text."""

import dataclasses
import re
import unicodedata
from datetime import date
from decimal import Decimal

from kezhuan.areas.needs.actions import Figure
from kezhuan.engines.tables import Column
from kezhuan.engines.tables.cells import read_cell
from kezhuan.engines.tables.columns import FEN_PER_UNIT, fold_header, says_months
from kezhuan.engines.tables.figures import in_figures
from kezhuan.engines.tables.problems import BadCell
from kezhuan.exchange import columns
from kezhuan.kernel.text import clean

_AMOUNT = Column("benefit", ("benefit",), kind="money_wan", low=1)
_SOME_TERM = re.compile(r"(?<!\d)(\d{1,3})(个月|months?|年|years?)(?!\d)")
_SHARE = re.compile(r"(\d{1,5}(?:\.\d{1,2})?)(%?)")
_LINES = re.compile(r"[；;\n]+")
_NUMBERING = re.compile(r"^(?:\(?\d{1,2}\)|\d{1,2}[.、](?!\d)|[①-⑳])\s*")
_OPERATORS = {
    "≥": "≥", "≤": "≤", ">=": "≥", "<=": "≤", "≧": "≥", "≦": "≤", "不低于": "≥", "不小于": "≥", "不少于": "≥",
    "大于等于": "≥", "不高于": "≤", "不大于": "≤", "不超过": "≤", "小于等于": "≤", ">": ">", "<": "<", "大于": ">",
    "高于": ">", "小于": "<", "低于": "<", "=": "=", "等于": "=",
}  # fmt: skip
_WORDS = "|".join(sorted(map(re.escape, _OPERATORS), key=len, reverse=True))
_NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
_FIGURE = re.compile(
    rf"(?P<name>.+?)\s*[::,]?\s*(?P<operator>{_WORDS})\s*(?P<value>{_NUMBER})\s*(?P<unit>.*)", re.IGNORECASE
)
_METHOD = re.compile(
    r"\s*[（(](?:检测方法|检验方法|方法|(?:test )?method)\s*[:：]\s*([^()（）]+)[)）]\s*$", re.IGNORECASE
)
_RANGE = re.compile(
    rf"(?P<name>.+?)\s*(?:[::=]|为|在)\s*(?P<value>{_NUMBER}\s*(?:[~～—–至-])\s*{_NUMBER})\s*(?P<unit>.*)",
    re.IGNORECASE,
)


def day_or_term(words: str, header: str, on: date) -> date | None:
    """A day, or a number of months or years from a day on (18个月; 18 under a header that says 月); None for 长期.

    Raises `ValueError` for anything else.
    """
    try:
        read = read_cell(words, columns.DEADLINE, in_months=says_months(fold_header(header)[1]), on=on)
    except BadCell:
        raise ValueError(words) from None
    return read if isinstance(read, date) else None


def term_in(words: str) -> str | None:
    """The only number of months or years in a text (合同签订后18个月 → 18个月), in figures; None without one."""
    found = {
        f"{number}{'年' if unit.startswith(('年', 'year')) else '个月'}"
        for number, unit in _SOME_TERM.findall(in_figures(words).replace(" ", ""))
    }
    return found.pop() if len(found) == 1 else None


def share_bp(words: str, header: str) -> int | None:
    """A share in basis points; None when it is not clear that the number is in percent, or is none."""
    found = _SHARE.fullmatch("".join(unicodedata.normalize("NFKC", words).split()))
    if found is None:
        return None
    percent = Decimal(found[1])
    # A bare 0.05 may be five percent or a twentieth of one.
    is_clear = bool(found[2]) or "%" in unicodedata.normalize("NFKC", header) or percent > 1
    return int(percent * 100) if is_clear and percent <= 100 else None


def amount_fen(words: str, header: str) -> int | None:
    """An amount in 分 when the whole text is one and it or its header says the unit; None for any other text."""
    units = [FEN_PER_UNIT[hint] for hint in fold_header(header)[1] if hint in FEN_PER_UNIT]
    if not units and not words.rstrip().endswith(("元", "万", "亿")):
        return None
    try:
        read = read_cell(words, _AMOUNT, *units[:1])
    except BadCell:
        return None
    return read if isinstance(read, int) else None


def figures(words: str) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """Indicators such as “粗糙度 ≤ 0.2 nm；良率 不低于 98 %” one by one, and the lines that are none as they stand."""
    found: list[Figure] = []
    left: list[str] = []
    for line in filter(None, map(clean, _LINES.split(words))):
        figure = _figure(_NUMBERING.sub("", line))
        if figure is None:
            left.append(line)
        else:
            found.append(figure)
    return tuple(found), tuple(left)


def _figure(line: str) -> Figure | None:
    method = _METHOD.search(line)
    if method is not None:
        bare = _figure(line[: method.start()].strip())
        return dataclasses.replace(bare, test_method=clean(method[1])) if bare and len(method[1]) <= 200 else None
    if (range_ := _RANGE.fullmatch(line)) is not None:
        parts, operator = range_, "range"
    elif (one := _FIGURE.fullmatch(line)) is not None:
        parts, operator = one, _OPERATORS[one["operator"].casefold()]
    else:
        return None
    name, value, unit = parts["name"].strip(" :：,，"), parts["value"].strip(), parts["unit"].strip(" 。.，,")
    # What is too long for a figure, or goes on with another number, is a sentence.
    if not name or len(name) > 120 or len(value) > 60 or len(unit) > 20 or re.search(r"[,，。]|\s\d", unit):
        return None
    return Figure(name, operator, value, unit)
