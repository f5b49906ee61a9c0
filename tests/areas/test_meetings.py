"""The two sides of an introduction plan when and where they meet; it stands in their calendars and in nobody else's."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.meeting_actions import plan_meeting
from kezhuan.areas.matches.models import Introduction
from kezhuan.kernel import feeds
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.text import now
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def sides(db: None) -> tuple[Actor, Actor, Introduction]:
    firm, unit = (
        city.member(city.organisation("穗芯公司")),
        city.member(city.organisation("南粤大学", kind="university")),
    )
    row = city.introduction(firm, firm.organisation, unit.organisation)
    return firm, unit, advance(INTRODUCTION, row, "agree", actor=unit)


def tomorrow() -> datetime:
    return (now() + timedelta(days=1)).astimezone(SHANGHAI).replace(hour=14, minute=30, second=0, microsecond=0)


def events(actor: Actor) -> list[Any]:
    address = feeds.address(actor.person) or feeds.open_feed(actor.person)
    content = client_of(None).get(address[address.index("/feeds/") :]).content
    return [one for one in icalendar.Calendar.from_ical(content).walk("VEVENT") if one["uid"].startswith("meeting-")]


def test_a_meeting_stands_in_both_calendars_and_a_later_plan_replaces_it(sides: Any) -> None:
    firm, unit, row = sides
    plan_meeting(actor=firm, introduction=row, at=tomorrow(), minutes=90, where="穗芯公司 3 楼会议室")
    (first,) = events(firm)
    assert [one["uid"] for one in events(unit)] == [first["uid"]]
    assert (first.decoded("dtstart"), first.decoded("dtend")) == (tomorrow(), tomorrow() + timedelta(minutes=90))
    assert "会议室" in first["location"]
    assert row.record.code in first["summary"]
    plan_meeting(actor=unit, introduction=row, at=tomorrow() + timedelta(hours=1), minutes=60, where="线上")
    (later,) = events(firm)
    assert (later["uid"], later["sequence"] > first["sequence"]) == (first["uid"], True)
    assert later.decoded("dtstart") == tomorrow() + timedelta(hours=1)
    assert events(city.member(city.organisation())) == events(city.officer()) == []
    assert Entry.objects.filter(kind="introduction.edit").count() == 2
    advance(INTRODUCTION, Introduction.objects.get(pk=row.pk), "drop", actor=firm, reason="partner")
    assert events(firm) == events(unit) == []


def test_what_is_no_plan_is_refused(sides: Any) -> None:
    firm, _unit, row = sides

    def refused(**given: Any) -> list[str]:
        asked = {"at": tomorrow(), "minutes": 60, "where": "线上", **given}
        with pytest.raises(Refused) as said:
            plan_meeting(actor=firm, introduction=row, **asked)
        return [one.code for one in said.value.problems]

    assert refused(at=now(), where=" ") == ["meeting-past", "meeting-where"]
    assert refused(minutes=0) == refused(minutes=1441) == ["meeting-length"]
    with pytest.raises(NotAllowed):
        plan_meeting(actor=city.member(city.organisation()), introduction=row, at=tomorrow(), minutes=60, where="线上")
    advance(INTRODUCTION, row, "meet", actor=firm)
    with pytest.raises(Conflict):
        plan_meeting(actor=firm, introduction=row, at=tomorrow(), minutes=60, where="线上")


def test_it_is_planned_on_its_page_and_through_the_api(sides: Any) -> None:
    firm, unit, row = sides
    page, client = f"/introductions/{row.record.code}/", client_of(firm)
    assert f"{page}meeting/" in client.get(page).content.decode()
    day = tomorrow()
    given = {"on": f"{day:%Y-%m-%d}", "time": "14:30", "minutes": "45", "where": "线上会议"}
    assert client.post(f"{page}meeting/", given | {"on": "2020-01-01"}).status_code == 422
    assert client.post(f"{page}meeting/", given)["Location"] == page
    assert Introduction.objects.get(pk=row.pk).meets_at == day
    assert "线上会议" in client_of(unit).get(page).content.decode()
    assert 'value="14:30"' in client.get(f"{page}meeting/").content.decode()
    body = {"at": (day + timedelta(days=1)).isoformat(), "where": "南粤大学"}
    address = f"/api/v1/introductions/{row.record.code}"
    assert client_of(unit).put(f"{address}/meeting", body, content_type="application/json").status_code == 200
    shown = client.get(address).json()
    assert (shown["meets_where"], shown["meets_minutes"]) == ("南粤大学", 60)
    advance(INTRODUCTION, Introduction.objects.get(pk=row.pk), "meet", actor=firm)
    assert client.get(f"{page}meeting/").status_code == 403
    assert f"{page}meeting/" not in client.get(page).content.decode()
