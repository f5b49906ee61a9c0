"""Introductions of which a side ends: nobody agrees to it any more, it lapses, and what was shown is hidden again."""

import pytest

from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.queries import contacts_of
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.kernel import followers
from kezhuan.kernel.access import VISITOR, can_view
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Entry, Record
from tests.factories import city
from tests.factories.pairs import Pair

pytestmark = pytest.mark.django_db


def fresh(row):
    return Introduction.objects.get(pk=row.pk)


@pytest.mark.parametrize("end", ["withdraw", "close", "void"])
@pytest.mark.parametrize("agrees_first", [True, False])
def test_nobody_agrees_to_a_side_that_is_no_longer_open(end, agrees_first):
    pair = Pair(need={"confidentiality": "closed_door"})
    row = pair.introduced(pair.officer)
    row = pair.move(row, "agree", pair.asking) if agrees_first else row
    assert can_view(pair.answering, Record.objects.get(pk=pair.need.pk), "public") == agrees_first
    advance(NEED, pair.need, end, actor=pair.officer, note="理由")
    with pytest.raises(Conflict):  # before anything followed
        pair.move(row, "agree", pair.answering)
    followers.run_pending()
    row = fresh(row)
    assert (row.record.stage, contacts_of(pair.answering, row)) == ("lapsed", [])
    assert not Clock.objects.filter(record_id=row.pk, ended_on=None).exists()
    assert not can_view(pair.answering, Record.objects.get(pk=pair.need.pk), "public")
    for actor in (pair.asking, pair.answering, pair.officer, VISITOR):
        with pytest.raises((Conflict, NotAllowed)):
            pair.move(row, "lapse", actor)


def test_an_introduction_outlives_the_withdrawal_of_a_side_once_both_agreed_but_not_its_being_void():
    pair = Pair()
    row = pair.move(pair.introduced(pair.asking), "agree", pair.answering)
    need = advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
    followers.run_pending()
    assert Record.objects.get(pk=row.pk).stage == "agreed"
    assert contacts_of(pair.answering, fresh(row))
    advance(NEED, need, "void", actor=pair.officer, note="理由")
    followers.run_pending()
    assert Record.objects.get(pk=row.pk).stage == "lapsed"
    assert contacts_of(pair.answering, fresh(row)) == []


def test_what_lapsed_is_suggested_again_and_introduced_anew_without_the_old_yes():
    pair = Pair(need={"confidentiality": "closed_door"}, result={"secrecy": "internal"})
    row = pair.move(pair.introduced(pair.officer), "agree", pair.answering)
    need = advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
    followers.run_pending()
    assert not can_view(pair.asking, Record.objects.get(pk=pair.supply.pk), "public")
    row = Introduction.objects.get(pk=row.pk)
    with pytest.raises(Conflict):
        pair.move(row, "renew", pair.officer)
    for name, actor in (("reopen", pair.asking), ("submit", pair.asking), ("publish", pair.officer)):
        need = advance(NEED, need, name, actor=actor)
    followers.run_pending()
    pair.need = need
    assert pair.suggested(pair.officer) == [pair.supply.pk]
    again = pair.introduced(pair.officer)
    assert (again.pk, again.record.stage, again.need_agreed_on, again.supply_agreed_on) == (
        row.pk, "introduced", None, None,
    )  # fmt: skip
    assert Clock.objects.get(record_id=row.pk, ended_on=None).party == pair.unit
    assert pair.suggested(pair.officer) == []
    again = pair.move(again, "agree", pair.answering)
    assert can_view(pair.asking, Record.objects.get(pk=pair.supply.pk), "public")
    assert pair.move(again, "agree", pair.asking).record.stage == "agreed"


def test_a_refused_side_is_not_shown_any_longer_unless_another_introduction_shows_it():
    pair = Pair({"confidentiality": "closed_door"}, {"secrecy": "internal"})
    second = city.need(pair.firm, stage="published", by=pair.asking, confidentiality="closed_door")
    first = pair.move(pair.introduced(pair.officer), "agree", pair.answering)
    other = introduce(actor=pair.officer, need=second, supply=pair.supply)
    other = pair.move(other, "agree", pair.answering)

    def shown():
        return can_view(pair.asking, Record.objects.get(pk=pair.supply.pk), "public")

    assert shown()
    pair.move(first, "decline", pair.asking, reason="price")
    assert shown()
    pair.move(other, "decline", pair.asking, reason="price")
    assert not shown()
    assert Entry.objects.filter(kind="match.hide", record_id=pair.supply.pk).count() == 1
