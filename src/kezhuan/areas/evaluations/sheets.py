"""The columns in which evaluations stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.evaluations.papers import level_words, scale_words
from kezhuan.areas.evaluations.permissions import KIND
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, Writer, own, record_columns, word
from kezhuan.kernel.access import Actor


def _said(name: str) -> Writer:
    return lambda _actor, row: str(getattr(row, f"get_{name}_display")() or "")


def _maturity(_actor: Actor, row: Any) -> str:
    return level_words(row, row.level)


SHEET = Sheet(
    KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("成果编号", "Achievement", lambda _actor, row: row.achievement.code, "full", width=16),
        SheetColumn("成果类型", "Type of result", _said("result_type"), "full"),
        SheetColumn("评价目的", "Purpose", _said("purpose"), "full"),
        SheetColumn("评价方式", "Method", _said("method"), "full"),
        SheetColumn("成熟度等级表", "Scale of maturity", lambda _actor, row: scale_words(row), "full", width=24),
        SheetColumn("整体成熟度", "Maturity of the whole", _maturity, "full", width=30),
        SheetColumn("创新度", "Grade of innovation", own("innovation"), "full"),
        SheetColumn("先进度", "Grade of advancement", own("advancement"), "full"),
        SheetColumn("成果水平", "Standing of the result", _said("standing"), "full"),
        SheetColumn("评价结论", "Conclusion", own("conclusion"), "full", width=40),
        SheetColumn("适用范围与限制", "Limits", own("limits"), "full", width=30),
        SheetColumn("出具日期", "Delivered on", own("delivered_on"), "full"),
        SheetColumn("有效期至", "Holds until", own("valid_to"), "full"),
        SheetColumn("批准登记号", "Number of the registration", own("reg_no"), "full"),
        SheetColumn("登记日期", "Registered on", own("registered_on"), "full"),
        SheetColumn("报告文本哈希", "SHA-256 of the report", own("wording"), "full", width=24),
        *record_columns(),
    ),
    related=("achievement",),
)
