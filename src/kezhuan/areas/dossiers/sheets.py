"""The columns in which dossiers stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.dossiers.lifecycle import DOSSIER
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, own, record_columns, wan, word
from kezhuan.kernel.access import Actor


def _about(_actor: Actor, row: Any) -> str:
    return row.about.code if row.about is not None else ""


SHEET = Sheet(
    DOSSIER.kind,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("材料类别", "Sort", lambda _actor, row: str(row.get_sort_display()), width=16),
        SheetColumn("文号", "Number", own("number"), width=20),
        SheetColumn("材料日期", "Day of the paper", own("on"), width=12),
        SheetColumn("金额(万元)", "Amount (万元)", wan("amount_fen"), width=14),
        SheetColumn("成果编号", "Achievement", _about, width=16),
        SheetColumn("内容", "What it says", word("summary"), width=60),
        *record_columns(),
    ),
    related=("about",),
)
