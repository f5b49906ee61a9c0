"""A challenge until its result is accepted: the first user, the panel, the last payment."""

from tests.proofs.challenge_raced import pays
from tests.proofs.challenge_story import EXPERTS, FIRM, NEED, OFFERS, TEAMS, Story, day, opens_call
from tests.proofs.panel_story import meets, ties_looked_up
from tests.proofs.walkers import Walker


def result_is_accepted(story: Story, officer: Walker) -> None:
    winner, firm = story.people[f"{TEAMS[0]}负责人"], story.people["林工"]
    with story.taking("the winner asks for acceptance"):
        winner.menu("项目", OFFERS[0])
        winner.take("ask-acceptance")
    with story.taking("the firm reports as the first user"):
        firm.to_do(OFFERS[0])
        firm.press("a[href$='/first-use/']")
        firm.fill(meets="yes", words="六英寸产线试用三个月，良率提高四个百分点。")
        firm.save()
    with story.taking("a panel of the bureau is made for the acceptance"):
        officer.to_do(OFFERS[0])
        officer.press("a[href^='/panels/about/']")
        officer.fill(
            scheme="open", choice="assignment", per_item="3", answer_by=day(days=3), due_on=day(days=10),
            criteria__0__name="任务书完成情况", criteria__0__weight="100",
        )  # fmt: skip
        officer.save()
    # Of the units that was done for the call's panel; here people are named who take part.
    ties_looked_up(story, officer)
    with story.taking("experts are assigned who are free of ties"):
        officer.press("a[href$='/assign/']")
        officer.save()
    # By their reviews: beside them the page names who could stand in.
    asked = officer.page.locator("main a[href^='/reviews/']").all_inner_texts()
    judges = [name for name, _sort in EXPERTS if name in asked]
    panel = officer.text_of("main h1")
    with story.taking("its experts accept and score"):
        for name in judges:
            story.people[name].to_do()
            story.people[name].take("take-on")
        officer.menu("评审组", panel)
        officer.take("begin")
        for name in judges:
            who = story.people[name]
            who.to_do()
            who.press("a[href$='/items/1/']")
            who.fill(mark_0="92", words_0="任务书各项指标完成。")
            who.save("button[name=submit]")
    with story.taking("the panel meets and advises to accept"):
        officer.menu("评审组", panel)
        officer.take("close")
        meets(officer, lambda _legend: True)
    with story.taking("the bureau accepts the result"):
        officer.to_do(OFFERS[0])
        officer.take("accept")
    with story.taking("the last payment is made, and the race is closed"):
        pays(officer, OFFERS[0])
        officer.menu("赛马", NEED)
        officer.take("wind-up")
    with story.taking("everybody finds the project that was accepted; the officer reads who decided"):
        visitor = story.people["访客"]
        opens_call(visitor)
        visitor.press("a[href^='/projects/']")
        visitor.reads(TEAMS[0])
        officer.menu("项目", OFFERS[0])
        officer.press("a[href$='/decisions/']")
        officer.reads(FIRM, TEAMS[0])
