"""Lines of a table that are no rows of it: its headers again, its totals, who filled it in and signed it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from kezhuan.engines.tables.added import ADDED
from kezhuan.engines.tables.cells import ErrorCell, as_text, is_empty
from kezhuan.engines.tables.columns import fold, in_one_line

_TOTALS = frozenset({"合计", "总计", "小计", "共计", "total", "totals", "subtotal", "grandtotal"})
_FIGURE = re.compile(r"[\d.,%+-]+(?:万元|亿元|元|万|亿|项|个|家)?|[-/—]+")
_SIGNED = re.compile(
    r"(?:填表|填报|制表|经办|审核|审批|复核|负责|联系)人(?:签[字名])?(?:\([^()]*\))?:.*"
    r"|(?:单位|部门)负责人(?:签[字名])?(?:\([^()]*\))?:.*|(?:主管|分管)领导(?:\([^()]*\))?:.*"
    r"|(?:填表|填报|制表)(?:单位|日期|时间)(?:\([^()]*\))?:.*|(?:单位)?(?:\(?盖章\)?|公章)(?:\([^()]*\))?:?|(?:联系)?电话:.*|日期:.*"
    r"|(?:备?注|说明|填表说明):.*"
)
_DAY = re.compile(r"\d{4}年\d{1,2}月(?:\d{1,2}日)?|年月日|\d{4}-\d\d-\d\d")


def says_headers(cells: Sequence[object], written: Sequence[str]) -> bool:
    """Whether a row says the headers again, as each page of a printed list does."""
    first = next((place for place, header in enumerate(written) if header), 0)
    begins_alike = len(cells) > first and in_one_line(cells[first]) == written[first]
    return begins_alike and [*filter(None, map(in_one_line, cells))] == [*filter(None, written)]


def is_footer(cells: Sequence[object], written: Sequence[str] = ()) -> bool:
    """Whether a row is a line of totals or signatures: 合计 with figures alone beside it; 填表人：王 and 审核人：赵.

    What was added to it when it was handed back does not count.
    """
    filled = [
        cell for cell, header in zip_longest(cells, written[: len(cells)]) if not is_empty(cell) and header not in ADDED
    ]
    if not filled or not isinstance(filled[0], str) or isinstance(filled[0], ErrorCell):
        return False
    first, *others = filled
    begin = _tight(first)  # most rows are told by it, and their texts need not be read
    if begin in _TOTALS:
        return all(isinstance(cell, ErrorCell) or _FIGURE.fullmatch(_tight(cell)) for cell in others)
    return bool(_SIGNED.fullmatch(begin)) and all(
        _SIGNED.fullmatch(text) or _DAY.fullmatch(text) for text in map(_tight, others)
    )


def _tight(cell: object) -> str:
    return "".join(fold(as_text(cell)).split())
