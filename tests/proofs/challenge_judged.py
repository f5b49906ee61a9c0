"""A challenge until its call is decided: the panel, its scores and meeting, the proposal."""

from collections.abc import Callable

from tests.proofs.challenge_story import EXPERTS, FIRM, MARKS, OFFERS, TEAMS, Story, day, opens_call
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
    with story.taking("the ties of the parties are looked up"):
        officer.press("a[href$='/conflicts/']")
        officer.fill(source="国家企业信用信息公示系统")
        officer.save()
        officer.open("R-")
    with story.taking("the officer commits to a draw"):
        officer.press("a[href$='/draw/']")
        officer.fill(technical="2", enterprise="1", finance="0")
        officer.save()
    with story.taking("a witness says a word, and the draw is held"):
        officer.press("a[href$='/draw/']")
        officer.fill(word="芒种", witness="马见证")
        officer.save()
    drawn = [name for name, _sort in EXPERTS if name in officer.page.inner_text("main")]
    panel = officer.text_of("main h1")
    with story.taking("the experts who were drawn accept"):
        for name in drawn:
            story.people[name].to_do()
            story.people[name].take("take-on")
    with story.taking("the officer reads an item as its experts do, and lets them score"):
        officer.press("a[href$='/items/1/']")
        officer.reads_not(*TEAMS)
        officer.open("R-")
        officer.take("begin")
    with story.taking("each expert scores the three, and finds no name"):
        for name in drawn:
            _scores(story, story.people[name], drawn)
    with story.taking("the officer closes the scores"):
        officer.menu("评审组", panel)
        officer.take("close")
    with story.taking("the meeting is recorded, and the panel concludes"):
        meets(officer, lambda legend: OFFERS[2] not in legend)


def _scores(story: Story, who: Walker, drawn: list[str]) -> None:
    """An expert scores every item of the review that waits for them."""
    who.to_do()
    who.reads_not(*TEAMS, FIRM)
    for number in range(1, who.page.locator("main a[href*='/items/']").count() + 1):
        who.press(f"a[href$='/items/{number}/']")
        who.reads_not(*TEAMS, *(one for one in drawn if one != who.name))
        shown = who.page.inner_text("main")
        mark = next((mark for offer, mark in MARKS.items() if offer in shown), "90")
        for place in range(who.page.locator("main [name^=mark_]").count()):
            who.fill(**{f"mark_{place}": mark, f"words_{place}": "依据充分。"})
        who.save("button[name=submit]")


def meets(officer: Walker, chosen: Callable[[str], bool]) -> None:
    """The meeting advises to choose what is to be chosen."""
    officer.press("a[href$='/meeting/']")
    officer.fill(minutes_no="纪要〔2026〕7号", met_on=day())
    groups = officer.page.locator("main fieldset.group")
    for place in range(groups.count()):
        group = groups.nth(place)
        if not group.locator("textarea").count():
            continue
        is_chosen = chosen(group.locator("legend").first.inner_text())
        group.locator(f"input[value={'yes' if is_chosen else 'no'}]").check()
        group.locator("textarea").fill("得分靠前，同意立项。" if is_chosen else "验证依据不足，建议完善后再报。")
    officer.save()
    officer.take("conclude")


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
