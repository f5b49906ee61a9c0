"""What a broker says of a pair teaches the ranking as a side's refusal does."""

import pytest

from kezhuan.areas.brokers.lifecycle import PAIR
from kezhuan.areas.matches.actions import introduce, parts_now
from kezhuan.areas.matches.decisions import decisions_of_city
from kezhuan.kernel.lifecycle import advance
from tests.factories import brokers
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db


def test_a_pair_handed_back_as_unfit_should_have_scored_lower_and_other_reasons_say_nothing():
    pair = Pair()
    (first, one), (second, other) = brokers.broker(), brokers.broker()
    given = brokers.given(pair.need, pair.supply, one, by=pair.officer)
    advance(PAIR, given, "return", actor=first, reason="time")
    assert decisions_of_city().decisions == []
    given = brokers.given(pair.need, pair.supply, other, by=pair.officer)
    advance(PAIR, given, "return", actor=second, reason="unfit")
    found = decisions_of_city()
    (said,) = found.decisions
    assert (said.need, said.supply, said.grade, said.among) == (pair.need.pk, pair.supply.pk, 0, "achievement")
    assert said.parts == parts_now(pair.need, pair.supply)
    assert (found.told, found.with_present_parts, found.without) == ({"unfit": 1}, 1, 0)
    introduce(actor=pair.asking, need=pair.need, supply=pair.supply)  # the sides know better, and have the last word
    (said,) = decisions_of_city().decisions
    assert said.grade == 1
