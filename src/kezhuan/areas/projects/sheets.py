"""The columns in which projects stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.projects.bringing import milestones_in_words, payments_in_words
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import MemberState
from kezhuan.areas.projects.race_lifecycle import RACE
from kezhuan.engines.tables import Column
from kezhuan.exchange import columns
from kezhuan.exchange.origins import ORIGINS, origin
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    ID_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    listed,
    own,
    record_columns,
    wan,
    word,
)
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


def _milestones(_actor: Actor, row: Any) -> str:
    return milestones_in_words(row.milestones.all())


def _payments(_actor: Actor, row: Any) -> str:
    return payments_in_words(row.payments.all())


def _leader(_actor: Actor, row: Any) -> str:
    return str(row.leader.record.title)


_TITLE = Column("title", ("title", "项目名称", "名称", "project"))
_CALL = Column("call", ("call", "征集编号", "call code"))
_ITEM = Column("item", ("item", "榜单项", "榜单", "方向", "领域"))
_UNIT = Column("unit", ("unit", "牵头单位", "承担单位", "申报单位", "leader"))
_UNIT_CODE = Column("unit_code", ("unit_code", "统一社会信用代码", "信用代码", "credit code of the leader"))
_STAGE = Column(
    "stage",
    ("stage", "阶段", "项目阶段", "where it stands"),
    kind="choice",
    choices={
        "待启动": "signed", "已签订": "signed", "任务书已签订": "signed", "signed": "signed",
        "在研": "running", "执行中": "running", "under way": "running", "running": "running",
        "已验收": "accepted", "验收通过": "accepted", "accepted": "accepted",
        "已评价": "evaluated", "已绩效评价": "evaluated", "evaluated": "evaluated",
        "已终止": "terminated", "终止": "terminated", "terminated": "terminated",
    },
)  # fmt: skip
_ACCEPTED = Column("accepted_on", ("accepted_on", "验收日期", "通过验收日期", "passed acceptance on"), kind="date")
_STARTS = Column("starts_on", ("starts_on", "开始日期", "first day"), kind="date")
_ENDS = Column("ends_on", ("ends_on", "结束日期", "last day"), kind="date")
_SIGNED = Column("signed_on", ("signed_on", "任务书签订日期", "签订日期", "task book signed on"), kind="date")
_OWN = Column("own", ("own", "自筹资金", "own money"), kind="money_wan", low=0)
_FIRM = Column("firm", ("firm", "发榜方资金", "money of the poster"), kind="money_wan", low=0)
_MILESTONES = Column("milestones", ("milestones", "里程碑", "里程碑节点"))
_PAYMENTS = Column("payments", ("payments", "拨款计划", "拨款"))

PROJECTS = Sheet(
    PROJECT.kind,
    (
        CODE_COLUMN,
        ID_COLUMN,
        SheetColumn(
            "项目名称", "Project", word("title"), "title", _TITLE, width=40,
            hint=("不填即申报时的名称", "Empty: as it was applied for"),
            example=("低缺陷抛光攻关", "Polishing with few defects"),
        ),
        SheetColumn(
            "征集编号", "Call code", lambda _actor, row: row.application.item.call.record.code, column=_CALL, width=16,
            hint=("本系统征集的平台编号", "The platform code of the call here"),
            example=("B-2026-00001", "B-2026-00001"),
        ),
        SheetColumn(
            "榜单项", "Item", lambda _actor, row: row.application.item.title, column=_ITEM, width=40,
            hint=("榜单项的序号或名称；只有一项时可不填", "Its number or title; empty where there is one item"),
            example=("1", "1"),
        ),
        SheetColumn("发榜单位", "Poster", _poster, width=24),
        SheetColumn(
            "牵头单位", "Leader", _leader, column=_UNIT, width=30,
            hint=("入选申报的单位名称", "The unit whose application was chosen"),
            example=("示例大学", "Example University"),
        ),
        SheetColumn("统一社会信用代码", "Credit code of the leader", column=_UNIT_CODE, width=22),
        SheetColumn("参与单位", "Members", _members, "full", width=40),
        SheetColumn("开始日期", "First day", own("starts_on"), column=_STARTS, width=12),
        SheetColumn("结束日期", "Last day", own("ends_on"), column=_ENDS, width=12),
        SheetColumn("财政资金(万元)", "Fiscal money (万元)", wan("fiscal_fen"), width=16),
        SheetColumn("自筹资金(万元)", "Own money (万元)", wan("own_fen"), "full", _OWN, width=16),
        SheetColumn("发榜方资金(万元)", "Money of the poster (万元)", wan("firm_fen"), "full", _FIRM, width=18),
        SheetColumn(
            "阶段", "Where it stands", column=_STAGE, width=14,
            hint=("项目在原系统中的阶段；不填即在研", "Where it stands in the other system; empty: under way"),
            example=("在研", "under way"),
        ),
        SheetColumn("验收日期", "Passed acceptance on", own("accepted_on"), "full", _ACCEPTED, width=12),
        SheetColumn("任务书签订日期", "Task book signed on", own("signed_on"), "full", _SIGNED, width=16),
        SheetColumn(
            "里程碑", "Milestones", _milestones, "full", _MILESTONES, width=50,
            hint=(
                "每行一个：指标 | 完成日期 | 验收方式 | 通过日期；未通过的不写通过日期",
                "One a line: indicator | day | how it is found out | day it was reached, empty while it is not",
            ),
        ),
        SheetColumn(
            "拨款计划", "Payments", _payments, "full", _PAYMENTS, width=50,
            hint=(
                "每行一笔：财政或发榜方 | 签订、里程碑1或验收 | 金额(万元) | 支付日期 | 凭证号；未支付的不写后两项",
                "One a line: fiscal or poster | signing, milestone 1 or acceptance | 万元 | day paid | voucher",
            ),
        ),
        SheetColumn("密级", "Classification", column=columns.SECRECY, width=10),
        SheetColumn("导入来源", "Brought from", origin, "full", width=20),
        *record_columns(),
        VERSION_COLUMN,
    ),
    related=("application__item__call__record", "poster__record", "leader__record"),
    prefetch=("members__organisation__record", "milestones", "payments__milestone", ORIGINS),
)  # fmt: skip
