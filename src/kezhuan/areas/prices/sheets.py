"""The columns in which prices stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.prices.lifecycle import KIND
from kezhuan.engines.money import yuan
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, Writer, own, record_columns, word
from kezhuan.kernel.access import Actor


def _yuan(name: str) -> Writer:
    return lambda _actor, row: "" if getattr(row, name) is None else yuan(getattr(row, name))


def _related(_actor: Actor, row: Any) -> str:
    return row.relation if row.related else ""


SHEET = Sheet(
    KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("成果编号", "Achievement", lambda _actor, row: row.achievement.code, "inner", width=16),
        SheetColumn("转化方式", "What is done with it", lambda _actor, row: str(row.get_mode_display()), "inner"),
        SheetColumn("定价方式", "How the price is found", lambda _actor, row: str(row.get_way_display()), "inner"),
        SheetColumn("定价依据", "On what it rests", lambda _actor, row: str(row.get_basis_display()), "inner"),
        SheetColumn("拟交易价格或底价(元)", "Price, in yuan", _yuan("asked_fen"), "inner"),
        SheetColumn("成交价格(元)", "Sold for, in yuan", _yuan("final_fen"), "inner"),
        SheetColumn("受让方", "Buyer", own("buyer"), "inner", width=30),
        SheetColumn("关联关系", "How they are tied", _related, "inner", width=30),
        SheetColumn("交易场所", "Place that held it", own("place"), "inner", width=24),
        SheetColumn("交易编号", "Number of the transaction", own("deal_no"), "inner", width=24),
        SheetColumn("成交日期", "Day of the deal", own("deal_on"), "inner"),
        *record_columns(),
    ),
    related=("achievement",),
)
