"""Many who confirm bookings of one offer in the same second: never more than its capacity."""

import pytest

from kezhuan.areas.chains.actions import answer_booking
from kezhuan.areas.chains.models import Offer
from kezhuan.areas.chains.queries import taken_in
from kezhuan.kernel import journal
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.text import today
from tests.factories import city, offers
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_bookings_confirmed_at_once_never_take_more_than_the_capacity():
    leader = city.organisation("链主公司")
    row = offers.offer(leader, stage="open", capacity=10, reach="any")
    booker = city.clerk(city.organisation())
    asked = [offers.booking(row, booker, 3) for _ in range(6)]  # each fits alone; three of them take nine of ten
    clerks = [city.clerk(leader) for _ in asked]

    def confirm(actor, number):
        return answer_booking(actor=actor, offer=Offer.objects.get(pk=row.pk), number=number, confirms=True)

    results = at_once(
        [lambda actor=actor, one=one: confirm(actor, one.number) for actor, one in zip(clerks, asked, strict=True)]
    )
    assert sorted(type(one).__name__ for one in results) == ["Booking"] * 3 + ["Refused"] * 3
    refused = {problem.code for one in results if isinstance(one, Refused) for problem in one.problems}
    assert refused == {"booking-full"}
    assert list(taken_in(row, today(), today()).values()) == [9]
    assert journal.verify().broken_seq is None
