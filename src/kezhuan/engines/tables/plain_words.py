"""Words around a number that say one value and no other: 200万以内 of a budget, 6级以上 of a TRL.

Each function gives what the column takes instead, "" where they are true but name no value, or None where two
readings are possible.
"""

from __future__ import annotations

import re
from decimal import Decimal

from kezhuan.engines.tables.columns import FEN_PER_UNIT, fold
from kezhuan.engines.tables.figures import money_in_figures

_TO = r"(?:-|~|—+|–|至|到)"
_ABOUT = r"大约|约为|约|大概|预计|暂定|暂估|拟定?|计划|about|around|approx\.?|~|≈"
_NEARLY = r"左右|上下"
_NEAR = re.compile(f"{_ABOUT}|{_NEARLY}")
_AMOUNT = r"(?:人民币|rmb|cny|¥)?(\d[\d,]*(?:\.\d+)?)(亿元|亿|万元|万|千元|元)?(?:人民币|rmb|整)?"
_AT_MOST = re.compile(
    rf"(?P<before>{_ABOUT}|≤|<=|<|不超过|不高于|不大于|不多于|最多|最高|至多|上限为?|控制在|upto|atmost|nomorethan|within|max\.?)?"
    rf"{_AMOUNT}"
    rf"(?P<after>以内|之内|内|及以下|以下|封顶|{_NEARLY})?"
)
_AMOUNTS = re.compile(rf"{_AMOUNT}{_TO}{_AMOUNT}")
_FOREIGN = r"usd|us\$|eur|gbp|jpy|hkd|hk\$|mop|\$|€|£|美元|美金|港元|港币|欧元|英镑|日元|澳门元"
_NO_AMOUNT = re.compile(
    rf"(?:≥|>=|>|不低于|不小于|不少于|至少|最低|超过|高于|atleast|morethan|over){_AMOUNT}"
    rf"|{_AMOUNT}(?:及?以上|起|\+|[/每].{{1,6}})"
    rf"|(?:{_FOREIGN})\d[\d,.]*(?:万|亿|[km]|million)?|\d[\d,.]*(?:万|亿|[km]|million)?(?:{_FOREIGN})"
    r"|(?:几|数|上|近|好几|若干)[十百千]*万?元?(?:级|左右|以上)?|[十百千]+万元?级"
    r"|免费(?:许可|使用|转让)?|无偿(?:许可|使用|转让)?|赠与|free|freeofcharge"
)
"""A lower bound, a rate, another currency, no number, no price: nothing that a limit could be compared with."""
_LEVEL = r"(?:trl|第)*([1-9一二三四五六七八九])(?:级别|级|level)?"
_AT_LEAST = re.compile(
    rf"(?:trl)?(?P<before>{_ABOUT}|≥|>=|不低于|不小于|不少于|至少|最低|达到|atleast|min\.?)?{_LEVEL}"
    rf"(?P<after>及其?以上|或以上|以上|orabove|orhigher|andabove|\+|起|{_NEARLY})?"
)
_LEVELS = re.compile(rf"{_LEVEL}(?:{_TO}|/|或){_LEVEL}")


def _tight(text: str) -> str:
    return "".join(fold(text).split())


def at_most(text: str, *, about: bool = True) -> str | None:
    """The amount that a text names as its most or, unless `about` is false, as about it: ≤200, 200万以内; 约200.

    An amount in other figures (三十万元, 20w) is itself. "" where no single amount in yuan is meant: 50万以上, 80-120,
    $200, 60万/年.
    """
    figures = money_in_figures(text)
    found = _AT_MOST.fullmatch(figures)
    if found is None:
        return "" if about and (_AMOUNTS.fullmatch(figures) or _NO_AMOUNT.fullmatch(_tight(text))) else None
    return found[2].replace(",", "") + (found[3] or "") if about or _is_exact(found) else None


def ceiling(text: str) -> str | None:
    """The same of what somebody can pay; of a range (100-200万) the upper end is its most."""
    found = _AMOUNTS.fullmatch(money_in_figures(text))
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
