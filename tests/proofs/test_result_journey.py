"""A university enters a result by keyboard and without a script, with a file, until it is registered."""

from typing import Any

from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import User
from kezhuan.kernel.models.parties import Role
from tests.factories.browsing import account, readers, save, stage, take
from tests.factories.city import member, officer, organisation

__all__ = ["readers"]


def test_university_registers_a_result_by_keyboard_and_without_a_script(readers: Any) -> None:
    university = organisation("南粤大学", kind="university")
    professor, bureau = member(university, Role.ADMINISTRATOR), officer()
    unit, desk = readers(account(professor), java_script_enabled=False), readers(account(bureau))

    unit.goto("/achievements/new/")
    unit.focus("#id_title")
    unit.keyboard.type("低缺陷碳化硅衬底抛光")
    unit.fill("#id_summary", "大尺寸碳化硅衬底的化学机械抛光方法,表面粗糙度低。")
    unit.select_option("#id_field", "materials")
    unit.click("button[name=add_row][value=completers]")
    unit.click("button[name=add_row][value=completers]")
    for row, (name, share) in enumerate((("甲", "60"), ("乙", "30"))):
        unit.fill(f"#id_completers-{row}-name", name)
        unit.fill(f"#id_completers-{row}-share", share)
    unit.focus("main .sticky-actions button")
    with unit.expect_navigation():
        unit.keyboard.press("Enter")
    address = unit.url
    take(unit, "submit")

    # Files: without the declaration, with a mark, then a clean one for the unit and the officers.
    unit.goto(address)
    upload = unit.locator("a[href$='/documents/']").get_attribute("href")
    for content, declared, words in (
        ("公开内容", False, "Declare"),
        ("密级：机密", True, "保密办"),
        ("公开内容", True, ""),
    ):
        unit.goto(upload)
        unit.set_input_files("#id_file", {"name": "报告.txt", "mimeType": "text/plain", "buffer": content.encode()})
        if declared:
            unit.check("#id_declared_open")
        unit.click("main .buttons button")
        assert words in (unit.locator(".problems").inner_text() if words else "")
    assert unit.url == address
    file = unit.get_by_role("link", name="报告.txt", exact=True).first.get_attribute("href")
    visitor = readers()
    assert visitor.goto(file).status == 404

    desk.goto(address)
    take(desk, "list")
    take(desk, "register")
    assert "90" in desk.locator(".problems").inner_text()
    unit.goto(address)
    unit.click("main a[href$='/edit/']")
    unit.fill("#id_completers-1-share", "40")
    save(unit)
    desk.goto(address)
    take(desk, "register")
    assert desk.locator(".problems").all_inner_texts() == [], desk.url
    assert stage(desk) == "registered"

    # Two editors: the later one is told, and nothing typed is lost.
    first, later = readers(account_of(professor)), readers(account_of(professor))
    for page in (first, later):
        page.goto(f"{address}edit/")
    first.fill("#id_advantage", "良率高")
    save(first)
    later.fill("#id_advantage", "成本低")
    later.click("main .sticky-actions button")
    assert later.locator(".problems").is_visible()
    assert later.input_value("#id_advantage") == "成本低"
    first.goto(address)
    assert "良率高" in first.content()


def account_of(actor: Actor) -> str:
    """The mail address that was made before."""
    return str(User.objects.get(person=actor.person).email)
