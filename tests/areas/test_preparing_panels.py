"""What a panel begins with: how its experts are chosen, unless the officers say otherwise."""

import pytest

from kezhuan.areas.reviews.panel_actions import edit_panel
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db


def test_experts_are_drawn_where_public_money_is_spent_and_assigned_for_a_contest():
    officer = city.officer()
    unit, client = city.organisation(kind="university"), client_of(officer)
    for kind, choice in (("challenge", "draw"), ("contest", "assignment")):
        call = reviews.closed_call(officer, unit, call_kind=kind)
        page = client.get(f"/panels/about/{call.record.code}/new/").content.decode()
        assert f'<option value="{choice}" selected' in page
        body = {"title": "评审", "about": call.record.code}
        made = client.post("/api/v1/panels", body, content_type="application/json")
        assert made.status_code == 201
        assert client.get(f"/api/v1/panels/{made.json()['code']}").json()["choice"] == choice
    panel = reviews.panel(officer, call, choice="draw")
    changed = edit_panel(actor=officer, panel=panel, facts=reviews.panel_facts(choice=""), expected_version=2)
    assert changed.choice == "draw"
