"""A challenge until its call is decided: the panel, its scores and meeting, the proposal."""

from tests.proofs.challenge_story import EXPERTS, FIRM, MARKS, OFFERS, TEAMS, Story, day, opens_call
from tests.proofs.panel_story import experts_drawn, meets, scores, scores_closed, scoring_begins
from tests.proofs.walkers import Walker


def panel_judges(story: Story, officer: Walker) -> None:
    with story.taking("the officer makes a blind panel"):
        opens_call(officer)
        officer.press("a[href^='/panels/about/']")
        officer.fill(
            summary="请依据指标独立评分，并写明理由。", scheme="blind", choice="draw", per_item="3",
            answer_by=day(days=3), due_on=day(days=10),
        )  # fmt: skip
        begun = officer.page.locator("main [name^='criteria-'][name$='-name']")
        assert "技术方案" in [one.input_value() for one in begun.all()]  # the criteria that applicants read
        officer.save()
    drawn = experts_drawn(story, officer, [name for name, _sort in EXPERTS], technical="2", enterprise="1", finance="0")
    panel = scoring_begins(story, officer, TEAMS)
    with story.taking("each expert scores the three, and finds no name"):
        for name in drawn:
            scores(story.people[name], drawn, (*TEAMS, FIRM), _mark)
    scores_closed(story, officer, panel)
    with story.taking("the meeting is recorded, and the panel concludes"):
        meets(officer, lambda legend: OFFERS[2] not in legend)


def _mark(shown: str, _place: int) -> str:
    return next((mark for offer, mark in MARKS.items() if offer in shown), "90")


def call_is_decided(story: Story, officer: Walker) -> None:
    with story.taking("the officer proposes what the panel advises"):
        opens_call(officer)
        officer.press("a[href$='/proposal/']")
        officer.save()
    with story.taking("the call is decided"):
        officer.take("decide")
    with story.taking("the one that was not chosen reads why"):
        loser = story.people[f"{TEAMS[2]}负责人"]
        loser.menu("申报", OFFERS[2])
        loser.reads("验证依据不足")
    with story.taking("everybody reads who was chosen"):
        visitor = story.comes("访客")
        opens_call(visitor)
        visitor.reads(*TEAMS[:2])
        visitor.reads_not(TEAMS[2])
