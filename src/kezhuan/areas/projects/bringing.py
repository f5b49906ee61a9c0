"""The plan of a project that ran in another system, as the cells of a row say it: one milestone or payment a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.projects.actions import Aim, Planned
from kezhuan.areas.projects.models import Source
from kezhuan.engines.tables import Column
from kezhuan.engines.tables.cells import read_cell
from kezhuan.engines.tables.problems import BadCell
from kezhuan.kernel.text import clean, wan_from_fen

_APART = re.compile(r"\s*[|｜]\s*")
_DAY = Column("on", (), kind="date")
_AMOUNT = Column("amount", (), kind="money_wan", low=0)
SOURCES = {"财政": Source.FISCAL, "fiscal": Source.FISCAL, "发榜方": Source.FIRM, "poster": Source.FIRM}
OCCASIONS = {
    "签订": Occasion.SIGNING,
    "signing": Occasion.SIGNING,
    "验收": Occasion.ACCEPTANCE,
    "acceptance": Occasion.ACCEPTANCE,
}
_MILESTONE = re.compile(r"(?:里程碑|milestone)\s*(\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True)
class Reached:
    """A milestone, and the day on which it was found to be reached; none while it is not."""

    aim: Aim
    passed_on: date | None = None


@dataclass(frozen=True)
class Made:
    """A payment, and once it was made its day and the number of its voucher."""

    planned: Planned
    paid_on: date | None = None
    voucher: str = ""


def milestones_of(cell: str, leader: str) -> tuple[list[Reached], list[str]]:
    """The milestones of a cell, for which the unit of this code answers, and the lines that cannot be read:
    “指标 | 完成日期 | 验收方式 | 通过日期”, the last one empty while it is not reached."""
    found, left = [], []
    for line in _lines(cell):
        indicator, due, method, passed, *more = [*_APART.split(line), "", "", "", ""]
        due_on, passed_on = _day(due), _day(passed)
        if any(more) or not indicator or not method or due_on is None or (passed and passed_on is None):
            left.append(line)
        else:
            found.append(Reached(Aim(indicator, due_on, method, leader), passed_on))
    return found, left


def payments_of(cell: str) -> tuple[list[Made], list[str]]:
    """The payments of a cell, and the lines that cannot be read: “财政 | 里程碑1 | 30 | 支付日期 | 凭证号”, in 万元,
    the last two empty while it is not paid."""
    found, left = [], []
    for line in _lines(cell):
        whose, waits, amount, paid, voucher, *more = [*_APART.split(line), "", "", "", "", ""]
        source, on = SOURCES.get(whose.casefold()), _MILESTONE.fullmatch(waits)
        occasion = Occasion.MILESTONE if on else OCCASIONS.get(waits.casefold())
        fen, paid_on = _fen(amount), _day(paid)
        wrong = any(more) or source is None or occasion is None or fen is None or bool(paid) != bool(voucher)
        if wrong or (paid and paid_on is None) or len(voucher) > 40:
            left.append(line)
        else:
            planned = Planned(str(source), str(occasion), fen or 0, int(on[1]) if on else None)
            found.append(Made(planned, paid_on, voucher))
    return found, left


def milestones_in_words(rows: Sequence[Any]) -> str:
    """The milestones of a project as a cell has them."""
    return "\n".join(
        _line(one.indicator, one.due_on, one.method, one.judged_on if one.passed else None) for one in rows
    )


def payments_in_words(rows: Sequence[Any]) -> str:
    """The payments of a project as a cell has them."""
    whose = {code: word for word, code in reversed(SOURCES.items())}
    waits = {code: word for word, code in reversed(OCCASIONS.items())}
    return "\n".join(
        _line(
            whose[one.source],
            f"里程碑{one.milestone.number}" if one.milestone is not None else waits[one.occasion],
            wan_from_fen(one.planned_fen),
            one.paid_on,
            one.voucher,
        )
        for one in rows
    )


def _line(*parts: Any) -> str:
    return " | ".join(str(one) if one is not None else "" for one in parts).rstrip(" |")


def _lines(cell: str) -> list[str]:
    return [line.strip() for line in clean(cell).splitlines() if line.strip()]


def _day(words: str) -> date | None:
    found: date | None = _read(words, _DAY)
    return found


def _fen(words: str) -> int | None:
    found: int | None = _read(words, _AMOUNT)
    return found


def _read(words: str, column: Column) -> Any:
    if not words:
        return None
    try:
        return read_cell(words, column)
    except BadCell:
        return None
