"""In a real browser: nothing sticks out at any width, targets are large enough, nothing needs a script."""

from typing import Any

import pytest

from kezhuan.web.examples.pages import PAGES

STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > width + 1 && !one.closest('.table-frame') && !one.closest('.hidden, .skip');
  }).map(one => one.tagName + '.' + one.className).slice(0, 5);
}"""
TOO_SMALL = """() => {
  const pressed = 'button, summary, input:not([type=hidden]):not(.facet-switch), select, textarea';
  return [...document.querySelectorAll(pressed)].filter(one => {
    const box = one.getBoundingClientRect();
    const label = (one.closest('label') || one).getBoundingClientRect();
    return box.width && !one.closest('.hidden') && Math.max(box.height, label.height) < 24;
  }).map(one => one.outerHTML.slice(0, 80));
}"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_fit_every_screen(page: Any, language: str) -> None:
    page.context.set_extra_http_headers({"Accept-Language": language})
    wrong = {}
    for address in ["/styleguide/", *(f"/styleguide/{name}/" for name in PAGES), "/sign-in/"]:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details.move').forEach(one => one.open = true)")
        for width in (320, 390, 820, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if found := page.evaluate(STICKING_OUT) + page.evaluate(TOO_SMALL):
                wrong[address, width] = found
    assert wrong == {}


def test_a_long_table_stands_whole_on_a_small_screen(page: Any) -> None:
    heights = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/styleguide/record/")
        heights.append(
            page.evaluate(
                """() => {
                  const frame = document.querySelector('.table-frame'), row = frame.querySelector('tbody tr');
                  for (let one = 0; one < 60; one += 1) row.after(row.cloneNode(true));
                  return frame.scrollHeight - frame.clientHeight;
                }"""
            )
        )
    assert heights[0] < 20 < heights[1]


def test_facets_open_on_a_small_screen_without_script(browser: Any, live_server: Any) -> None:
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    opened = context.new_page()
    opened.goto("/styleguide/list/")
    assert not opened.locator(".facets").is_visible()
    opened.locator(".facet-label").click()
    assert opened.locator(".facets").is_visible()
    context.close()


def test_button_pressed_twice_sends_once(page: Any) -> None:
    page.goto("/styleguide/record/")
    button = page.locator(".block .moves form > button").first
    sent = button.evaluate("""button => {
      let sent = 0;
      window.addEventListener('submit', event => { sent += event.defaultPrevented ? 0 : 1; event.preventDefault(); });
      button.click();
      button.click();
      return sent;
    }""")
    assert sent == 1


def test_print_leaves_out_what_cannot_be_pressed_on_paper(page: Any) -> None:
    page.goto("/styleguide/record/")
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    assert not page.locator(".moves").first.is_visible()
    assert page.locator("h1").is_visible()
