"""What a consortium opens: booked, answered, used; never more than the capacity, and read by whom it concerns."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kezhuan.areas.chains.actions import (
    OfferFacts,
    answer_booking,
    cancel_booking,
    draft_offer,
    edit_offer,
    log_use,
)
from kezhuan.areas.chains.forms import initial_of
from kezhuan.areas.chains.lifecycle import OFFER
from kezhuan.areas.chains.models import Offer
from kezhuan.areas.chains.periods import periods_between
from kezhuan.areas.chains.queries import taken_in
from kezhuan.areas.projects.change_actions import agree_to_change, ask_change
from kezhuan.areas.projects.changing import Wanted
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.kernel.access import can_view
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import city, offers, projects
from tests.factories.projects import fresh
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def test_periods_are_calendar_days_weeks_and_months():
    first, last = date(2026, 12, 30), date(2027, 2, 1)
    assert periods_between("month", first, last) == [date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
    weeks = periods_between("week", first, date(2027, 1, 11))
    assert weeks == [date(2026, 12, 28), date(2027, 1, 4), date(2027, 1, 11)]
    assert periods_between("day", first, date(2027, 1, 1)) == [first, date(2026, 12, 31), date(2027, 1, 1)]


def again(row):
    return Offer.objects.select_related("record__owner", "project").get(pk=row.pk)


def test_an_offer_is_booked_answered_and_used_and_each_reads_what_concerns_them():
    officer, leader = city.bureau(), city.organisation("链主公司")
    first, second, stranger = (city.organisation(name) for name in ("甲院", "乙公司", "外人公司"))
    (chosen,) = projects.awarded(leader, by=officer)
    project = projects.project(chosen, stage="signed", members=[(first, 1), (second, 1)], by=officer)
    keeper, one, other, foreign = (city.clerk(unit) for unit in (leader, first, second, stranger))
    facts = {"title": "产线场景", "project": project.record.code, "sort": "scenario", "place": "南沙", "unit": "hours",
             "capacity": 8, "period": "day", "starts_on": today(), "ends_on": today() + timedelta(days=90)}  # fmt: skip
    with pytest.raises(NotAllowed):
        draft_offer(actor=foreign, facts=OfferFacts(**facts))
    for wrong, code in (
        ({"capacity": 0}, "offer-capacity"), ({"ends_on": today() - timedelta(days=1)}, "offer-days"),
        ({"place": " "}, "offer-place"), ({"project": "X-1999-00001"}, "offer-member"),
    ):  # fmt: skip
        assert codes(lambda wrong=wrong: draft_offer(actor=keeper, facts=OfferFacts(**facts | wrong))) == {code}
    row = draft_offer(actor=keeper, facts=OfferFacts(**facts))
    assert not can_view(one, row.record)
    row = advance(OFFER, row, "publish", actor=keeper)
    reads = [can_view(actor, row.record, "full") for actor in (one, other, foreign, officer)]
    assert reads == [True, True, False, True]
    with pytest.raises(NotAllowed):
        offers.booking(row, foreign)
    with pytest.raises(NotAllowed):
        offers.booking(row, keeper)
    assert codes(lambda: offers.booking(row, one, 9)) == {"booking-amount"}
    assert codes(lambda: offers.booking(row, one, 1, 100)) == {"booking-days"}
    assert codes(lambda: offers.booking(row, one, team="")) == {"booking-who"}
    asked = offers.booking(row, one, 5, 3, project=project.record.code)
    late = offers.booking(row, other, 4, 2, after=2)  # two of its days: the first is taken by the other
    assert row.record.code in {line.code for line in inbox.lines(keeper)}
    with pytest.raises(NotAllowed):
        answer_booking(actor=one, offer=row, number=asked.number, confirms=True)
    answer_booking(actor=keeper, offer=row, number=asked.number, confirms=True)
    assert codes(lambda: answer_booking(actor=keeper, offer=row, number=late.number, confirms=True)) == {"booking-full"}
    assert codes(lambda: answer_booking(actor=keeper, offer=row, number=late.number, confirms=False)) == {
        "note-missing"
    }
    answer_booking(actor=keeper, offer=row, number=late.number, confirms=False, reason="当日已满")
    assert row.record.code not in {line.code for line in inbox.lines(keeper)}
    assert codes(lambda: offers.booking(row, other, 4)) == {"booking-full"}
    assert set(taken_in(row, today(), today() + timedelta(days=3)).values()) == {5, 0}

    told = initial_of(again(row))
    for wrong, code in (({"capacity": 4}, "offer-taken"), ({"unit": "runs"}, "offer-fixed")):
        changed = OfferFacts(**told | wrong)
        version = again(row).record.version
        edit = {"actor": keeper, "offer": row, "facts": changed, "expected_version": version}
        assert codes(lambda edit=edit: edit_offer(**edit)) == {code}

    used = {"actor": keeper, "offer": row, "number": asked.number, "result": "连续运行4小时，良率92%"}
    assert codes(lambda: log_use(on=today() + timedelta(days=1), quantity=Decimal(4), **used)) == {"use-day"}
    assert codes(lambda: log_use(on=today(), quantity=Decimal("0.05"), **used)) == {"use-quantity"}
    with pytest.raises(Conflict):
        log_use(on=today(), quantity=Decimal(4), **used | {"number": late.number})
    log_use(on=today(), quantity=Decimal("4.5"), **used)
    with pytest.raises(Conflict):
        cancel_booking(actor=one, offer=row, number=asked.number, reason="改期")

    page = f"/offers/{row.record.code}/"
    shown = {name: client_of(actor).get(page).content.decode() for name, actor in (("one", one), ("other", other))}
    assert "良率92%" in shown["one"]
    assert "链主公司" in shown["other"]
    assert "甲院" not in shown["other"]
    assert "当日已满" in shown["other"]
    assert row.record.code in client_of(other).get("/offers/?reach=members").content.decode()
    assert client_of(foreign).get(page).status_code == 404
    for actor, lines in ((keeper, 1), (one, 1), (officer, 1), (other, 0), (foreign, 0)):
        assert len(client_of(actor).get("/api/v1/offer-uses").json()["items"]) == lines
    (line,) = taken(client_of(officer), "/offers/uses/", "csv")
    assert (line["used by"], line["quantity"], line["unit"]) == (first.record.code, "4.5", "hours")
    told = client_of(other).get(f"/api/v1/offers/{row.record.code}").json()
    assert [one["number"] for one in told["bookings"]] == [late.number]


def test_who_leaves_a_consortium_reads_and_books_what_is_open_to_it_no_more_and_anybody_what_is_open_to_all():
    officer, leader, partner, heir = city.bureau(), *(city.organisation() for _ in range(3))
    (chosen,) = projects.awarded(leader, by=officer)
    project = projects.project(chosen, stage="signed", members=[(partner, 1)], by=officer)
    inside = offers.offer(leader, stage="open", project=project)
    public = offers.offer(leader, stage="open", project=project, reach="any", title="人人可约")
    gone, came = city.clerk(partner), city.clerk(heir)
    assert can_view(gone, inside.record)
    assert not can_view(came, inside.record)
    wanted = Wanted("搬迁", leaving=partner.record.code, joining=heir.record.code)
    ask_change(actor=city.clerk(leader), project=fresh(project), wanted=wanted)
    agree_to_change(actor=came, project=fresh(project))
    advance(PROJECT, fresh(project), "approve-change", actor=officer, note="同意")
    inside = again(inside)
    assert not can_view(gone, inside.record)
    assert can_view(came, inside.record)
    with pytest.raises(NotAllowed):
        offers.booking(inside, gone)
    offers.booking(inside, came)
    taken_back = offers.booking(public, gone)
    keeper = city.clerk(leader)
    beyond = offers.booking(public, gone, days=1, after=30)
    sooner = OfferFacts(**initial_of(again(public)) | {"ends_on": today() + timedelta(days=9), "reach": "members"})
    edit_offer(actor=keeper, offer=public, facts=sooner, expected_version=again(public).record.version)
    # What was asked for before stays with whoever asked, and is confirmed only where the offer still is.
    told = client_of(gone).get(f"/api/v1/offers/{public.record.code}").json()
    assert [one["number"] for one in told["bookings"]] == [taken_back.number, beyond.number]
    assert not can_view(city.clerk(city.organisation()), again(public).record)
    assert codes(lambda: answer_booking(actor=keeper, offer=public, number=beyond.number, confirms=True)) == {
        "booking-days"
    }
    public = advance(OFFER, again(public), "close", actor=keeper, note="检修")
    with pytest.raises(NotAllowed):
        cancel_booking(actor=came, offer=public, number=taken_back.number, reason="改期")
    assert cancel_booking(actor=gone, offer=public, number=taken_back.number, reason="改期").state == "cancelled"
    advance(PROJECT, fresh(project), "terminate", actor=officer, reason="other", note="终止")
    with pytest.raises(NotAllowed):
        offers.booking(inside, came)
