"""Proof: an evaluation goes from the request to the delivered report, judged by seven experts or without any, and its
mark into a price, in a browser, by pressing what stands on pages; each looked at in both languages, wide and narrow."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.evaluations.papers import report_of
from kezhuan.areas.prices.models import Price
from kezhuan.kernel.models.parties import Role
from tests.factories import city, grants
from tests.factories.browsing import account
from tests.proofs.challenge_story import Story, day
from tests.proofs.evaluation_judged import MEANS, OPINION, TOTAL, experts_come, judged_in_a_meeting
from tests.proofs.walkers import CODE, Walk, Walker

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "碳化硅抛光工艺"
SHOWN = ("检测报告.txt", "PDF", "PNG", "JPEG", "pptx")
"""A file, and formats that pages name as they are called."""
MARKS = {"science": "70", "technology": "88.5", "economy": "79", "society": "80", "culture": "60", "potential": "84"}


@pytest.fixture
def story(
    browser: Any, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Story]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    told = Story(Walk(tmp_path / "pictures", monkeypatch), browser, live_server.url)
    yield told
    told.close()


def test_an_evaluation_goes_from_the_request_to_a_mark_in_a_price(story: Story, figure: Callable[[str], None]) -> None:
    unit, about = achievement_of(story)
    finance = comes(story, "财务处", city.member(unit, Role.FINANCE))
    office, officer = (
        comes(story, "转化处", city.member(unit, Role.ADMINISTRATOR)),
        comes(story, "评价处", city.officer()),
    )
    address = f"/achievements/{about.record.code}/"
    requested(story, office, address, "standardised")
    delivered(story, officer)
    row = Evaluation.objects.get()
    read_by_all(story, office, row)
    priced(story, finance, address, row)
    nothing_is_wrong(story, figure)


def test_seven_experts_judge_in_a_meeting_before_the_report(story: Story, figure: Callable[[str], None]) -> None:
    unit, about = achievement_of(story)
    bureau = city.officer()
    office, officer = comes(story, "转化处", city.member(unit, Role.ADMINISTRATOR)), comes(story, "评价处", bureau)
    address = f"/achievements/{about.record.code}/"
    requested(story, office, address, "meeting")
    with story.taking("the officer accepts it"):
        officer.to_do(f"{TITLE}评价")
        officer.take("accept")
    completer = about.completers.get().name
    judged_in_a_meeting(story, officer, experts_come(story, bureau, unit), (unit.record.title, completer))
    found_by_experts(story, officer)
    row = Evaluation.objects.get()
    read_by_all(story, office, row)
    seen_with_result(story, office, officer, address, row)
    nothing_is_wrong(story, figure)


def achievement_of(story: Story) -> tuple[Any, Any]:
    """A university and its achievement, whose words are people's own."""
    unit = city.organisation("南粤大学", kind="university", region="440106")
    completer = city.member(unit)
    about = grants.achievement(unit, [completer], title=TITLE)
    summary = about.record.summary.removesuffix("。")
    story.walk.said |= {TITLE, summary, *about.keywords, unit.record.title, completer.name, *SHOWN}
    return unit, about


def comes(story: Story, name: str, actor: Any) -> Walker:
    """Somebody signs in who has an account; what they and their unit are called is people's own words."""
    story.walk.said |= {actor.name, actor.organisation.record.title}
    return story.signs_in(name, account(actor))


def nothing_is_wrong(story: Story, figure: Callable[[str], None]) -> None:
    """No page had anything to complain of."""
    walk = story.walk
    figure(
        f"{walk.steps} steps of {len(story.people)} people, {walk.looked} pages of {len(walk.shapes)} kinds looked at"
        f" in two languages at 1280 and 390 px: {len(walk.wrong)} complaints"
    )
    print(f"pictures: {walk.pictures}")
    assert walk.wrong == {}


def requested(story: Story, office: Walker, address: str, method: str) -> None:
    """The unit prepares the case, shows its level by a file, and hands it in."""
    with story.taking("the office prepares the case from the result's page"):
        office.page.goto(address)
        office.look()
        office.press("a[href^='/evaluations/new/']")
        office.fill(
            title="碳化硅抛光工艺评价", summary="八英寸衬底低损伤抛光，拟作价转让。", result_type="development",
            purpose="conversion", method=method,
        )  # fmt: skip
        for name in ("items", "metrics"):
            if not office.page.locator(f"main [name^='{name}-0-']").locator("visible=true").count():
                office.add_row(name)
        office.fill(
            items__0__code="1", items__0__name="抛光液与抛光机",
             metrics__0__name="粗糙度", metrics__0__unit="nm",
            metrics__0__own="0.08", metrics__0__best="0.1", metrics__0__less_is_better=True,
            metrics__0__rival="某国外公司", metrics__0__test_method="国家标准二九五〇五", metrics__0__source="产品手册",
        )  # fmt: skip
        office.save()
    case = office.page.url
    with story.taking("a report of a test shows the level of the core item"):
        office.press("a[href$='/documents/']")
        file = {"name": "检测报告.txt", "mimeType": "text/plain", "buffer": "检测结果：零点零八纳米".encode()}
        office.page.set_input_files("#id_file", file)
        office.page.check("#id_declared_open")
        office.save()
        office.page.goto(case)
        office.press("a[href$='/items/1/']")
        office.fill(kind="test", reference="检〔2026〕1号", issuer="某检测中心", on=day(), level="6")
        office.page.select_option("#id_file", index=1)
        office.save()
    with story.taking("the office hands it in"):
        office.page.goto(case)
        office.look()
        office.take("submit")


