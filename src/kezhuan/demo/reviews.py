"""Experts of the invented city, and panels that judge for its calls: one that has concluded, drawn by lot, and one that
scores blind, in which the demo's expert has items to score."""

from collections.abc import Mapping
from datetime import timedelta

from kezhuan.areas.calls.models import Call
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.people.actions import register_person
from kezhuan.areas.projects.models import Project
from kezhuan.areas.reviews.actions import ExpertFacts, declare_ties, enter_expert
from kezhuan.areas.reviews.choosing_actions import assign_experts, commit_draw, hold_draw
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.lifecycle import EXPERT, PANEL, REVIEW
from kezhuan.areas.reviews.models import Choice, Expert, ExpertSort, Panel, Review, Scheme
from kezhuan.areas.reviews.panel_actions import (
    Advice,
    CriterionFacts,
    PanelFacts,
    look_up_parties,
    prepare_panel,
    record_meeting,
)
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.kernel.access import SYSTEM, Actor, actor_for
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import User
from kezhuan.kernel.text import today
from kezhuan.kernel.vocabulary import Field

EXPERT_ACCOUNT = "expert@demo.kezhuan"
POOL = (
    (EXPERT_ACCOUNT, "示例·秦专家", ExpertSort.TECHNICAL),
    ("expert2@demo.kezhuan", "示例·许专家", ExpertSort.TECHNICAL),
    ("expert3@demo.kezhuan", "示例·谭专家", ExpertSort.TECHNICAL),
    ("expert4@demo.kezhuan", "示例·袁企业", ExpertSort.ENTERPRISE),
    ("expert5@demo.kezhuan", "示例·邹企业", ExpertSort.ENTERPRISE),
    ("expert6@demo.kezhuan", "示例·孟财务", ExpertSort.FINANCE),
)
"""Invented experts; the first has an account that can be tried."""
KNOWN = {
    "expert2@demo.kezhuan": ("碳化硅衬底", "化学机械抛光", "去除率", "表面粗糙度"),
    "expert3@demo.kezhuan": ("退役电池", "健康度", "梯次利用"),
}
"""What some of them know beside, so that needs find them."""
CRITERIA = (
    CriterionFacts("技术方案与指标", 5000, "90分以上：指标全部响应且有验证数据；60分：基本响应。"),
    CriterionFacts("团队与条件", 3000, "90分以上：有中试条件和同类项目经验。"),
    CriterionFacts("产业化前景", 2000, "90分以上：用户明确，推广路径清楚。"),
)
MARKS = ((92, 85, 78), (90, 80, 84), (88, 76, 70), (89, 79, 75), (91, 83, 77))
"""What the experts who were drawn give the items of the decided call, by their number; every criterion alike."""
DRAWN: Mapping[str, int] = {ExpertSort.TECHNICAL: 2, ExpertSort.ENTERPRISE: 1}
"""How many are drawn, where no rule value asks for more."""
WORDS = ("指标响应完整，验证数据充分。", "团队具备中试条件。", "用户单位明确，推广路径较清楚。")
REASON = {True: "综合得分第一，技术路线成熟，同意立项。", False: "得分靠后，关键指标的验证依据不足，建议完善后再报。"}


def pool_of(officer: Actor, password: str) -> list[Expert]:
    """Ask the invented experts into the pool; each declares that there is no tie, and joins."""
    found = []
    for email, name, sort in POOL:
        person = register_person(actor=SYSTEM, name=name, email=email, phone="020-00000003")
        # Only the demo's own account can be tried; nobody signs in as the others.
        User.objects.create_user(email, password if email == EXPERT_ACCOUNT else "", person=person)
        own = actor_for(person)
        # Whoever tries the demo's account is to find something to do: they know what every application speaks of.
        topics = ("示例", "指标", "攻关") if email == EXPERT_ACCOUNT else ("检测", *KNOWN.get(email, ()))
        facts = ExpertFacts(sort, tuple(Field.values), topics)
        asked = enter_expert(actor=officer, email=email, facts=facts)
        found.append(advance(EXPERT, declare_ties(actor=own, expert=asked, ties=[]), "consent", actor=own))
    return found


def _prepared(officer: Actor, call: Call | Project | Evaluation, facts: PanelFacts) -> Panel:
    panel = prepare_panel(actor=officer, about=call.record, facts=facts)
    parties = [one.pk for one in clear_panel(panel, []).unknown_parties]
    source = "国家企业信用信息公示系统（示例）"
    if parties:  # those of an earlier panel stay looked up
        look_up_parties(actor=officer, panel=panel, parties=parties, source=source, on=today())
    return panel


def _facts(call: Call | Project | Evaluation, scheme: str, choice: str, per_item: int = 3) -> PanelFacts:
    return PanelFacts(
        title=f"{call.record.title}评审",
        about="请依据榜单指标独立评分，并写明理由；与评审对象有利益关系的，请回避。",
        scheme=scheme,
        choice=choice,
        criteria=CRITERIA,
        per_item=per_item,
        answer_by=today() + timedelta(days=3),
        due_on=today() + timedelta(days=10),
    )


def _accepted(panel: Panel) -> list[Review]:
    rows = Review.objects.filter(panel=panel).select_related("record", "expert__person__record").order_by("number")
    return [advance(REVIEW, one, "take-on", actor=actor_for(one.expert.person)) for one in rows]


def _score(review: Review, number: int, mark: int) -> None:
    score_item(
        actor=actor_for(review.expert.person),
        review=review,
        number=number,
        marks=[str(mark)] * len(CRITERIA),
        words=list(WORDS),
        submit=True,
    )


def judge(officer: Actor, call: Call | Project | Evaluation, best: int, drawn: Mapping[str, int] = DRAWN) -> Panel:
    """A panel drawn by lot judges a closed call, a project or a case to its end: it advises to choose the item of this
    id."""
    panel = _prepared(officer, call, _facts(call, Scheme.DOUBLE, Choice.DRAW, sum(drawn.values())))
    commit_draw(actor=officer, panel=panel, places=drawn)
    hold_draw(actor=officer, panel=panel, word="芒种", witness="示例·马见证")
    reviews = _accepted(panel)
    panel = advance(PANEL, panel, "begin", actor=officer)
    items = sorted(panel.items.all(), key=lambda one: (one.record_id != best, one.record_id))
    for review, marks in zip(reviews, MARKS, strict=False):
        for item, mark in zip(items, marks, strict=False):
            _score(review, item.number, mark)
    panel = advance(PANEL, panel, "close", actor=officer)
    advice = {one.number: Advice(one.place, one.rank == 1, REASON[one.rank == 1]) for one in panel.items.all()}
    panel = record_meeting(actor=officer, panel=panel, minutes_no="示例纪要〔2026〕7号", met_on=today(), advice=advice)
    concluded: Panel = advance(PANEL, panel, "conclude", actor=officer)
    return concluded


def begin_judging(officer: Actor, call: Call) -> Panel:
    """A blind panel, its experts assigned by fit, scores: some have begun, the demo's expert has not."""
    panel = _prepared(officer, call, _facts(call, Scheme.BLIND, Choice.ASSIGNMENT))
    assign_experts(actor=officer, panel=panel)
    reviews = _accepted(panel)
    panel = advance(PANEL, panel, "begin", actor=officer)
    for review in reviews:
        if review.expert.person.email != EXPERT_ACCOUNT:
            for number in review.sheets.values_list("item__number", flat=True)[:1]:
                _score(review, number, 82)
    return panel
