"""Experts, panels and reviews for tests, made through the program's own actions."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Call
from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.areas.reviews.actions import ExpertFacts, TieFacts, declare_ties, enter_expert
from kezhuan.areas.reviews.choosing_actions import assign_experts, commit_draw, hold_draw
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.lifecycle import EXPERT, PANEL, REVIEW
from kezhuan.areas.reviews.models import Expert, Panel, Review
from kezhuan.areas.reviews.panel_actions import (
    Advice,
    CriterionFacts,
    PanelFacts,
    look_up_parties,
    prepare_panel,
    record_meeting,
)
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.kernel.access import Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation, Record, User
from kezhuan.kernel.text import today
from tests.factories import calls, city

CRITERIA = (CriterionFacts("技术", 6000, "90 以上：领先"), CriterionFacts("市场", 4000))


def expert(
    name: str,
    *,
    by: Actor,
    sort: str = "technical",
    employer: Organisation | None = None,
    stage: str = "active",
    ties: Sequence[TieFacts] = (),
    **facts: Any,
) -> Expert:
    """Somebody with an account who was asked into the pool and, unless said otherwise, declared and joined."""
    person = register_person(actor=SYSTEM, name=name, email=f"{name}@example.com")
    facts["employer"] = employer.record.code if employer is not None else ""
    return join(actor_for(person), by=by, sort=sort, stage=stage, ties=ties, **facts)


def join(
    actor: Actor,
    *,
    by: Actor,
    sort: str = "technical",
    stage: str = "active",
    ties: Sequence[TieFacts] = (),
    **facts: Any,
) -> Expert:
    """A person is given an account and asked into the pool and, unless said otherwise, declares and joins."""
    person = actor.person
    assert person is not None
    User.objects.create_user(person.email, "", person=person)
    said = ExpertFacts(sort, **{"fields": ("materials",), "topics": ("抛光",), "employer": "", **facts})
    made = enter_expert(actor=by, email=person.email, facts=said)
    if stage == "active":
        made = declare_ties(actor=actor, expert=made, ties=ties)
        made = advance(EXPERT, made, "consent", actor=actor)
    return made


def closed_call(officer: Actor, *units: Organisation, **facts: Any) -> Call:
    """A closed call with an application of each unit that passed the formality check."""
    made = calls.call(stage="published", by=officer, **facts)
    for unit in units:
        calls.application(made, unit, stage="qualified", title=f"{unit.record.title}攻关")
    calls.end_time_of(made)
    return city.taken(CALL, made, [("close", officer)])


def panel_facts(**facts: Any) -> PanelFacts:
    """A panel whose experts can be chosen."""
    return PanelFacts(
        **{
            "title": "首批项目评审",
            "choice": "assignment",
            "criteria": CRITERIA,
            "per_item": 3,
            "mixed": False,
            "answer_by": today() + timedelta(days=3),
            "due_on": today() + timedelta(days=10),
            **facts,
        }
    )


def panel(officer: Actor, about: Any, **facts: Any) -> Panel:
    """A panel about a closed call; the ties of all parties are looked up."""
    made = prepare_panel(actor=officer, about=about.record, facts=panel_facts(**facts))
    looked_up(officer, made)
    return made


def looked_up(officer: Actor, made: Panel) -> None:
    """The ties of all parties of a panel's items were looked up today."""
    parties = [one.pk for one in clear_panel(made, []).unknown_parties]
    if parties:
        look_up_parties(actor=officer, panel=made, parties=parties, source="国家企业信用信息公示系统", on=today())


def asked(officer: Actor, made: Panel, **places: int) -> list[Review]:
    """The panel's experts are chosen, and accept."""
    if places:
        commit_draw(actor=officer, panel=made, places=places)
        hold_draw(actor=officer, panel=made, word="春分", witness="赵见证")
    else:
        assign_experts(actor=officer, panel=made)
    invited = Review.objects.filter(panel=made, record__stage="invited").select_related("expert__person__record")
    return [advance(REVIEW, one, "take-on", actor=judge(one)) for one in invited.order_by("number")]


def judge(review: Review) -> Actor:
    """The expert of a review."""
    return actor_for(review.expert.person)


def score_all(made: Panel, mark: Any = lambda review, item: "80") -> None:
    """Every expert scores each item."""
    coming = Review.objects.filter(panel=made, record__stage="accepted")
    for review in coming.select_related("expert__person__record", "record"):
        for sheet in review.sheets.filter(recused="", submitted_at=None).select_related("item"):
            marks = [mark(review.number, sheet.item.number)] * len(made.criteria)
            score_item(
                actor=judge(review), review=review, number=sheet.item.number, marks=marks,
                words=["依据充分"] * len(marks), submit=True,
            )  # fmt: skip


def scored(officer: Actor, made: Panel, mark: Any = lambda review, item: "80") -> Panel:
    """Every item is scored by everybody, and the scores are closed."""
    made = advance(PANEL, made, "begin", actor=officer)
    score_all(made, mark)
    return advance(PANEL, made, "close", actor=officer)


def judged(officer: Actor, about: Any, *, advised: bool = True) -> Panel:
    """A panel about a closed call, as if it had met and had concluded; nobody scored."""
    made = prepare_panel(actor=officer, about=about.record, facts=panel_facts())
    for one in made.items.all():
        one.result = {"score": "80.00", "rank": one.number, "corrected": "80.00", "spread": "0.00"}
        one.place, one.advised, one.opinion = one.number, advised, "意见"
        one.save()
    Record.objects.filter(pk=made.pk).update(stage="concluded")
    return made


def met(officer: Actor, made: Panel) -> Panel:
    """The panel has met, and advises to choose what ranks first."""
    advice = {
        one.number: Advice(one.place, one.rank == 1, f"第{one.rank}名，意见{one.number}") for one in made.items.all()
    }
    return record_meeting(actor=officer, panel=made, minutes_no="纪要〔2026〕1号", met_on=today(), advice=advice)


def concluded(officer: Actor, made: Panel) -> Panel:
    """The panel has met and has concluded."""
    return advance(PANEL, met(officer, made), "conclude", actor=officer)
