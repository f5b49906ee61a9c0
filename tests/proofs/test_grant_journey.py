"""The story of a grant of rights in a browser: an objection stops it, a changed text begins anew, and the printed
agreement is read back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kezhuan.kernel import followers
from kezhuan.kernel.models import Notice, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import save_days
from kezhuan.kernel.text import today
from tests.factories import city, grants
from tests.factories.browsing import account, fits, readers, take
from tests.factories.scans import blank

__all__ = ["readers"]

pytestmark = pytest.mark.django_db(transaction=True)
SAVE = "main .sticky-actions button"


class Case:
    """Who takes part: the office, the chair of the meeting, two completers, and a colleague who objects."""

    def __init__(self, readers: Any) -> None:
        unit = city.organisation("南粤大学", kind="university")
        people = [city.member(unit), city.member(unit)]
        keeper, colleague = city.member(unit, Role.ADMINISTRATOR), city.member(unit)
        self.about = grants.achievement(unit, people, title="碳化硅抛光工艺")
        for code in ("notice.grant.conclude", "notice.grant.conclude.objections"):
            city.rule(code, 15 if code.endswith("conclude") else 0, "calendar days")
        city.rule("meeting.quorum", 6667, "basis points")
        chair = grants.meeting_route(unit)
        followers.run_pending()
        self.names = [one.name for one in people]
        self.first, self.second = (readers(account(one), width=390) for one in people)
        self.keeper, self.chair, self.colleague = (readers(account(one)) for one in (keeper, chair, colleague))
        self.code = self.address = ""

    def row(self) -> Record:
        return Record.objects.get(code=self.code)

    def signed_by_all(self) -> None:
        """Each completer finds the text in the list of what waits, reads and signs it, on a telephone."""
        followers.run_pending()
        for page in (self.first, self.second):
            page.goto("/inbox/")
            page.click(f"main .lines a[href*='{self.code}']")
            page.click("text=Sign the split and the terms")
            assert "团队内部分配" in page.inner_text("main")
            assert fits(page)
            page.click(SAVE)
            page.wait_for_url(self.address)

    def decided(self) -> None:
        """The office asks, and the meeting decides: first too few for it, then enough."""
        self.keeper.goto(self.address)
        self.keeper.click("text=Ask for approval: Decide together on the grant")
        self.keeper.click(SAVE)
        self.chair.goto(self.keeper.url)
        self.chair.click("a[href$='/meeting/'], a[href$='/decision/']")
        for entitled in ("5", "4"):
            self.chair.fill("#id_meeting", "院长办公会")
            self.chair.fill("#id_attended", "赵院长、钱副院长、孙书记")
            self.chair.fill("#id_recused", "、".join(self.names))
            self.chair.fill("#id_entitled", entitled)
            self.chair.fill("#id_minutes_no", "〔2026〕9号")
            self.chair.set_input_files("#id_file", {"name": "纪要.png", "mimeType": "image/png", "buffer": blank()})
            self.chair.check("#id_declared_open")
            self.chair.click(SAVE)
            assert ("too few" in self.chair.inner_text("main")) is (entitled == "5")
        assert self.row().stage == "decided"

    def laid_open(self) -> str:
        """The office prepares the notice before its members, and starts it."""
        self.keeper.goto(self.address)
        self.keeper.click("text=Prepare the notice before")
        self.keeper.check("input[value=unit][name=audience]")
        self.keeper.fill("#id_reception", "转化处 020-12345678")
        self.keeper.check("input[value=site]")
        self.keeper.click(SAVE)
        take(self.keeper, "start")
        followers.run_pending()
        return str(self.keeper.url)


def test_a_grant_is_stopped_by_an_objection_begins_anew_and_is_agreed(readers: Any, tmp_path: Path) -> None:
    case = Case(readers)

    # A completer applies for it, from the achievement's page; the team is there already.
    first = case.first
    first.goto(f"/achievements/{case.about.record.code}/")
    first.click("a[href^='/grants/new/']")
    assert first.input_value("[name=members-0-name]") == case.names[0]
    assert fits(first)
    first.fill("#id_summary", "由完成人团队推动转化")
    first.check("input[name=kind][value=share]")
    for field, value in {
        "share": "65", "income": "70", "costs": "50", "ends_on": f"{today() + timedelta(days=4000)}",
        "reclaim_text": "三年没有进展", "exit_text": "离职后份额不变", "members-0-part": "60", "members-1-part": "40",
    }.items():  # fmt: skip
        first.fill(f"[name={field}]", value)
    for box in first.locator("[name=cleared]").all():
        box.check()
    first.click("button[name=add_row][value=milestones]")
    first.fill("[name=milestones-0-text]", "首份合同")
    first.fill("[name=milestones-0-due_on]", f"{today() + timedelta(days=300)}")
    first.click(SAVE)
    case.address, case.code = first.url, first.url.rstrip("/").rpartition("/")[2]
    take(first, "submit")
    assert "70 % at least" in first.inner_text("main")  # the province's floor
    first.goto(f"{case.address}edit/")
    first.fill("#id_share", "70")
    first.click(SAVE)
    take(first, "submit")

    # The office clears it, everybody signs, the meeting decides, the notice begins.
    case.keeper.goto(case.address)
    take(case.keeper, "clear", note="权属清晰")
    assert case.keeper.locator("text=Ask for approval").count() == 1
    case.signed_by_all()
    case.decided()
    notice = case.laid_open()

    # A colleague objects; an objection that is open stops it, one that is upheld sends it back.
    case.colleague.goto(notice)
    assert "70.00%" in case.colleague.inner_text("main")
    case.colleague.click("a[href$='/objections/new/'], a[href$='/objection/']")
    for field, value in {"name": "周异议", "contact": "020-12345678", "text": "完成人比例与贡献不符"}.items():
        case.colleague.fill(f"#id_{field}", value)
    case.colleague.click(SAVE)
    assert case.colleague.goto(case.address).status == 404
    _stood(15)
    case.keeper.goto(notice)
    take(case.keeper, "complete")
    assert "An objection is open" in case.keeper.inner_text("main")
    followers.run_pending()
    case.keeper.goto(notice)
    case.keeper.click("main a[href^='/objections/']")
    take(case.keeper, "uphold", note="属实")
    case.keeper.goto(case.address)
    take(case.keeper, "revise", note="按异议调整比例")
    assert Notice.objects.get().record.stage == "stopped"

    # The changed text is signed, decided on and laid open again, from the first day on.
    first.goto(f"{case.address}edit/")
    first.fill("[name=members-0-part]", "55")
    first.fill("[name=members-1-part]", "45")
    first.click(SAVE)
    take(first, "submit")
    case.keeper.goto(case.address)
    take(case.keeper, "clear", note="权属清晰")
    case.signed_by_all()
    case.decided()
    notice = case.laid_open()
    take(case.keeper, "complete")
    assert "it stands there until" in case.keeper.inner_text("main")
    _stood(16)
    case.keeper.goto(notice)
    take(case.keeper, "complete")
    case.keeper.goto(case.address)
    take(case.keeper, "conclude")

    # The agreement is printed and read back by its code.
    take(case.keeper, "agree")
    assert "its code is read back" in case.keeper.inner_text("main")
    case.keeper.goto(f"/records/{case.code}/signatures/")
    with case.keeper.expect_download() as loaded:
        case.keeper.click("form[action$='/print/'] button")
    loaded.value.save_as(tmp_path / "协议.pdf")
    case.keeper.goto(f"/records/{case.code}/signatures/")
    case.keeper.click("text=Upload the stamped scan")
    case.keeper.set_input_files("#id_file", tmp_path / "协议.pdf")
    case.keeper.check("#id_declared_open")
    case.keeper.click(SAVE)
    case.keeper.goto(case.address)
    take(case.keeper, "agree")
    assert case.row().stage == "active"
    assert "55.00%" in case.keeper.inner_text("main")
    assert fits(case.keeper)


def _stood(days: int) -> None:
    """So many days have gone by since the newest notice began."""
    notice = Notice.objects.order_by("-pk")[0]
    notice.channels.update(started_on=today() - timedelta(days=days))
    save_days(notice)
