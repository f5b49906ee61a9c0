"""A challenge until one team has won: task books, the race, its gate, payments."""

from tests.proofs.challenge_story import NEED, OFFERS, TEAMS, TESTER, Story, day, each, opens_call
from tests.proofs.walkers import Walker


def race_begins(story: Story, officer: Walker) -> None:
    with each(story, "both who were chosen open their projects") as teams:
        for who, offer in zip(teams, OFFERS, strict=False):
            who.to_do(offer)
            who.press("a[href$='/project/']")
            who.save()
    with story.taking("the officer lets them race"):
        opens_call(officer)
        officer.press("a[href$='/race/']")
        officer.fill(first="15", gates=day(days=180), least_teams="2", most_teams="3", first_share_bp="30")
        officer.save()
    with each(story, "each writes its task book and files it") as teams:
        for who, offer in zip(teams, OFFERS, strict=False):
            who.to_do(offer)
            who.press("a[href$='/edit/']")
            _writes_book(who)
            who.take("file")
    with story.taking("the firm, which poses the challenge, signs both"):
        for offer in OFFERS[:2]:
            story.people["林工"].to_do(offer)
            story.people["林工"].press("a[href$='/sign-book/']")
            story.people["林工"].save()
    with story.taking("the bureau signs both"):
        for offer in OFFERS[:2]:
            officer.to_do(offer)
            officer.take("sign")
    with each(story, "both begin the work") as teams:
        for who, offer in zip(teams, OFFERS, strict=False):
            who.to_do(offer)
            who.take("begin")
    with story.taking("the first payments are made"):
        for offer in OFFERS[:2]:
            pays(officer, offer)


def _writes_book(who: Walker) -> None:
    """The task book of a team: one milestone, three payments."""
    unit = who.page.locator("main [name='shares-0-organisation']").input_value()
    who.fill(starts_on=day(), ends_on=day(days=600), own="20", firm="10", staff="梁工，总体设计，20")
    who.fill(shares__0__task="总体设计与集成", shares__0__fiscal="15", shares__0__own="20")
    who.add_row("milestones")
    who.fill(
        milestones__0__indicator="样件粗糙度不高于0.1 nm", milestones__0__due_on=day(days=400),
        milestones__0__method="第三方检测", milestones__0__organisation=unit,
    )  # fmt: skip
    rows = (("fiscal", "signing", "", "10"), ("fiscal", "milestone", "1", "5"), ("firm", "milestone", "1", "10"))
    for place, (source, occasion, milestone, amount) in enumerate(rows):
        who.add_row("payments")
        who.fill(
            **{
                f"payments__{place}__source": source, f"payments__{place}__occasion": occasion,
                f"payments__{place}__milestone": milestone, f"payments__{place}__amount": amount,
            }
        )  # fmt: skip
    who.save()


def pays(officer: Walker, offer: str) -> None:
    """A payment that is due is made and noted, from the payment list."""
    officer.menu("拨款清单", offer)
    officer.press("a[href*='/payments/']")
    officer.fill(voucher=f"记{len(officer.walk.said):04d}")
    officer.save()


def one_wins(story: Story, officer: Walker) -> None:
    with story.taking("half a year goes by, and a third party holds the gate"):
        story.walk.forward(days=180)
        officer.press("a[href='/organisations/']", within="header")
        officer.open(TESTER)
        tester = officer.text_of("main .meta .code")
        officer.menu("赛马", NEED)
        officer.press("a[href$='/gate/']")
        officer.fill(on=day(), tester=tester, report_no="检测〔2026〕18号", words="第一队达到全部指标。")
        for place, mark in enumerate(("0.09", "0.21")):
            officer.page.locator("main [name^=figure_]").nth(place).fill(mark)
        officer.page.locator("main [name^=passed_]").first.check()
        officer.save()
    with story.taking("the team that left reads it, and its money is settled"):
        left = story.people[f"{TEAMS[1]}负责人"]
        left.menu("项目", OFFERS[1])
        officer.to_do(OFFERS[1])
        officer.press("a[href$='/settlement/']")
        officer.fill(spent="10", diligent="yes", words="经费全部用于研发，账目相符。")
        officer.save()
        officer.take("settle")
    with story.taking("what was freed is reserved for the winner"):
        officer.menu("赛马", NEED)
        for amount, occasion in (("40", "signing"), ("50", "acceptance")):
            officer.press("a[href$='/reserve/']")
            officer.fill(amount=amount, occasion=occasion)
            officer.save()
    winner, firm = story.people[f"{TEAMS[0]}负责人"], story.people["林工"]
    with story.taking("winner and firm sign the task book as it stands now"):
        for who in (winner, firm):
            who.to_do(OFFERS[0])
            who.press("a[href$='/sign-book/']")
            who.save()
    with story.taking("the second payment is made"):
        pays(officer, OFFERS[0])
    with story.taking("the winner reports its milestone"):
        winner.menu("项目", OFFERS[0])
        winner.press("a[href$='/milestones/1/']")
        winner.fill(words="样件经第三方检测，粗糙度0.09 nm。")
        winner.save()
    with story.taking("the officer finds that it has passed, and pays"):
        officer.to_do(OFFERS[0])
        officer.press("a[href$='/judge/']")
        officer.fill(passed="yes", words="检测报告齐全。")
        officer.save()
        pays(officer, OFFERS[0])
    with story.taking("the firm pays its own"):
        firm.to_do(OFFERS[0])
        firm.press("a[href*='/payments/']")
        firm.fill(voucher="企付0001")
        firm.save()
