"""Whoever proposes sees what is left of the budget line, and what other calls of the same line have."""

import html

import pytest

from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.proposal_actions import Proposed, propose
from tests.areas.crawling import client_of
from tests.factories import city, projects, reviews

pytestmark = pytest.mark.django_db


def test_the_room_of_a_budget_line_is_shown_with_what_other_calls_of_it_have():
    officer = city.officer()
    projects.awarded(city.organisation(kind="university"), by=officer)
    call = reviews.closed_call(officer, city.organisation(kind="university"))
    one = Application.objects.select_related("record").get(item__call=call)

    def shown(row):
        page = client_of(officer).get(f"/calls/{row.record.code}/proposal/", headers={"accept-language": "en"})
        return html.unescape(page.content.decode())

    told = shown(call)
    assert "Of the budget line of 500 万元 0 are proposed, 500 are left." in told
    assert "Other calls of the same year, subject and document have awarded or propose 100 万元." in told
    propose(actor=officer, call=call, proposed={one.record.code: Proposed(True, "好", 120_000_000)})
    assert "Of the budget line of 500 万元 120 are proposed, 380 are left." in shown(call)
    other = reviews.closed_call(officer, city.organisation(kind="university"))
    assert "have awarded or propose 220 万元" in shown(other)  # the decided one, and the one that is proposed
    third = reviews.closed_call(officer, city.organisation(kind="university"), budget_subject="2060499")
    assert "Other calls" not in shown(third)
