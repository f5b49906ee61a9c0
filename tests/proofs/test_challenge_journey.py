"""Proof: a challenge goes from a firm's need to the accepted result, in a browser, by pressing what stands on pages."""

# long: one story from its first page to its last

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kezhuan.areas.people.actions import create_officer
from kezhuan.kernel.text import SHANGHAI, now, today
from tests.factories.post import last_code
from tests.journeys.test_need_to_contract import uscc
from tests.proofs.walkers import PASSWORD, Walk, Walker

pytestmark = pytest.mark.django_db(transaction=True)

OFFICE = "示例市科学技术局"
FIRM = "广州穗芯半导体有限公司"
TEAMS = ("粤海示例大学", "岭南示例研究院", "珠江示例学院")
TESTER = "华南示例检测中心"
EXPERTS = (("秦评审", "technical"), ("许评审", "technical"), ("谭评审", "technical"), ("袁评审", "enterprise"))
NEED = "大尺寸碳化硅衬底抛光需求"
CALL = "2026年半导体揭榜挂帅项目"
OFFERS = ("等离子体辅助抛光", "催化辅助抛光", "金刚石线减薄后抛光")
MARKS = {OFFERS[0]: "91", OFFERS[1]: "84", OFFERS[2]: "62"}
"""What every expert gives to whoever offers this."""


def moment(**ahead: float) -> str:
    """A moment as the browser's own field takes it."""
    return f"{(now() + timedelta(**ahead)).astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def day(**ahead: float) -> str:
    """A day as the browser's own field takes it."""
    return f"{today() + timedelta(**ahead):%Y-%m-%d}"


class Story:
    """Who takes part in it, each at a browser of their own."""

    def __init__(self, walk: Walk, browser: Any, address: str) -> None:
        self.walk, self.taking = walk, walk.taking
        self._browser, self._address = browser, address
        self.people: dict[str, Walker] = {}

    def comes(self, name: str) -> Walker:
        """Somebody opens the front page."""
        self.people[name] = Walker(self.walk, self._browser, self._address, name)
        return self.people[name]

    def signs_up(self, name: str, email: str) -> Walker:
        """Somebody opens an account, and proves that the mail address is theirs."""
        who = self.comes(name)
        who.press("a[href^='/sign-in/']", within="header")
        who.press("a[href^='/sign-up/']")
        who.fill(name=name, email=email, password=PASSWORD)
        who.save()
        who.fill(code=last_code(email))
        who.save()
        return who

    def registers(self, who: Walker, unit: str, kind: str, number: int) -> None:
        """They register the organisation they act for."""
        who.fill(number=uscc(f"91440101MA59{number:05d}"))
        who.save()
        who.fill(name=unit, kind=kind, region="440112", summary=f"{unit}从事半导体材料研究与检测。")
        who.save()

    def signs_in(self, name: str, email: str) -> Walker:
        """Somebody who has an account signs in."""
        who = self.comes(name)
        who.press("a[href^='/sign-in/']", within="header")
        who.fill(email=email, password=PASSWORD)
        who.save("form button")
        return who

    def close(self) -> None:
        for who in self.people.values():
            who.close()


