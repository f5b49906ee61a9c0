"""Grants of rights in the invented city: one that stands, one with an objection, one that its team is signing."""

import io
from collections.abc import Callable
from datetime import timedelta

from PIL import Image

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.step_actions import record_decision
from kezhuan.areas.notices.actions import object_to_notice, prepare_notice
from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.areas.people.actions import SYSTEM, add_member, register_person
from kezhuan.areas.rights.actions import Aim, GrantFacts, Part, draft_grant, sign_split
from kezhuan.areas.rights.lifecycle import GRANT
from kezhuan.areas.rights.models import Bar, RightsGrant
from kezhuan.demo.procedures import LAID_OPEN, RECEPTION, laid_open_before, meeting_decides, officer
from kezhuan.engines.days import months_after
from kezhuan.exchange.papers.printing import version_of
from kezhuan.exchange.papers.signing import confirm_version
from kezhuan.kernel import rulebook
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.text import today

GRANTS = 3
AGREED = 3
"""Grants of registered results that stand."""
DECIDED_BEFORE = 20
"""Days since the meetings that decided: the notices that followed are over."""
SOURCE = "示范城市的虚构规定，非政策文件 invented for the demo city, no policy"
MEMBERS_OF_MEETING = 6


INVENTOR = "inventor@demo.kezhuan"


def grant_rights(step: Callable[[str, int, int], None], password: str) -> None:
    """Grant rights in three results of the university, each at another point of its way, and some that stand. Of the
    team that has still to sign one completer signs in with this password."""
    keeper = actor_for(User.objects.select_related("person__record").get(email="university@demo.kezhuan").person)
    unit = keeper.organisation
    assert unit is not None
    invented_rule("meeting.quorum", 6667, Unit.BASIS_POINTS)
    invented_rule("notice.grant.conclude", LAID_OPEN, Unit.CALENDAR_DAYS)
    chair = meeting_decides(unit, "leader", "校长办公会", kind="grant", move="decide")
    rows = Achievement.objects.filter(record__owner=unit).exclude(completers=None)
    rows = rows.exclude(completers__person=None).select_related("record").distinct().order_by("-pk")
    for about in rows.filter(record__stage="registered")[:AGREED]:
        row, team = _applied(about, unit, keeper, use=False)
        for one in team:
            row = sign_split(actor=one, grant=row, wording=row.wording)
        _agreed(_decided(row, keeper, chair), keeper)
    for number, about in enumerate(rows.filter(record__stage="listed")[:GRANTS], 1):
        row, team = _applied(about, unit, keeper, use=number == GRANTS)
        if number < GRANTS:
            for one in team:
                row = sign_split(actor=one, grant=row, wording=row.wording)
            row = _decided(row, keeper, chair)
        if number == 1:
            _agreed(row, keeper)
        elif number < GRANTS:
            _objected_to(row, keeper)
        elif team:
            User.objects.create_user(INVENTOR, password, person=team[0].person)
        step("grants", number, GRANTS)


def invented_rule(code: str, value: int, unit: Unit) -> None:
    """Put a rule value of the invented city in force from today on; `unit` says what `value` counts."""
    rulebook.add_rule_value(
        actor=officer(),
        code=code,
        jurisdiction="440100",
        value=value,
        unit=unit,
        effective_from=today(),
        source=SOURCE,
    )


def _applied(about: Achievement, unit: Organisation, keeper: Actor, *, use: bool) -> tuple[RightsGrant, list[Actor]]:
    """A grant of 70 %, or of a right of use for ten years, applied for and cleared; and its team."""
    completers = list(about.completers.select_related("person__record"))
    others = [one.share_bp or 1000 for one in completers[1:]]
    parts = [10_000 - sum(others), *others]
    facts = GrantFacts(
        title=f"示例·{about.record.title}赋权",
        summary="示例：向完成人团队赋权，团队三年内完成首次转化。",
        achievement=about.record,
        starts_on=today(),
        ends_on=months_after(today(), 120),
        income_bp=7000,
        costs_bp=5000,
        decision_rule="jointly",
        reclaim_text="三年内没有转化进展，或违反协议。",
        exit_text="离职、退休后份额不变，去世后由继承人承继收益。",
        cleared=tuple(Bar.values),
        members=tuple(Part(one.name, part, one.person) for one, part in zip(completers, parts, strict=True)),
        milestones=(Aim("签订首份转化合同", today() + timedelta(days=700)),),
        kind="use" if use else "share",
        share_bp=None if use else 7000,
        use_scope="sole" if use else "",
        use_territory="中国" if use else "",
    )
    row = draft_grant(actor=keeper, owner=unit, facts=facts)
    row = advance(GRANT, row, "submit", actor=keeper)
    row = advance(GRANT, row, "clear", actor=keeper, note="示例：权属清晰，无冲突合同，项目任务书无限制。")
    return row, [actor_for(one.person) for one in completers if one.person is not None]


def _decided(row: RightsGrant, keeper: Actor, chair: Actor) -> RightsGrant:
    asked = ask_approval(actor=keeper, row=row, move="decide")
    record_decision(
        actor=chair,
        step=asked.steps.get(),
        meeting="示例·校长办公会",
        held_on=today() - timedelta(days=DECIDED_BEFORE),
        attended=["示例·赵校长", "示例·钱副校长", "示例·孙书记", "示例·李处长", "示例·周处长"],
        entitled=MEMBERS_OF_MEETING,
        recused=[one.name for one in row.members.all()],
        minutes_no=f"示例〔2026〕{row.record.pk}号",
        minutes=Upload("纪要.png", blank_scan(), True),
    )
    return RightsGrant.objects.select_related("record__owner__record", "achievement").get(pk=row.pk)


def blank_scan() -> bytes:
    """A white page, as a scanner gives it back."""
    held = io.BytesIO()
    Image.new("L", (60, 80), "white").save(held, format="PNG")
    return held.getvalue()


def _agreed(row: RightsGrant, keeper: Actor) -> None:
    laid_open_before(row, keeper, "conclude")
    row = advance(GRANT, row, "conclude", actor=keeper)
    confirm_version(actor=keeper, row=row, code=version_of(actor=keeper, row=row)[0].code)
    advance(GRANT, row, "agree", actor=keeper)


def _objected_to(row: RightsGrant, keeper: Actor) -> None:
    """Laid open before the university's members; one of them objects."""
    notice = prepare_notice(
        actor=keeper,
        row=row,
        move="conclude",
        audience="unit",
        reception=RECEPTION,
        channels=["site"],
    )
    notice = advance(NOTICE, notice, "start", actor=keeper)
    colleague = register_person(actor=SYSTEM, name="示例·胡异议", email="", phone="020-00000005")
    assert keeper.organisation is not None
    add_member(actor=SYSTEM, organisation=keeper.organisation, person=colleague, role=Role.MEMBER)
    object_to_notice(
        actor=actor_for(colleague),
        notice=notice,
        name="示例·胡异议",
        contact="020-00000005",
        text="示例：完成人名单遗漏了参与中试的人员，请核实。",
    )
