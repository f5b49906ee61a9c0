"""A small city for tests, made through the program's own actions: organisations, actors, achievements, needs."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from kezhuan.areas.achievements.actions import AchievementFacts, Contribution, register_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.approvals.actions import ask_approval, return_approval, sign_step
from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.areas.approvals.route_actions import StepFacts, give_post, open_post, set_route
from kezhuan.areas.contracts.actions import (
    ContractFacts,
    Registration,
    edit_contract,
    number_contract,
    prepare_contract,
)
from kezhuan.areas.contracts.lifecycle import CONTRACT
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.dossiers.actions import DossierFacts, keep_dossier
from kezhuan.areas.dossiers.lifecycle import DOSSIER
from kezhuan.areas.dossiers.models import Dossier
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.inspections.actions import prepare_inspection
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.needs.actions import Figure, NeedFacts, register_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.notices.actions import object_to_notice, prepare_notice
from kezhuan.areas.notices.lifecycle import NOTICE, OBJECTION
from kezhuan.areas.people.actions import SYSTEM, register_organisation, register_person
from kezhuan.areas.teams.actions import TeamFacts, register_team
from kezhuan.areas.teams.lifecycle import TEAM
from kezhuan.areas.teams.models import Team
from kezhuan.engines import contracts as engine
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.charges import Charge
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import (
    Approval,
    Filing,
    Notice,
    Objection,
    Organisation,
    Person,
    Post,
    Route,
    RuleValue,
    User,
)
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import days_code, ruled_days, save_days
from kezhuan.kernel.text import today
from tests.factories import parties
from tests.factories.parties import member
from tests.factories.registers import honest, party

_numbers = itertools.count(1)


def organisation(name: str = "", *, kind: str = "enterprise", region: str = "440106", stage: str = "verified") -> Any:
    """An organisation of Tianhe, verified unless said otherwise."""
    if stage == "verified":
        return parties.organisation(name, kind=kind, region=region)
    name = name or f"单位{next(_numbers)}号"
    return register_organisation(actor=SYSTEM, name=name, kind=kind, region=region, stage=stage)


def officer(jurisdiction: str = "") -> Actor:
    """An officer of the city, or of a district."""
    office = organisation(f"科技局{next(_numbers)}", kind="government", region=jurisdiction or "440100")
    return member(office, Role.OFFICER, jurisdiction=jurisdiction)


CLERK = "收件岗经办"


def bureau() -> Actor:
    """The officer of the city who takes along what the factories make: one in a test, however much it makes."""
    return _kept(CLERK) or member(organisation(kind="government", region="440100"), Role.OFFICER, name=CLERK)


def clerk(owner: Organisation) -> Actor:
    """The member who enters what the factories make for an organisation: one for each."""
    name = f"{CLERK}{owner.pk}"
    return _kept(name) or member(owner, name=name)


def _kept(name: str) -> Actor | None:
    """Whom the factories made before under this name, in this test."""
    kept = Person.objects.filter(record__title=name).first()
    return actor_for(kept) if kept is not None else None


CITY = Actor(charges=frozenset({Charge()}))
"""Enters what a test only needs to be there, at its stage and in one step, as nobody by name."""


def entering(by: Actor | None) -> Actor:
    """Somebody who enters their own at whatever stage the test begins with, as an officer may."""
    return CITY if by is None else replace(by, charges=CITY.charges, roles=by.roles | {Role.OFFICER})


def achievement_facts(**facts: Any) -> AchievementFacts:
    """An achievement that can be submitted and registered."""
    return AchievementFacts(
        **{
            "title": "低缺陷碳化硅衬底抛光",
            "summary": "大尺寸碳化硅衬底的化学机械抛光方法,表面粗糙度低。",
            "field": "materials",
            "keywords": ("碳化硅", "抛光"),
            "trl": 7,
            "completers": (Contribution("甲", 6000), Contribution("乙", 4000)),
            **facts,
        }
    )


def need_facts(**facts: Any) -> NeedFacts:
    """A need that can be submitted."""
    return NeedFacts(
        **{
            "title": "大尺寸碳化硅衬底抛光需求",
            "problem": "需要大尺寸碳化硅衬底的低缺陷抛光工艺。",
            "background": "六英寸",
            "field": "materials",
            "scenario": "产线",
            "claimant_requirements": "有中试线",
            "ip_terms": "joint",
            "budget_fen": 300_000_000,
            "min_trl": 6,
            "deadline": date(2030, 12, 31),
            "indicators": (Figure("表面粗糙度", "≤", "0.1", "nm", "GB/T 29505"),),
            **facts,
        }
    )


LED = {"discarded": ("draft", "discard"), "returned": ("submitted", "return")}
RESULTS_LED = LED | {"withdrawn": ("listed", "withdraw"), "void": ("listed", "void")}
NEEDS_LED = LED | {
    name: ("published", step) for name, step in (("closed", "close"), ("withdrawn", "withdraw"), ("void", "void"))
}
TEAMS_LED = LED | {"withdrawn": ("published", "withdraw"), "void": ("published", "void")}
"""To which stage a record is entered, and the step from there."""


def achievement(owner: Organisation, *, stage: str = "draft", by: Actor | None = None, **facts: Any) -> Achievement:
    """An achievement of the unit at a stage."""
    return entered(ACHIEVEMENT, register_achievement, achievement_facts(**facts), RESULTS_LED, owner, stage, by)


def team(owner: Organisation, *, stage: str = "published", by: Actor | None = None, **facts: Any) -> Team:
    """A team of the unit that could answer the factories' need, published unless said otherwise."""
    told = {
        "title": "碳化硅衬底抛光团队",
        "summary": "从事大尺寸碳化硅衬底的低缺陷抛光工艺与装备研究。",
        "field": "materials",
        "keywords": ("碳化硅", "抛光"),
        "leader": "郑带头",
        "trl_from": 4,
        "trl_to": 7,
        "modes": ("joint_rd", "commissioned_rd"),
        **facts,
    }
    return entered(TEAM, register_team, TeamFacts(**told), TEAMS_LED, owner, stage, by)


