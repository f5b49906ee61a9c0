"""The story of a filing in a browser: finance keeps a price inside and files it; the bureau reads that and no more."""

from typing import Any

import pytest

from kezhuan.kernel import followers
from kezhuan.kernel.models.parties import Role
from tests.factories import city
from tests.factories.browsing import account, fits, readers

__all__ = ["readers"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_price_is_kept_inside_filed_and_corrected(readers: Any) -> None:
    unit = city.organisation("南粤大学", kind="university")
    row = city.achievement(unit, stage="listed", title="碳化硅抛光")
    finance, bureau = city.member(unit, Role.FINANCE), city.officer()
    followers.run_pending()

    # Finance keeps it, on a telephone and without scripts, from the achievement's own page.
    keeper = readers(account(finance), width=390, java_script_enabled=False)
    keeper.goto(f"/achievements/{row.record.code}/")
    keeper.click("a[href^='/dossiers/new/']")
    keeper.check("input[value=price]")
    keeper.fill("#id_title", "协议定价方案")
    keeper.fill("#id_amount", "380")
    keeper.fill("#id_summary", "三家询价的中位数")
    assert fits(keeper)
    keeper.click("main .sticky-actions button")
    dossier = keeper.url
    assert fits(keeper)

    # The officer finds nothing of it.
    officer = readers(account(bureau))
    assert officer.goto(dossier).status == 404
    officer.goto("/filings/")
    assert officer.locator("main a[href^='/filings/F-']").count() == 0

    # What will be told stands above the form; pressing once files it.
    keeper.click("a[href$='/file/']")
    assert "三家询价的中位数" in keeper.inner_text("main")
    assert fits(keeper)
    keeper.click("main .sticky-actions button")
    first = keeper.url
    assert fits(keeper)
    assert officer.goto(first).status == 200
    assert "三家询价的中位数" in officer.inner_text("main")
    assert officer.goto(dossier).status == 404

    # A change stays inside until it is filed again; then the earlier filing leads to the newer.
    keeper.goto(f"{dossier}edit/")
    keeper.fill("#id_amount", "400")
    keeper.click("main .sticky-actions button")
    keeper.goto(first)
    keeper.click("a[href$='/file/']")
    keeper.click("main .sticky-actions button")
    officer.goto(first)
    assert fits(officer)
    officer.click(".notice a")
    assert officer.url == keeper.url
    followers.run_pending()
    officer.goto("/filings/")
    assert officer.locator("main table").count() == 1
    assert fits(officer)
