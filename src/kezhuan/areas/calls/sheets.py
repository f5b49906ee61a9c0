"""The columns in which calls and applications stand in a spreadsheet."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kezhuan.areas.calls import outside
from kezhuan.areas.calls.answering import told
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.engines.tables import Column
from kezhuan.exchange import columns
from kezhuan.exchange.origins import ORIGINS, origin
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    ID_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    Writer,
    own,
    record_columns,
    wan,
    word,
)
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


def _lines(said: Iterable[tuple[str, str]]) -> str:
    """What is asked with its answer, a line for each that has one; rows of a table on lines of their own."""
    return "\n".join(f"{asked}：{_begun(answer)}" for asked, answer in said if answer)


def _begun(answer: str) -> str:
    return f"\n{answer}" if "\n" in answer else answer


def _commitments(_actor: Actor, row: Any) -> str:
    return _lines(zip(map(indicator_in_words, row.item.indicators), row.commitments, strict=False))


def _evidence(_actor: Actor, row: Any) -> str:
    return _lines(zip((one["words"] for one in row.item.call.conditions), row.evidence, strict=False))


def _answers(_actor: Actor, row: Any) -> str:
    return _lines(told(row.item.call.questions, row.answers))


def _applicant(_actor: Actor, row: Any) -> str:
    return str(row.applicant.record.title)


_TITLE = Column("title", ("title", "项目名称", "申报名称", "名称", "project"))
_CALL = Column("call", ("call", "征集编号", "征集", "call code"))
_ITEM = Column("item", ("item", "榜单项", "榜单", "方向", "领域"))
_UNIT = Column("unit", ("unit", "申报单位", "牵头单位", "揭榜单位", "机构名称", "applicant"))
_UNIT_CODE = Column("unit_code", ("unit_code", "统一社会信用代码", "信用代码", "credit code of the applicant"))
_RESULT = Column(
    "result",
    ("result", "结果", "评审结果", "状态"),
    kind="choice",
    choices={
        "待推荐": "offered", "推荐中": "offered", "offered": "offered", "with the recommending unit": "offered",
        "推荐单位退回": "sent-back", "sent-back": "sent-back", "sent back by the recommending unit": "sent-back",
        "待审核": "submitted", "已提交": "submitted", "已申报": "submitted", "submitted": "submitted",
        "形式审查通过": "qualified", "受理": "qualified", "qualified": "qualified",
        "formality check passed": "qualified",
        "形式审查不通过": "refused", "不予受理": "refused", "refused": "refused",
        "formality check not passed": "refused",
        "待补正": "returned", "补正": "returned", "returned": "returned", "supplement asked for": "returned",
        "入围": "shortlisted", "入围终评": "shortlisted", "shortlisted": "shortlisted",
        "入选": "awarded", "立项": "awarded", "获奖": "awarded", "优胜": "awarded", "awarded": "awarded",
        "chosen": "awarded",
        "撤回": "withdrawn", "已撤回": "withdrawn", "withdrawn": "withdrawn",
        "未入选": "rejected", "不予立项": "rejected", "未获奖": "rejected", "rejected": "rejected",
        "not chosen": "rejected",
    },
)  # fmt: skip
_TEXT = Column("text", ("text", "主要内容", "方案概述", "项目简介", "摘要", "what is offered"))
_LEADER = Column("leader", ("leader", "负责人", "项目负责人"))
_ASKED = Column("asked", ("asked", "申请财政资金", "申请资金", "fiscal money asked for"), kind="money_wan", low=0)
_MONTHS = Column("months", ("months", "周期", "周期(月)"), kind="integer", low=1, high=600)
_COMMITTED = Column("committed", ("committed", "指标承诺", "指标响应", "answers to the indicators"))
_SUBMITTED = Column("submitted", ("submitted", "提交时间", "申报时间"))
_RECOMMENDER = Column("recommender", ("recommender", "推荐单位", "推荐部门", "recommending unit"))
_OPINION = Column(
    "opinion", ("opinion", "推荐意见", "推荐单位意见", "opinion of the recommending unit", "recommendation")
)
_RECOMMENDED = Column("letter_on", ("letter_on", "推荐日期", "推荐时间", "recommended on"), kind="date")
_LETTER = Column("letter_no", ("letter_no", "推荐函号", "推荐函", "推荐文号", "number of the letter"))
_AWARD = Column("award", ("award", "立项财政资金", "立项资金", "fiscal money awarded"), kind="money_wan", low=0)
_VERDICT = Column("verdict", ("verdict", "决定理由", "理由", "评审意见", "reason of the decision"))

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
        ID_COLUMN,
        SheetColumn(
            "项目名称", "Project", word("title"), "title", _TITLE, width=40,
            hint=("最多200字", "At most 200 characters"), example=("低缺陷抛光攻关", "Polishing with few defects"),
        ),
        SheetColumn(
            "征集编号", "Call code", lambda _actor, row: row.item.call.record.code, column=_CALL, width=16,
            hint=("本系统征集的平台编号", "The platform code of the call here"),
            example=("B-2026-00001", "B-2026-00001"),
        ),
        SheetColumn(
            "榜单项", "Item", _item, column=_ITEM, width=40,
            hint=("榜单项的序号或名称；只有一项时可不填", "Its number or title; empty where there is one item"),
            example=("1", "1"),
        ),
        SheetColumn(
            "申报单位", "Applicant", _applicant, column=_UNIT, width=30,
            hint=("已登记的单位名称", "The name of a unit in the list"), example=("示例大学", "Example University"),
        ),
        SheetColumn("统一社会信用代码", "Credit code of the applicant", column=_UNIT_CODE, width=22),
        SheetColumn(
            "结果", "Result", column=_RESULT, width=14,
            hint=("申报在原系统中的阶段", "Where it stands in the other system"), example=("入选", "chosen"),
        ),
        SheetColumn("主要内容", "What is offered", word("summary"), column=_TEXT, width=50),
        SheetColumn("负责人", "Leader", own("leader"), "full", _LEADER, width=14),
        SheetColumn("申请财政资金(万元)", "Fiscal money asked for (万元)", wan("asked_fen"), "full", _ASKED, width=16),
        SheetColumn("周期(月)", "Months", own("months"), "full", _MONTHS, width=10),
        SheetColumn(
            "指标承诺", "Answers to the indicators", _commitments, "full", _COMMITTED, width=40,
            hint=(
                "每行一项：指标（或其序号）：承诺值",
                "One a line: the indicator, or its number, a colon, and what is promised",
            ),
        ),
        SheetColumn("条件说明", "How conditions are met", _evidence, "full", width=40),
        SheetColumn("申报表", "Answers to the call's form", _answers, "full", width=60),
        SheetColumn(
            "推荐单位", "Recommending unit", _recommender, "full", _RECOMMENDER, width=24,
            hint=("已登记的单位名称或统一社会信用代码", "The name or credit code of a unit in the list"),
        ),
        SheetColumn("推荐意见", "Opinion of the recommending unit", own("opinion"), "full", _OPINION, width=40),
        SheetColumn("推荐日期", "Recommended on", own("letter_on"), "full", _RECOMMENDED, width=12),
        SheetColumn("推荐函号", "Number of the letter", own("letter_no"), "full", _LETTER, width=20),
        SheetColumn(
            "提交时间(北京时间)", "Submitted (Beijing time)", _moment("submitted_at"), "full", _SUBMITTED, width=18
        ),
        SheetColumn("立项财政资金(万元)", "Fiscal money awarded (万元)", wan("award_fen"), column=_AWARD, width=16),
        SheetColumn("决定理由", "Reason of the decision", own("verdict"), "full", _VERDICT, width=40),
        *outside.sheet_columns(),
        SheetColumn("密级", "Classification", column=columns.SECRECY, width=10),
        SheetColumn("导入来源", "Brought from", origin, "full", width=20),
        *record_columns(),
        VERSION_COLUMN,
    ),
    related=("item__call__record", "applicant__record", "recommender__record"),
    prefetch=(ORIGINS,),
)  # fmt: skip
