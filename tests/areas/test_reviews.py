"""Reviews: a panel is cleared of conflicts, its experts are chosen, score and advise; the department proposes."""

import html
import json
import re
import runpy
from datetime import date
from hashlib import sha256
from importlib import import_module
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from docx import Document

from kezhuan.areas.calls.proposal_actions import Proposed, propose
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.reviews import pages_panels, pages_running
from kezhuan.areas.reviews.actions import TieFacts
from kezhuan.areas.reviews.choosing_actions import (
    assign_experts,
    commit_draw,
    declined_in,
    drawing_of,
    hold_draw,
    replace_drawn,
)
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.models import Draw, Expert, Review, Sheet
from kezhuan.areas.reviews.panel_actions import Advice, prepare_panel, record_meeting
from kezhuan.areas.reviews.queries import candidates, drawn_this_year
from kezhuan.areas.reviews.scoring_actions import give_back, score_item
from kezhuan.engines.drawing import Why
from kezhuan.exchange.papers.archiving import rows_of_case
from kezhuan.exchange.papers.printing import content_of
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Identifier
from kezhuan.kernel.rulebook import add_rule_value
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db


def codes(refused):
    return {problem.code for problem in refused.value.problems}


def test_a_panel_judges_the_applications_to_a_call_from_experts_to_advice(monkeypatch):
    officer = city.officer()
    units = [city.organisation(name, kind="university") for name in ("甲大学", "乙大学")]
    call = reviews.closed_call(officer, *units)
    # One works for an applicant, and one has declared nothing: neither judges anything of it.
    colleague = reviews.expert("同事", by=officer, employer=units[0])
    silent = reviews.expert("未申报", by=officer, stage="asked")
    pool = [reviews.expert(f"专家{number}", by=officer) for number in range(3)]
    panel = prepare_panel(actor=officer, about=call.record, facts=reviews.panel_facts())
    assert panel.items.count() == 2
    with pytest.raises(Refused) as refused:  # what is not known is no clearance
        assign_experts(actor=officer, panel=panel)
    assert codes(refused) == {"assignment-blocked"}
    reviews.looked_up(officer, panel)
    reviews.asked(officer, panel)
    chosen = set(Sheet.objects.filter(item__panel=panel).values_list("review__expert", "item__record__owner"))
    assert {expert for expert, _owner in chosen} >= {one.pk for one in pool}
    assert silent.pk not in {expert for expert, _owner in chosen}
    assert (colleague.pk, units[0].pk) not in chosen
    assert len(chosen) == 6
    assert all(sheet.why["zh"] and sheet.why["en"] for sheet in Sheet.objects.all())
    with pytest.raises(Refused) as refused:
        propose(actor=officer, call=call, proposed={})
    assert "call-unjudged" in codes(refused)
    panel = reviews.scored(officer, panel, lambda review, item: str(90 - 10 * item))
    first, second = panel.items.order_by("number")
    assert (first.result["score"], first.rank, second.result["score"], second.rank) == ("80.00", 1, "70.00", 2)
    assert first.result["totals"] == dict.fromkeys(first.result["totals"], "80.00")
    with pytest.raises(Refused) as refused:
        advance(PANEL, panel, "conclude", actor=officer)
    assert codes(refused) == {"minutes-missing", "opinion-missing"}
    with pytest.raises(Refused) as refused:
        record_meeting(actor=officer, panel=panel, minutes_no="1号", met_on=today(), advice={3: Advice(1, True, "好")})
    assert codes(refused) == {"panel-items-unknown"}
    monkeypatch.setattr(pages_running, "ITEMS", 1)
    own, browser = f"/panels/{panel.record.code}/", client_of(officer)
    meeting = f"{own}meeting/"
    typed = {
        "minutes_no": "1号",
        "met_on": str(today()),
        "attended": ["1", "2"],
        "also_there": "李处长（市局）",
        "minutes": "逐项讨论，形成建议。",
        "place_2": "2",
        "advised_2": "no",
        "opinion_2": "",
    }
    assert browser.post(f"{meeting}?page=2", typed).status_code == 422
    assert browser.post(f"{meeting}?page=2", {**typed, "opinion_2": "写下的意见"}).url == own
    assert browser.post(meeting, {**typed, "place_1": "1", "opinion_1": ""}).url == f"{meeting}?page=2"
    assert list(panel.items.values_list("advised", "opinion")) == [(None, ""), (False, "写下的意见")]
    assert browser.post(meeting, {**typed, "attended": ["99"], "place_1": "1", "opinion_1": ""}).status_code == 422
    panel = reviews.concluded(officer, panel)
    assert panel.record.stage == "concluded"
    page = browser.get(own).content.decode()
    chart = page[page.index('<table class="chart">') :]
    scores = re.findall(r'class="number">([0-9.]+)<', chart[: chart.index("</table>")])
    assert [float(one) for one in scores] == [80, 70]
    printed = dict(content_of(officer, panel).facts)
    assert (printed["会议记录"], printed["其他出席人员"]) == ("逐项讨论，形成建议。", "李处长（市局）")
    assert len(printed["出席专家"].split("\n")) == 2
    assert set(Review.objects.values_list("record__stage", flat=True)) == {"handed-in"}
    # The folder of the call holds its applications, the panel and what each expert gave, for whoever runs it alone.
    judged, entries = list(Review.objects.order_by("pk")), sorted(panel.items.values_list("record", flat=True))
    assert [one.pk for one in rows_of_case(officer, call)] == [
        call.pk, *entries, panel.pk, *(one.pk for one in judged),
    ]  # fmt: skip
    assert [one.record.owner for one in rows_of_case(city.member(units[0]), call)[1:]] == [units[0]]
    said = dict(content_of(officer, panel).facts)
    assert said["第1项"].split("\n")[1:] == ["得分80.00，第1名", "评审组建议支持", "第1名，意见1"]
    assert said["评审标准"].startswith("技术　权重60%")
    own = [fact for one in judged for fact in content_of(reviews.judge(one), one).facts]
    assert own.count(("第1项", "总分80.00\n技术：80分　依据充分\n市场：80分　依据充分")) == 3
    assert not any(first.record.title in text or units[0].record.title in text for _label, text in own)
    propose(
        actor=officer,
        call=call,
        proposed={one.record.code: Proposed(bool(one.advised), one.opinion) for one in panel.items.all()},
    )


