"""What a delivered evaluation says of its values stays what it was when weights change."""

from datetime import timedelta

import pytest

from kezhuan.areas.evaluations.lifecycle import EVALUATION
from kezhuan.areas.evaluations.models import Evaluation, Value
from kezhuan.areas.evaluations.papers import mark_lines
from kezhuan.areas.evaluations.queries import weight_code, weights_of
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, evaluations
from tests.factories.evaluations import fresh

pytestmark = pytest.mark.django_db


def test_weights_that_come_into_force_later_change_nothing_of_what_was_delivered():
    member, officer = city.member(city.organisation("南粤大学", kind="university")), city.bureau()
    row = evaluations.evaluation(member.organisation, member, stage="evaluating", officer=officer, found={})
    before = mark_lines(fresh(row))
    row = fresh(advance(EVALUATION, fresh(row), "deliver", actor=officer))
    Evaluation.objects.filter(pk=row.pk).update(delivered_on=today() - timedelta(days=1))
    for value, weight in zip(Value.values, (0, 10_000, 0, 0, 0, 0), strict=True):
        city.rule(weight_code("development", value), weight, "basis points", since=today())
    assert weights_of(row)["technology"].value == 10_000
    assert mark_lines(fresh(row)) == before
    page = client_of(member).get(f"/evaluations/{row.record.code}/").content.decode()
    assert before[-1].partition(" ")[2] in page
