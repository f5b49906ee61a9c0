"""What the stories of panels share: experts drawn by lot take on, they score and find no name, the panel meets."""

from collections.abc import Callable, Sequence

from tests.proofs.challenge_story import Story, day
from tests.proofs.walkers import Walker


def ties_looked_up(story: Story, officer: Walker) -> None:
    """On the page of a panel: what was found of the parties' ties is entered, of whom nothing was looked up yet."""
    with story.taking("the ties of the parties are looked up"):
        officer.press("a[href$='/conflicts/']")
        officer.fill(source="国家企业信用信息公示系统")
        officer.save()
        officer.open("R-")


def experts_drawn(story: Story, officer: Walker, pool: Sequence[str], **places: str) -> list[str]:
    """On the page of a new panel: its experts are drawn from those who are free of ties, and take on."""
    ties_looked_up(story, officer)
    with story.taking("the officer commits to a draw"):
        officer.press("a[href$='/draw/']")
        officer.fill(**places)
        officer.save()
    with story.taking("a witness says a word, and the draw is held"):
        officer.press("a[href$='/draw/']")
        officer.fill(word="芒种", witness="马见证")
        officer.save()
    asked = officer.page.locator("main a[href^='/reviews/']").all_inner_texts()  # not who could stand in
    drawn = [name for name in pool if name in asked]
    with story.taking("the experts who were drawn accept"):
        for name in drawn:
            story.people[name].to_do()
            story.people[name].take("take-on")
    return drawn


def scoring_begins(story: Story, officer: Walker, hidden: Sequence[str]) -> str:
    """The officer sees what experts will see, and lets them score; answers what the panel is called."""
    panel = officer.text_of("main h1")
    with story.taking("the officer reads an item as its experts do, and lets them score"):
        officer.press("a[href$='/items/1/']")
        officer.reads_not(*hidden)
        officer.open("R-")
        officer.take("begin")
    return panel


def scores(who: Walker, drawn: Sequence[str], hidden: Sequence[str], mark_of: Callable[[str, int], str]) -> None:
    """An expert scores every item of the review that waits for them: by what it shows and the criterion's place."""
    who.to_do()
    who.reads_not(*hidden)
    for number in range(1, who.page.locator("main a[href*='/items/']").count() + 1):
        who.press(f"a[href$='/items/{number}/']")
        who.reads_not(*hidden, *(one for one in drawn if one != who.name))
        shown = who.page.inner_text("main")
        for place in range(who.page.locator("main [name^=mark_]").count()):
            who.fill(**{f"mark_{place}": mark_of(shown, place), f"words_{place}": "依据充分。"})
        who.save("button[name=submit]")


def scores_closed(story: Story, officer: Walker, panel: str) -> None:
    with story.taking("the officer closes the scores"):
        officer.menu("评审组", panel)
        officer.take("close")


def meets(officer: Walker, chosen: Callable[[str], bool], yes: str = "得分靠前，同意立项。") -> None:
    """The meeting advises to choose what is to be chosen, and the panel concludes."""
    officer.press("a[href$='/meeting/']")
    officer.fill(minutes_no="纪要〔2026〕7号", met_on=day())
    groups = officer.page.locator("main fieldset.group")
    for place in range(groups.count()):
        group = groups.nth(place)
        if not group.locator("textarea").count():
            continue
        is_chosen = chosen(group.locator("legend").first.inner_text())
        group.locator(f"input[value={'yes' if is_chosen else 'no'}]").check()
        group.locator("textarea").fill(yes if is_chosen else "验证依据不足，建议完善后再报。")
    officer.save()
    officer.take("conclude")
