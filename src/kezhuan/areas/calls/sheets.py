"""The columns in which calls and applications stand in a spreadsheet."""

from datetime import datetime
from typing import Any

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, Writer, own, record_columns, wan, word
from kezhuan.kernel.access import Actor
from kezhuan.kernel.text import SHANGHAI


def _moment(name: str) -> Writer:
    def write(_actor: Actor, row: Any) -> str:
        at: datetime | None = getattr(row, name)
        return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at is not None else ""

    return write


def _shown(name: str) -> Writer:
    return lambda _actor, row: str(getattr(row, f"get_{name}_display")())


def _items(_actor: Actor, row: Any) -> int:
    return len(row.items.all())


def _list(_actor: Actor, row: Any) -> str:
    return "\n".join(
        f"{one.number} {one.title}：{'；'.join(indicator_in_words(figure) for figure in one.indicators)}"
        for one in row.items.all()
    )


def _item(_actor: Actor, row: Any) -> str:
    return f"{row.item.number} {row.item.title}"


def _recommender(_actor: Actor, row: Any) -> str:
    return str(row.recommender.record.title) if row.recommender is not None else ""


def _letter(_actor: Actor, row: Any) -> str:
    return f"{row.letter_no} {row.letter_on}" if row.letter_no else ""


CALLS = Sheet(
    CALL.kind,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("类别", "Kind of call", _shown("call_kind"), width=16),
        SheetColumn("开始时间(北京时间)", "Opens (Beijing time)", _moment("opens_at"), width=18),
        SheetColumn("截止时间(北京时间)", "Closes (Beijing time)", _moment("closes_at"), width=18),
        SheetColumn("宽限(分钟)", "Grace (minutes)", own("grace_minutes"), width=10),
        SheetColumn("产权归属", "Who owns the results", _shown("ip_terms"), width=16),
        SheetColumn("榜单项数", "Items", _items, width=10),
        SheetColumn("榜单", "List", _list, width=60),
        SheetColumn("预算额度(万元)", "Budget line (万元)", wan("budget_fen"), "inner", width=14),
        SheetColumn("征集单位", "Made by", lambda _actor, row: row.office.record.title, width=24),
        *record_columns(owner=False),
    ),
    related=("office__record",),
    prefetch=("items",),
)
APPLICATIONS = Sheet(
    APPLICATION.kind,
    (
        CODE_COLUMN,
        SheetColumn("项目名称", "Project", word("title"), "title", width=40),
        SheetColumn("征集编号", "Call code", lambda _actor, row: row.item.call.record.code, width=16),
        SheetColumn("榜单项", "Item", _item, width=40),
        SheetColumn("负责人", "Leader", own("leader"), "full", width=14),
        SheetColumn("申请财政资金(万元)", "Fiscal money asked for (万元)", wan("asked_fen"), "full", width=16),
        SheetColumn("周期(月)", "Months", own("months"), "full", width=10),
        SheetColumn("推荐单位", "Recommending unit", _recommender, "full", width=24),
        SheetColumn("推荐函", "Letter", _letter, "full", width=20),
        SheetColumn("提交时间(北京时间)", "Submitted (Beijing time)", _moment("submitted_at"), "full", width=18),
        SheetColumn("立项财政资金(万元)", "Fiscal money awarded (万元)", wan("award_fen"), width=16),
        SheetColumn("决定理由", "Reason of the decision", own("verdict"), "full", width=40),
        *record_columns(),
    ),
    related=("item__call__record", "recommender__record"),
)
