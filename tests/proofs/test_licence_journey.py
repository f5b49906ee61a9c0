"""The story of a licence in a browser: a firm goes from a result's page to a licence, tries it, and pays."""

from typing import Any

import pytest

from kezhuan.areas.agreements.models import Agreement
from kezhuan.kernel import followers
from kezhuan.kernel.models.parties import Role
from tests.factories import city
from tests.factories.browsing import account, fits, readers, save, take

__all__ = ["readers"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_licence_is_taken_tried_and_paid(readers: Any) -> None:
    unit, firm = city.organisation("南粤大学", kind="university"), city.organisation("粤材公司")
    result = city.achievement(unit, stage="listed", title="碳化硅抛光工艺")
    keeper, taker = city.member(unit, Role.ADMINISTRATOR), city.member(firm, Role.ADMINISTRATOR)
    followers.run_pending()

    # The university offers it, on a telephone and without scripts.
    office = readers(account(keeper), width=390, java_script_enabled=False)
    office.goto(f"/achievements/{result.record.code}/")
    office.click("a[href^='/licences/new/']")
    office.fill("#id_title", "碳化硅抛光工艺标准许可")
    office.fill("#id_fee", "5")
    office.select_option("#id_trigger", "use")
    office.fill("#id_trial_months", "6")
    assert fits(office)
    save(office)
    assert fits(office)
    take(office, "offer")
    followers.run_pending()

    # The firm reads price and term on the result's page, and takes it.
    buyer = readers(account(taker))
    buyer.goto(f"/achievements/{result.record.code}/")
    buyer.click("main a[href^='/licences/W-']")
    assert "50,000.00" in buyer.inner_text("main")
    assert fits(buyer)
    buyer.click("a[href$='/take/']")
    assert "6 months" in buyer.inner_text("main")
    with buyer.expect_navigation():
        buyer.click("main .sticky-actions button")
    assert "/agreements/H-" in buyer.url
    assert fits(buyer)

    # Tried, in use, invoiced and paid.
    take(buyer, "trigger", "首台设备投产")
    office.goto(buyer.url)
    assert fits(office)
    office.click("a[href$='/payments/1/invoice/']")
    office.fill("#id_invoice", "25442000000000000001")
    save(office)
    office.click("a[href$='/payments/1/']")
    office.fill("#id_fen", "50000")
    office.fill("#id_voucher", "收0001")
    assert fits(office)
    save(office)
    buyer.goto(office.url)
    assert "收0001" in buyer.inner_text("main")
    take(office, "complete")
    assert Agreement.objects.get().record.stage == "done"
