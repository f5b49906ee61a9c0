"""What waits for the demo accounts: introductions at every step of their life, drafts, and one that was returned."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

from kezhuan.areas.achievements import actions as achievements
from kezhuan.areas.achievements.models import SUPPLY_STAGES, Achievement
from kezhuan.areas.matches import actions as matches
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Lack, Reason, Suggestion
from kezhuan.areas.needs import actions as needs
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.demo.procedures import acting_for
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.search import live_index
from kezhuan.kernel.text import fen_from_wan, today

Steps = Sequence[tuple[str, str]]
"""Moves in their order, each with the side that takes it."""

MEET: Steps = (("agree", "supply"), ("meet", "need"))
OF_THE_FIRM: Sequence[tuple[str, Steps]] = (
    ("need", MEET[:1]),  # both agreed: contact details stand open, and the firm is to report the meeting
    ("supply", ()),  # asked of the firm
    ("need", MEET),  # met: the firm is to report what came of it
    ("need", ()),  # the firm waits for an answer
)
OF_THE_UNIVERSITY: Sequence[tuple[str, Steps]] = (
    ("need", ()),  # asked of the university
    ("need", MEET[:1]),
    ("need", (*MEET, ("intend", "need"))),
    ("need", (*MEET, ("contract", "need"))),
    ("need", ()),
    ("need", (("decline", "supply"),)),
)
NOTES = {
    "agree": "愿意先线上交流。",
    "meet": "已在南沙实地会面，双方交换了测试数据。",
    "intend": "双方同意先做三个月验证。",
    "contract": "技术开发合同，示例编号 2026-001。",
    "decline": "目前没有可用的中试线。",
}


def introduce_for(owner: Organisation, side: str, plan: Sequence[tuple[str, Steps]]) -> None:
    """Introduce the best public pairs of an account's organisation (`side` says of which), as the plan has it."""
    owned = {"need": "need__record__owner", "supply": "supply__owner"}[side]
    public = {"need__record__public_to__key": "public", "supply__public_to__key": "public"}
    rows = Suggestion.objects.filter(**public, **{owned: owner}, need__introductions=None)
    related = ("need__record__owner", "need__record__contact", "supply__owner", "supply__contact")
    best = rows.select_related(*related).order_by("-score", "need_id", "supply_id")
    for pair, (first, steps) in zip(islice(best, len(plan)), plan, strict=False):
        sides = {
            "need": acting_for(pair.need.record.owner, pair.need.record.contact),
            "supply": acting_for(pair.supply.owner, pair.supply.contact),
        }
        row = matches.introduce(actor=sides[first], need=pair.need, supply=pair.supply)
        for name, by in steps:
            reason = Reason.CAPACITY.value if INTRODUCTION.moves[name].reasons else ""
            row = advance(INTRODUCTION, row, name, actor=sides[by], note=NOTES[name], reason=reason)


NOT_TAKEN = {"trl": Reason.TRL, "price": Reason.PRICE, "deadline": Reason.TIMING}
"""What a firm says where a condition of its need is not met, by the part of the score that says so."""


def refuse_for(owner: Organisation, most: int) -> None:
    """Firms refuse results of a university that miss a condition of their needs, for the reason that the match names."""
    public = {"need__record__public_to__key": "public", "supply__public_to__key": "public"}
    rows = Suggestion.objects.filter(**public, supply__owner=owner, need__introductions=None)
    related = ("need__record__owner", "need__record__contact", "supply")
    refused = 0
    for pair in rows.select_related(*related).order_by("score", "need_id", "supply_id"):
        missed = next(
            (NOT_TAKEN[one["name"]] for one in pair.parts if one["value"] < 0 and one["name"] in NOT_TAKEN), None
        )
        if missed is None or refused == most:
            continue
        asking = acting_for(pair.need.record.owner, pair.need.record.contact)
        matches.refuse_suggestion(actor=asking, need=pair.need, supply=pair.supply, reason=missed.value)
        refused += 1


