"""The story of a call in a browser: made from a template, tested, published, applied for, checked and decided."""

from datetime import timedelta
from typing import Any

import pytest

from kezhuan.areas.calls.models import Application, Call
from kezhuan.kernel import followers
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import SHANGHAI, now, today
from tests.factories import calls, city
from tests.factories.browsing import account, fits, readers, save, take

__all__ = ["readers"]

pytestmark = pytest.mark.django_db(transaction=True)


def moment(days: int) -> str:
    """A moment as the browser's own field takes it."""
    return f"{(now() + timedelta(days=days)).astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def test_a_call_is_made_tested_published_applied_for_and_decided(readers: Any) -> None:
    firm = city.organisation("穗芯公司")
    need = city.need(firm, stage="published")
    boss = city.officer()

    # An officer begins with a template, puts the need on the list from its own page, and records the wording test.
    officer = readers(account(boss))
    officer.goto("/calls/")
    officer.click("main .heading a.button:not(.second)")
    officer.click("main a[href='?template=challenge']")
    assert officer.locator("[name$='-words']").count() > 4
    officer.fill("#id_title", "2026年半导体揭榜挂帅项目")
    officer.fill("#id_summary", "面向产线的攻关。")
    officer.fill("#id_opens_at", moment(-1))
    officer.fill("#id_closes_at", moment(20))
    officer.select_option("#id_ip_terms", "joint")
    officer.fill("#id_readers_asked", "1")
    # Left away: members submit, no unit recommends, and no route is set.
    for step in ("unit_check", "asks_recommending", "needs_approval", "holds_notice"):
        officer.uncheck(f"#id_{step}")
    officer.fill("#id_budget", "100")
    officer.click("main .sticky-actions button")
    assert "科目" in officer.inner_text(".problems")  # a budget line names its year and subject
    officer.fill("#id_budget_year", "2026")
    officer.fill("#id_budget_subject", "2060404")
    save(officer)
    place = officer.url
    take(officer, "publish")
    assert "Put at least one need, or one direction or field, on the list first." in officer.inner_text("main")
    officer.goto(f"/needs/{need.record.code}/")
    officer.click("main a[href*='/items/new/']")
    officer.fill("#id_fiscal", "80")
    save(officer)
    officer.click("main a[href$='/readings/']")
    officer.fill("#id_readings-0-who", "王院士")
    officer.fill("#id_readings-0-on", f"{today():%Y-%m-%d}")
    officer.check("#id_readings-0-understood")
    save(officer)
    take(officer, "publish")
    assert fits(officer)

    # The hall is everybody's; whoever posed the challenge is told why it does not apply.
    followers.run_pending()
    visitor = readers(width=390)
    visitor.goto("/calls/")
    assert "2026年半导体揭榜挂帅项目" in visitor.inner_text("main")
    assert fits(visitor)
    visitor.click("main .result a >> nth=0")
    assert fits(visitor)
    poster = readers(account(city.member(firm, Role.ADMINISTRATOR)))
    poster.goto(place)
    assert "Your unit posed this challenge" in poster.inner_text("main")

    # Two teams apply; the first on a telephone without scripts is told what it lacks.
    teams = [city.organisation(f"团队{name}大学", kind="university") for name in "甲乙"]
    for number, team in enumerate(teams):
        writer = readers(account(city.member(team)), width=390, java_script_enabled=bool(number))
        writer.goto(place)
        writer.click("main a[href$='/items/1/apply/']")
        save(writer)
        if not number:
            writer.click("form[action$='/moves/submit/'] button")
            assert "Say who leads the work." in writer.inner_text("main")
            writer.click("main a[href*='before=submit'] >> nth=0")
        else:
            writer.click("main a[href$='/edit/']")
        writer.fill("#id_summary", "以等离子体辅助抛光达到要求。")
        writer.fill("#id_leader", "李攻关")
        writer.fill("#id_asked", "60")
        for field in writer.locator(
            "main textarea:not([name=related]), main [name^=commitment], main [name=months]"
        ).all():
            if not field.input_value():
                field.fill("12")
        writer.check("#id_promised")
        assert fits(writer)
        save(writer)
        take(writer, "submit")
        assert fits(writer)

    # The officer checks both, proposes and decides; each of the two reads what became of it, and the public the winner.
    Call.objects.update(opens_at=now() - timedelta(days=9), closes_at=now() - timedelta(days=1))
    officer.goto(place)
    take(officer, "close")
    for link in officer.locator("main td a[href^='/applications/']").all():
        page = officer.context.new_page()
        page.goto(link.get_attribute("href"))
        assert "worse than asked" in page.inner_text("main")
        page.click("main a[href$='/criteria/']")
        for met in page.locator("main [name^=outcome_][value=met]").all():
            met.check()
        for basis in page.locator("main select[name^=basis_]").all():
            basis.select_option("promise")
        assert fits(page)
        save(page)
        take(page, "accept")
    officer.goto(place)
    officer.click("main a[href$='/proposal/']")
    radios = officer.locator("main fieldset.group")
    for number, answer in enumerate(("yes", "no")):
        radios.nth(number).locator(f"input[value={answer}]").check()
        radios.nth(number).locator("textarea").fill(("路线成熟", "成本偏高")[number])
    assert fits(officer)
    save(officer)
    take(officer, "decide")
    visitor.goto(place)
    assert "团队甲大学" in visitor.inner_text("main")
    assert "团队乙大学" not in visitor.inner_text("main")
    followers.run_pending()
    writer.goto("/applications/?stage=rejected")
    writer.click("main .result a >> nth=0")
    assert "成本偏高" in writer.inner_text("main")


def test_two_colleagues_write_one_application_and_neither_loses_a_word(readers: Any) -> None:
    """What is written saves itself; what only one changed comes together, what both changed waits for the button."""
    call = calls.call(stage="published")
    unit = city.organisation("团队甲大学", kind="university")
    first, second = (readers(account(city.member(unit)), width=width) for width in (1280, 390))
    for page in (first, second):
        page.clock.install()

    def told(page: Any, words: str) -> None:
        page.clock.fast_forward(61_000)
        page.wait_for_function("words => document.querySelector('[data-told]').textContent.includes(words)", arg=words)
        assert fits(page)

    first.goto(f"/calls/{call.record.code}/items/1/apply/")
    first.fill("#id_leader", "李攻关")
    told(first, "Saved at")
    first.wait_for_url("**/edit/")
    second.goto(first.url)
    second.fill("#id_months", "12")
    told(second, "Saved at")
    first.fill("#id_summary", "以等离子体辅助抛光达到要求。")
    told(first, "Somebody else has saved meanwhile")
    assert first.input_value("#id_months") == "12"
    told(first, "Saved at")
    second.fill("#id_summary", "财务写下的话")
    told(second, "changed the same as you")
    assert "以等离子体辅助抛光达到要求。" in second.inner_text("main")
    assert second.input_value("#id_summary") == "财务写下的话"
    second.fill("#id_summary", "以等离子体辅助抛光达到要求，财务已核。")
    save(second)
    assert "以等离子体辅助抛光达到要求，财务已核。" in second.inner_text("main")
    # Without a connection nothing is lost: it is said, and saved once there is one.
    second.goto(first.url)
    second.context.set_offline(True)
    second.fill("#id_leader", "王攻关")
    told(second, "there is no connection")
    second.context.set_offline(False)
    told(second, "Saved at")
    row = Application.objects.get()
    assert (row.leader, row.months, row.record.summary) == ("王攻关", 12, "以等离子体辅助抛光达到要求，财务已核。")
