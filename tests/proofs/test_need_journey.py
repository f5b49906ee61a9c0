"""The main story in a browser: a firm signs up, poses a need, is matched, introduced, and signs a contract."""

from typing import Any

from kezhuan.kernel import followers
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import Role
from tests.factories.browsing import PASSWORD, account, fits, readers, save, stage, take, uscc
from tests.factories.city import achievement, member, officer, organisation
from tests.factories.post import last_code

__all__ = ["readers"]


def test_firm_goes_from_signing_up_to_a_contract(readers: Any) -> None:
    university = organisation("南粤大学", kind="university")
    professor, bureau = member(university, Role.ADMINISTRATOR), officer()
    closed = achievement(university, by=professor, stage="listed", title="碳化硅衬底抛光液", trl=3)
    fitting = achievement(university, by=professor, stage="registered", contact=professor.person)
    followers.run_pending()
    desk, office = readers(account(bureau)), readers(account(professor), width=390)

    firm = readers()
    firm.goto("/sign-in/")
    firm.click("main a[href='/sign-up/']")
    firm.fill("#id_name", "陈小明")
    firm.fill("#id_email", "chen@firm.example")
    firm.fill("#id_password", "short")
    firm.click("main .buttons button")
    assert firm.locator(".problems").is_visible()
    assert firm.input_value("#id_name") == "陈小明"
    firm.fill("#id_password", PASSWORD)
    firm.click("main .buttons button")

    firm.fill("#id_code", last_code("chen@firm.example"))
    firm.keyboard.press("Enter")

    # The organisation is not known by its code yet; a wrong check digit is told.
    firm.wait_for_url("**/organisations/claim/")
    good = uscc("91440101MA59ABCD1")
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    firm.fill("#id_number", good)
    firm.click("main .buttons button")
    firm.wait_for_url("**/organisations/new/**")
    assert firm.input_value("#id_number") == good
    firm.fill("#id_name", "广州穗芯半导体有限公司")
    firm.select_option("#id_kind", "enterprise")
    firm.select_option("#id_region", "440112")
    firm.fill("#id_number", wrong)
    firm.click("main .buttons button")
    assert wrong in firm.locator(".problems").inner_text()
    assert firm.input_value("#id_name") == "广州穗芯半导体有限公司"
    firm.fill("#id_number", good)
    firm.click("main .buttons button")
    desk.goto("/inbox/")
    desk.click("main a:has-text('广州穗芯')")
    take(desk, "verify")
    assert stage(desk) == "verified"

    # The need: a state secret first, then a wrong amount, rows added and taken away, then a draft.
    firm.goto("/needs/new/")
    firm.select_option("#id_confidentiality", "秘密")
    firm.fill("#id_title", "大尺寸碳化硅衬底抛光需求")
    firm.fill("#id_summary", "需要大尺寸碳化硅衬底的低缺陷化学机械抛光工艺。")
    firm.fill("#id_indicators-0-name", "表面粗糙度")
    firm.fill("#id_indicators-0-value", "0.1")
    firm.click("main .sticky-actions button")
    assert "保密办" in firm.locator(".problems").inner_text()
    assert not Record.objects.filter(kind="need").exists()
    firm.select_option("#id_confidentiality", "public")
    firm.fill("#id_budget", "三百")
    firm.click("main .sticky-actions button")
    assert "万元" in firm.locator(".problems").inner_text()
    firm.locator(".problems a").first.click()
    assert firm.evaluate("document.activeElement.id") == "id_budget"
    firm.click("button[name=add_row]")
    firm.click("button[name=remove_row][value=indicators-1]")
    assert firm.input_value("#id_indicators-0-name") == "表面粗糙度"
    firm.fill("#id_budget", "300")
    save(firm)
    assert "Saved as a draft" in firm.locator("[role=status]").inner_text()
    take(firm, "submit")
    assert firm.locator(".problems li").count() >= 5  # all that is missing is told at once, and leads to its field
    firm.click(".problems a[href$='#id_scenario']")
    assert firm.locator("#id_scenario").get_attribute("aria-invalid") == "true"
    firm.select_option("#id_field", "materials")
    firm.fill("#id_background", "外延片因衬底缺陷报废")
    firm.fill("#id_scenario", "六英寸产线")
    firm.fill("#id_claimant_requirements", "有中试线")
    firm.select_option("#id_ip_terms", "joint")
    firm.fill("#id_deadline", "2030-12-31")
    firm.fill("#id_min_trl", "6")
    firm.select_option("#id_contact", index=1)
    firm.fill("#id_indicators-0-unit", "nm")
    firm.fill("#id_indicators-0-test_method", "GB/T 29505")
    save(firm)
    take(firm, "submit")
    assert stage(firm) == "submitted"
    need = firm.url

    # Returned with words, submitted again, published; a button pressed on a page gone stale tells of it.
    desk.goto(need)
    take(desk, "return", note="请写明中试要求")
    firm.goto(need)
    assert "请写明中试要求" in firm.locator(".history").inner_text()
    take(firm, "submit")
    second = desk.context.new_page()
    for page in (desk, second):
        page.goto(need)
    take(desk, "publish")
    take(second, "publish")
    assert "faster" in second.locator("h1").inner_text()
    followers.run_pending()

    # Matches with reasons; one refused, one introduced.
    firm.goto(need)
    best = firm.locator("#matches .hit")
    assert best.count() == 2
    assert "抛光" in best.first.locator(".legend").inner_text()
    poor = firm.locator(f"#matches form[action*='{closed.record.code}/refuse']")
    poor.locator("xpath=..").locator("summary").click()
    poor.locator("select").select_option("trl")
    poor.locator("button").click()
    assert firm.locator("#matches .hit").count() == 1
    firm.click(f"#matches form[action*='{fitting.record.code}/introduce'] button")
    introduction = firm.url
    assert stage(firm) == "introduced"
    assert "chen@firm.example" not in firm.content()

    office.goto("/inbox/")
    office.click("main .block a")
    assert fits(office)
    take(office, "agree")
    assert "chen@firm.example" in office.content()
    desk.goto(introduction)
    assert "chen@firm.example" not in desk.content()
    for move, note in (("meet", ""), ("intend", ""), ("contract", "合同编号 2026-01")):
        firm.goto(introduction)
        take(firm, move, note=note)
    assert stage(firm) == "contract"

    # What is not wanted is thrown away; what is left stands in one place.
    firm.goto("/needs/new/")
    firm.fill("#id_title", "不要了的草稿")
    save(firm)
    thrown = firm.url
    take(firm, "discard")
    assert firm.goto(thrown).status == 404
    firm.goto("/mine/")
    assert firm.locator("main .result h3").all_inner_texts() == [
        "大尺寸碳化硅衬底抛光需求", "大尺寸碳化硅衬底抛光需求 × 低缺陷碳化硅衬底抛光",
    ]  # fmt: skip

    # Withdrawn is gone at once: page, list, search, suggestions.
    visitor = readers(width=390)
    visitor.goto(need)
    assert fits(visitor)
    firm.goto(need)
    take(firm, "withdraw", note="已解决")
    assert visitor.goto(need).status == 404
    visitor.goto("/needs/?q=碳化硅")
    assert "大尺寸碳化硅衬底抛光需求" not in visitor.content()