def dossier(owner: Organisation, *, by: Actor | None = None, stage: str = "kept", **facts: Any) -> Dossier:
    """What the unit keeps inside about a price, unless said otherwise."""
    actor = by or member(owner, Role.ADMINISTRATOR)
    told = DossierFacts(**{"title": "协议定价材料", "sort": "price", "on": today(), **facts})
    row = keep_dossier(actor=actor, owner=owner, facts=told)
    steps = {"kept": [], "closed": [("close", actor)], "discarded": [("discard", actor)]}[stage]
    return taken(DOSSIER, row, steps)


def contract_form(**form: Any) -> engine.Contract:
    """A registration form that can be handed in today."""
    random = Random(7)
    one = honest(random, 2, [party(random, 1), party(random, 2)], today() - timedelta(days=10))
    given = {"name": "碳化硅抛光工艺开发", "reg_no": "", "registered_on": None, "applied_on": None, "paid": None}
    term = {"valid_from": one.signed_on, "valid_to": today() + timedelta(days=400), "text": CONTRACT_TEXT}
    return replace(one, **(given | term | form))


CONTRACT_TEXT = "甲方委托乙方研究开发。目标、创新内容、技术指标、验收方式、争议解决、已掌握的成果和知识产权归属如下。"


def registrars() -> tuple[Actor, Actor]:
    """Who looks first at contracts, and who second: two officers of the city, the same in a test."""
    office = organisation("登记处" + str(next(_numbers)), kind="government", region="440100")
    first, second = (_kept(f"{CLERK}{word}") for word in ("登记", "复核"))
    if first is None or second is None:
        first = member(office, Role.OFFICER, name=f"{CLERK}登记")
        second = member(office, Role.OFFICER, name=f"{CLERK}复核")
    return first, second


