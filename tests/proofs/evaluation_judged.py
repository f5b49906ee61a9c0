"""An evaluation by a meeting of experts: who is in the pool, the panel that is drawn, what its experts mark."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.reviews.models import Expert, Panel
from kezhuan.kernel.access import Actor
from tests.factories import reviews
from tests.proofs.challenge_story import Story, day
from tests.proofs.panel_story import experts_drawn, meets, scores, scores_closed, scoring_begins
from tests.proofs.walkers import PASSWORD, Walker

TECHNICAL = ("秦评审", "许评审", "谭评审", "袁评审", "温评审", "冼评审")
ENTERPRISE = ("区评审", "麦评审")
INSIDER = "容评审"
VALUES = ("科学价值", "技术价值", "经济价值", "社会价值", "转化推广潜力")
"""What is marked of a result of development; the first is marked 80 to 86 by seven, and each next one point higher."""
MEANS = {"science": "83", "technology": "84", "economy": "85", "society": "86", "potential": "87"}
TOTAL = "85.25"
"""83 × 5 % + 84 × 25 % + 85 × 35 % + 86 × 10 % + 87 × 25 %."""
OPINION = "指标经第三方检测，同意通过评价。"


def experts_come(story: Story, bureau: Actor, unit: Any) -> list[str]:
    """Eight experts of the pool sign in; a ninth is of the unit itself."""
    pool = [*TECHNICAL, *ENTERPRISE]
    for name in pool:
        expert = reviews.expert(name, by=bureau, sort="enterprise" if name in ENTERPRISE else "technical")
        _may_sign_in(expert)
        story.walk.said.add(name)
        story.signs_in(name, expert.person.email)
    reviews.expert(INSIDER, by=bureau, employer=unit)
    story.walk.said.add(INSIDER)
    return pool


def _may_sign_in(expert: Expert) -> None:
    user = expert.person.user
    user.set_password(PASSWORD)
    user.save()


def judged_in_a_meeting(story: Story, officer: Walker, pool: Sequence[str], hidden: Sequence[str]) -> None:
    """The officer makes a panel of the case, seven are drawn, mark it blind, meet, and the panel concludes."""
    with story.taking("the officer makes a panel, which begins as the meeting and the weights in force ask"):
        officer.press("a[href^='/panels/about/']")
        begun = officer.page.locator("main [name^='criteria-'][name$='-name']")
        assert [one.input_value() for one in begun.all() if one.input_value()] == list(VALUES)
        assert officer.page.input_value("main [name=per_item]") == "7"
        officer.fill(
            title="抛光成果会议评价", summary="请依据证据逐项评分，并写明理由。", scheme="blind", choice="draw",
            answer_by=day(days=3), due_on=day(days=10),
        )  # fmt: skip
        officer.save()
    drawn = experts_drawn(story, officer, pool, technical="5", enterprise="2", finance="0")
    assert (len(drawn), Panel.objects.get().reviews.count()) == (7, 7)
    panel = scoring_begins(story, officer, hidden)
    with story.taking("each of the seven marks the values, and finds no name"):
        for first, name in enumerate(drawn, 80):
            scores(story.people[name], drawn, hidden, partial(_mark, first))
    scores_closed(story, officer, panel)
    with story.taking("the meeting is recorded, and the panel concludes"):
        meets(officer, lambda _legend: True, OPINION)
        officer.reads(TOTAL)
    assert Evaluation.objects.get().record.stage == "evaluating"


def _mark(first: int, _shown: str, place: int) -> str:
    return str(first + place)
