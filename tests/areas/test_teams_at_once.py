"""Many who carry out plans with one team in the same second: never more than it can take at once."""

import pytest

from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.precise_actions import introduce_pairs
from kezhuan.kernel import followers, journal
from tests.factories import city
from tests.factories.databases import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_plans_carried_out_at_once_introduce_a_team_no_more_often_than_it_has_room():
    firm = city.organisation()
    needs = [city.need(firm, stage="published", title=f"碳化硅衬底抛光{number}号线") for number in range(4)]
    team = city.team(city.organisation(kind="university"), capacity=2)
    officers = [city.officer() for _ in needs]
    followers.run_pending()

    def carry_out(actor, need):
        made, left = introduce_pairs(actor=actor, pairs=[(need.record.code, team.record.code)])
        return len(made), left

    results = at_once(
        [lambda actor=actor, need=need: carry_out(actor, need) for actor, need in zip(officers, needs, strict=True)]
    )
    assert sorted(results) == [(0, 1), (0, 1), (1, 0), (1, 0)]
    assert Introduction.objects.filter(supply=team.pk).count() == 2
    assert journal.verify().broken_seq is None
