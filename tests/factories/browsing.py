"""What stories in a browser share: readers with windows of their own, who sign in, fill forms and take moves."""

from typing import Any

import pytest

from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import User

PASSWORD = "correct-horse-battery"


def uscc(body: str) -> str:
    """A code with its check digit."""
    from stdnum.cn import uscc as number

    return body + str(number.calc_check_digit(body))


def account(actor: Actor) -> str:
    """A mail address with which this actor signs in."""
    assert actor.person is not None
    email = f"{actor.person.record.code.lower()}@example.com"
    User.objects.create_user(email, PASSWORD, person=actor.person)
    return email


@pytest.fixture
def readers(browser: Any, live_server: Any, settings: Any) -> Any:
    """Opens a browser of one's own for each person of a story, English, at a given width."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    contexts = []

    def opened(email: str = "", width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(
            base_url=live_server.url, locale="en-US", viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        page = context.new_page()
        if email:
            page.goto("/sign-in/")
            page.fill("#id_email", email)
            page.fill("#id_password", PASSWORD)
            page.click("main form button")
        return page

    yield opened
    for context in contexts:
        context.close()


def fits(page: Any) -> bool:
    """Nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def take(page: Any, move: str, note: str = "", reason: str = "") -> None:
    """Take a move on a record's page, opening its sheet when it asks for words."""
    form = page.locator(f"form[action$='/moves/{move}/']").first
    if not form.locator("button").is_visible():
        form.locator("xpath=..").locator("summary").click()
    if note:
        form.locator("textarea").fill(note)
    if reason:
        form.locator("select").select_option(reason)
    with page.expect_navigation():
        form.locator("button").click()


def save(page: Any) -> None:
    """Send the form and see that it went through."""
    with page.expect_navigation():
        page.click("main .sticky-actions button")
    assert page.locator(".problems").all_inner_texts() == []


def stage(page: Any) -> str:
    """The stage that the record's page marks as reached."""
    return str(page.locator(".stages [aria-current=step]").inner_text()).split("\n")[0]
