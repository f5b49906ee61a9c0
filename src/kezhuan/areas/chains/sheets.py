"""The columns in which offers stand in a spreadsheet, and the log of their use."""

from collections.abc import Sequence
from typing import Any

from kezhuan.areas.chains.models import Use
from kezhuan.areas.chains.permissions import KIND
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, own, record_columns, speaks_chinese, word

OFFERS = Sheet(
    KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("类别", "Kind", lambda _actor, row: str(row.get_sort_display()), width=24),
        SheetColumn("项目编号", "Project code", lambda _actor, row: row.project.record.code, "full", width=16),
        SheetColumn("地点", "Place", own("place"), width=30),
        SheetColumn("每期能力", "Capacity of a period", own("capacity")),
        SheetColumn("计量单位", "Unit", lambda _actor, row: str(row.get_unit_display())),
        SheetColumn("周期", "Period", lambda _actor, row: str(row.get_period_display())),
        SheetColumn("开始日期", "First day", own("starts_on"), width=12),
        SheetColumn("结束日期", "Last day", own("ends_on"), width=12),
        SheetColumn("使用条件", "Conditions", own("conditions"), "full", width=40),
        SheetColumn("预约范围", "Who may book", lambda _actor, row: str(row.get_reach_display()), width=20),
        *record_columns(),
    ),
    related=("project__record",),
)

OF_USES = (
    ("开放资源编号", "offer"), ("名称", "title"), ("类别", "kind"), ("提供单位", "offered by"), ("地点", "place"),
    ("使用单位编号", "used by"), ("使用单位", "name of the user"), ("项目编号", "project"), ("团队", "team"),
    ("用途", "purpose"), ("使用日期", "used on"), ("数量", "quantity"), ("计量单位", "unit"), ("结果", "result"),
)  # fmt: skip


def of_uses(found: Sequence[Use]) -> tuple[list[str], list[list[Any]]]:
    """A row for each use: who used what, on which day, how much, and with what result."""
    heads = [zh if speaks_chinese() else en for zh, en in OF_USES]
    return heads, [
        [
            offer.record.code, offer.record.title, str(offer.get_sort_display()),
            offer.record.owner.record.title if offer.record.owner is not None else "", offer.place,
            booking.organisation.record.code, booking.organisation.record.title,
            booking.project.record.code if booking.project is not None else "", booking.team, booking.purpose, one.on,
            one.quantity, str(offer.get_unit_display()), one.result,
        ]
        for one, booking, offer in ((one, one.booking, one.booking.offer) for one in found)
    ]  # fmt: skip
