"""A task book in Word templates: what it says of the project, and its indicators, members, people, milestones and
payments as rows that repeat; and, in Chinese, projects and races on paper."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils import translation

from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Evidence, MemberState, Milestone, Project, Race, RaceStep
from kezhuan.areas.projects.payment_list import occasion_of
from kezhuan.areas.projects.queries import commitments_of, members_of
from kezhuan.areas.projects.staffing import staff_of
from kezhuan.areas.projects.terms import division_in_words, share_in_words
from kezhuan.exchange.papers.fields import Field, Part, Values, in_words
from kezhuan.exchange.papers.printing import Content, OnPaper
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import wan_from_fen

FIELDS = (
    Field("起始日", "runs_from", "full"),
    Field("截止日", "runs_until", "full"),
    Field("财政资金合计", "fiscal_total", "full"),
    Field("自筹资金合计", "own_total", "full"),
    Field("发榜方资金合计", "poster_total", "full"),
    Field("榜单题目", "challenge", "full"),
    Field("发榜方", "challenge_poster", "full"),
    Field("任务书版次", "book_version", "full"),
    Field("产权约定", "property_terms", "full"),
    Field("收益约定", "benefit_terms", "full"),
    Field("退出约定", "exit_terms", "full"),
)
"""What a template finds of a task book; amounts in 万元."""


def _book(row: Project) -> list[Any]:
    money = [wan_from_fen(fen) for fen in (row.fiscal_fen, row.own_fen, row.firm_fen)]
    version = row.book_version if row.signed_on else ""
    poster = row.poster.record.title if row.poster is not None else ""
    agreed = [division_in_words(row, "property"), division_in_words(row, "benefit"), row.exit_text]
    return [row.starts_on, row.ends_on, *money, row.application.item.title, poster, version, *agreed]


def _targets(row: Project) -> list[list[Any]]:
    asked, said = row.application.item.indicators, commitments_of(row)
    return [
        [indicator_in_words(one), said[place] if place < len(said) else "", one["test_method"]]
        for place, one in enumerate(asked)
    ]


def _consortium(row: Project) -> list[list[Any]]:
    leads = {row.leader_id: "牵头单位"}
    return [
        [
            one.organisation.record.title, leads.get(one.organisation_id, "参与单位"), one.task,
            wan_from_fen(one.fiscal_fen), wan_from_fen(one.own_fen), share_in_words(one.property_bp),
            share_in_words(one.benefit_bp),
        ]
        for one in members_of(row)
        if one.state == MemberState.ACCEPTED
    ]  # fmt: skip


def _staff(row: Project) -> list[list[Any]]:
    return [[one.name, one.part, f"{one.share_bp / 100:g}%"] for one in staff_of(row)]


def _milestones(row: Project) -> list[list[Any]]:
    rows = row.milestones.select_related("member__organisation__record")
    return [[one.indicator, one.due_on, one.method, one.member.organisation.record.title] for one in rows]


def _payments(row: Project) -> list[list[Any]]:
    rows = row.payments.select_related("milestone", "payee__organisation__record")
    found = []
    for one in rows:
        one.project = row
        found.append(
            [
                str(one.get_source_display()), occasion_of(one), one.unit.record.title, wan_from_fen(one.planned_fen),
                one.voucher, one.paid_on,
            ]
        )  # fmt: skip
    return found


def _part(
    names: tuple[str, str], fields: Sequence[tuple[str, str]], rows: Callable[[Project], list[list[Any]]],
    own: tuple[Field, ...] = (),
) -> Part:  # fmt: skip
    def values(actor: Actor, record: Record) -> Values | None:
        """Of a project whose task book the actor reads, in the language of papers."""
        if record.kind != PROJECT.kind:
            return None
        found = Project.objects.select_related("application__item", "poster__record", "leader__record")
        row = visible_to(actor, found.filter(pk=record.pk), "full").first()
        if row is None:
            return None
        with translation.override("zh-hans"):
            return _book(row) if own else (), rows(row)

    return Part(names, own, tuple(Field(zh, en, "full") for zh, en in fields), values)


PARTS = (
    _part(
        ("考核指标", "targets"), (("指标", "target"), ("承诺值", "promised"), ("检测方法", "test_method")), _targets,
        FIELDS,
    ),
    _part(
        ("联合体成员", "consortium"),
        (
            ("单位", "unit"), ("身份", "takes_part_as"), ("任务", "task"), ("财政资金", "fiscal_money"),
            ("自筹资金", "own_money"), ("产权份额", "property_share"), ("收益份额", "benefit_share"),
        ),
        _consortium,
    ),
    _part(
        ("参与人员", "staff"), (("姓名", "name"), ("分工", "part"), ("时间占比", "share_of_time")), _staff
    ),
    _part(
        ("里程碑节点", "milestones"),
        (("内容", "reached"), ("完成日期", "due_on"), ("验收方法", "method"), ("责任单位", "answers")),
        _milestones,
    ),
    _part(
        ("拨款计划", "payments"),
        (
            ("来源", "source"), ("拨付条件", "paid_when"), ("收款单位", "payee"), ("金额", "amount"),
            ("凭证号", "voucher"), ("支付日期", "paid_on"),
        ),
        _payments,
    ),
)  # fmt: skip


def printed_project(row: Project) -> Content:
    """What a project's task book says, how its milestones stand, what evidence was given, and how it ended."""
    call = row.application.item.call.record
    returned = wan_from_fen(row.returned_fen) if row.returned_on is not None else ""
    facts = (
        ("征集", f"{call.title}（{call.code}）"),
        ("申报书", row.application.record.code),
        ("牵头单位", row.leader.record.title),
        ("主要内容", row.record.summary),
        *((one.zh, in_words(said)) for one, said in zip(FIELDS, _book(row), strict=True)),
        *((label, _lines(rows(row))) for label, rows in _TABLES),
        *((f"里程碑{one.number}", _milestone(one)) for one in row.milestones.all()),
        *((str(one.get_kind_display()), _evidence(one)) for one in row.evidence.select_related("unit__record")),
        ("验收日期", in_words(row.accepted_on)),
        ("已用资金（万元）", wan_from_fen(row.spent_fen) if row.spent_fen is not None else ""),
        ("结算说明", row.settlement),
        ("退回资金（万元）", returned),
    )
    return Content(row.record.title, f"项目 {row.record.code}", facts)


