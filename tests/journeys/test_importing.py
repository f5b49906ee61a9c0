"""A spreadsheet is imported in a browser: by the keyboard alone, and without scripts on the narrowest screen."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook

from kezhuan.kernel import jobs
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from tests.areas.crawling import client_of
from tests.factories import city

CSV = "编号,名称,摘要,成熟度,我们的领域\nS1,抛光方法,低缺陷,6,新材料\nS2,育种方法,耐盐,约七级,农业\nS3,第三项,,8,\n"
FILE = {"name": "成果.csv", "mimeType": "text/csv", "buffer": CSV.encode()}


@pytest.fixture
def opened(browser: Any, live_server: Any) -> Any:
    """Opens a browser in which a member of a firm is signed in; the policy of the pages must not be hurt in any."""
    contexts, complaints = [], []
    client = client_of(city.member(city.organisation("甲公司")))

    def open_one(**options: Any) -> Any:
        context = browser.new_context(base_url=live_server.url, **({"locale": "en-US"} | options))
        context.add_cookies([{"name": name, "value": one.value, "url": live_server.url}
                             for name, one in client.cookies.items()])  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def story(page: Any, press: Callable[[str], None], looked_at: Callable[[], None]) -> bytes:
    """From the list to an import that is in; returns the workbook of the bad row."""
    page.goto("/achievements/")
    press('a[href="/imports/new/?kind=achievement"]')
    looked_at()
    press("form[enctype] button.button")
    page.wait_for_selector(".problems a[href='#id_file']")
    looked_at()
    page.set_input_files("#id_file", FILE)
    page.focus("#id_declared_open")
    page.keyboard.press("Space")
    press("form[enctype] button.button")
    page.wait_for_selector("#id_map-4")
    looked_at()
    page.select_option("#id_map-4", "field")
    press("button[value=check]")
    page.wait_for_selector(".tag")
    looked_at()
    jobs.run_pending()
    page.reload()
    assert Record.objects.filter(kind="achievement").count() == 0
    looked_at()
    press("button[value=commit]")
    page.wait_for_selector(".tag.wait")
    jobs.run_pending()
    page.reload()
    assert [one.inner_text() for one in page.locator(".figure b").all()] == ["3", "2", "0", "0", "1"]
    looked_at()
    with page.expect_download() as download:
        page.focus("a[href$='/rejects/']")
        page.keyboard.press("Enter")
    press("a.danger")
    looked_at()
    press("main form button")
    page.wait_for_selector(".tag.no")
    looked_at()
    page.goto("/imports/")
    looked_at()
    return bytes(download.value.path().read_bytes())


def after(page: Any, content: bytes) -> None:
    """What came back, and what is left."""
    header, row = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    back = dict(zip(header, row, strict=True))
    assert (back["编号"], back["建议 suggestion"], back["原行号 row"]) == ("S2", "成熟度 → 7", 3)
    assert Record.objects.filter(kind="achievement", phase=Phase.VOID).count() == 2
    assert page.locator("tbody tr").count() == 1


def test_import_by_the_keyboard_is_accessible(opened: Any) -> None:
    page = opened()

    def press(selector: str) -> None:
        page.focus(selector)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def looked_at() -> None:
        results = Axe().run(page)
        assert results.violations_count == 0, (page.url, results.generate_report())

    after(page, story(page, press, looked_at))


def test_import_without_scripts_on_the_narrowest_screen(opened: Any) -> None:
    page = opened(java_script_enabled=False, locale="zh-CN", viewport={"width": 320, "height": 700})

    def looked_at() -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url

    after(page, story(page, page.click, looked_at))
