"""The columns in which experts, panels and reviews stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.reviews.lifecycle import EXPERT, PANEL, REVIEW
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, Writer, own, record_columns, word
from kezhuan.kernel.access import Actor
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import Field


def _shown(name: str) -> Writer:
    return lambda _actor, row: str(getattr(row, f"get_{name}_display")())


def _employer(_actor: Actor, row: Any) -> str:
    return str(row.employer.record.title) if row.employer is not None else ""


def _fields(_actor: Actor, row: Any) -> str:
    return listed(str(Field(one).label) for one in row.fields)


EXPERTS = Sheet(
    EXPERT.kind,
    (
        CODE_COLUMN,
        SheetColumn("姓名", "Name", word("title"), "title"),
        SheetColumn("类别", "Asked as", _shown("sort"), "full"),
        SheetColumn("技术领域", "Technical fields", _fields, "full", width=40),
        SheetColumn("专长", "Topics", lambda _actor, row: listed(row.topics), "full", width=40),
        SheetColumn("工作单位", "Employer", _employer, "full", width=30),
        SheetColumn("年度上限", "Items a year at most", own("capacity"), "full"),
        SheetColumn("利益关系申报日", "Ties declared on", own("declared_on"), "full"),
        *record_columns(owner=False),
    ),
    related=("employer__record",),
)
PANELS = Sheet(
    PANEL.kind,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("评审对象", "Judges for", lambda _actor, row: row.about.code, "inner"),
        SheetColumn("匿名方式", "Who knows of whom", _shown("scheme"), "inner", width=24),
        SheetColumn("专家产生方式", "How experts are chosen", _shown("choice"), "inner", width=24),
        SheetColumn("每项评审数", "Reviews for each item", own("per_item"), "inner"),
        SheetColumn("评分截止日", "Score until", own("due_on"), "inner"),
        *record_columns(owner=False),
    ),
    related=("about",),
)
REVIEWS = Sheet(
    REVIEW.kind,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("评审组", "Panel", lambda _actor, row: row.panel.record.code, "full"),
        SheetColumn("专家", "Expert", lambda _actor, row: row.expert.person.record.title, "inner"),
        SheetColumn("评分截止日", "Score until", lambda _actor, row: row.panel.due_on, "full"),
        *record_columns(owner=False),
    ),
    related=("panel__record", "expert__person__record"),
)
