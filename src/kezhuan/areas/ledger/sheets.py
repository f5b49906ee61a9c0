"""The columns in which entries of the ledger stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.ledger.lifecycle import KIND
from kezhuan.areas.ledger.models import ConversionStatus
from kezhuan.engines.money import yuan
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, own, record_columns, word
from kezhuan.kernel.access import Actor
from kezhuan.kernel.notices import BETWEEN


def _equity(_actor: Actor, row: Any) -> str:
    return BETWEEN.join(f"{one.company} {one.share_bp / 100:.2f}%" for one in row.equity.all())


def _holders(_actor: Actor, row: Any) -> str:
    unit = row.record.owner.record.title
    return BETWEEN.join(one.holder.name if one.holder is not None else unit for one in row.equity.all())


def _taken(_actor: Actor, row: Any) -> str:
    found = list(row.stock_takes.all())
    return f"{found[0].year} {found[0].get_outcome_display()}" if found else ""


def _unpaid(_actor: Actor, row: Any) -> Any:
    days = [one.due_on for one in row.upkeep.all() if one.paid_on is None]
    return min(days) if days else ""


SHEET = Sheet(
    KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("成果编号", "Achievement", lambda _actor, row: row.achievement.code, "inner", width=16),
        SheetColumn(
            "转化状态", "Status of conversion", lambda _actor, row: str(ConversionStatus(row.status).label), "inner"
        ),
        SheetColumn("状态起始日", "At this status since", own("since"), "inner"),
        SheetColumn("成果来源", "Where it comes from", lambda _actor, row: row.get_origin_display(), "inner"),
        SheetColumn("研究或开发阶段", "Stage of the work", lambda _actor, row: row.get_work_stage_display(), "inner"),
        SheetColumn(
            "账面价值(元)",
            "Value in the books, in yuan",
            lambda _actor, row: "" if row.recognised_fen is None else yuan(row.recognised_fen),
            "inner",
        ),
        SheetColumn("作价投资股权", "Equity", _equity, "inner", width=30),
        SheetColumn("持有主体", "Held by", _holders, "inner", width=30),
        SheetColumn("最近应缴费用日", "Next fee", _unpaid, "inner"),
        SheetColumn("年度盘点", "Stock-take", _taken, "inner", width=24),
        *record_columns(),
    ),
    related=("achievement",),
    prefetch=("equity__holder", "upkeep", "stock_takes"),
)