def drawn(officer, **places):
    """A panel of a call that is drawn by lot, one more of each sort in its pool than it has places for."""
    unit = city.organisation("甲大学", kind="university")
    call = reviews.closed_call(officer, unit, city.organisation("乙大学", kind="university"))
    for sort, number in places.items():
        for one in range(number + 1):
            reviews.expert(f"{sort}{one}", by=officer, sort=sort)
    reviews.expert("同事", by=officer, employer=unit)
    # How many items one expert gets at most is said of assignments; who is drawn judges all.
    return reviews.panel(officer, call, choice="draw", per_item=sum(places.values()), max_load=1)


def test_a_draw_is_committed_before_held_with_a_witness_and_repeated_from_its_record(monkeypatch, capsys):
    officer = city.officer()
    panel = drawn(officer, technical=2, finance=1)
    with pytest.raises(Refused) as refused:
        commit_draw(actor=officer, panel=panel, places={"technical": 2})
    assert codes(refused) == {"draw-places"}
    with pytest.raises(Refused) as refused:
        commit_draw(actor=officer, panel=panel, places={"technical": 2, "enterprise": 1})
    assert codes(refused) == {"draw-pool"}
    draw = commit_draw(actor=officer, panel=panel, places={"technical": 2, "finance": 1})
    colleague = Expert.objects.get(record__title="同事").record.code
    assert colleague not in {code for code, _sort, _drawn in draw.terms["pool"]}
    client = client_of(officer)
    page = client.get(f"/panels/{panel.record.code}/").content.decode()
    shown = client.get(f"/api/v1/panels/{panel.record.code}").json()["draw"]
    assert draw.committed in page
    assert draw.seed not in page
    assert shown["committed"] == draw.committed
    assert "seed" not in shown
    assert client.get(f"/api/v1/panels/{panel.record.code}/draw").status_code == 404
    with pytest.raises(Conflict):
        commit_draw(actor=officer, panel=panel, places={"technical": 1, "finance": 2})
    answer = client.post(f"/panels/{panel.record.code}/assign/", HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 422
    assert "The experts of this panel are chosen otherwise" in answer.content.decode()
    draw = hold_draw(actor=officer, panel=panel, word="春分", witness="赵见证")
    with pytest.raises(Conflict):
        hold_draw(actor=officer, panel=panel, word="清明", witness="赵见证")
    asked = list(Review.objects.filter(panel=panel).select_related("expert__person__record", "record"))
    assert sorted(one.expert.sort for one in asked) == ["finance", "technical", "technical"]
    # By hand, from what the record tells: the lowest ticket of a sort is drawn first.
    tickets = sorted(
        (sha256(f"{draw.seed}\n{draw.word}\n{code}\n".encode()).hexdigest(), code)
        for code, sort, _drawn in draw.terms["pool"] if sort == "technical"
    )  # fmt: skip
    assert {one.expert.record.code for one in asked if one.expert.sort == "technical"} == {
        one for _, one in tickets[:2]
    }
    gone = next(one for one in asked if one.expert.record.code == tickets[0][1])
    with pytest.raises(Refused) as refused:
        replace_drawn(actor=officer, panel=panel)
    assert codes(refused) == {"panel-manned"}
    advance(REVIEW, gone, "turn-down", actor=reviews.judge(gone), reason="time")
    replace_drawn(actor=officer, panel=panel)
    instead = Review.objects.filter(panel=panel).select_related("expert__record").latest("pk")
    assert instead.expert.record.code == tickets[2][1]
    paper = client.get(f"/panels/{panel.record.code}/draw/record/")
    text = "\n".join(cell.text for table in Document(BytesIO(paper.content)).tables for cell in table._cells)
    assert paper["Content-Disposition"].endswith("%E6%8A%BD%E5%8F%96%E8%AE%B0%E5%BD%95%E8%A1%A8.docx")
    assert {draw.seed, draw.committed, "赵见证：春分"} <= set(text.split("\n"))
    assert f"递补{gone.expert.person.record.title}" in text
    assert drawn_this_year([gone.expert_id, instead.expert_id]) == {instead.expert_id: 1}
    # A script that knows nothing of the program draws the same from what is published.
    published = client.get(f"/api/v1/panels/{panel.record.code}/draw").content.decode()
    monkeypatch.setattr("sys.stdin", StringIO(published))
    capsys.readouterr()
    runpy.run_path("tests/engines/drawing/reproduce.py", run_name="__main__")
    again = {code for codes_drawn in json.loads(capsys.readouterr().out).values() for code in codes_drawn}
    on_it = Review.objects.filter(panel=panel).exclude(pk=gone.pk)
    assert again == set(on_it.values_list("expert__record__code", flat=True))
    # One who was drawn gives an item back: the others judge it, and the scores can be closed.
    seats = panel.reviews.filter(record__stage="invited").select_related("record", "panel__about", "expert__person")
    seats = [advance(REVIEW, one, "take-on", actor=reviews.judge(one)) for one in seats.order_by("pk")]
    panel = advance(PANEL, panel, "begin", actor=officer)
    for place, seat in enumerate(seats):
        for number in (1, 2):
            said = {"actor": reviews.judge(seat), "review": seat, "number": number}
            if (place, number) == (0, 1):
                give_back(**said, reason="曾指导该团队")
            else:
                score_item(**said, marks=["70", "70"], words=["好", "好"], submit=True)
    assert advance(PANEL, panel, "close", actor=officer).record.stage == "scored"


def test_a_yearly_cap_passes_over_whom_the_lot_fell_on_before():
    officer = city.officer()
    panel = drawn(officer, technical=1)
    add_rule_value(
        actor=officer, code="review.draws.most", jurisdiction="440100", value=1, unit="count",
        effective_from=today(), source="本局办法",
    )  # fmt: skip
    first = reviews.asked(officer, panel, technical=1)[0]
    # Their only items are given back: nobody would be left to judge them before the day is over.
    panel = advance(PANEL, panel, "begin", actor=officer)
    give_back(actor=reviews.judge(first), review=first, number=1, reason="有关系")
    with pytest.raises(Refused) as refused:
        advance(PANEL, panel, "close", actor=officer)
    assert codes(refused) == {"panel-unscored"}
    again = reviews.panel(officer, panel.about.call, choice="draw", per_item=1, title="第二组")
    third = reviews.panel(officer, panel.about.call, choice="draw", per_item=1, title="第三组")
    # Committed while one is left; before it is held the lot of another panel falls on that one.
    commit_draw(actor=officer, panel=third, places={"technical": 1})
    second = reviews.asked(officer, again, technical=1)[0]
    assert second.expert_id != first.expert_id
    draw = hold_draw(actor=officer, panel=third, word="立　夏\t", witness="赵见证")
    assert not third.reviews.exists()
    assert (draw.word, draw.passed) == ("立 夏", [[second.expert.record.code, 0]])
    assert {line.uid: (line.why, line.reason) for line in drawing_of(draw).log} == {
        first.expert.record.code: (Why.CAP, ""), second.expert.record.code: (Why.DECLINED, "cap")
    }  # fmt: skip
    page = client_of(officer).get(f"/panels/{third.record.code}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert page.count("passed over: the yearly cap is reached") == 2
    # So it is told of draws that were held before it was kept who was known first.
    Draw.objects.filter(pk=draw.pk).update(passed=[second.expert.record.code, "E-0"])
    upgrade = import_module("kezhuan.areas.reviews.migrations.0003_passed_in_turn")
    upgrade.number_passed(apps, SimpleNamespace(connection=connection))
    draw.refresh_from_db()
    assert [one.uid for one in declined_in(draw)] == [second.expert.record.code, "E-0"]


def test_who_comes_next_stands_in_for_whoever_was_passed_over_before_them(monkeypatch):
    officer = city.officer()
    panel = drawn(officer, technical=1)
    reviews.expert("候补", by=officer)
    add_rule_value(
        actor=officer, code="review.draws.most", jurisdiction="440100", value=1, unit="count",
        effective_from=today(), source="本局办法",
    )  # fmt: skip
    first = reviews.asked(officer, panel, technical=1)[0]
    advance(REVIEW, first, "turn-down", actor=reviews.judge(first), reason="time")
    tickets = sorted(
        (sha256(f"{panel.draw.seed}\n{panel.draw.word}\n{code}\n".encode()).hexdigest(), code)
        for code, _sort, _drawn in panel.draw.terms["pool"]
    )
    order = [code for _ticket, code in tickets]
    full = Expert.objects.get(record__code=order[1]).pk
    monkeypatch.setattr("kezhuan.areas.reviews.choosing_actions.drawn_this_year", lambda _experts: {full: 1})
    draw = replace_drawn(actor=officer, panel=panel)
    assert [one.uid for one in declined_in(draw)] == order[:2]
    assert [(one.uid, one.stands_in_for) for one in drawing_of(draw).log] == [
        (order[0], None), (order[1], order[0]), (order[2], order[1])
    ]  # fmt: skip


def test_who_declined_counts_no_more_for_the_mix_of_an_item():
    officer = city.officer()
    call = reviews.closed_call(officer, city.organisation("甲大学", kind="university"))
    reviews.expert("企业一", by=officer, sort="enterprise")
    panel = reviews.panel(officer, call, per_item=1, mixed=True)
    gone = reviews.asked(officer, panel)[0]
    advance(REVIEW, gone, "turn-down", actor=reviews.judge(gone), reason="time")
    for name, sort in (("技术一", "technical"), ("企业二", "enterprise"), ("技术二", "technical")):
        reviews.expert(name, by=officer, sort=sort, topics=() if sort == "enterprise" else ("攻关",))
    assign_experts(actor=officer, panel=panel)
    assert Review.objects.filter(panel=panel).latest("pk").expert.record.title == "企业二"


def test_conflicts_are_found_in_the_data_dismissed_with_a_reason_and_stay_dismissed():
    officer = city.officer()
    unit, other = city.organisation("甲大学", kind="university"), city.organisation("乙大学", kind="university")
    author, firm = city.clerk(unit), city.organisation("丙公司")
    call = reviews.closed_call(officer, unit, other)
    together = reviews.expert("合作者", by=officer)
    tied = reviews.expert("持股者", by=officer, ties=[TieFacts("shareholder", other.record.code)])
    former = reviews.expert("旧同事", by=officer, ties=[TieFacts("employer", unit.record.code, date(2020, 1, 1))])
    bound = reviews.expert("合同方", by=officer, employer=firm)
    paper = city.achievement(firm, stage="listed", secrecy="trade_secret", title="机密成果")
    for order, one in enumerate((author.person, together.person), 7):
        paper.completers.create(order=order, name=one.record.title, person=one)
    for code, one in (("91440101MA5AAAA010", unit), ("91440101MA5AAAA023", firm)):
        Identifier.objects.create(record=one.record, scheme="uscc", value=code)
    Contract.objects.filter(pk=city.contract(firm, stage="submitted").pk).update(
        seller_code="91440101MA5AAAA010", buyer_code="91440101MA5AAAA023"
    )
    panel = reviews.panel(officer, call)

    def found():
        clearing = clear_panel(panel, list(candidates(panel)))
        owners = {str(one.number): one.record.owner_id for one in clearing.items}
        persons = {str(one.person_id): one for one in clearing.experts}
        return clearing, {
            (persons[who].pk, owners[item], one.kind)
            for (item, who), findings in clearing.cleared.findings.items()
            for one in findings
        }

    clearing, pairs = found()
    assert pairs == {
        (together.pk, unit.pk, "co-completer"),
        (tied.pk, other.pk, "shareholder"),
        (former.pk, unit.pk, "employer"),
        (bound.pk, unit.pk, "contract"),
    }
    words = [clearing.say(*one) for one in clearing.found]
    assert not any("机密成果" in one for one in words)  # whoever runs a panel may not read it
    assert any(paper.record.code in one for one in words)
    client = client_of(officer)
    page = client.get(f"/panels/{panel.record.code}/conflicts/").content.decode()
    way = next(html.unescape(one) for one in re.findall(r'href="([^"]*dismiss[^"]*)"', page) if "co-completer" in one)
    assert client.post(way, {"reason": ""}).status_code == 422
    assert client.post(way, {"reason": "同名同姓，并非本人"}).status_code == 302
    assert (together.pk, unit.pk, "co-completer") not in found()[1]
    # What was not found is not dismissed, parties and items of nobody's are not passed over in silence.
    api = f"/api/v1/panels/{panel.record.code}"
    for method, place, body, code in (
        ("post", "dismissals", {"key": "family|1|2|x", "reason": "无"}, "conflict-unknown"),
        ("post", "look-ups", {"parties": ["O-1"], "source": "系统", "on": str(today())}, "look-up-parties"),
    ):
        answer = getattr(client, method)(f"{api}/{place}", body, content_type="application/json")
        assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, code)
    second = reviews.panel(officer, call, title="另一组")
    key = next(iter(clear_panel(second, [together]).cleared.dismissed.values()))[0][0].key
    assert key.startswith("co-completer")
    add_rule_value(
        actor=officer, code="conflict.employer.months", jurisdiction="440100", value=36, unit="months",
        effective_from=today(), source="本局回避办法",
    )  # fmt: skip
    assert (former.pk, unit.pk, "employer") not in found()[1]


def test_pages_of_a_panel_ask_as_much_for_many_items_and_its_table_is_taken_along(
    django_assert_max_num_queries, monkeypatch
):
    officer = city.officer()
    units = [city.organisation(kind="university") for _ in range(3)]
    calls = [reviews.closed_call(officer, *units[:1]), reviews.closed_call(officer, *units)]
    names = [reviews.expert(name, by=officer).person.record.title for name in ("专家甲", "专家乙")]
    made, client, listed = [], client_of(officer), []

    def queries(reader, place, shown=""):
        reader.get(place)  # the first look at what is new is noted, and what waits is counted anew
        with django_assert_max_num_queries(60) as told:
            answer = reader.get(place)
        assert (answer.status_code, shown in answer.content.decode()) == (200, True)
        return len(told.captured_queries)

    for call in calls:
        panel = reviews.panel(officer, call, per_item=2)
        place, seats = f"/panels/{panel.record.code}/", reviews.asked(officer, panel)
        panel.items.update(alternates=[one.expert.record.code for one in seats[: 1 + len(made)]])
        before = queries(client, place, "Ready to stand in")
        made.append((reviews.scored(officer, panel), seats[0]))
        listed.append([before, queries(client, "/reviews/")])
    assert listed[0] == listed[1]
    judge, asked = client_of(reviews.judge(made[0][1])), []
    for panel, seat in made:
        reads = (f"/reviews/{seat.record.code}/", f"/api/v1/reviews/{seat.record.code}/items")
        asked.append([queries(client, f"/panels/{panel.record.code}/"), *(queries(judge, one) for one in reads)])
    assert asked[0] == asked[1]
    answer = client.post(f"/panels/{made[1][0].record.code}/", {"export": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[0].split(",")[:5] == ["No.", "What is judged", "Reviews in", "Score", "Rank"]
    assert "80.00" in lines[1]
    # Of many items and experts a page shows some.
    monkeypatch.setattr(pages_panels, "ITEMS", 2)
    monkeypatch.setattr(pages_panels, "EXPERTS", 1)
    place = f"/panels/{made[1][0].record.code}/"
    pages = [client.get(place + query).content.decode() for query in ("", "?page=2", "?experts=2")]
    assert [page.count("80.00") for page in pages] == [10, 5, 10]  # raw, corrected, by each of two, and drawn
    seen = [[name for name in names if name in page] for page in pages]
    assert sorted(seen[0] + seen[2]) == sorted(names)
    assert seen[0] == seen[1]
