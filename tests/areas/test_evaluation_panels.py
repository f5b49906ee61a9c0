"""A panel about an evaluation begins as the method of the case asks for."""

import pytest

from tests.areas.crawling import client_of
from tests.factories import city, evaluations, reviews

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("method", "number"), [("meeting", 7), ("letter", 5), ("standardised", 5)])
def test_a_panel_begins_with_as_many_experts_as_the_method_asks_for(method, number):
    unit, officer = city.organisation("南粤大学", kind="university", region="440106"), city.bureau()
    row = evaluations.evaluation(unit, city.member(unit), stage="evaluating", officer=officer, method=method)
    made = reviews.panel(officer, row, per_item=None)
    form = client_of(officer).get(f"/panels/about/{row.record.code}/new/").content.decode()
    assert (made.per_item, f'name="per_item" value="{number}"' in form) == (number, True)
    if method == "meeting":  # a city's own number holds where it is in force
        city.rule("evaluation.experts.meeting", 9, "count")
        assert reviews.panel(officer, row, per_item=None).per_item == 9