def contract(
    owner: Organisation, *, by: Actor | None = None, stage: str = "draft", about: Any = None, **form: Any
) -> Contract:
    """A technology contract of the unit, about an achievement or none, taken to a stage by those who may."""
    actor = by or member(owner, Role.ADMINISTRATOR)
    facts = ContractFacts(contract_form(**form), achievement=about and about.record)
    row = prepare_contract(actor=actor, owner=owner, facts=facts)
    if stage in {"draft", "discarded"}:
        return taken(CONTRACT, row, [("discard", actor)] if stage == "discarded" else [])
    first, second = registrars()
    checked = [("submit", actor), ("accept", first), ("classify", first)]
    row = taken(
        CONTRACT,
        row,
        {
            "submitted": checked[:1],
            "supplementing": [*checked[:1], ("ask-supplement", first)],
            "accepted": checked[:2],
            "reviewing": checked,
            "experts": [*checked, ("ask-experts", first)],
            "refused": [*checked, ("reject", second)],
            "province": [*checked, ("reject", second), ("object", actor)],
            "withdrawn": [*checked[:1], ("withdraw", actor)],
        }.get(stage, [*checked, ("pass", second)]),
    )
    if row.record.stage == stage:
        return row
    amounts = {"turnover": row.turnover_fen, "technology": row.technology_fen}
    number = f"{next(_numbers):016d}"
    row = number_contract(actor=first, contract=row, given=Registration(number, today(), **amounts))
    then = {
        "amending": ("amend", actor),
        "changed": ("amend", actor),
        "void": ("void", first),
        "cancelled": ("cancel", first),
        "revoked": ("revoke", first),
    }
    row = taken(CONTRACT, row, [then[stage]] if stage in then else [])
    if stage != "changed":
        return row
    facts = ContractFacts(contract_form(**form, name="变更后的合同"), achievement=about and about.record)
    row = edit_contract(actor=actor, contract=row, facts=facts, expected_version=row.record.version)
    return taken(CONTRACT, row, [("hand-in-change", actor), ("confirm-change", second)])


def filing(about: Dossier, actor: Actor, **given: Any) -> Filing:
    """The dossier filed to the city's bureau by the actor, unless said otherwise."""
    return file_record(actor=actor, row=about, **given)


def need(owner: Organisation, *, stage: str = "draft", by: Actor | None = None, **facts: Any) -> Need:
    """A need of the firm at a stage."""
    return entered(NEED, register_need, need_facts(**facts), NEEDS_LED, owner, stage, by)


def introduction(actor: Actor, firm: Organisation, unit: Organisation) -> Introduction:
    """The actor introduces a published need of the firm to a listed result of the unit."""
    return introduce(actor=actor, need=need(firm, stage="published"), supply=achievement(unit, stage="listed").record)


def notice_rule(days: int = 1, tail: int = 0, unit: str = "calendar days") -> None:
    """Ask for a notice before a result is registered: so many days, and so many for objections after its end."""
    for code, value in (("notice.achievement.register", days), ("notice.achievement.register.objections", tail)):
        RuleValue.objects.update_or_create(
            code=code, jurisdiction="000000", effective_from=date(2024, 1, 1),
            defaults={"value": value, "unit": unit, "source": "测试"},
        )  # fmt: skip


def notice(row: Any, actor: Actor, *, stage: str = "prepared", **given: Any) -> Notice:
    """A notice before a result is registered, taken to a stage by the actor; one that runs has stood for a month."""
    notice_rule()
    asked = {"move": "register", "audience": "public", "reception": "科技局成果处 020-83120000", "channels": ["site"]}
    made = prepare_notice(actor=actor, row=row, **(asked | given))
    if stage in {"running", "completed"}:
        made = advance(NOTICE, made, "start", actor=actor)
        made.channels.update(started_on=today() - timedelta(days=30))
        save_days(made)
    if stage in {"completed", "stopped"}:
        made = advance(NOTICE, made, {"completed": "complete", "stopped": "stop"}[stage], actor=actor, note="测试")
    return made


def laid_open(row: Any, move: str, actor: Actor) -> None:
    """A notice inside the unit before a move was held and is over; where nothing says for how long, for a day."""
    if ruled_days(row, move) is None:
        rule(days_code(row.record.kind, move), 1, "calendar days")
    to: dict[str, Any] = {"audience": "unit", "reception": "转化处 020-1", "channels": ["site"]}
    made = advance(NOTICE, prepare_notice(actor=actor, row=row, move=move, **to), "start", actor=actor)
    made.channels.update(started_on=today() - timedelta(days=90))
    save_days(made)
    advance(NOTICE, made, "complete", actor=actor)


def objection(to: Notice, actor: Actor, *, stage: str = "received", **given: Any) -> Objection:
    """An objection that an officer enters from paper and, for a later stage, decides on."""
    asked: dict[str, Any] = {"name": "赵举", "contact": "13812345678", "text": "完成人排序与事实不符。"}
    asked["received_on"] = today() - timedelta(days=29)
    made = object_to_notice(actor=actor, notice=to, **(asked | given))
    moves = {"upheld": "uphold", "dismissed": "dismiss", "not-admitted": "not-admit", "withdrawn": "withdraw"}
    if stage in moves:
        reason = "off-topic" if stage == "not-admitted" else ""
        made = advance(OBJECTION, made, moves[stage], actor=actor, note="测试", reason=reason)
    return made


