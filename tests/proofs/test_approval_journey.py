"""The story of an approval in a browser: a result is registered when head and director have signed."""

from typing import Any

import pytest

from kezhuan.kernel import followers
from tests.areas.approval_story import Story
from tests.factories.browsing import account, fits, readers

__all__ = ["readers"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_result_is_registered_when_everybody_on_the_route_has_signed(readers: Any) -> None:
    story = Story(title="大尺寸碳化硅衬底抛光")
    story.route(story.division, story.leader)
    followers.run_pending()
    code = story.row.record.code

    # The handler asks; nothing has happened yet.
    handler = readers(account(story.handler))
    handler.goto(f"/achievements/{code}/")
    handler.click("text=Ask for approval: Register")
    handler.fill("#id_note", "请予登记")
    handler.click("main .sticky-actions button")
    assert handler.locator(".route .tag.wait").count() == 1
    address = handler.url

    # The head finds it in the inbox and signs on a telephone, with the keyboard alone and without scripts.
    head = readers(account(story.head), width=390, java_script_enabled=False)
    head.goto("/inbox/")
    head.click("main .lines a")
    assert fits(head)
    head.click("text=Sign as 成果处处长")
    assert fits(head)
    head.focus("#id_opinion")
    head.keyboard.type("材料齐全")
    head.keyboard.press("Tab")
    head.keyboard.press("Enter")
    head.wait_for_url(address)
    assert "材料齐全" in head.inner_text("main")
    head.goto(f"{address}sheet/")
    assert fits(head)

    # The director presses twice: signed once, and told so.
    director = readers(account(story.director))
    director.goto(address)
    director.click("text=Sign as 分管副局长")
    again = director.url
    director.fill("#id_opinion", "同意登记")
    director.click("main .sticky-actions button")
    director.wait_for_url(address)
    assert director.goto(again).status == 409
    assert story.stage == "registered"

    # The sheet bears both opinions; the applicant reads neither.
    handler.goto(f"{address}sheet/")
    assert fits(handler)
    sheet = handler.inner_text("main")
    assert "材料齐全" in sheet
    assert "同意登记" in sheet
    owner = readers(account(story.owner))
    owner.goto(f"/achievements/{code}/")
    assert "同意登记" not in owner.content()
    assert owner.goto(address).status == 404
