"""The story of a technology contract in a browser: mended, handed in, looked at twice, registered outside."""

from typing import Any

import pytest

from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.factories import city
from tests.factories.browsing import account, fits, readers

__all__ = ["readers"]

pytestmark = pytest.mark.django_db(transaction=True)


def press(page: Any, move: str) -> None:
    """Take a move on a page of the record."""
    form = page.locator(f"form[action$='/{move}/']")
    asked = page.locator("details.move", has=form)
    if asked.count():
        asked.locator("summary").click()
    form.locator("button").click()


def test_a_contract_is_mended_handed_in_looked_at_twice_and_read_back(readers: Any) -> None:
    unit = city.organisation("南粤大学", kind="university")
    legal = city.member(unit, Role.LEGAL)
    row = city.contract(unit, by=legal, rights=())
    place = f"/contracts/{row.record.code}/"
    first, second = city.registrars()

    # On a telephone and without scripts: what the form lacks is told, and leads to its field.
    keeper = readers(account(legal), width=390, java_script_enabled=False)
    keeper.goto(place)
    assert fits(keeper)
    assert "Intellectual property" in keeper.inner_text("main")
    keeper.goto(f"{place}edit/?before=submit")
    assert "Intellectual property" in keeper.inner_text("main")
    keeper.check("input[name=rights][value=secret]")
    assert fits(keeper)
    keeper.click("main .sticky-actions button")
    press(keeper, "submit")
    assert keeper.locator("main a[href^='/filings/F-']").count() == 1

    # The first registrar has text and form side by side; the second look is somebody else's.
    registrar = readers(account(first))
    registrar.goto(f"{place}desk/")
    assert fits(registrar)
    press(registrar, "accept")
    press(registrar, "classify")
    assert registrar.locator("form[action$='/pass/']").count() == 0
    other = readers(account(second))
    other.goto(place)
    press(other, "pass")

    # Registered outside: number, day and both amounts are read back.
    registrar.goto(f"{place}registration/")
    registrar.fill("#id_reg_no", "12")
    registrar.fill("#id_registered_on", today().isoformat())
    registrar.click("main .sticky-actions button")
    assert registrar.input_value("#id_reg_no") == "12"
    registrar.fill("#id_reg_no", "2026440100000001")
    registrar.click("main .sticky-actions button")
    assert "2026440100000001" in registrar.inner_text("main")
    assert fits(registrar)
