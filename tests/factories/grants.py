"""Grants of rights at a stage, through the actions."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from kezhuan.areas.achievements.actions import Contribution
from kezhuan.areas.approvals.actions import ask_approval
from kezhuan.areas.approvals.route_actions import StepFacts, set_route
from kezhuan.areas.approvals.step_actions import record_decision
from kezhuan.areas.people.actions import SYSTEM
from kezhuan.areas.rights.actions import Aim, GrantFacts, Part, draft_grant, sign_on_paper, sign_split
from kezhuan.areas.rights.lifecycle import GRANT
from kezhuan.areas.rights.models import Bar, RightsGrant
from kezhuan.engines.days import months_after
from kezhuan.exchange.papers.printing import print_record, version_of
from kezhuan.exchange.papers.signing import confirm_version
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Approval, Organisation, Post, Route
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.factories import city, scans

_SCANS = count(1)
WAY = ("checking", "signing", "decided", "agreeing", "active")


def facts(about: Any, people: Sequence[Actor] = (), **more: Any) -> GrantFacts:
    """Seventy percent to the completers of a result in parts that are not alike."""
    team = list(about.completers.select_related("person__record"))
    parts = [10_000 - 2000 * (len(team) - 1), *[2000] * (len(team) - 1)]
    members = [Part(one.name, part, one.person) for one, part in zip(team, parts, strict=True)]
    given: dict[str, Any] = {
        "title": "碳化硅抛光工艺赋权", "achievement": about.record, "kind": "share", "share_bp": 7000,
        "starts_on": today(), "ends_on": months_after(today(), 180), "income_bp": 7000, "costs_bp": 5000,
        "decision_rule": "jointly", "reclaim_text": "三年内没有进展", "exit_text": "离职后份额不变",
        "cleared": tuple(Bar.values), "members": tuple(members),
        "milestones": (Aim("首个样件", today() + timedelta(days=300)),), "summary": "向完成人团队赋予百分之七十的份额",
    }  # fmt: skip
    return GrantFacts(**(given | more))


def achievement(unit: Organisation, people: Sequence[Actor], *, paper: bool = False, **more: Any) -> Any:
    """A listed result of the unit, completed by these people, and on paper by 林纸笔 before them."""
    completers = [Contribution("林纸笔", None, None)] if paper else []
    completers += [Contribution(one.person.record.title, None, one.person) for one in people if one.person is not None]
    return city.achievement(unit, stage="listed", completers=tuple(completers), **more)


def meeting_route(unit: Organisation, move: str = "decide", kind: str = "grant") -> Actor:
    """The unit's own route to its meeting; returns who holds the post."""
    post = Post.objects.filter(organisation=unit, name="院长办公会").first()
    if post is None:
        post = city.post(unit, "院长办公会", city.member(unit, Role.ADMINISTRATOR))
    if not Route.objects.filter(kind=kind, move=move, unit=unit, ended_at=None).exists():
        set_route(actor=SYSTEM, kind=kind, move=move, unit=unit, steps=[StepFacts(1, post, "collective")])
    return actor_for(post.holders.get().person)


def decided(
    row: Any,
    keeper: Actor,
    move: str = "decide",
    *,
    attended: Sequence[str] = ("赵院长", "钱副院长", "孙书记"),
    opinion: str = "",
    **more: Any,
) -> Approval:
    """The meeting decides on a move that the keeper asks for, asked already or now; the minutes are there."""
    chair = meeting_route(row.record.owner, move, row.record.kind)
    asked = Approval.objects.filter(about=row.record, move=move, record__stage="running").first()
    asked = asked or ask_approval(actor=keeper, row=row, move=move, **more)
    return record_decision(
        actor=chair, step=asked.steps.get(), meeting="院长办公会2026年第9次", held_on=today(),
        attended=list(attended), recused=["林纸笔"], minutes_no="〔2026〕9号", entitled=5,
        minutes=Upload(f"纪要{move}.png", scans.blank(), True), opinion=opinion,
    )  # fmt: skip


def signed_scan(row: Any, keeper: Actor) -> Upload:
    """The agreement, printed and signed, as a scanner gives it back."""
    content = print_record(actor=keeper, row=row)[1]
    return Upload("协议扫描.pdf", content + f"%{next(_SCANS)}".encode(), True)  # no scan is like another


def grant(
    unit: Organisation,
    keeper: Actor,
    people: Sequence[Actor] = (),
    *,
    stage: str = "draft",
    about: Any = None,
    **more: Any,
) -> RightsGrant:
    """A grant to these people at a stage on its way."""
    people = people or [city.member(unit)]
    row = draft_grant(actor=keeper, owner=unit, facts=facts(about or achievement(unit, people), people, **more))
    for step in WAY[: WAY.index(stage) + 1] if stage in WAY else ():
        row = _STEPS[step](row, keeper, people)
    return row


def _signing(row: RightsGrant, keeper: Actor, _people: Sequence[Actor]) -> RightsGrant:
    return advance(GRANT, row, "clear", actor=keeper, note="权属清晰，无冲突合同")  # type: ignore[no-any-return]


def _decided(row: RightsGrant, keeper: Actor, people: Sequence[Actor]) -> RightsGrant:
    for one in people:
        row = sign_split(actor=one, grant=row, wording=row.wording)
    if row.members.filter(person=None).exists():
        row = sign_on_paper(actor=keeper, grant=row, numbers=[1], sheet=signed_scan(row, keeper))
    decided(row, keeper)
    return RightsGrant.objects.select_related("record__owner").get(pk=row.pk)


def _agreeing(row: RightsGrant, keeper: Actor, _people: Sequence[Actor]) -> RightsGrant:
    city.laid_open(row, "conclude", keeper)
    moved: RightsGrant = advance(GRANT, row, "conclude", actor=keeper)
    return moved


def _active(row: RightsGrant, keeper: Actor, _people: Sequence[Actor]) -> RightsGrant:
    confirm_version(actor=keeper, row=row, code=version_of(actor=keeper, row=row)[0].code)
    moved: RightsGrant = advance(GRANT, row, "agree", actor=keeper)
    return moved


_STEPS = {
    "checking": lambda row, keeper, _people: advance(GRANT, row, "submit", actor=keeper),
    "signing": _signing,
    "decided": _decided,
    "agreeing": _agreeing,
    "active": _active,
}
