"""An application is written in two browsers at once, and saved as it is written: no word of anybody is lost."""

from typing import Any

import pytest

from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.questions import Question
from tests.factories import calls, city
from tests.factories.browsing import account, readers, save

__all__ = ["readers"]

pytestmark = pytest.mark.django_db(transaction=True)


def told(page: Any, words: str) -> str:
    """What the page says of saving, once it says these words."""
    line = page.locator("[data-told]", has_text=words)
    line.wait_for(timeout=10_000)
    return str(line.inner_text())


def test_what_was_refused_is_unsaved_and_nobody_else_s_saving_takes_its_place(readers: Any) -> None:
    unit = city.organisation(kind="university")
    row = calls.application(calls.call(stage="published"), unit, stage="draft")
    form = f"/applications/{row.record.code}/edit/"
    mine, theirs = readers(account(city.clerk(unit))), readers(account(city.member(unit, name="示例·财务")))
    mine.goto(form)
    theirs.goto(form)
    mine.fill("#id_summary", "分两步达到指标。")
    mine.fill("#id_asked", "很多")
    mine.uncheck("#id_promised")
    mine.click("main .sticky-actions button")
    assert mine.locator(".problems").is_visible()
    theirs.fill("#id_leader", "王财务")
    told(theirs, "Saved at")
    mine.fill("#id_asked", "80")
    # Theirs is shown beside mine and takes its place nowhere; the button saves mine.
    assert "Theirs stands below yours" in told(mine, "Not saved: somebody else has saved meanwhile")
    assert "王财务" in mine.locator("#id_leader + p").inner_text()
    assert mine.locator("label:has(#id_promised) + p").inner_text().endswith("✓")
    assert (mine.input_value("#id_summary"), mine.input_value("#id_asked")) == ("分两步达到指标。", "80")
    mine.fill("#id_leader", "王财务")
    save(mine)
    kept = Application.objects.select_related("record").get(pk=row.pk)
    assert (kept.leader, kept.record.summary, kept.asked_fen) == ("王财务", "分两步达到指标。", 80_000_000)


def test_tables_and_questions_that_wait_for_a_choice_meet_as_everything_else(readers: Any) -> None:
    unit = city.organisation(kind="university")
    columns = [{"words": "单位", "kind": "line"}, {"words": "人数", "kind": "number"}]
    waits = {"question": 1, "answer": "联合申报"}
    questions = (
        Question("申报方式", "one", options=("独立申报", "联合申报")),
        Question("成员", "table", False, columns=columns, only_if=waits),
        Question("牵头理由", "line", False, only_if=waits),
    )
    row = calls.application(calls.call(stage="published", questions=questions), unit, stage="draft",
                            answers=("联合申报", [["甲公司", "3"]]))  # fmt: skip
    form = f"/applications/{row.record.code}/edit/"
    mine, theirs = readers(account(city.clerk(unit))), readers(account(city.member(unit, name="示例·财务")))
    mine.goto(form)
    theirs.goto(form)
    # What waits for a choice goes and comes with it; a row is added by the button, as without scripts.
    theirs.select_option("#id_answer_0", "独立申报")
    assert (theirs.locator("#id_answer_1").is_visible(), theirs.locator("#id_answer_2").is_visible()) == (False, False)
    theirs.select_option("#id_answer_0", "联合申报")
    assert (theirs.locator("#id_answer_1").is_visible(), theirs.locator("#id_answer_2").is_visible()) == (True, True)
    theirs.click("#id_answer_1 button[name=add_row]")
    theirs.fill("#id_answer_1-1-cell_0", "乙公司")
    save(theirs)
    # Their row comes into the page of a colleague who changed something else, and is not lost by its saving.
    mine.fill("#id_leader", "王牵头")
    assert "成员" in told(mine, "Somebody else has saved meanwhile; what they changed stands here now:")
    assert mine.input_value("#id_answer_1-1-cell_0") == "乙公司"
    save(mine)
    kept = Application.objects.get(pk=row.pk)
    assert (kept.leader, kept.answers[1]) == ("王牵头", [["甲公司", "3"], ["乙公司", ""]])
