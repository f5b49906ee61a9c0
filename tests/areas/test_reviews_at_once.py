"""Officers who choose at the same moment, an expert who presses twice: one draw, one score, nobody has too much."""

import pytest

from kezhuan.areas.people.actions import SYSTEM, register_person
from kezhuan.areas.reviews.actions import ExpertFacts, enter_expert
from kezhuan.areas.reviews.choosing_actions import assign_experts, commit_draw, hold_draw
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.models import Draw, Expert, Review, Sheet
from kezhuan.areas.reviews.scoring_actions import score_item
from kezhuan.kernel import journal
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import User
from tests.factories import city, reviews
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)
OFFICERS = 3


def kinds_of(results):
    return sorted(type(result).__name__ for result in results)


def test_choosing_and_scoring_at_once_is_done_once():
    officer = city.officer()
    officers = [officer, *(city.officer() for _ in range(OFFICERS - 1))]
    person = register_person(actor=SYSTEM, name="新专家", email="new@example.com")
    User.objects.create_user("new@example.com", "", person=person)
    facts = ExpertFacts("technical", ("materials",))
    asked = at_once(
        [lambda actor=one: enter_expert(actor=actor, email="new@example.com", facts=facts) for one in officers]
    )
    assert kinds_of(asked) == ["Expert", *["Refused"] * (OFFICERS - 1)]
    # Two experts, each with time for one item this year, and three panels at the same moment.
    for name in ("甲", "乙"):
        reviews.expert(name, by=officer, capacity=1)
    call = reviews.closed_call(officer, city.organisation(kind="university"))
    panels = [reviews.panel(officer, call, per_item=1, title=title) for title in ("一组", "二组", "三组")]
    made = at_once([lambda panel=one: assign_experts(actor=officer, panel=panel) for one in panels])
    assert kinds_of(made) == ["Panel", "Panel", "Refused"]
    assert sorted(Sheet.objects.values_list("review__expert__record__title", flat=True)) == ["乙", "甲"]
    for number in range(4):
        reviews.expert(f"抽{number}", by=officer)
    drawn = reviews.panel(officer, call, choice="draw", per_item=2, title="抽取组")
    results = at_once(
        [lambda actor=one: commit_draw(actor=actor, panel=drawn, places={"technical": 2}) for one in officers]
    )
    assert kinds_of(results) == [*["Conflict"] * (OFFICERS - 1), "Draw"]
    results = at_once(
        [lambda actor=one: hold_draw(actor=actor, panel=drawn, word="春分", witness="赵见证") for one in officers]
    )
    assert kinds_of(results) == [*["Conflict"] * (OFFICERS - 1), "Draw"]
    assert Review.objects.filter(panel=drawn).count() == 2
    assert Draw.objects.count() == 1
    rows = Review.objects.filter(panel=drawn).select_related("record", "panel__about", "expert__person__record")
    seats = [advance(REVIEW, one, "take-on", actor=reviews.judge(one)) for one in rows]
    advance(PANEL, drawn, "begin", actor=officer)
    done = {"number": 1, "marks": ["80", "80"], "words": ["好", "好"], "submit": True}
    judge = reviews.judge(seats[0])
    results = at_once([lambda: score_item(actor=judge, review=seats[0], **done) for _ in range(3)])
    # The first hands the review in with its only item; whoever comes later finds it handed in.
    assert kinds_of(results) == ["NotNow", "NotNow", "Sheet"]
    assert Expert.objects.filter(person=person).count() == 1
    assert journal.verify().broken_seq is None
