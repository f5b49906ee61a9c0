"""A small city for tests, made through the program's own actions: organisations, actors, achievements, needs."""

import itertools
from datetime import date
from typing import Any

from kezhuan.areas.achievements.actions import AchievementFacts, Contribution, register_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.needs.actions import Figure, NeedFacts, register_need
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import SYSTEM, add_member, register_organisation, register_person
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.parties import Role

_numbers = itertools.count(1)


def organisation(name: str = "", *, kind: str = "enterprise", region: str = "440106", stage: str = "verified") -> Any:
    """A verified organisation of Tianhe, unless said otherwise."""
    return register_organisation(
        actor=SYSTEM, name=name or f"单位{next(_numbers)}号", kind=kind, region=region, stage=stage
    )


def member(owner: Organisation, role: str = Role.MEMBER, **membership: Any) -> Actor:
    """Somebody who acts for the organisation."""
    person = register_person(
        actor=SYSTEM, name=f"人员{next(_numbers)}号", email=f"p{next(_numbers)}@example.com", phone="020-00000000"
    )
    add_member(actor=SYSTEM, organisation=owner, person=person, role=role, **membership)
    return actor_for(person)


def officer(jurisdiction: str = "") -> Actor:
    """An officer of the city, or of a district."""
    office = organisation(f"科技局{next(_numbers)}", kind="government", region=jurisdiction or "440100")
    return member(office, Role.OFFICER, jurisdiction=jurisdiction)


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
            "field": "materials",
            "scenario": "六英寸产线",
            "claimant_requirements": "有中试线",
            "ip_terms": "joint",
            "budget_fen": 300_000_000,
            "min_trl": 6,
            "deadline": date(2030, 12, 31),
            "indicators": (Figure("表面粗糙度", "≤", "0.1", "nm", "GB/T 29505"),),
            **facts,
        }
    )


def achievement(owner: Organisation, *, stage: str = "draft", by: Actor | None = None, **facts: Any) -> Achievement:
    """An achievement of the unit, taken to a stage by those who may."""
    actor, bureau = by or member(owner), officer()
    row = register_achievement(actor=actor, owner=owner, facts=achievement_facts(**facts))
    return _taken(
        ACHIEVEMENT,
        row,
        {
            "draft": [],
            "submitted": [("submit", actor)],
            "listed": [("submit", actor), ("list", bureau)],
            "registered": [("submit", actor), ("list", bureau), ("register", bureau)],
            "withdrawn": [("submit", actor), ("list", bureau), ("withdraw", actor)],
            "void": [("submit", actor), ("list", bureau), ("void", bureau)],
        }[stage],
    )


def need(owner: Organisation, *, stage: str = "draft", by: Actor | None = None, **facts: Any) -> Need:
    """A need of the firm, taken to a stage by those who may."""
    actor, bureau = by or member(owner), officer()
    row = register_need(actor=actor, owner=owner, facts=need_facts(**facts))
    return _taken(
        NEED,
        row,
        {
            "draft": [],
            "submitted": [("submit", actor)],
            "published": [("submit", actor), ("publish", bureau)],
            "closed": [("submit", actor), ("publish", bureau), ("close", actor)],
            "withdrawn": [("submit", actor), ("publish", bureau), ("withdraw", actor)],
            "void": [("submit", actor), ("publish", bureau), ("void", bureau)],
        }[stage],
    )


def introduction(actor: Actor, firm: Organisation, unit: Organisation) -> Introduction:
    """The actor introduces a published need of the firm to a listed result of the unit."""
    return introduce(actor=actor, need=need(firm, stage="published"), supply=achievement(unit, stage="listed").record)


def _taken(lifecycle: Any, row: Any, steps: list[tuple[str, Actor]]) -> Any:
    for name, actor in steps:
        row = advance(lifecycle, row, name, actor=actor, note="测试")
    return row
