"""The columns in which cases of exemption stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.exemptions.lifecycle import KIND
from kezhuan.engines.money import yuan
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, own, record_columns, word
from kezhuan.kernel.access import Actor
from kezhuan.kernel.notices import BETWEEN


def _event(_actor: Actor, row: Any) -> str:
    return str(row.get_event_display())


def _loss(_actor: Actor, row: Any) -> str:
    return yuan(row.loss_fen) if row.loss_fen is not None else ""


def _decisions(_actor: Actor, row: Any) -> str:
    return BETWEEN.join(one.about.code for one in row.decisions.all())


def _finding(_actor: Actor, row: Any) -> str:
    return str(row.get_finding_display()) if row.finding else ""


def _clause(_actor: Actor, row: Any) -> str:
    return row.clause.source if row.clause is not None else ""


SHEET = Sheet(
    KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("事项来源", "Event", _event, "inner"),
        SheetColumn("发生日期", "Day of the event", own("event_on"), "inner"),
        SheetColumn("涉及损失(元)", "Loss, in yuan", _loss, "inner"),
        SheetColumn("涉及决策", "Decisions", _decisions, "inner", width=30),
        SheetColumn("认定结论", "Finding", _finding, "inner"),
        SheetColumn("依据", "Clause", _clause, "inner", width=40),
        *record_columns(),
    ),
    related=("clause",),
    prefetch=("decisions__about",),
)
