"""By the keyboard alone, without scripts, on the narrowest screen: sign in, import, publish, object, answer."""

from typing import Any

import pytest

from kezhuan.kernel import followers, jobs
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Notice, Objection, Record
from tests.factories import city
from tests.factories.browsing import PASSWORD, account, fits

pytestmark = pytest.mark.django_db(transaction=True)

CSV = "编号,名称,摘要,成熟度\nS1,低缺陷抛光方法,大尺寸碳化硅衬底的化学机械抛光,6\n"
FILE = {"name": "成果.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
FURTHEST = 60
"""So many presses of the tabulator lead to whatever is wanted; more are more than anybody has patience for."""


class Keys:
    """A page and nothing but a keyboard."""

    def __init__(self, page: Any) -> None:
        self.page = page
        # Asked for from the beginning: a key pressed before the browser has heard of it would open the system's dialog.
        page.on("filechooser", lambda _chooser: None)

    def goto(self, address: str) -> None:
        """Open an address and go past the header, as the first link of every page offers."""
        self.page.goto(address)
        self.skip()

    def skip(self) -> None:
        """Look whether the page fits, and go to its content."""
        assert fits(self.page), self.page.url
        if self.page.url.endswith("#main"):  # where a redirect led: browsers keep the place on the page
            return
        self.page.keyboard.press("Tab")
        assert self.page.evaluate("document.activeElement.className") == "skip"
        self.page.keyboard.press("Enter")

    def reach(self, selector: str) -> None:
        """Press the tabulator until this has the focus, and see that it shows."""
        for _press in range(FURTHEST):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                assert self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", selector
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached on {self.page.url}")

    def type(self, selector: str, words: str) -> None:
        """Write into a field."""
        self.reach(selector)
        self.page.keyboard.type(words)

    def tick(self, selector: str) -> None:
        """Tick a box."""
        self.reach(selector)
        self.page.keyboard.press("Space")
        assert self.page.evaluate("document.activeElement.checked"), selector

    def open(self, selector: str) -> None:
        """Follow a link or press a button, and go to what comes."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.skip()

    def again(self) -> None:
        """Ask for the page anew."""
        self.page.reload()
        self.skip()


@pytest.fixture
def keys(browser: Any, live_server: Any, settings: Any) -> Any:
    """Opens windows 320 px wide, without scripts, for whoever sits there."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    contexts = []

    def opened(actor: Actor | None = None) -> Keys:
        context = browser.new_context(
            base_url=live_server.url, locale="zh-CN", viewport={"width": 320, "height": 700}, java_script_enabled=False
        )
        contexts.append(context)
        keys = Keys(context.new_page())
        if actor is not None:
            email = account(actor)
            keys.goto("/sign-in/")
            keys.type("#id_email", email)
            keys.type("#id_password", PASSWORD)
            keys.open("main form button.button:not(.second)")
        return keys

    yield opened
    for context in contexts:
        context.close()


def test_sign_in_import_publish_object_and_answer(keys: Any) -> None:
    officer = city.officer()
    city.notice_rule(5, 3)
    desk = keys(officer)

    desk.goto("/achievements/")
    desk.open('a[href="/imports/new/?kind=achievement"]')
    desk.reach("#id_file")
    with desk.page.expect_file_chooser() as chooser:
        desk.page.keyboard.press("Enter")
    chooser.value.set_files(FILE)
    desk.tick("#id_declared_open")
    desk.open("form[enctype] .sticky-actions button.button")
    desk.open("button[value=check]")
    jobs.run_pending()
    desk.again()
    desk.open("button[value=commit]")
    jobs.run_pending()
    followers.run_pending()
    row = Record.objects.get(kind="achievement")

    desk.goto(f"/achievements/{row.code}/")
    desk.open("a[href$='/notices/register/new/']")
    desk.type("#id_reception", "科技局成果处 020-83120000")
    desk.open(".sticky-actions button.button")
    notice = Notice.objects.select_related("record").get()
    desk.open("form[action$='/moves/start/'] button")
    notice.record.refresh_from_db()
    assert notice.record.stage == "running"
    followers.run_pending()

    visitor = keys()
    visitor.goto(f"/notices/{notice.record.code}/")
    visitor.open("a[href$='/objections/new/']")
    visitor.type("#id_name", "赵举")
    visitor.type("#id_contact", "13812345678")
    visitor.type("#id_text", "完成人排序与事实不符。")
    visitor.open(".sticky-actions button.button")
    objection = Objection.objects.select_related("record").get()
    followers.run_pending()

    desk.goto("/inbox/")
    desk.open(f"a[href='/objections/{objection.record.code}/']")
    desk.reach("details:has(form[action$='/moves/dismiss/']) > summary")
    desk.page.keyboard.press("Enter")
    desk.type("form[action$='/moves/dismiss/'] textarea", "经核实，排序与原始记录一致。")
    desk.open("form[action$='/moves/dismiss/'] button")
    objection.record.refresh_from_db()
    assert objection.record.stage == "dismissed"


def test_reckon_an_income_and_keep_its_address(keys: Any) -> None:
    visitor = keys()
    visitor.goto("/income/")
    visitor.type("#id_received", "1000000")
    visitor.type("#id_tax", "60000")
    visitor.type("#id_main", "60, 40")
    visitor.open("main form .button")
    told = visitor.page.inner_text("main")
    assert "940,000.00" in told
    assert "主要贡献人员 1" in told
    # The address holds what was typed: whoever gets it sees the same.
    other = keys()
    other.goto(visitor.page.url)
    assert other.page.inner_text("main") == told
    # What cannot be is told where it was typed.
    visitor.reach("#id_received")
    visitor.page.keyboard.press("Control+A")
    visitor.page.keyboard.type("-1")
    visitor.open("main form .button")
    visitor.reach(".problems a[href='#id_received']")
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Control+A")
    visitor.page.keyboard.type("2000000")
    assert visitor.page.input_value("#id_received") == "2000000"