def delivered(story: Story, officer: Walker) -> None:
    """Whoever evaluates finds it among what waits, grades and marks it, and delivers the report."""
    with story.taking("the officer finds it among what waits, and accepts it"):
        officer.to_do("碳化硅抛光工艺评价")
        officer.take("accept")
    with story.taking("the officer enters grades, marks and the limits of the report"):
        officer.press("a[href$='/findings/']")
        officer.fill(
            innovation="3", advancement="5", standing="china-leading", conclusion="主要指标达到国内领先水平。",
            limits="仅对送检批次有效。", valid_to=day(days=700),
            **{f"mark_{name}": mark for name, mark in MARKS.items()},
        )  # fmt: skip
        officer.save()
    report_is_delivered(story, officer)


def report_is_delivered(story: Story, officer: Walker) -> None:
    with story.taking("the report is delivered"):
        report = report_of(Evaluation.objects.get())  # in Chinese whoever reads it, as papers are
        story.walk.said |= {CODE.sub(" ", line) for pair in report for text in pair for line in text.splitlines()}
        officer.take("deliver")


def found_by_experts(story: Story, officer: Walker) -> None:
    """The findings begin with the means of the seven experts' marks, and the report tells who judged."""
    with story.taking("the officer finds the experts' means in the findings, and adds the rest"):
        officer.press("a[href^='/evaluations/Y-']")  # from the panel that has concluded
        officer.press("a[href$='/findings/']")
        officer.reads(TOTAL, OPINION)
        begun = {name: officer.page.input_value(f"main [name=mark_{name}]") for name in MEANS}
        assert begun == MEANS
        officer.fill(
            innovation="3", advancement="5", standing="china-leading", conclusion="专家组一致同意通过评价。",
            limits="仅对送检批次有效。", valid_to=day(days=700), chair="秦评审",
        )  # fmt: skip
        officer.save()
    report_is_delivered(story, officer)


def seen_with_result(story: Story, office: Walker, officer: Walker, address: str, row: Evaluation) -> None:
    """The report is locked with what the panel said; the result's page leads to it."""
    said = dict(row.report)
    assert said["专家评分"] == f"{TOTAL}（有效评分专家7人）"
    assert said["五元价值与转化潜力评分"].splitlines()[-1] == f"总分 {TOTAL}"
    assert (OPINION in said["评审组意见"], said["专家组组长"]) == (True, "秦评审")
    with story.taking("nothing of it can be changed any more"):
        officer.page.goto(f"/evaluations/{row.record.code}/")
        officer.look()
        officer.reads(row.wording, said["评审组"])
        assert officer.page.locator("main a[href$='/findings/'], main a[href^='/panels/about/']").count() == 0
    with story.taking("the unit finds it on the result's page"):
        office.page.goto(address)
        office.look()
        office.reads(row.record.code, "已出具报告")
        office.open(f"{TITLE}评价")
        office.reads(row.wording, f"{TOTAL}（有效评分专家7人）", OPINION)


def read_by_all(story: Story, office: Walker, row: Evaluation) -> None:
    """The unit reads the report, and anybody who holds it checks its number and code."""
    total = dict(row.report)["五元价值与转化潜力评分"].splitlines()[-1]
    assert total.startswith("总分 ")
    with story.taking("the unit reads the report"):
        office.page.goto(f"/evaluations/{row.record.code}/")
        office.look()
        office.reads(row.wording, total, "仅对送检批次有效")
    with story.taking("whoever holds the report checks it"):
        office.press("a[href^='/evaluation-reports/?']")
        office.reads("国内领先")


def priced(story: Story, finance: Walker, address: str, row: Evaluation) -> None:
    """Finance finds the price from the result's page: what it rests on names the report with its mark."""
    total = dict(row.report)["五元价值与转化潜力评分"].splitlines()[-1]
    with story.taking("finance begins the price from the result's page"):
        finance.page.goto(address)
        finance.look()
        finance.press("a[href^='/prices/new/']")
        offered = finance.page.input_value("#id_basis_text")
        assert (total in offered, f"{row.record.code}-1" in offered) == (True, True)
        story.walk.said.add(CODE.sub(" ", offered))
        finance.fill(title="碳化硅抛光工艺转让定价", mode="transfer", way="agreement", asked="900000", basis="income",
                     buyer="南粤材料公司")  # fmt: skip
        if not finance.page.locator("main [name^='payments-0-']").locator("visible=true").count():
            finance.add_row("payments")
        finance.fill(payments__0__due_on=day(days=30), payments__0__amount="900000", payments__0__trigger="合同签订")
        finance.save()
        finance.reads(total)
    price = Price.objects.get()
    assert total in price.basis_text