def miss_for(owner: Organisation, firms: int) -> None:
    """So many firms, those of the nearest needs, miss a comparison with the existing process in a result of a
    university that somebody showed them, the first of them a sample too."""
    public = {"record__public_to__key": "public", "record__introductions__isnull": True}
    row = Achievement.objects.filter(**public, record__owner=owner, record__stage__in=SUPPLY_STAGES).first()
    if row is None:
        return
    asked = Need.objects.filter(record__public_to__key="public", record__phase=Phase.PUBLIC, refusals=None)
    scores = []
    for need in asked.select_related("record__owner", "record__contact", "record__public_to").order_by("pk"):
        match = live_index().explain(matching_item(need), row.pk)
        scores.append((match.score if match else 0.0, need))
    asking: dict[int | None, Need] = {}
    for _score, need in sorted(scores, key=lambda one: -one[0]):
        asking.setdefault(need.record.owner_id, need)
    for place, need in enumerate(islice(asking.values(), firms)):
        matches.refuse_suggestion(
            actor=acting_for(need.record.owner, need.record.contact),
            need=need,
            supply=row.record,
            reason=Reason.INFORMATION.value,
            lacks=[Lack.COMPARISON.value, Lack.SAMPLE.value] if place == 0 else [Lack.COMPARISON.value],
        )


def write_drafts(firm: Actor, university: Actor, officer: Actor) -> None:
    """A draft of each account, and a need that the officer returned for correction."""
    needs.register_need(
        actor=firm,
        owner=firm.organisation,
        facts=needs.NeedFacts(
            title="圆柱电芯激光焊接飞溅在线识别",
            title_en="Seeing spatter while cylindrical cells are laser-welded",
            problem="极柱焊接飞溅目前靠下线抽检，漏检后造成短路返工，希望在焊接过程中识别。",
            field="manufacturing",
            keywords=("激光焊接", "飞溅", "在线检测"),
            confidentiality="title_only",
        ),
    )
    returned = needs.register_need(actor=firm, owner=firm.organisation, facts=_returned_facts(firm))
    returned = advance(NEED, returned, "submit", actor=firm)
    advance(NEED, returned, "return", actor=officer, note="请说明样品由哪一方提供，再提交。")
    achievements.register_achievement(
        actor=university,
        owner=university.organisation,
        facts=achievements.AchievementFacts(
            title="锂电池极片涂布面密度的太赫兹在线测量",
            title_en="Terahertz gauging of electrode coating weight",
            summary="用太赫兹时域反射测量双面涂布的面密度，正在补充整卷测试数据。",
            field="energy",
            trl=4,
            keywords=("太赫兹", "极片涂布", "面密度"),
        ),
    )


def _returned_facts(firm: Actor) -> needs.NeedFacts:
    return needs.NeedFacts(
        title="储能电芯日历寿命的加速评估方法",
        title_en="Judging the calendar life of storage cells in months",
        problem="储能电芯要求二十年日历寿命，现有方法需要一年以上的搁置数据，希望在三个月内给出可信区间。",
        field="energy",
        chain="新能源与储能",
        background="业主在质保合同中要求二十年寿命，现行评估周期超过一年，报价时只能按经验留余量。",
        scenario="用于280 Ah磷酸铁锂储能电芯的来料评价与质保定价。",
        keywords=("日历寿命", "加速老化", "储能电芯"),
        claimant_requirements="有老化试验舱和公开发表的寿命模型。",
        ip_terms="joint",
        budget_fen=fen_from_wan("180"),
        min_trl=5,
        modes=("commissioned_rd", "joint_rd"),
        deadline=today() + timedelta(days=540),
        indicators=(
            needs.Figure("预测误差", "≤", "8", "%", "与一年实测数据比对"),
            needs.Figure("评估周期", "≤", "90", "天", "从入舱到出具报告"),
        ),
        contact=firm.person,
    )
