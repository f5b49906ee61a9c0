"""Two plans at once, and a broker who takes up meanwhile: nobody above capacity, each pair in one queue."""

import pytest
from django.db import IntegrityError, transaction

from kezhuan.areas.brokers.actions import Wanted, give_pairs
from kezhuan.areas.brokers.lifecycle import PAIR
from kezhuan.areas.brokers.models import BrokeredPair
from kezhuan.kernel import followers, journal
from kezhuan.kernel.lifecycle import advance
from tests.factories import brokers, city
from tests.factories.databases import at_once
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db(transaction=True)


def test_plans_at_once_give_each_pair_to_one_broker_and_nobody_more_than_they_have_room_for():
    pair = Pair()
    more = [
        city.need(pair.firm, stage="published", by=pair.asking, title=f"碳化硅衬底抛光{name}线") for name in "甲乙丙"
    ]
    followers.run_pending()
    (actor, small), (_other, wide) = brokers.broker(capacity=2), brokers.broker(capacity=9)
    held = brokers.given(pair.need, pair.supply, small, by=pair.officer)
    officers = [pair.officer, city.member(pair.officer.organisation, "officer")]

    def plan(officer, *rows):
        wanted = [Wanted(need.record.code, pair.supply.code, row.pk) for row in rows for need in more]
        return lambda: give_pairs(actor=officer, wanted=wanted)

    # Both give the same three needs: one small queue that has one place left, one wide one.
    found = at_once(
        [
            plan(officers[0], small, wide),
            plan(officers[1], small, wide),
            lambda: advance(PAIR, held, "take", actor=actor),
        ]
    )
    assert [type(one).__name__ for one in found] == ["Outcome", "Outcome", "BrokeredPair"]
    rows = BrokeredPair.objects.filter(is_open=True)
    assert rows.filter(broker=small).count() == 2
    assert rows.filter(broker=wide).count() == 2
    assert rows.count() == rows.values("need", "supply").distinct().count() == 4
    assert sum(len(one.given) for one in found[:2]) == 3
    assert sum(one.left for one in found[:2]) == 9
    with pytest.raises(IntegrityError), transaction.atomic():
        first = rows.filter(broker=wide)[0]
        BrokeredPair.objects.filter(pk=held.pk).update(need=first.need_id, supply=first.supply_id)
    assert journal.verify().broken_seq is None
