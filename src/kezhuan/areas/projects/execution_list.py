"""执行进度 and 绩效 as the finance office takes them along: amounts in yuan to the fen, shares in percent."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.projects.execution import Execution, Performance
from kezhuan.areas.projects.models import Member
from kezhuan.exchange.sheets import speaks_chinese

MONEY = (
    ("已安排(元)", "arranged (yuan)"), ("已拨付(元)", "paid (yuan)"), ("已退回(元)", "came back (yuan)"),
    ("执行率(%)", "share (%)"),
)  # fmt: skip
OF_LINES = (
    ("预算年度", "budget year"), ("科目", "subject"), ("预算文件", "budget document"), ("征集编号", "call"),
    ("预算金额(元)", "budget (yuan)"), *MONEY,
)  # fmt: skip
OF_PROJECTS = (("项目编号", "project"), ("项目名称", "title"), ("牵头单位", "leader"), *MONEY)
OF_PERFORMANCE = (
    ("项目编号", "project"), ("项目名称", "title"), ("牵头单位", "leader"), ("征集编号", "call"),
    ("里程碑数", "milestones"), ("已通过", "passed"), ("逾期报告", "reported late"),
    ("财政资金(元)", "fiscal money (yuan)"),
    ("已拨付(元)", "paid (yuan)"), ("发榜方资金(元)", "poster's money (yuan)"), ("发榜方已付(元)", "paid by it (yuan)"),
    ("首用是否达标", "first user met"), ("验收日期", "accepted on"), ("自评日期", "self-evaluation"),
    ("绩效自评", "self-evaluation in words"), ("绩效评价日期", "evaluated on"),
)  # fmt: skip
OF_CONSORTIA = (
    ("项目编号", "project"), ("项目名称", "title"), ("牵头单位", "leader"), ("单位编号", "unit"),
    ("单位名称", "name of the unit"), ("单位性质", "kind of the unit"), ("角色", "part"), ("任务", "task"),
    ("财政资金(元)", "fiscal money (yuan)"), ("自筹资金(元)", "own money (yuan)"), ("加入日期", "since"),
    ("承诺落户", "sets up an entity"),
    ("本地实体", "entity in the city"), ("落户日期", "set up on"),
)  # fmt: skip
Lines = tuple[list[str], list[list[Any]]]


def _heads(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [zh if speaks_chinese() else en for zh, en in pairs]


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def _money(one: Execution) -> list[Any]:
    share = Decimal(one.share_bp) / 100 if one.share_bp is not None else None
    return [_yuan(one.arranged_fen), _yuan(one.paid_fen), _yuan(one.returned_fen), share]


def of_consortia(found: Sequence[Member]) -> Lines:
    """A row for each unit that takes part in a project: the matrix of leaders, members and tasks."""
    leads = {True: _("leader"), False: _("member")}
    return _heads(OF_CONSORTIA), [
        [
            one.project.record.code, one.project.record.title, one.project.leader.record.title,
            one.organisation.record.code, one.organisation.record.title, str(one.organisation.get_kind_display()),
            leads[one.organisation_id == one.project.leader_id], one.task, _yuan(one.fiscal_fen), _yuan(one.own_fen),
            one.since, _("yes") if one.lands else "", one.entity.record.title if one.entity is not None else "",
            one.landed_on,
        ]
        for one in found
    ]  # fmt: skip


def of_lines(found: Sequence[Execution]) -> Lines:
    """A row for each call's budget line."""
    return _heads(OF_LINES), [
        [
            one.of.budget_year, one.of.budget_subject, one.of.budget_document, one.of.record.code,
            _yuan(one.budget_fen or 0), *_money(one),
        ]
        for one in found
    ]  # fmt: skip


def of_projects(found: Sequence[Execution]) -> Lines:
    """A row for each project of a call."""
    return _heads(OF_PROJECTS), [
        [one.of.record.code, one.of.record.title, one.of.leader.record.title, *_money(one)] for one in found
    ]


def of_performance(found: Sequence[Performance]) -> Lines:
    """A row for each project with what came of it."""
    return _heads(OF_PERFORMANCE), [
        [
            one.project.record.code, one.project.record.title, one.project.leader.record.title,
            one.project.application.item.call.record.code, one.milestones, one.passed, one.late, _yuan(one.fiscal_fen),
            _yuan(one.fiscal_paid_fen), _yuan(one.firm_fen), _yuan(one.firm_paid_fen),
            {None: "", True: _("yes"), False: _("no")}[one.first_use], one.accepted_on,
            one.own.on if one.own is not None else None, one.own.words if one.own is not None else "",
            one.evaluated_on,
        ]
        for one in found
    ]  # fmt: skip