_TABLES = (
    ("考核指标", _targets), ("联合体成员", _consortium), ("参与人员", _staff), ("里程碑节点", _milestones),
    ("拨款计划", _payments),
)  # fmt: skip


def _lines(rows: Sequence[Sequence[Any]]) -> str:
    return "\n".join("　".join(filter(None, map(in_words, cells))) for cells in rows)


def _milestone(one: Milestone) -> str:
    judged = "" if one.passed is None else "已通过" if one.passed else "未通过"
    return "　".join(filter(None, (in_words(one.reported_on), one.report, judged, one.verdict)))


def _evidence(one: Evidence) -> str:
    meets = "达到任务书要求" if one.meets else "未达到任务书要求"
    return "　".join(filter(None, (one.unit.record.title, one.number, in_words(one.on), meets, one.words)))


def printed_race(row: Race) -> Content:
    """Which teams race for what, and every step with what its third party found."""
    item = row.item
    teams = row.teams.select_related("project__record", "project__leader__record")
    facts = (
        ("征集", f"{item.call.record.title}（{item.call.record.code}）"),
        ("榜单项", f"{item.number} {item.title}"),
        ("财政资金（万元）", wan_from_fen(row.planned_fen)),
        ("首笔拨款（万元）", wan_from_fen(row.first_fen)),
        ("考核日期", "、".join(row.gates)),
        *((f"第{one.number}队", f"{one.project.leader.record.title}（{one.project.record.code}）") for one in teams),
        *((f"第{one.number}步", _step(one)) for one in row.steps.select_related("tester__record")),
    )
    return Content(row.record.title, f"赛马 {row.record.code}", facts)


def _step(one: RaceStep) -> str:
    tester = one.tester.record.title if one.tester is not None else ""
    return "　".join(filter(None, (in_words(one.on), tester, one.report_no, one.words)))


PROJECT_PAPER = OnPaper("项目", "application", lambda row: str(row.leader.record.title), printed_project)
RACE_PAPER = OnPaper("赛马", "item__call", lambda row: str(row.item.call.office.record.title), printed_race)
"""Where they lie: a project in the folder of its application, a race in that of its call."""
