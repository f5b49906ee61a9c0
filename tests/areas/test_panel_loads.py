"""Experts assigned on the site: reviews of each item, least loads, panels drawn against collusion, who can stand in."""

from collections import Counter

import pytest

from kezhuan.areas.reviews.choosing import problem_of
from kezhuan.areas.reviews.choosing_actions import assign_experts, candidates
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.item_actions import ask_reviews
from kezhuan.areas.reviews.models import DeclaredTie, Panel, PanelItem, Sheet
from kezhuan.areas.reviews.panel_actions import check_facts, edit_panel
from kezhuan.engines import assignment
from kezhuan.kernel.errors import Refused
from tests.areas.crawling import API, client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db


def prepared(officer, experts, **facts):
    """A panel about two applications, and so many experts of whom two know what both speak of."""
    call = reviews.closed_call(officer, *(city.organisation(name, kind="university") for name in ("甲大学", "乙大学")))
    for number in range(experts):
        reviews.expert(f"专家{number}", by=officer, topics=("抛光",) if number < 2 else ("焊接",))
    return reviews.panel(officer, call, **facts)


def pairs(panel):
    rows = Sheet.objects.filter(item__panel=panel).values_list("item__number", "review__expert__record__code")
    return set(rows)


def test_items_get_the_reviews_that_were_asked_for_drawn_by_a_seed_with_experts_ready_to_stand_in():
    officer = city.officer()
    panel = prepared(officer, 8, per_item=2, most_certain=50)
    client = client_of(officer)
    address = f"/panels/{panel.record.code}/reviews/"
    assert address in client.get(f"/panels/{panel.record.code}/").content.decode()
    assert client.post(address, {"asked_1": "3", "asked_2": ""}).status_code == 302
    panel = Panel.objects.get(pk=panel.pk)
    asked = problem_of(panel, clear_panel(panel, list(candidates(panel))))
    panel = assign_experts(actor=officer, panel=panel)
    made = assignment.assign(asked, seed=panel.seed)  # by the seed it shows anybody draws the same
    again = {(int(asked.items[row]), asked.experts[column]) for row, column in zip(*made.chosen.nonzero(), strict=True)}
    assert again == pairs(panel)
    assert Counter(number for number, _expert in again) == {1: 3, 2: 2}
    assert made.probability.max() <= 0.5 + 1e-9
    shown = client.get(f"{API}/panels/{panel.record.code}/items").json()["items"]
    assert [(one["needed"], len(one["alternates"])) for one in shown] == [(3, 2), (2, 2)]
    for one in shown:
        assert not {(one["number"], code) for code in one["alternates"]} & again
    page = client.get(f"/panels/{panel.record.code}/").content.decode()
    assert panel.seed in page
    assert "Ready to stand in" in page


def test_everybody_in_the_pool_gets_the_least_load_and_contradictions_are_refused():
    officer = city.officer()
    panel = prepared(officer, 4, per_item=2, min_load=1)
    tied = reviews.expert("两边的人", by=officer)
    for item in panel.items.select_related("record"):
        DeclaredTie.objects.create(expert=tied, organisation_id=item.record.owner_id, kind="employer")
    assign_experts(actor=officer, panel=panel)  # whoever is clear of nothing gets nothing
    assert set(Counter(expert for _number, expert in pairs(panel)).values()) == {1}
    lame = reviews.panel_facts(min_load=9, max_load=2, most_certain=50, mixed=True, per_employer=1)
    assert {one.code for one in check_facts(lame)} == {"panel-loads", "panel-random-mix"}
    with pytest.raises(Refused) as refused:
        ask_reviews(actor=officer, panel=panel, asked={7: 1})
    assert {one.code for one in refused.value.problems} == {"panel-items-unknown"}


def test_a_panel_that_is_drawn_after_all_asks_no_more_reviews_of_one_item_than_of_the_others():
    officer = city.officer()
    panel = ask_reviews(actor=officer, panel=prepared(officer, 0, per_item=2), asked={1: 9})
    facts = reviews.panel_facts(per_item=2, choice="draw")
    edit_panel(actor=officer, panel=panel, facts=facts, expected_version=panel.record.version)
    assert {one.needed for one in PanelItem.objects.filter(panel=panel)} == {2}
