"""What the invented city's bureau has on its desk beside needs and results: notices, an objection, approvals, and what a
university files of its inner dossiers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.approvals.actions import ask_approval, sign_step
from kezhuan.areas.approvals.route_actions import StepFacts, give_post, open_post, set_route
from kezhuan.areas.dossiers.actions import DossierFacts, edit_dossier, keep_dossier
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.notices.actions import object_to_notice, prepare_notice
from kezhuan.areas.notices.lifecycle import NOTICE, PREPARED
from kezhuan.areas.people.actions import add_member, register_person
from kezhuan.kernel import rulebook
from kezhuan.kernel.access import SYSTEM, VISITOR, Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Notice, Organisation, Person, User
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.notices import save_days
from kezhuan.kernel.roles import role_tokens
from kezhuan.kernel.text import today

LAID_OPEN = 15
"""Calendar days for which the invented city lays grants, prices and distributions open."""


def laid_open_before(row: Any, keeper: Actor, move: str) -> None:
    """Hold a notice inside the unit before a move, as if it had begun so long ago that it is over: the invented city
    has a past that nobody lived through. All else of it goes as when a person does it."""
    notice = prepare_notice(actor=keeper, row=row, move=move, audience="unit", reception=RECEPTION, channels=["site"])
    notice = advance(NOTICE, notice, "start", actor=keeper)
    notice.channels.update(started_on=today() - timedelta(days=LAID_OPEN + 1))
    save_days(notice)
    advance(NOTICE, notice, "complete", actor=keeper)


RECEPTION = "云山理工大学(示范)成果转化办公室，020-00000004"
NOTICES = 3
"""Results that are laid open before they are registered: one prepared, one running, one objected to."""
RULES = (("notice.achievement.register", 5), ("notice.achievement.register.objections", 3))


def officer() -> Actor:
    """The city's officer of the demo."""
    return actor_for(User.objects.select_related("person__record").get(email="officer@demo.kezhuan").person)


def acting_for(organisation: Organisation | None, person: Person | None) -> Actor:
    """A unit's own administrator, as whom its records are entered."""
    if organisation is None or person is None:
        raise ValueError("a record of the demo city has neither owner nor contact")
    roles = frozenset({Role.ADMINISTRATOR})
    tokens = {"public", "member", f"org:{organisation.pk}", f"person:{person.pk}"}
    return Actor(
        person=person,
        organisation=organisation,
        roles=roles,
        tokens=role_tokens(organisation.pk, roles) | tokens,
    )


def member_called(name: str) -> Actor:
    """Whoever signs in as this name of the demo, acting for their organisation."""
    return actor_for(User.objects.select_related("person__record").get(email=f"{name}@demo.kezhuan").person)


def meeting_decides(unit: Organisation, keeper: str, name: str, *, kind: str, move: str) -> Actor:
    """A meeting of a unit decides a step; whoever signs in as its keeper holds its post and records what it decided."""
    chair = member_called(keeper)
    assert chair.person is not None
    post = open_post(actor=SYSTEM, organisation=unit, name=name)
    give_post(actor=SYSTEM, post=post, person=chair.person)
    set_route(actor=SYSTEM, kind=kind, move=move, unit=unit, steps=[StepFacts(1, post, "collective")])
    return chair


def first_of(organisation: Organisation) -> Actor:
    """The first who acts for a unit."""
    return acting_for(organisation, organisation.memberships.select_related("person__record").order_by("pk")[0].person)


def lay_open(step: Callable[[str, int, int], None]) -> None:
    """Ask for a notice before results are registered, and hold a few."""
    actor = officer()
    for code, days in RULES:
        rulebook.add_rule_value(
            actor=actor,
            code=code,
            jurisdiction="440100",
            value=days,
            unit=Unit.WORKING_DAYS,
            effective_from=today(),
            source="示范城市的虚构规定，非政策文件 invented for the demo city, no policy",
        )
    listed = Achievement.objects.filter(record__stage="listed", record__public_to__key="public")
    for number, row in enumerate(listed.select_related("record").order_by("pk")[:NOTICES], 1):
        notice = _notice(actor, row, ["site"] if number > 1 else ["site", "bureau"])
        if number > 1:
            notice = advance(NOTICE, notice, "start", actor=actor)
        if number == NOTICES:
            object_to_notice(
                actor=VISITOR,
                notice=notice,
                name="示例·周异议",
                contact="020-00000001",
                text="公示的完成人排序与项目验收材料不一致，请核实。",
            )
        step("notices", number, NOTICES)