@pytest.fixture
def story(browser: Any, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    told = Story(Walk(tmp_path / "pictures", monkeypatch), browser, live_server.url)
    yield told
    told.close()


def test_a_challenge_goes_from_the_need_to_the_accepted_result(story: Story, figure: Callable[[str], None]) -> None:
    officer = _people_come(story)
    call_code = _need_is_published(story, officer)
    _call_is_made(story, officer, call_code)
    _teams_apply(story, officer)
    _panel_judges(story, officer)
    _call_is_decided(story, officer)
    _race_begins(story, officer)
    _one_wins(story, officer)
    _result_is_accepted(story, officer)
    walk = story.walk
    slow = sorted(walk.slowest.items(), key=lambda one: -one[1])[:5]
    figure(
        f"{walk.steps} steps of {len(story.people)} people, {walk.looked} pages of {len(walk.shapes)} kinds looked at"
        f" in two languages at 1280 and 390 px: {len(walk.wrong)} complaints; slowest"
        f" {', '.join(f'{path} {took:.0f} ms' for path, took in slow)}"
    )
    print(f"pictures: {walk.pictures}")
    assert walk.wrong == {}


def _people_come(story: Story) -> Walker:
    with story.taking("the city's first officer is made by the command line, and signs in"):
        create_officer(name="陈经办", email="officer@example.com", password=PASSWORD, department=OFFICE)
        story.walk.said |= {"陈经办", OFFICE}
        officer = story.signs_in("陈经办", "officer@example.com")
    with story.taking("a firm opens an account and registers itself"):
        story.registers(story.signs_up("林工", "lin@firm.example"), FIRM, "enterprise", 1)
    with story.taking("three teams and a test centre register"):
        for number, unit in enumerate((*TEAMS, TESTER), 2):
            who = story.signs_up(f"{unit}负责人", f"u{number}@unit.example")
            story.registers(who, unit, "agency" if unit == TESTER else "university", number)
    with story.taking("the officer verifies them, from the list of things to do"):
        for unit in (FIRM, *TEAMS, TESTER):
            officer.to_do(unit)
            officer.take("verify")
    with story.taking("the officer asks four experts, who have accounts, into the pool"):
        for number, (name, sort) in enumerate(EXPERTS):
            story.signs_up(name, f"e{number}@expert.example")
            officer.menu("评审专家")
            officer.press("a[href$='/experts/new/']")
            officer.fill(email=f"e{number}@expert.example", sort=sort, topics="抛光；碳化硅")
            officer.page.locator("main [name=fields_known][value=materials]").check()
            officer.save()
    with story.taking("each expert declares that there is no tie, and joins"):
        for name, _sort in EXPERTS:
            who = story.people[name]
            who.to_do(name)
            who.press("a[href$='/ties/']")
            who.fill(complete=True)
            who.save()
            who.take("consent")
    return officer


def _need_is_published(story: Story, officer: Walker) -> str:
    firm = story.people["林工"]
    with story.taking("the firm poses its need"):
        firm.press("a[href='/needs/']", within="header")
        firm.press("a[href^='/needs/new/']")
        firm.fill(
            confidentiality="public", title=NEED, summary="需要大尺寸碳化硅衬底的低缺陷抛光工艺。",
            background="外延片因衬底缺陷报废。",
            scenario="六英寸产线。", field="materials", deadline=day(days=900), budget="300", min_trl="6",
            ip_terms="joint", claimant_requirements="有中试线。",
            indicators__0__name="表面粗糙度", indicators__0__operator="≤", indicators__0__value="0.1",
            indicators__0__unit="nm", indicators__0__test_method="GB/T 29505",
        )  # fmt: skip
        firm.page.select_option("#id_contact", index=1)
        firm.save()
    with story.taking("the firm submits it"):
        firm.take("submit")
    with story.taking("the officer publishes it"):
        officer.to_do(NEED)
        officer.take("publish")
    return officer.text_of("main .meta .code")


def _call_is_made(story: Story, officer: Walker, need: str) -> None:
    with story.taking("the officer makes a call from the template"):
        officer.press("a[href='/calls/']", within="header")
        officer.press("a[href^='/calls/new/']")
        officer.press("a[href='?template=challenge']")
        officer.fill(
            title=CALL, summary="面向产线的攻关，以指标论结果。",
            opens_at=moment(minutes=-5), closes_at=moment(days=20), ip_terms="joint", readers_asked="1",
            budget_year=str(today().year), budget_subject="2060404", budget_document="示例预算文件", budget="300",
        )  # fmt: skip
        officer.save()
    with story.taking("the officer puts the need on its list"):
        officer.press("a[href$='/items/new/']")
        officer.fill(need=need, fiscal="150", months="24", winners="2")
        officer.save()
    with story.taking("its wording is tested"):
        officer.press("a[href$='/readings/']")
        officer.fill(readings__0__who="王院士", readings__0__unit="示例科学院", readings__0__on=day())
        officer.page.locator("main [name='readings-0-understood']").check()
        officer.save()
    with story.taking("the call is published"):
        officer.take("publish")


def _teams_apply(story: Story, officer: Walker) -> None:
    first = story.people[f"{TEAMS[0]}负责人"]
    with story.taking("a team finds the call in the hall and asks a question"):
        first.press("a[href='/calls/']", within="header")
        first.open(CALL)
        first.press("a[href$='/questions/new/']")
        first.fill(words="样片由谁提供？")
        first.save()
    with story.taking("the officer answers for everybody"):
        officer.to_do(CALL)
        officer.press("a[href*='/questions/']")
        officer.fill(answer="由出题企业提供。")
        officer.save()
    for unit, offer in zip(TEAMS, OFFERS, strict=True):
        who = story.people[f"{unit}负责人"]
        with story.taking(f"{unit} writes an application and hands it in"):
            who.press("a[href='/calls/']", within="header")
            who.open(CALL)
            who.reads("由出题企业提供。")
            who.press("a[href$='/items/1/apply/']")
            who.fill(
                title=f"{offer}攻关", summary=f"以{offer}达到指标。", leader="李攻关", asked="60", months="18",
                commitment_0="0.08 nm", promised=True,
            )  # fmt: skip
            who.fill_rest(f"{offer}已有小试数据。")
            who.save()
            who.take("submit")
    with story.taking("the poster is told why it does not apply for its own challenge"):
        firm = story.people["林工"]
        firm.press("a[href='/calls/']", within="header")
        firm.open(CALL)
        firm.reads("本单位")
    with story.taking("the second after the deadline the call closes by the clock"):
        story.walk.forward(days=20, minutes=1)
    with story.taking("the officer passes the formality check of each"):
        for offer in OFFERS:
            officer.to_do(f"{offer}攻关")
            officer.take("accept")


def _panel_judges(story: Story, officer: Walker) -> None:
    with story.taking("the officer makes a blind panel"):
        officer.press("a[href='/calls/']", within="header")
        officer.open(CALL)
        officer.press("a[href^='/panels/about/']")
        officer.fill(
            summary="请依据指标独立评分，并写明理由。", scheme="blind", choice="draw", per_item="3",
            answer_by=day(days=3), due_on=day(days=10), criteria__0__name="技术方案与指标", criteria__0__weight="60",
        )  # fmt: skip
        officer.add_row("criteria")
        officer.fill(criteria__1__name="团队与条件", criteria__1__weight="40")
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
            story.people[name].press("a.inbox-link", within="header")
            story.people[name].press(".lines a")
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
        officer.menu("评审组")
        officer.open(panel)
        officer.take("close")
    with story.taking("the meeting is recorded, and the panel concludes"):
        _meets(officer, lambda legend: OFFERS[2] not in legend)


def _scores(story: Story, who: Walker, drawn: list[str]) -> None:
    """An expert scores every item of the review that waits for them."""
    who.press("a.inbox-link", within="header")
    who.press(".lines a")
    who.reads_not(*TEAMS, FIRM)
    for number in range(1, who.page.locator("main a[href*='/items/']").count() + 1):
        who.press(f"a[href$='/items/{number}/']")
        who.reads_not(*TEAMS, *(one for one in drawn if one != who.name))
        shown = who.page.inner_text("main")
        mark = next((mark for offer, mark in MARKS.items() if offer in shown), "90")
        for place in range(who.page.locator("main [name^=mark_]").count()):
            who.fill(**{f"mark_{place}": mark, f"words_{place}": "依据充分。"})
        who.save("button[name=submit]")


def _meets(officer: Walker, chosen: Callable[[str], bool]) -> None:
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


def _call_is_decided(story: Story, officer: Walker) -> None:
    with story.taking("the officer proposes what the panel advises"):
        officer.press("a[href='/calls/']", within="header")
        officer.open(CALL)
        officer.press("a[href$='/proposal/']")
        officer.save()
    with story.taking("the call is decided"):
        officer.take("decide")
    with story.taking("the one that was not chosen reads why"):
        loser = story.people[f"{TEAMS[2]}负责人"]
        loser.menu("申报")
        loser.open(OFFERS[2])
        loser.reads("验证依据不足")
    with story.taking("everybody reads who was chosen"):
        visitor = story.comes("访客")
        visitor.press("a[href='/calls/']", within="header")
        visitor.open(CALL)
        visitor.reads(*TEAMS[:2])
        visitor.reads_not(TEAMS[2])


@contextmanager
def _each(story: Story, words: str) -> Iterator[list[Walker]]:
    with story.taking(words):
        yield [story.people[f"{unit}负责人"] for unit in TEAMS[:2]]


def _race_begins(story: Story, officer: Walker) -> None:
    with _each(story, "both who were chosen open their projects") as teams:
        for who, offer in zip(teams, OFFERS, strict=False):
            who.to_do(offer)
            who.press("a[href$='/project/']")
            who.save()
    with story.taking("the officer lets them race"):
        officer.press("a[href='/calls/']", within="header")
        officer.open(CALL)
        officer.press("a[href$='/race/']")
        officer.fill(first="15", gates=day(days=180), least_teams="2", most_teams="3", first_share_bp="30")
        officer.save()
    with _each(story, "each writes its task book and files it") as teams:
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
    with _each(story, "both begin the work") as teams:
        for who, offer in zip(teams, OFFERS, strict=False):
            who.to_do(offer)
            who.take("begin")
    with story.taking("the first payments are made"):
        for offer in OFFERS[:2]:
            _pays(officer, offer)


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


def _pays(officer: Walker, offer: str) -> None:
    """A payment that is due is made and noted, from the payment list."""
    officer.menu("拨款清单")
    officer.open(offer)
    officer.press("a[href*='/payments/']")
    officer.fill(voucher=f"记{len(officer.walk.said):04d}")
    officer.save()


def _one_wins(story: Story, officer: Walker) -> None:
    with story.taking("half a year goes by, and a third party holds the gate"):
        story.walk.forward(days=180)
        officer.press("a[href='/organisations/']", within="header")
        officer.open(TESTER)
        tester = officer.text_of("main .meta .code")
        officer.menu("赛马")
        officer.open(NEED)
        officer.press("a[href$='/gate/']")
        officer.fill(on=day(), tester=tester, report_no="检测〔2026〕18号", words="第一队达到全部指标。")
        for place, mark in enumerate(("0.09", "0.21")):
            officer.page.locator("main [name^=figure_]").nth(place).fill(mark)
        officer.page.locator("main [name^=passed_]").first.check()
        officer.save()
    with story.taking("the team that left reads it, and its money is settled"):
        left = story.people[f"{TEAMS[1]}负责人"]
        left.menu("项目")
        left.open(OFFERS[1])
        officer.to_do(OFFERS[1])
        officer.press("a[href$='/settlement/']")
        officer.fill(spent="10", diligent="yes", words="经费全部用于研发，账目相符。")
        officer.save()
        officer.take("settle")
    with story.taking("what was freed is reserved for the winner"):
        officer.menu("赛马")
        officer.open(NEED)
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
        _pays(officer, OFFERS[0])
    with story.taking("the winner reports its milestone"):
        winner.menu("项目")
        winner.open(OFFERS[0])
        winner.press("a[href$='/milestones/1/']")
        winner.fill(words="样件经第三方检测，粗糙度0.09 nm。")
        winner.save()
    with story.taking("the officer finds that it has passed, and pays"):
        officer.to_do(OFFERS[0])
        officer.press("a[href$='/judge/']")
        officer.fill(passed="yes", words="检测报告齐全。")
        officer.save()
        _pays(officer, OFFERS[0])
    with story.taking("the firm pays its own"):
        firm.to_do(OFFERS[0])
        firm.press("a[href*='/payments/']")
        firm.fill(voucher="企付0001")
        firm.save()


def _result_is_accepted(story: Story, officer: Walker) -> None:
    winner, firm = story.people[f"{TEAMS[0]}负责人"], story.people["林工"]
    with story.taking("the winner asks for acceptance"):
        winner.menu("项目")
        winner.open(OFFERS[0])
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
        officer.press("a[href$='/conflicts/']")
        officer.fill(source="国家企业信用信息公示系统")
        officer.save()
        officer.open("R-")
        officer.press("a[href$='/assign/']")
        officer.save()
    judges = [name for name, _sort in EXPERTS if name in officer.page.inner_text("main")]
    panel = officer.text_of("main h1")
    with story.taking("its experts accept and score"):
        for name in judges:
            story.people[name].press("a.inbox-link", within="header")
            story.people[name].press(".lines a")
            story.people[name].take("take-on")
        officer.menu("评审组")
        officer.open(panel)
        officer.take("begin")
        for name in judges:
            who = story.people[name]
            who.press("a.inbox-link", within="header")
            who.press(".lines a")
            who.press("a[href$='/items/1/']")
            who.fill(mark_0="92", words_0="任务书各项指标完成。")
            who.save("button[name=submit]")
    with story.taking("the panel meets and advises to accept"):
        officer.menu("评审组")
        officer.open(panel)
        officer.take("close")
        _meets(officer, lambda _legend: True)
    with story.taking("the bureau accepts the result"):
        officer.to_do(OFFERS[0])
        officer.take("accept")
    with story.taking("the last payment is made, and the race is closed"):
        _pays(officer, OFFERS[0])
        officer.menu("赛马")
        officer.open(NEED)
        officer.take("wind-up")
    with story.taking("everybody finds the project that was accepted; the officer reads who decided"):
        visitor = story.people["访客"]
        visitor.press("a[href='/calls/']", within="header")
        visitor.open(CALL)
        visitor.press("a[href^='/projects/']")
        visitor.reads(TEAMS[0])
        officer.menu("项目")
        officer.open(OFFERS[0])
        officer.press("a[href$='/decisions/']")
        officer.reads(FIRM, TEAMS[0])
