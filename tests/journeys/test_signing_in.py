"""How one signs in, in a browser: with the keyboard, without scripts, with an app, with a passkey."""

import re
import time
from typing import Any

import pytest

from kezhuan.areas.accounts import totp
from kezhuan.areas.people.actions import sign_up
from tests.factories.post import last_code

PASSWORD = "correct-horse-battery"
EMAIL = "li@example.com"


@pytest.fixture
def opened(browser: Any, live_server: Any, transactional_db: Any) -> Any:
    """Opens browsers; the policy of the pages must not have been hurt in any."""
    contexts, complaints = [], []
    sign_up(name="李老师", email=EMAIL, password=PASSWORD)

    def open_one(**options: Any) -> Any:
        context = browser.new_context(base_url=live_server.url, **({"locale": "en-US"} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Any, address: str = "/sign-in/") -> None:
    """Sign in by the keyboard alone."""
    page.goto(address)
    page.focus("#id_email")
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def with_authenticator(page: Any) -> None:
    """Give the browser a device that keeps passkeys and is unlocked at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_passkey_is_added_and_then_signs_in_without_a_password(opened: Any) -> None:
    page = opened()
    with_authenticator(page)
    sign_in(page, "/sign-in/?next=/account/security/")
    page.click("main a[href='/account/security/passkeys/']")
    page.fill("#id_name", "office computer")
    with page.expect_navigation():
        page.click("form[data-passkey] .button")
    assert page.locator(".codes li").count() == 10
    page.goto("/account/security/")
    assert "office computer" in page.inner_text("main")
    # Adding it once more is told, not lost.
    page.goto("/account/security/passkeys/")
    page.fill("#id_name", "again")
    page.click("form[data-passkey] .button")
    page.wait_for_selector("[data-problem]:not([hidden])")
    page.click("details.menu summary")
    with page.expect_navigation():
        page.click("form[action='/sign-out/'] button")
    page.goto("/sign-in/?next=/account/security/")
    with page.expect_navigation(url="**/account/security/"):
        page.click("form[data-passkey] button")
    assert "Where you are signed in" in page.inner_text("main")


def test_app_without_scripts_on_a_phone_in_chinese(opened: Any) -> None:
    page = opened(java_script_enabled=False, locale="zh-CN", viewport={"width": 390, "height": 800})
    sign_in(page, "/sign-in/?next=/account/security/app/")
    assert page.locator("form[data-passkey]").count() == 0
    secret = re.sub(r"\s", "", page.inner_text("code.secret"))
    step = int(time.time() // totp.STEP)
    page.fill("#id_code", totp.code_at(secret, step))
    page.keyboard.press("Enter")
    page.wait_for_selector(".codes")
    page.goto("/account/security/")
    page.click("summary")
    page.click("form[action='/sign-out/'] button")
    sign_in(page, "/sign-in/?next=/account/security/")
    assert page.url.endswith("/sign-in/second/")
    page.keyboard.press("Tab")
    page.fill("#id_code", totp.code_at(secret, step + 1))
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/security/")
    assert "已启用" in page.inner_text("main")


def test_code_by_mail_on_pages_that_fit_and_read_well(opened: Any) -> None:
    page = opened(viewport={"width": 320, "height": 700})
    page.goto("/sign-in/code/")
    page.fill("#id_email", EMAIL)
    page.keyboard.press("Enter")
    page.fill("#id_code", "000 00")
    page.keyboard.press("Enter")
    page.wait_for_selector(".problems a[href='#id_code']")
    page.fill("#id_code", last_code(EMAIL))
    with page.expect_navigation(url=re.compile(r":\d+/$")):
        page.keyboard.press("Enter")
    for address in ("/account/security/", "/account/security/app/", "/account/security/passkeys/", "/account/email/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
