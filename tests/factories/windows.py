"""A browser window that shows what the test client was answered, and what axe-core and a ruler say of it."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import axe_playwright_python
from django.contrib.staticfiles import finders

SITE = "http://city.test"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDE, NARROW = 1280, 320

# What WCAG 2.2 asks at A and AA and the best practices; axe leaves the size of targets out unless it is asked for.
LOOK = """async opened => {
  if (opened) {
    for (const one of document.querySelectorAll('details:not(.menu)')) one.open = true;
    for (const one of document.querySelectorAll('.facet-switch')) one.checked = true;
  }
  const rules = {'target-size': {enabled: true}};
  const look = within => axe.run(within, {resultTypes: ['violations'], selectors: false, preload: false, rules});
  const told = (await look(document)).violations, menu = document.querySelector('details.menu');
  if (opened && menu) {  // it covers what is below it
    menu.open = true;
    told.push(...(await look(menu)).violations);
  }
  return told.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}`));
}"""

MEASURE = """() => {
  const wrong = [], root = document.documentElement, said = text => wrong.push(text);
  if (root.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('body *')].filter(
      one => one.getBoundingClientRect().right > innerWidth + 1
      && !one.closest('.table-frame, pre'));
    const last = wide.slice(-3).map(one => one.outerHTML.slice(0, 160));
    said(`${root.scrollWidth} px wide: ${last.join(' | ')}`);
  }
  const headings = document.querySelectorAll('h1').length;
  if (headings !== 1) said(`${headings} first headings`);
  if (!document.title.trim()) said('no title');
  if (!['zh-hans', 'en'].includes(root.lang.toLowerCase())) said(`language ${root.lang}`);
  for (const one of document.querySelectorAll('body *')) {
    const scrolls = ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth;
    const named = one.tabIndex >= 0 && (one.ariaLabel || one.getAttribute('aria-labelledby'));
    if (scrolls && !named && one.tagName !== 'TEXTAREA') said(`scrolls unnamed: ${one.outerHTML.slice(0, 160)}`);
  }
  return wrong;
}"""

NAMES = """() => {
  axe.setup();
  const controls = document.querySelectorAll(
    'a[href], button:not([aria-hidden]), input:not([type=hidden]), select, textarea, summary, [tabindex="0"]');
  const nameless = [...controls].filter(one => one.checkVisibility() && !axe.commons.text.accessibleText(one).trim());
  axe.teardown();
  return nameless.map(one => `no name: ${one.outerHTML.slice(0, 160)}`);
}"""


class _Shape(HTMLParser):
    """The elements of a page with what a rule may look at, without the words."""

    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.found: set[tuple[str, ...]] = set()
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = " ".join(
            f"{name}={value}" if name in {"class", "type", "role", "lang", "scope"} else name
            for name, value in sorted(attrs)
        )
        self.found.add((*self.path, f"{tag} {told}"))
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(tag)
        if tag not in {"input", "meta", "link", "br", "img", "hr", "col", "wbr"}:
            self.path.append(f"{tag} {told}")

    def handle_endtag(self, tag: str) -> None:
        while self.path and self.path.pop().split(" ", 1)[0] != tag:
            pass


def shapes(text: str) -> set[Any]:
    """The elements of a page, each with all that it stands in, and the order of the headings."""
    read = _Shape()
    read.feed(text)
    collapsed = [one for place, one in enumerate(read.headings) if read.headings[place - 1 : place] != [one]]
    return {*read.found, tuple(collapsed)}


class Window:
    """A window in which pages that were answered elsewhere are looked at, at both widths."""

    def __init__(self, browser: Any) -> None:
        self.page = browser.new_context(viewport={"width": WIDE, "height": 900}).new_page()
        self.page.route("**/*", self._answered)
        self.shown = ("", {})

    def _answered(self, route: Any) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            route.fulfill(body=Path(found).read_bytes(), content_type=mimetypes.guess_type(found)[0])
        else:
            text, headers = self.shown
            route.fulfill(body=text, headers=headers)

    def wrong_with(self, text: str, headers: dict[str, str], *, opened: bool) -> list[str]:
        """What is wrong with a page: axe-core looks at it as it comes at 1280 px or, `opened`, at 320 px both as it
        comes and with all that unfolds unfolded; it is measured at 320 px both times."""
        self.shown = text, headers
        self.page.set_viewport_size({"width": NARROW if opened else WIDE, "height": 900})
        self.page.goto(f"{SITE}/page/", wait_until="load")
        self.page.evaluate(AXE)
        wrong = [
            f"{NARROW if opened else WIDE} px{' unfolded' if unfolded else ''}, {one}"
            for unfolded in (False, True)[: 2 if opened else 1]
            for one in self.page.evaluate(LOOK, unfolded)
        ]
        wrong += self.page.evaluate(NAMES)
        self.page.set_viewport_size({"width": NARROW, "height": 900})
        return [*wrong, *self.page.evaluate(MEASURE)]


@contextmanager
def window(browser: Any) -> Iterator[Window]:
    """A window, closed afterwards."""
    opened = Window(browser)
    try:
        yield opened
    finally:
        opened.page.context.close()