def _notice(actor: Actor, row: Achievement, channels: list[str]) -> Notice:
    return prepare_notice(
        actor=actor,
        row=row,
        move="register",
        audience="public",
        reception="广州市科学技术局(示范)成果处，020-00000000，officer@demo.kezhuan",
        channels=channels,
    )


APPROVALS = 2
"""Notices whose start waits for approval: one for the demo's officer, one for the director after the officer signed."""


def ask_for_approval(step: Callable[[str, int, int], None]) -> None:
    """Let the start of a notice on a result go by a route, and ask for two."""
    head = officer()
    office = head.organisation
    assert office is not None
    handler, director = (_colleague(office, name) for name in ("示例·梁经办", "示例·何分管"))
    posts = []
    for name, person in (("成果处处长", head.person), ("分管副局长", director.person)):
        post = open_post(actor=SYSTEM, organisation=office, name=name)
        assert person is not None
        give_post(actor=SYSTEM, post=post, person=person)
        posts.append(post)
    set_route(
        actor=head,
        kind="notice",
        move="start",
        programme="achievement",
        jurisdiction="440100",
        steps=[StepFacts(1, posts[0]), StepFacts(2, posts[1], numbered=True)],
    )
    listed = Achievement.objects.filter(record__stage="listed", record__public_to__key="public")
    fresh = listed.filter(record__notices=None).select_related("record").order_by("pk").first()
    assert fresh is not None
    _notice(head, fresh, ["site"])
    prepared = Notice.objects.filter(record__stage=PREPARED).select_related("record").order_by("pk")
    for number, notice in enumerate(prepared[:APPROVALS], 1):
        asked = ask_approval(actor=handler, row=notice, move="start")
        if number == APPROVALS:
            sign_step(
                actor=head, step=asked.steps.order_by("position")[0], opinion="公示内容与申报材料一致，拟同意公示。"
            )
        step("approvals", number, APPROVALS)


def _colleague(office: Organisation, name: str) -> Actor:
    """Another officer of the office, without an account."""
    person = register_person(actor=SYSTEM, name=name, email="", phone="020-00000002")
    add_member(actor=SYSTEM, organisation=office, person=person, role=Role.OFFICER)
    return actor_for(person)


DOSSIERS = (
    (
        "price",
        "协议定价方案与同类许可询价记录",
        "三家同类许可的询价在 320 万元至 410 万元之间，建议协议定价。",
        380_000_000,
        True,
    ),
    ("income", "首笔许可费到账与分配建议", "首笔许可费已到账，待公示后按比例分配。", 120_000_000, True),
    ("minutes", "院长办公会关于协议定价的纪要", "会议同意按询价结果协议定价，完成人回避表决。", None, False),
)
"""What the demo's university keeps inside about a result: sort, title, words, fen; whether it is filed to the bureau."""


def keep_and_file(step: Callable[[str, int, int], None]) -> None:
    """Keep dossiers about a listed result of the university, file two of them, and correct one filing."""
    boss, finance = (
        actor_for(User.objects.select_related("person__record").get(email=f"{who}@demo.kezhuan").person)
        for who in ("university", "finance")
    )
    unit = boss.organisation
    assert unit is not None
    about = Achievement.objects.filter(record__stage="listed", record__owner=unit).order_by("pk")[0].record
    for number, (sort, title, words, fen, filed) in enumerate(DOSSIERS, 1):
        actor = finance if filed else boss
        facts = DossierFacts(
            title=f"示例·{title}",
            sort=sort,
            on=today(),
            summary=words,
            number=f"示 {number} 号",
            amount_fen=fen,
            about=about,
        )
        row = keep_dossier(actor=actor, owner=unit, facts=facts)
        if filed:
            file_record(actor=actor, row=row, programme="achievement", note="示例报送")
        if number == 1:
            better = replace(facts, summary=f"{words}现调整为 400 万元。", amount_fen=400_000_000)
            version = row.record.version
            row = edit_dossier(actor=actor, dossier=row, facts=better, expected_version=version)
            file_record(actor=actor, row=row, programme="achievement", note="更正上次报送")
        step("dossiers", number, len(DOSSIERS))
