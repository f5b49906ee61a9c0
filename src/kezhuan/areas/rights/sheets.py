"""The columns in which grants, and receipts with their distribution, stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.rights import distribution_lifecycle
from kezhuan.areas.rights.lifecycle import KIND
from kezhuan.areas.rights.measures import amount
from kezhuan.areas.rights.papers import percent
from kezhuan.engines.money import yuan
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, Writer, own, record_columns, word
from kezhuan.kernel.access import Actor
from kezhuan.kernel.notices import BETWEEN


def _team(_actor: Actor, row: Any) -> str:
    return BETWEEN.join(f"{one.name} {percent(one.part_bp)}" for one in row.members.all())


SHEET = Sheet(
    KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("赋权类型", "Kind of grant", lambda _actor, row: str(row.get_kind_display()), "inner", width=20),
        SheetColumn("成果编号", "Achievement", lambda _actor, row: row.achievement.code, "inner", width=16),
        SheetColumn("完成人份额", "Share of ownership", lambda _actor, row: percent(row.share_bp), "inner"),
        SheetColumn("团队收益比例", "Team's share of income", lambda _actor, row: percent(row.income_bp), "inner"),
        SheetColumn("团队内部分配", "Team", _team, "inner", width=40),
        SheetColumn("起始日", "First day", own("starts_on"), "inner"),
        SheetColumn("终止日", "Last day", own("ends_on"), "inner"),
        SheetColumn("协议生效日", "Agreed on", own("agreed_on"), "inner"),
        SheetColumn("权属变更号", "Number of the title change", own("title_change_no"), "inner", width=24),
        SheetColumn("文本哈希", "SHA-256 of the text", own("wording"), "inner", width=24),
        *record_columns(),
    ),
    related=("achievement",),
    prefetch=("members",),
)


def _yuan(name: str) -> Writer:
    return lambda _actor, row: "" if getattr(row, name) is None else yuan(getattr(row, name))


def _shares(_actor: Actor, row: Any) -> str:
    return BETWEEN.join(f"{one.name} {amount(one.fen or 0, one.shares)}" for one in row.members.all())


INCOME = Sheet(
    distribution_lifecycle.KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("成果编号", "Achievement", lambda _actor, row: row.achievement.code, "inner", width=16),
        SheetColumn("分配对象", "What is distributed", lambda _actor, row: str(row.get_way_display()), "inner"),
        SheetColumn("到账凭证号", "Number of the receipt's voucher", own("reference"), "inner", width=20),
        SheetColumn("到账日期", "Day of receipt", own("received_on"), "inner"),
        SheetColumn("到账金额(元)", "Received, in yuan", _yuan("received_fen"), "inner"),
        SheetColumn("净收入(元)", "Net income, in yuan", _yuan("net_fen"), "inner"),
        SheetColumn("奖励总额(元)", "Rewards, in yuan", _yuan("pool_fen"), "inner"),
        SheetColumn("单位留成(元)", "Unit, in yuan", _yuan("unit_fen"), "inner"),
        SheetColumn("结转余额(元)", "Carried on, in yuan", _yuan("left_fen"), "inner"),
        SheetColumn("分配明细(元或股)", "Everybody's share, in yuan or shares", _shares, "inner", width=40),
        SheetColumn("应发日期", "To be paid by", own("due_on"), "inner"),
        SheetColumn("公司", "Company", own("company"), "inner", width=24),
        SheetColumn("作价形成的股份", "Shares for the result", own("held_shares"), "inner"),
        SheetColumn("奖励股份", "Shares rewarded", own("pool_shares"), "inner"),
        SheetColumn("单位股份", "Shares of the unit", own("unit_shares"), "inner"),
        SheetColumn("投产日期", "Production began on", own("started_on"), "inner"),
        SheetColumn("实施年度", "Year of production", own("year_no"), "inner"),
        SheetColumn("决策纪要号", "Minutes of the decision", own("minutes"), "inner", width=20),
        SheetColumn("决策日期", "Decided on", own("decided_on"), "inner"),
        *record_columns(),
    ),
    related=("achievement",),
    prefetch=("members",),
)
