"""Projects of the invented city: one that went from its task book to acceptance and its last payment, a race that has
held its first gate, and a chain leader with a consortium of six."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.people.actions import SYSTEM, add_member, register_organisation, register_person
from kezhuan.areas.projects.actions import (
    BY_SHARES,
    Aim,
    BookFacts,
    Planned,
    Share,
    answer_invitation,
    open_project,
    sign_book,
    write_book,
)
from kezhuan.areas.projects.evidence_actions import Said, report_first_use
from kezhuan.areas.projects.landing_actions import record_landing
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.payment_actions import judge_milestone, pay, report_milestone
from kezhuan.areas.projects.race_actions import GateFacts, RaceFacts, hold_gate, open_race
from kezhuan.areas.projects.staffing import Staffer
from kezhuan.areas.projects.terms import Terms
from kezhuan.demo.procedures import first_of, officer
from kezhuan.demo.reviews import judge
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today

Step = Callable[[str, int, int], None]
FIRM_FEN = 80_000_000
FIRST_FEN = 15_000_000
"""The first payment of each team that races."""


def run_projects(step: Step) -> None:
    """Take what the city's calls have chosen on: one to its end, three into a race, one into a consortium's hands."""
    actor = officer()
    rows = Application.objects.filter(record__stage="awarded").select_related(
        "record", "item__call__record", "item__poster__record", "applicant__record"
    )
    by_call: dict[int, list[Application]] = {}
    for row in rows.order_by("pk"):
        by_call.setdefault(row.item.call_id, []).append(row)
    alone = next(
        found[0] for found in by_call.values() if len(found) == 1 and found[0].item.call.call_kind == CallKind.CHALLENGE
    )
    leading = next(found[0] for found in by_call.values() if found[0].item.call.call_kind == CallKind.CHAIN)
    teams = next(found for found in by_call.values() if len(found) == 3)
    _accepted(actor, alone)
    step("projects", 1, 3)
    _race(actor, teams)
    step("projects", 2, 3)
    _led(actor, leading)
    step("projects", 3, 3)


def _fresh(row: Project) -> Project:
    return Project.objects.select_related("record__owner__record").get(pk=row.pk)


def _under_way(
    actor: Actor,
    row: Project,
    payments: tuple[Planned, ...],
    firm_fen: int = 0,
    *,
    shares: tuple[Share, ...] = (),
    members: Sequence[Organisation] = (),
) -> Project:
    """Its task book is written, signed by everybody, and the work has begun."""
    leader, code = first_of(row.leader), row.leader.record.code
    facts = BookFacts(
        starts_on=today(),
        ends_on=today() + timedelta(days=500),
        firm_fen=firm_fen,
        shares=shares or (Share(code, "方案设计、样件研制与现场验证（示例）", row.fiscal_fen),),
        milestones=(Aim("样件达到榜单指标（示例）", today() + timedelta(days=200), "第三方检测报告", code),),
        payments=payments,
        staff=(Staffer("示例工程师", "总体设计与集成（示例）", 3000),),
        terms=Terms(
            "task",
            "各成员完成的成果归其所有，共同完成的共有（示例）。",
            "text",
            "转化净收入按投入与贡献协商分配（示例）。",
            "成员退出须经批准，其未用经费退回，已完成成果许可联合体继续使用（示例）。",
        ),
    )
    row = write_book(actor=leader, project=row, facts=facts)
    for unit in members:
        answer_invitation(actor=first_of(unit), project=_fresh(row), accepts=True)
    advance(PROJECT, _fresh(row), "file", actor=leader)
    for unit in filter(None, (*members, row.poster)):
        sign_book(actor=first_of(unit), project=_fresh(row))
    advance(PROJECT, _fresh(row), "sign", actor=actor)
    begun: Project = advance(PROJECT, _fresh(row), "begin", actor=leader)
    return begun


NEWCOMER = (
    (
        "示例·江南检测装备有限公司", "Jiangnan Test Equipment Co., Ltd. (example)", "91320500MA1DEMX0TX", "320500",
        "检测装备企业，承诺在本市设立实体后承担项目任务（示例）。",
        "Maker of test equipment that sets up an entity here before it takes on funded work (example).",
    ),
    (
        "示例·江南检测装备（广州）有限公司", "Jiangnan Test Equipment (Guangzhou) Co., Ltd. (example)", "91440112MA1DEMX1TM", "440112",
        "江南检测装备有限公司在本市设立的实体（示例）。", "The entity of Jiangnan Test Equipment in the city (example).",
    ),
)  # fmt: skip
"""A firm from elsewhere and its entity here: names, credit code, district, and what they are."""
TASKS = ("装备适配", "材料与工艺研究", "中试验证", "检测与标准", "场景示范应用")
"""What the members beside the leader do, one each."""


def _led(actor: Actor, application: Application) -> None:
    """A chain leader and five members: each is asked, takes part and signs; the money is shared to the fen."""
    row, leader = open_project(actor=first_of(application.applicant), application=application), application.applicant
    units = Organisation.objects.filter(record__stage="verified").exclude(kind="government")
    abroad = units.filter(kind="hk_macao").select_related("record").order_by("pk")[0]
    lands, entity = _from_elsewhere()
    apart = {leader.pk, application.item.poster_id, abroad.pk, lands.pk, entity.pk}
    near = units.exclude(pk__in=apart).select_related("record").order_by("pk")[: len(TASKS) - 2]
    others = [*near, abroad, lands]
    part = row.fiscal_fen // 10
    shares = (
        Share(leader.record.code, "总体设计、集成与首批应用（示例）", row.fiscal_fen - part * len(others)),
        *(
            Share(unit.record.code, f"{task}（示例）", part, lands=unit == lands)
            for unit, task in zip(others, TASKS, strict=True)
        ),
    )
    payments = (Planned("fiscal", "signing", row.fiscal_fen, None, BY_SHARES),)
    row = _under_way(actor, row, payments, shares=shares, members=others)
    record_landing(
        actor=actor, project=_fresh(row), member=lands.record.code, entity=entity.record.code, on=today()
    )  # fmt: skip


def _from_elsewhere() -> tuple[Organisation, Organisation]:
    """A firm from another city, with somebody who acts for it, and the entity that it has set up here."""
    firm, entity = (
        register_organisation(
            actor=SYSTEM, name=name, name_en=name_en, kind="enterprise", number=number, region=region,
            summary=f"{about}\n{about_en}", stage="verified",
        )
        for name, name_en, number, region, about, about_en in NEWCOMER
    )  # fmt: skip
    person = register_person(actor=SYSTEM, name="示例·陈经理", email="newcomer@demo.kezhuan", phone="020-00000000")
    add_member(actor=SYSTEM, organisation=firm, person=person, role=Role.ADMINISTRATOR)
    return firm, entity


def _accepted(actor: Actor, application: Application) -> None:
    leader = first_of(application.applicant)
    row = open_project(actor=leader, application=application)
    third, poster = row.fiscal_fen // 3, row.poster
    assert poster is not None
    payments = (
        Planned("fiscal", "signing", third),
        Planned("fiscal", "milestone", third, 1),
        Planned("fiscal", "acceptance", row.fiscal_fen - 2 * third),
        Planned("firm", "milestone", FIRM_FEN, 1),
    )
    row = _under_way(actor, row, payments, FIRM_FEN)

    def paid(number: int, by: Actor = actor) -> None:
        pay(actor=by, project=_fresh(row), number=number, voucher=f"示例凭证-{number}", on=today())

    paid(1)
    report_milestone(actor=leader, project=_fresh(row), number=1, words="样件经第三方检测达到榜单指标（示例）。")
    judge_milestone(actor=actor, project=_fresh(row), number=1, passed=True, words="检测报告齐全（示例）。")
    paid(4, first_of(poster))
    paid(2)
    row = advance(PROJECT, _fresh(row), "ask-acceptance", actor=leader)
    said = Said(today(), True, "在产线连续运行，指标达到任务书要求（示例）。", "示例首用〔2026〕1号")
    report_first_use(actor=first_of(poster), project=_fresh(row), said=said)
    judge(actor, _fresh(row), row.pk)
    advance(PROJECT, _fresh(row), "accept", actor=actor)
    paid(3)


def _short_of(indicator: dict[str, str]) -> str:
    """A figure that does not reach a target: half of what is asked at least, twice what is asked at most."""
    try:
        asked = Decimal(indicator["value"])
    except InvalidOperation:
        return "未达到"
    figure = asked / 2 if indicator["operator"] in {"≥", ">", "="} else asked * 2
    return f"{figure.normalize():f} {indicator['unit']}"


def _race(actor: Actor, teams: list[Application]) -> None:
    rows = [open_project(actor=first_of(one.applicant), application=one) for one in teams]
    item = CallItem.objects.select_related("call__record").get(pk=teams[0].item_id)
    gates = (today(), today() + timedelta(days=300))
    facts = RaceFacts(
        projects=tuple(row.record.code for row in rows),
        first_fen=FIRST_FEN,
        gates=gates,
        title=f"{item.title}赛马（示例）",
        least_teams=2,
        most_teams=3,
        first_share_bp=3000,
    )
    race = open_race(actor=actor, item=item, facts=facts)
    for row in rows:
        _under_way(actor, _fresh(row), (Planned("fiscal", "signing", FIRST_FEN),))
        pay(actor=actor, project=_fresh(row), number=1, voucher="示例凭证-1", on=today())
    known = {item.poster_id, *(one.applicant_id for one in teams)}
    tester = Organisation.objects.filter(record__stage="verified").exclude(pk__in=known).exclude(kind="government")
    codes = [row.record.code for row in rows]
    found = {one.record.code: list(team.commitments) for one, team in zip(rows, teams, strict=True)}
    found[codes[2]] = [_short_of(one) for one in item.indicators]
    gate = GateFacts(
        on=today(), tester=tester.select_related("record").order_by("pk")[0].record.code,
        report_no="示例检测〔2026〕3号", figures=found, passed=tuple(codes[:2]), decision="continue",
        words="前两队的样件达到阶段指标，第三队未达到（示例）。",
    )  # fmt: skip
    hold_gate(actor=actor, race=race, facts=gate)
