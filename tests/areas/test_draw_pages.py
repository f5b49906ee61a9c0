"""What whoever runs a panel is told of its draw: how many can be drawn, who is next, and when nobody is left."""

from io import BytesIO

import pytest
from docx import Document

from kezhuan.areas.reviews.choosing_actions import commit_draw, hold_draw, replace_drawn
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.models import Draw, Panel, Review
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.rulebook import add_rule_value
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


def scene(officer, *, experts=2, **facts):
    """A panel that judges one item, and this many technical experts who can be drawn for it."""
    call = reviews.closed_call(officer, city.organisation("甲大学", kind="university"))
    for name in ("专家一", "专家二", "专家三")[:experts]:
        reviews.expert(name, by=officer)
    return reviews.panel(officer, call, choice="draw", per_item=1, **facts)


def cap(officer, most):
    add_rule_value(
        actor=officer, code="review.draws.most", jurisdiction="440100", value=most, unit="count",
        effective_from=today(), source="本局办法",
    )  # fmt: skip


def shown(officer, panel, at=""):
    return client_of(officer).get(f"/panels/{panel.record.code}/{at}", **EN).content.decode()


def on_record(officer, panel):
    paper = client_of(officer).get(f"/panels/{panel.record.code}/draw/record/", **EN).content
    return [[cell.text for cell in row.cells] for table in Document(BytesIO(paper)).tables for row in table.rows]


def on_log(officer, panel):
    return [row[4] for row in on_record(officer, panel) if row[0] == "技术专家"]


def test_nothing_is_committed_where_the_yearly_cap_leaves_too_few():
    officer = city.officer()
    panel = scene(officer)
    assert "2 can be drawn." in shown(officer, panel, "draw/")
    reviews.asked(officer, panel, technical=1)
    cap(officer, 1)
    again = reviews.panel(officer, panel.about.call, choice="draw", per_item=1, title="第二组")
    assert "1 can be drawn." in shown(officer, again, "draw/")
    reviews.asked(officer, again, technical=1)
    third = reviews.panel(officer, panel.about.call, choice="draw", per_item=1, title="第三组")
    page = shown(officer, third, "draw/")
    assert page.count("0 can be drawn.") == 3
    answer = client_of(officer).post(
        f"/panels/{third.record.code}/draw/", {"technical": 1, "enterprise": 0, "finance": 0}, **EN
    )
    assert answer.status_code == 422
    assert "as often as the yearly cap allows (1)" in answer.content.decode()
    assert not Draw.objects.filter(panel=third).exists()


def test_a_cap_of_none_a_year_is_refused_in_words():
    officer = city.officer()
    panel = scene(officer)
    cap(officer, 0)
    with pytest.raises(Refused) as refused:
        commit_draw(actor=officer, panel=panel, places={"technical": 1})
    assert {one.code for one in refused.value.problems} == {"draw-capped"}


def test_who_comes_next_is_told_as_next_until_they_are_asked():
    officer = city.officer()
    panel = scene(officer)
    gone = reviews.asked(officer, panel, technical=1)[0]
    page = shown(officer, panel)
    assert "Draw replacements" not in page  # nobody has declined
    assert "to be asked" not in page
    assert ["技术专家须熟悉的领域", "新材料及其应用"] in on_record(officer, panel)
    advance(REVIEW, gone, "turn-down", actor=reviews.judge(gone), reason="time")
    page = shown(officer, panel)
    assert "Draw replacements" in page
    assert page.count("next, to be asked when replacements are drawn") == 1
    name = gone.expert.person.record.title
    assert on_log(officer, panel) == ["抽中，未参加", f"待递补，递补{name}"]
    replace_drawn(actor=officer, panel=panel)
    assert "to be asked" not in shown(officer, panel)
    assert on_log(officer, panel) == ["抽中，未参加", f"抽中，递补{name}"]


def test_a_draw_in_which_nobody_is_left_says_so():
    officer = city.officer()
    first = scene(officer, experts=1)
    cap(officer, 1)
    second = reviews.panel(officer, first.about.call, choice="draw", per_item=1, title="第二组")
    for panel in (first, second):
        commit_draw(actor=officer, panel=panel, places={"technical": 1})
    client, word = client_of(officer), {"word": "春分", "witness": "赵见证"}
    told = []
    for panel in (first, second):
        answer = client.post(f"/panels/{panel.record.code}/draw/", word, follow=True, **EN)
        told.append([line for line in ("The experts are drawn and asked.", "nobody is left in it of: technical expert.")
                     if line in answer.content.decode()])  # fmt: skip
    assert told == [["The experts are drawn and asked."], ["nobody is left in it of: technical expert."]]


def test_a_history_has_one_line_for_each_step_of_a_draw_and_of_a_review():
    officer = city.officer()
    panel = scene(officer)
    gone = reviews.asked(officer, panel, technical=1)[0]
    advance(REVIEW, gone, "turn-down", actor=reviews.judge(gone), reason="time")
    replace_drawn(actor=officer, panel=panel)
    page = shown(officer, panel)
    assert [page.count(f"<b>{said}</b>") for said in ("draw committed", "draw held", "replacements drawn")] == [1, 1, 1]
    assert "<b>edited</b>" not in page.split("<b>draw committed</b>")[0]
    seat = Review.objects.select_related("record", "expert__person", "panel").get(panel=panel, record__stage="invited")
    seat = advance(REVIEW, seat, "take-on", actor=reviews.judge(seat))
    advance(PANEL, Panel.objects.select_related("record", "about").get(pk=panel.pk), "begin", actor=officer)
    sheet = score_item(
        actor=reviews.judge(seat), review=seat, number=1, marks=["９０.50", "８０.0"], words=["好", "好"], submit=True
    )
    assert sheet.marks == ["90.5", "80"]
    page = client_of(officer).get(f"/reviews/{seat.record.code}/", **EN).content.decode()
    assert "<b>an item scored</b>" in page
    assert "<b>edited</b>" not in page


def test_words_of_a_draw_stay_as_the_witness_said_them():
    officer = city.officer()
    panel = scene(officer)
    commit_draw(actor=officer, panel=panel, places={"technical": 1})
    draw = hold_draw(actor=officer, panel=panel, word="小　雪", witness="赵见证")
    assert ["见证人及见证词", f"赵见证：{draw.word}"] in on_record(officer, panel)


@pytest.mark.parametrize("mark", ["8e1", "8_0", "NaN", "八十"])
def test_a_mark_is_a_number_as_people_write_it(mark):
    officer = city.officer()
    panel = scene(officer)
    seat = reviews.asked(officer, panel, technical=1)[0]
    advance(PANEL, Panel.objects.select_related("record", "about").get(pk=panel.pk), "begin", actor=officer)
    with pytest.raises(Refused) as refused:
        score_item(
            actor=reviews.judge(seat), review=seat, number=1, marks=[mark, "80"], words=["好", "好"], submit=True
        )
    assert [one.code for one in refused.value.problems] == ["mark-range"]
