"""The columns in which projects stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import MemberState
from kezhuan.areas.projects.race_lifecycle import RACE
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, listed, own, record_columns, wan, word
from kezhuan.kernel.access import Actor


def _members(_actor: Actor, row: Any) -> str:
    told = (one for one in row.members.all() if one.state == MemberState.ACCEPTED)
    return "；".join(one.organisation.record.title for one in told)


RACES = Sheet(
    RACE.kind,
    (
        CODE_COLUMN,
        SheetColumn("赛马名称", "Race", word("title"), "title", width=40),
        SheetColumn("征集编号", "Call code", lambda _actor, row: row.item.call.record.code, width=16),
        SheetColumn("榜单项", "Item", lambda _actor, row: row.item.title, width=40),
        SheetColumn("财政资金(万元)", "Fiscal money (万元)", wan("planned_fen"), "full", width=16),
        SheetColumn("首笔拨款(万元)", "First payment (万元)", wan("first_fen"), "full", width=16),
        SheetColumn("考核日期", "Days of the gates", listed("gates"), width=24),
        *record_columns(owner=False),
    ),
    related=("item__call__record",),
)


def _poster(_actor: Actor, row: Any) -> str:
    return str(row.poster.record.title) if row.poster is not None else ""


PROJECTS = Sheet(
    PROJECT.kind,
    (
        CODE_COLUMN,
        SheetColumn("项目名称", "Project", word("title"), "title", width=40),
        SheetColumn("征集编号", "Call code", lambda _actor, row: row.application.item.call.record.code, width=16),
        SheetColumn("榜单项", "Item", lambda _actor, row: row.application.item.title, width=40),
        SheetColumn("发榜单位", "Poster", _poster, width=24),
        SheetColumn("参与单位", "Members", _members, "full", width=40),
        SheetColumn("开始日期", "First day", own("starts_on"), width=12),
        SheetColumn("结束日期", "Last day", own("ends_on"), width=12),
        SheetColumn("财政资金(万元)", "Fiscal money (万元)", wan("fiscal_fen"), width=16),
        SheetColumn("自筹资金(万元)", "Own money (万元)", wan("own_fen"), "full", width=16),
        SheetColumn("发榜方资金(万元)", "Money of the poster (万元)", wan("firm_fen"), "full", width=18),
        SheetColumn("任务书签订日期", "Task book signed on", own("signed_on"), "full", width=16),
        *record_columns(),
    ),
    related=("application__item__call__record", "poster__record"),
    prefetch=("members__organisation__record",),
)
