"""A task book in Word templates: what it says of the project, and its indicators, members, people, milestones and
payments as rows that repeat; and, in Chinese, projects and races on paper, and who decided what of a project."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import translation

from kezhuan.areas.calls.queries import targets_of
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.changing import place_in_words
from kezhuan.areas.projects.decided import HATS, decided_about
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Change, Evidence, MemberState, Milestone, Project, Race, RaceStep
from kezhuan.areas.projects.payment_list import occasion_of
from kezhuan.areas.projects.permissions import reads_decisions
from kezhuan.areas.projects.queries import commitments_of, members_of
from kezhuan.areas.projects.racing import STEPS, WORDS, state_of
from kezhuan.areas.projects.staffing import staff_of, units_of_staff
from kezhuan.areas.projects.terms import division_in_words, share_in_words
from kezhuan.exchange.papers.fields import Field, Part, Values, in_words
from kezhuan.exchange.papers.printing import Beside, Content, OnPaper
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import SHANGHAI, bracketed, listed, wan_from_fen

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
    asked, said = targets_of(row.application), commitments_of(row)
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
    units = {code: record.title for code, record in units_of_staff(row).items()}
    return [
        [one.name, one.part, f"{one.share_bp / 100:g}%", units.get(one.organisation, one.organisation)]
        for one in staff_of(row)
    ]


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
        ("参与人员", "staff"), (("姓名", "name"), ("分工", "part"), ("时间占比", "share_of_time"), ("单位", "unit")),
        _staff,
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
    """What a project's task book says and what was changed in it, how its milestones stand and how its race went, what
    evidence was given, how it ended, and what its leader says came of it."""
    call = row.application.item.call.record
    returned = wan_from_fen(row.returned_fen) if row.returned_on is not None else ""
    facts = (
        ("征集", f"{call.title}（{call.code}）"),
        ("申报书", row.application.record.code),
        ("牵头单位", row.leader.record.title),
        ("主要内容", row.record.summary),
        *((f"{one.zh}{_UNITS.get(one.zh, '')}", in_words(said)) for one, said in zip(FIELDS, _book(row), strict=True)),
        *((label, _lines(rows(row))) for label, rows in _TABLES),
        *((f"里程碑{one.number}", _milestone(one)) for one in row.milestones.all()),
        *_changes(row),
        *_raced(row),
        *((str(one.get_kind_display()), _evidence(one)) for one in row.evidence.select_related("unit__record")),
        ("验收日期", in_words(row.accepted_on)),
        ("已用资金（万元）", wan_from_fen(row.spent_fen) if row.spent_fen is not None else ""),
        ("结算说明", row.settlement),
        ("退回资金（万元）", returned),
        *_own(row),
    )
    return Content(row.record.title, f"项目 {row.record.code}", facts)


_UNITS = dict.fromkeys(("财政资金合计", "自筹资金合计", "发榜方资金合计"), "（万元）")
_TABLES = (
    ("考核指标", _targets), ("联合体成员（财政资金、自筹资金：万元）", _consortium), ("参与人员", _staff),
    ("里程碑节点", _milestones), ("拨款计划（金额：万元）", _payments),
)  # fmt: skip


def _lines(rows: Sequence[Sequence[Any]]) -> str:
    return "\n".join("　".join(filter(None, map(in_words, cells))) for cells in rows)


def _milestone(one: Milestone) -> str:
    judged = "" if one.passed is None else "已通过" if one.passed else "未通过"
    return "　".join(filter(None, (in_words(one.reported_on), one.report, judged, one.verdict)))


def _evidence(one: Evidence) -> str:
    meets = "达到任务书要求" if one.meets else "未达到任务书要求"
    return "　".join(filter(None, (one.unit.record.title, one.number, in_words(one.on), meets, one.words)))


def _changes(row: Project) -> Iterator[tuple[str, str]]:
    """Every change that was asked for: what was to be another, who agreed, and what came of it."""
    for one in row.changes.select_related("leaving__organisation__record", "joining__record").prefetch_related(
        "waits_for__organisation__record", "refused_by"
    ):
        yield f"变更申请{one.number}", _joined("\n", _asked(one), *_items(row, one), *_agreed(one), _answered(one))


def _asked(one: Change) -> str:
    return _joined("　", f"{in_words(one.asked_on)}提出", one.reason)


def _items(row: Project, one: Change) -> Iterator[str]:
    for item in one.items:
        yield f"{place_in_words(row, item)}：{item['old'] or '无'} → {item['new'] or '无'}"
    if one.leaving is not None:
        yield f"退出成员：{one.leaving.organisation.record.title}"
    if one.joining is not None:
        yield f"加入成员：{one.joining.record.title}"


def _agreed(one: Change) -> Iterator[str]:
    if one.agreed_on is not None:
        yield f"加入成员{in_words(one.agreed_on)}同意"
    elif one.joining is not None and one.joining not in one.refused_by.all():
        yield "加入成员未答复"
    if one.poster_agreed_on is not None:
        yield f"发榜方{in_words(one.poster_agreed_on)}同意"
    elif one.poster_asked and one.project.poster not in one.refused_by.all():
        yield "发榜方未答复"
    for unit, on in one.members_agreed:
        yield f"{unit}{in_words(date.fromisoformat(on))}同意"
    refused = one.refused_by.all()
    for member in one.waits_for.all():
        if member.organisation not in refused:
            yield f"{member.organisation.record.title}未答复"
    for unit, on, words in one.refusals:
        yield f"{unit}{in_words(date.fromisoformat(on))}不同意：{words}"


def _answered(one: Change) -> str:
    if one.approved is None:
        return "未答复"
    version = f"任务书第{one.version}版" if one.version is not None else ""
    return _joined("　", in_words(one.decided_on), "同意" if one.approved else "不同意", one.verdict, version)


def _raced(row: Project) -> Iterator[tuple[str, str]]:
    """How the race of a project went for it: of the other teams nothing but what was decided of all, so that what the
    third party says in its words of all of them is left to the paper of the race."""
    team = getattr(row, "race_team", None)
    if team is None:
        return
    race, code = team.race, row.record.code
    yield "赛马", f"{race.record.title}（{race.record.code}）第{team.number}队"
    for label, step, decision in _gates(race):
        if code in step.data["figures"]:
            judged = "通过" if code in step.data["passed"] else "未通过"
            yield label, _joined("\n", _held(step), *_figures(race, step, code), judged, decision)


def _own(row: Project) -> Iterator[tuple[str, str]]:
    told = getattr(row, "self_evaluation", None)
    if told is not None:
        asked = zip(targets_of(row.application), told.reached, strict=False)
        reached = (f"{indicator_in_words(one)}：{said}" for one, said in asked)
        yield "绩效自评", _joined("\n", in_words(told.on), *reached, told.words)


def _joined(between: str, *parts: str) -> str:
    return between.join(filter(None, parts))


def printed_race(row: Race) -> Content:
    """Which teams race for what, and every step: of a gate what its third party found of each team for each target,
    who passed, and what was decided; else which money moved."""
    item = row.item
    teams = list(row.teams.select_related("project__record", "project__leader__record"))
    names = {one.project.record.code: one.project.leader.record.title for one in teams}
    gates = {step.number: (label, decision) for label, step, decision in _gates(row)}
    facts = [
        ("征集", f"{item.call.record.title}（{item.call.record.code}）"),
        ("榜单项", f"{item.number} {item.title}"),
        ("目标", "\n".join(f"{indicator_in_words(one)}　检测方法：{one['test_method']}" for one in item.indicators)),
        ("财政资金（万元）", wan_from_fen(row.planned_fen)),
        ("首笔拨款（万元）", wan_from_fen(row.first_fen)),
        ("队数", f"{row.least_teams}至{row.most_teams}"),
        ("首笔拨款合计不超过", f"{row.first_share_bp / 100:g}%"),
        ("淘汰队资金去向", str(row.get_eliminated_display())),
        ("考核日期", "、".join(row.gates)),
        *((f"第{one.number}队", f"{one.project.leader.record.title}（{one.project.record.code}）") for one in teams),
    ]
    for one in row.steps.select_related("tester__record"):
        label, decision = gates.get(one.number, (str(STEPS[one.kind]), ""))
        said = _gate(row, one, names, decision) if one.kind == "gate" else _moved(one)
        facts.append((f"第{one.number}步　{label}", said))
    return Content(row.record.title, f"赛马 {row.record.code}", tuple(facts))


def _gates(race: Race) -> Iterator[tuple[str, RaceStep, str]]:
    """The gates that were held, in their order, each with what was decided."""
    steps = race.steps.filter(kind="gate").select_related("tester__record")
    for number, (step, decision) in enumerate(zip(steps, state_of(race).decisions, strict=False), 1):
        yield f"第{number}次考核", step, str(WORDS[decision])


def _held(one: RaceStep) -> str:
    tester = one.tester.record.title if one.tester is not None else ""
    return _joined("　", in_words(one.on), tester, one.report_no)


def _figures(race: Race, step: RaceStep, code: str) -> Iterator[str]:
    for target, found in zip(race.item.indicators, step.data["figures"][code], strict=False):
        yield f"{indicator_in_words(target)}：{found}"


def _gate(race: Race, one: RaceStep, names: Mapping[str, str], decision: str) -> str:
    data = one.data
    teams = (
        _joined(
            "　", f"{names.get(code, '')}（{code}）", *_figures(race, one, code),
            "通过" if code in data["passed"] else "未通过",
        )
        for code in data["figures"]
    )  # fmt: skip
    ranking = f"排名：{listed(data['ranking'])}，保留{data['keep']}队" if data["ranking"] else ""
    stays, joins = data["merged"] or ("", "")
    merged = f"合并：{joins}并入{stays}" if stays else ""
    return _joined("\n", _joined("　", _held(one), one.words), *teams, decision, ranking, merged)


def _moved(one: RaceStep) -> str:
    fen = f"{one.data['team']}　{wan_from_fen(one.data['fen'])}万元" if "fen" in one.data else ""
    return _joined("　", in_words(one.on), fen)


def project_handled(actor: Actor, row: Project) -> Content:
    """Who decided what of a project, and who was barred from it, for whoever reads that."""
    facts: list[tuple[str, str]] = []
    if reads_decisions.test(actor, row):
        for one in decided_about(actor, row):
            barred = listed(bracketed(unit.record.title, HATS[hat]) for unit, hat in one.barred)
            at = f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            facts.append((f"{at}　{one.what}", f"{one.name}　回避：{barred or '无'}"))
    return Content(row.record.title, f"办理情况 {row.record.code}", tuple(facts))


PROJECT_HANDLED = Beside("办理情况", project_handled)
"""What lies beside the paper of a project."""
PROJECT_PAPER = OnPaper("项目", "application", lambda row: str(row.leader.record.title), printed_project)
RACE_PAPER = OnPaper("赛马", "item__call", lambda row: str(row.item.call.office.record.title), printed_race)
"""Where they lie: a project in the folder of its application, a race in that of its call."""
