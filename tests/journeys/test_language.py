"""The language is changed on every page, and the page stays."""

from typing import Any


def test_language_can_be_changed_on_every_page(page: Any) -> None:
    for address in ("/needs/?q=a", "/sign-up/", "/nothing-here/"):
        for language in ("en", "zh-hans"):
            page.goto(address)
            if page.evaluate("document.documentElement.lang").lower() != language:
                page.click("button[name=language]")
            assert page.evaluate("document.documentElement.lang").lower() == language
            assert page.url.endswith(address)