def rule(code: str, value: int, unit: str, since: date = date(2024, 1, 1)) -> RuleValue:
    """A rule value for everywhere, in place of the one in force until then."""
    before = RuleValue.objects.filter(code=code, jurisdiction="000000", effective_from__lt=since, effective_to=None)
    before.update(effective_to=since - timedelta(days=1))
    asked = {"value": value, "unit": unit, "source": "测试"}
    return RuleValue.objects.update_or_create(code=code, jurisdiction="000000", effective_from=since, defaults=asked)[0]


def post(office: Organisation, name: str, *holders: Actor) -> Post:
    """A post of an office and who holds it."""
    made = open_post(actor=SYSTEM, organisation=office, name=name)
    for actor in holders:
        give_post(actor=SYSTEM, post=made, person=actor.person)
    return made


def route(*positions: Any, kind: str = "achievement", move: str = "register", **more: Any) -> Route:
    """A route of the city by these posts, one position after the other; a tuple of posts signs side by side."""
    steps = [
        one if isinstance(one, StepFacts) else StepFacts(number, one)
        for number, side_by_side in enumerate(positions, 1)
        for one in (side_by_side if isinstance(side_by_side, tuple) else (side_by_side,))
    ]
    return set_route(actor=SYSTEM, kind=kind, move=move, steps=steps, **more)


def approval(row: Any, actor: Actor, signer: Actor, *, stage: str = "running") -> Approval:
    """An approval of the registration of a listed result: the actor asks, the signer holds the only post."""
    if not Route.objects.filter(kind="achievement", move="register", ended_at=None).exists():
        office = signer.organisation
        assert office is not None
        route(Post.objects.filter(organisation=office, name="处长").first() or post(office, "处长", signer))
    made = ask_approval(actor=actor, row=row, move="register")
    if stage == "completed":
        made = sign_step(actor=signer, step=made.steps.get())
    elif stage == "returned":
        made = return_approval(actor=signer, approval=made, opinion="测试")
    elif stage == "withdrawn":
        made = advance(APPROVAL, made, "withdraw", actor=actor)
    elif stage == "overtaken":
        made = advance(APPROVAL, made, "overtake", actor=SYSTEM)
    return made


def inspection(row: Any, actor: Actor, **given: Any) -> Inspection:
    """Somebody inspects a record for two days, prepared by the actor; the letter is there."""
    number = next(_numbers)
    person = register_person(actor=SYSTEM, name=f"调阅{number}号", email=f"p{number}@example.com")
    User.objects.create_user(f"inspector{number}@example.com", "", person=person)
    asked: dict[str, Any] = {"email": f"inspector{number}@example.com", "body": "市审计局", "letter_no": "穗审调7号"}
    asked |= {"since": today(), "until": today() + timedelta(days=1), "codes": [row.record.code]}
    letter = Upload("调阅函.txt", "调阅函".encode(), True)
    return prepare_inspection(actor=actor, letter=letter, **(asked | given))


def entered(
    lifecycle: Any, register: Any, facts: Any, led: dict[str, tuple[str, str]], owner: Organisation, stage: str,
    by: Actor | None,
) -> Any:  # fmt: skip
    """A record entered at a stage, or at the one from which a step leads to it: the bureau's, or one of its owner's."""
    first, step = led.get(stage, (stage, ""))
    row = register(actor=entering(by), owner=owner, facts=facts, stage=first)
    bureaus = step in {"return", "void"}
    return taken(lifecycle, row, [(step, None if bureaus else by or clerk(owner))] if step else [])


def taken(lifecycle: Any, row: Any, steps: list[tuple[str, Actor | None]]) -> Any:
    """The row after these moves; by nobody in particular means by the bureau."""
    for name, by in steps:
        actor = by or bureau()
        reason = "other" if lifecycle.moves[name].reasons_for(row, actor) else ""
        row = advance(lifecycle, row, name, actor=actor, note="测试", reason=reason)
    return row
