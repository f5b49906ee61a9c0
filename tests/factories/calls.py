"""Calls and applications for tests, made through the program's own actions."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from kezhuan.areas.calls.actions import Heard, prepare_call, put_on_list, record_readings
from kezhuan.areas.calls.application_actions import ApplicationFacts, begin_application
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.eligibility_actions import Check, judge_criteria
from kezhuan.areas.calls.facts import CallFacts, Condition
from kezhuan.areas.calls.library_actions import BudgetFacts, issue_budget
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, BudgetDocument, Call, CallItem
from kezhuan.areas.calls.place_actions import Place, put_place
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.calls.questions import Question
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import SYSTEM
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import now, today
from tests.factories import city


def call_facts(**facts: Any) -> CallFacts:
    """A call that can be published once its list is tested."""
    return CallFacts(
        **{
            "title": "半导体材料揭榜挂帅项目征集",
            "about": "面向产线的碳化硅衬底攻关。",
            "opens_at": now() - timedelta(days=1),
            "closes_at": now() + timedelta(days=20),
            "ip_terms": "joint",
            "readers_asked": 1,
            "conditions": (Condition("具备研究基础", True),),
            "questions": (Question("技术路线"), Question("成熟度", "number", False, 9)),
            "budget_year": 2026,
            "budget_subject": "2060404",
            "budget_fen": 500_000_000,
            **facts,
        }
    )


def call(
    *,
    stage: str = "draft",
    by: Actor | None = None,
    needs: Sequence[Need] | None = None,
    winners: int = 1,
    places: Sequence[Place] = (),
    **facts: Any,
) -> Call:
    """A call of the city with one need on its list that was tested, or with places alone, taken to a stage before the
    decision."""
    actor = by or city.bureau()
    made = prepare_call(actor=actor, facts=call_facts(**facts))
    if needs is None:
        needs = [] if places else [city.need(city.organisation(), stage="published")]
    for one in needs:
        put_on_list(actor=actor, call=made, need=one, fiscal_fen=200_000_000, months=24, winners=winners)
    for place in places:
        put_place(actor=actor, call=made, place=place)
    if needs:
        made = record_readings(actor=actor, call=made, heard=[Heard("王院士", today(), True)])
    if stage in {"draft", "discarded"}:
        return city.taken(CALL, made, [("discard", actor)] if stage == "discarded" else [])
    made = city.taken(CALL, made, [("publish", actor)])
    if stage in {"closed", "decided", "unclaimed"}:
        if stage == "decided":
            application(made, stage="qualified")
        end_time_of(made)
        made = city.taken(CALL, made, [("close", actor)])
    if stage == "decided":
        rows = Application.objects.filter(item__call=made, record__stage="qualified").select_related("record")
        propose(actor=actor, call=made, proposed={one.record.code: Proposed(True, "方案可行") for one in rows})
    steps = {"decided": ["decide"], "unclaimed": ["fail"], "withdrawn": ["withdraw"], "void": ["withdraw", "void"]}
    return city.taken(CALL, made, [(name, actor) for name in steps.get(stage, [])])


def by_invitation(*units: Organisation, by: Actor | None = None, **facts: Any) -> Call:
    """An open call of which these units alone know, with a direction on its list unless there are needs."""
    places = () if "needs" in facts else (Place("光刻胶定向攻关方向"),)
    named = {"disclosure": "invited", "invited": tuple(one.record.code for one in units)}
    told = {"title": "光刻胶定向征集", "about": "只请受邀单位申报。"}
    return call(stage="published", by=by, places=places, **{**told, **named, **facts})


def recommender_of(row: Call, unit: Organisation | None = None, *, letter_optional: bool = False) -> Organisation:
    """A unit that recommends applications to a call that is open."""
    unit = unit or city.organisation(kind="agency")
    row.recommenders.add(unit)
    row.recommend_until = now() + timedelta(days=25)
    row.letter_optional = letter_optional
    row.save(update_fields=["recommend_until", "letter_optional"])
    return unit


def end_time_of(row: Call) -> None:
    """As if the time for applications had gone by."""
    Call.objects.filter(pk=row.pk).update(opens_at=now() - timedelta(days=9), closes_at=now() - timedelta(days=1))


def application_facts(**facts: Any) -> ApplicationFacts:
    """An application that can be submitted."""
    return ApplicationFacts(
        **{
            "title": "低缺陷抛光攻关",
            "offer": "以等离子体辅助抛光达到要求。",
            "leader": "李攻关",
            "asked_fen": 100_000_000,
            "months": 18,
            "commitments": ("0.08",),
            "evidence": ("省重点实验室",),
            "answers": ("等离子体辅助化学机械抛光", "5"),
            "promised": True,
            **facts,
        }
    )


def application(
    to: Call, owner: Organisation | None = None, *, stage: str = "submitted", by: Actor | None = None, **facts: Any
) -> Application:
    """An application of a unit for the first item of a call that is open, taken to a stage before the decision."""
    unit = owner or city.organisation(kind="university")
    if stage == "checking":
        Call.objects.filter(pk=to.pk).update(unit_check=True)
    actor, item = by or city.clerk(unit), CallItem.objects.select_related("call__record").get(call=to, number=1)
    sender = city.clerk(unit) if stage == "checking" else None
    if stage in {"offered", "sent-back"}:
        recommender = to.recommenders.select_related("record").first() or recommender_of(to)
        sender, facts = city.clerk(recommender), {"recommender": recommender.record.code, **facts}
    facts = {"commitments": ("0.08",) if item.indicators else (), **facts}
    made = begin_application(actor=actor, item=item, facts=application_facts(**facts))
    if stage in {"qualified", "shortlisted", "awarded", "rejected"}:
        return city.taken(APPLICATION, checked(city.taken(APPLICATION, made, [("submit", actor)])), PASSED[stage])
    steps = {
        "draft": [],
        "discarded": [("discard", actor)],
        "checking": [("submit", sender)],
        "offered": [("submit", actor)],
        "sent-back": [("submit", actor), ("send-back", sender)],
        "submitted": [("submit", actor)],
        "returned": [("submit", actor), ("return", None)],
        "refused": [("submit", actor), ("refuse", None)],
        "withdrawn": [("submit", actor), ("withdraw", actor)],
        "missed": [("miss", SYSTEM)],
        "lapsed": [("lapse", SYSTEM)],
    }[stage]
    return city.taken(APPLICATION, made, steps)


PASSED: dict[str, list[tuple[str, Actor | None]]] = {
    "qualified": [("accept", None)],
    "shortlisted": [("accept", None), ("shortlist", SYSTEM)],
    "awarded": [("accept", None), ("award", SYSTEM)],
    "rejected": [("accept", None), ("pass-over", SYSTEM)],
}
"""By stage what follows once an application was found to meet every condition."""


def checked(row: Application, by: Actor | None = None, outcome: str = "met") -> Application:
    """An application that waits for its formality check, of which an officer says that it meets every condition."""
    count = sum(one["rule"] == "" for one in row.item.call.conditions)
    said = [Check(outcome, "promise", "测试")] * count
    return judge_criteria(actor=by or city.bureau(), application=row, checks=said)


def budget(by: Actor) -> BudgetDocument:
    """A budget document that names what a call without needs has chosen."""
    decided = call(stage="decided", by=by, places=[Place("概念验证")], awaits_budget=True)
    (code,) = Application.objects.filter(item__call=decided).values_list("record__code", flat=True)
    return issue_budget(actor=by, facts=BudgetFacts("穗财〔2026〕1号", 2026, "2060404", today(), {code: 0}))


def field_on(row: Call, by: Actor) -> CallItem:
    """A field on the list of a call that is prepared, behind what stands there."""
    return put_place(actor=by, call=row, place=Place("科技金融"))
