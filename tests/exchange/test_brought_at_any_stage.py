"""Applications and projects of another system come at whatever stage they had there, and go on here from it."""

import pytest

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.recommending_actions import recommend
from kezhuan.areas.calls.tables import ROWS
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.payment_actions import settle_project
from kezhuan.areas.projects.tables import ROWS as PROJECT_ROWS
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.exchange.test_applications_brought import cells_of, held_elsewhere, plan, reasons, row
from tests.factories import calls, city
from tests.factories.imports import take_in

pytestmark = pytest.mark.django_db


def test_what_waits_for_a_recommendation_or_was_withdrawn_there_comes_with_its_answers_to_the_indicators(write):
    officer, office = city.bureau(), city.organisation("推荐区科技局", kind="government")
    call = calls.call(by=officer)
    calls.end_time_of(call)
    call = advance(CALL, Call.objects.get(pk=call.pk), "enter-closed", actor=officer, note="原系统")
    calls.recommender_of(call, office, letter_optional=True)
    (indicator,) = call.items.get().indicators
    units = [city.organisation(f"机构{number}", kind="university") for number in range(7)]
    named = {"推荐单位": office.record.title}
    rows = [
        row(1, units[0], call, 结果="待推荐", 指标承诺=f"{indicator_in_words(indicator)}：0.08 nm\n复测一次", **named),
        row(2, units[1], call, 结果="推荐单位退回", 指标承诺="1: 0.07", **named),
        row(3, units[2], call, 结果="撤回"),
        row(4, units[3], call, 结果="待推荐"),
        row(5, units[4], call, 结果="待推荐", 推荐日期="2025-03-02", **named),
        row(6, units[5], call, 结果="待推荐", 指标承诺="寿命：9年", **named),
        row(7, units[2], call, 结果="待推荐", 指标承诺=f"{indicator['name']}：0.09", **named),
    ]  # fmt: skip
    done = take_in(ROWS, write(rows), actor=officer, reason="原系统申报", is_trusted=False)
    said = reasons(done)
    assert (done.counts.created, [*said]) == (4, [4, 5, 6])  # of what was withdrawn another takes the place
    assert all(words in said[at] for at, words in ((4, "which unit"), (5, "not recommended yet"), (6, "“寿命：9年”")))
    found = Application.objects.select_related("record", "item__call__record").order_by("pk")
    assert [(one.record.stage, one.alive, one.commitments) for one in found] == [
        ("offered", True, ["0.08 nm\n复测一次"]), ("sent-back", True, ["0.07"]), ("withdrawn", False, []),
        ("offered", True, ["0.09"]),
    ]  # fmt: skip
    # And it goes on here: the unit recommends what waits for it, and the officers see what it answers.
    sender, codes = city.clerk(office), [found[0].record.code]
    assert client_of(sender).get(f"/applications/{codes[0]}/").status_code == 200
    recommend(actor=sender, call=call, applications=codes, letter_no="荐1号", letter_on=today(), letter=None)
    assert Record.objects.get(code=codes[0]).stage == "submitted"
    assert any("0.08 nm" in one for one in cells_of(officer, found[0]))
    again = take_in(ROWS, write(rows[1:2]), actor=officer, is_trusted=False)
    assert (again.counts.unchanged, again.counts.rejected) == (1, 0)


def test_a_project_comes_at_the_stage_that_it_had_there_and_its_money_stands_accordingly(write):
    officer, decided = city.bureau(), held_elsewhere(city.bureau(), "decided")
    units = [city.organisation(f"机构{number}", kind="institute") for number in range(6)]
    results = [
        row(number, unit, decided, 结果="立项", **{"立项财政资金(万元)": 30}) for number, unit in enumerate(units, 1)
    ]
    assert take_in(ROWS, write(results), actor=officer, reason="原系统结果").counts.created == 6
    whole = "样机 | 2025-12-01 | 第三方检测 | 2025-11-20\n小批量 | 2026-11-01 | 现场验收 | 2026-10-20"
    none = "样机 | 2025-12-01 | 第三方检测\n小批量 | 2026-11-01 | 现场验收"
    over = {"里程碑": whole, "验收日期": "2026-11-10"}
    said = [
        {"阶段": "待启动", "里程碑": none}, {"阶段": "已验收", **over}, {"阶段": "已评价", **over}, {"阶段": "终止"},
        {"阶段": "已验收", "里程碑": whole}, {"阶段": "待启动"},
    ]  # fmt: skip
    rows = [{**plan(decided, unit), **one} for unit, one in zip(units, said, strict=True)]
    rows.append({**plan(decided, units[4]), "阶段": "已验收", "验收日期": "2026-11-10"})
    rows.append({**plan(decided, units[4]), "验收日期": "2025-03-01"})
    done = take_in(PROJECT_ROWS, write(rows), actor=officer, is_trusted=False, reason="原系统项目")
    told = reasons(done)
    assert (done.counts.created, [*told]) == (4, [5, 6, 7, 8])
    assert all(words in told[at] for at, words in (
        (5, "the day of acceptance"), (6, "no milestone yet"), (7, "every milestone"), (8, "of nothing else"),
        (8, "after its task book"),
    ))  # fmt: skip
    found = Project.objects.select_related("record").order_by("pk")
    assert [(one.record.stage, one.alive, [paid.state for paid in one.payments.all()]) for one in found] == [
        ("signed", True, ["paid", "planned", "planned"]), ("accepted", True, ["paid", "due", "due"]),
        ("evaluated", True, ["paid", "due", "due"]), ("terminated", True, ["paid", "freed", "freed"]),
    ]  # fmt: skip
    assert [str(one.accepted_on or "") for one in found] == ["", "2026-11-10", "2026-11-10", ""]
    # What was terminated there is settled here.
    ended = settle_project(actor=officer, project=found[3], spent_fen=12_000_000, diligent=True, words="已结算")
    assert (ended.spent_fen, ended.record.stage) == (12_000_000, "terminated")
