"""Guests: one address for one panel's items, that ends; blind, free of conflicts, noted and private as for others."""

import re
from datetime import timedelta

import pytest

from kezhuan.areas.reviews.choosing_actions import assign_experts
from kezhuan.areas.reviews.guest_actions import GuestFacts, invite_guest, renew_address, withdraw_address
from kezhuan.areas.reviews.guests import path_of
from kezhuan.areas.reviews.item_actions import hide_words
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.models import Guest, Panel, Review, Sheet
from kezhuan.kernel import journal
from kezhuan.kernel.access import VISITOR, actor_for
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Entry, Message, Record
from kezhuan.kernel.outbox import words as letters
from kezhuan.kernel.text import today
from kezhuan.web.letters import reminder
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db
HIS = {"name": "王访客", "email": "guest@example.org", "sort": "technical", "until": today() + timedelta(days=10)}


def invited(officer, panel, **facts):
    return invite_guest(actor=officer, panel=panel, facts=GuestFacts(**{**HIS, **facts}))


def letter_of(review):
    """The last message that its guest would be sent now, with the address that it leads to."""
    row = Message.objects.filter(person=review.expert.person).order_by("pk").last()
    return letters.outgoing(row)


def path_in(letter):
    return "/" + letter.link.split("/", 3)[3]


def declared(visitor, path, *ties):
    rows = {"ties-TOTAL_FORMS": str(len(ties)), "ties-INITIAL_FORMS": "0", "complete": "on"}
    for number, (kind, unit) in enumerate(ties):
        rows |= {f"ties-{number}-kind": kind, f"ties-{number}-organisation": unit.record.code}
    return visitor.post(path + "ties/", rows)


def test_a_guest_judges_behind_one_address_as_others_do():
    officer = city.officer()
    own, other = city.organisation("qzxv甲大学", kind="university"), city.organisation("qzxv乙大学", kind="university")
    call = reviews.closed_call(officer, own, other)
    for name in ("一", "二"):
        reviews.expert(name, by=officer)
    panel = reviews.panel(officer, call, per_item=2, scheme="double_blind")
    seats = reviews.asked(officer, panel)
    review = invited(officer, panel)
    with pytest.raises(Refused):  # pressed twice
        invited(officer, panel)
    path, visitor = path_in(letter_of(review)), client_of(None)
    page = visitor.get(path)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Declare ties" in page.content.decode()
    # What is not known is no clearance: nobody accepts before they have declared.
    assert visitor.post(path).status_code == 422
    assert declared(visitor, path, ("employer", own)).status_code == 302
    assert visitor.post(path).status_code == 302
    # Of the unit that they declared they judge nothing, and nothing more is given to them by the assignment.
    mine = Sheet.objects.get(review=review)
    assert mine.item.record.owner_id == other.pk
    with pytest.raises(Refused) as manned:
        assign_experts(actor=officer, panel=panel)
    assert [one.code for one in manned.value.problems] == ["panel-manned"]
    number = mine.item.number
    hide_words(actor=officer, panel=panel, number=number, words=["抛光"])
    assert visitor.get(f"{path}items/{number}/").status_code == 404  # before the panel scores
    panel = advance(PANEL, Panel.objects.get(pk=panel.pk), "begin", actor=officer)
    assert path_in(letter_of(review)) == path  # and is written to with the same address
    texts = [visitor.get(path).content.decode(), visitor.get(f"{path}items/{number}/").content.decode()]
    assert "等离子体" in texts[1]
    names = ("qzxv", "抛光", *(one.expert.person.record.title for one in seats), mine.item.record.code, "李攻关")
    assert [word for text in texts for word in names[:2] + names[4:] if word in text] == []
    assert visitor.get(f"{path}items/{3 - number}/").status_code == 404
    # It opens these pages alone.
    for row in (review, panel, seats[0]):
        assert visitor.get(f"/{'panels' if row is panel else 'reviews'}/{row.record.code}/").status_code in {302, 404}
    wrong = {"mark_0": "101", "words_0": "", "mark_1": "80", "words_1": "好", "submit": "yes"}
    assert visitor.post(f"{path}items/{number}/", wrong).status_code == 422
    given = wrong | {"mark_0": "80", "words_0": "方案完整"}
    assert visitor.post(f"{path}items/{number}/", given).status_code == 302
    assert visitor.post(f"{path}items/{number}/", given).status_code == 403  # pressed twice: it is in
    assert Record.objects.get(pk=review.pk).stage == "handed-in"
    scored = Entry.objects.filter(record_id=review.pk, kind="review.scored").latest("seq")
    assert (scored.actor_id, scored.data) == (review.expert.person_id, {"fields": ["scores"]})
    # For whoever runs the panel: the name, until when, and never the address.
    seen = client_of(officer).get(f"/reviews/{review.record.code}/").content.decode()
    assert "王访客" in seen
    assert re.search("opens until", seen)
    assert path not in seen
    assert visitor.post(path + "account/", {"bank": "工商银行", "account": "12345678"}).status_code == 302
    assert journal.verify().broken_seq is None


def test_an_address_ends_on_its_day_when_it_is_taken_back_or_another_is_sent():
    officer = city.officer()
    panel = reviews.panel(officer, reviews.closed_call(officer, city.organisation(kind="university")), per_item=1)
    review, visitor = invited(officer, panel, items=(1,)), client_of(None)
    first = path_in(letter_of(review))
    renew_address(actor=officer, review=review, until=today())
    assert letters.outgoing(Message.objects.filter(person=review.expert.person).order_by("pk").first()) is None
    second = path_in(letter_of(review))
    assert [visitor.get(one).status_code for one in (first, second, second[:-2] + "/")] == [404, 200, 404]
    assert "copy all of it" in visitor.get(second[:-2] + "/").content.decode()
    Guest.objects.update(until=today() - timedelta(days=1))
    ended = visitor.get(second)
    assert (ended.status_code, "ask whoever sent it to you" in ended.content.decode()) == (404, True)
    assert "该链接已" in visitor.get(second, HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    assert visitor.post(second + "decline/", {"reason": "time"}).status_code == 404
    renew_address(actor=officer, review=review, until=today())
    third = path_in(letter_of(review))
    runner = client_of(officer)
    base = f"/reviews/{review.record.code}/address/"
    assert runner.post(base, {"until": "2020-01-01"}).status_code == 422
    assert [runner.post(base + "end/").status_code for _twice in range(2)] == [302, 302]
    assert visitor.get(third).status_code == 404
    assert "Asked for: 1." in runner.get(f"/reviews/{review.record.code}/").content.decode()
    assert letter_of(review) is None
    assert Entry.objects.filter(record_id=review.pk, kind="review.edit").count() == 4  # asked, twice anew, taken back
    renew_address(actor=officer, review=review, until=today())
    fourth = path_in(letter_of(review))
    assert visitor.post(fourth + "decline/", {"reason": ""}).status_code == 422
    assert visitor.post(fourth + "decline/", {"reason": "time", "note": "出差"}).status_code == 302
    assert Record.objects.get(pk=review.pk).stage == "declined"
    with pytest.raises(Conflict):
        renew_address(actor=officer, review=review, until=today())
    again = invited(officer, panel)  # whoever declined can be asked once more
    assert path_of(again.guest) != fourth
    # Tied to the only applicant, there is nothing that they could judge.
    path, unit = path_in(letter_of(again)), panel.items.get().record.owner
    assert declared(visitor, path, ("family", unit)).status_code == 302
    assert visitor.post(path).status_code == 422
    advance(REVIEW, Review.objects.select_related("record", "panel__about", "expert").get(pk=again.pk), "release",
            actor=officer, note="换人")  # fmt: skip
    assert visitor.get(path).status_code == 404


def test_who_is_asked_by_whom_and_what_is_wrong():
    officer = city.officer()
    unit = city.organisation(kind="university")
    call = reviews.closed_call(officer, unit)
    panel, drawn = reviews.panel(officer, call, per_item=1), reviews.panel(officer, call, choice="draw", per_item=1)
    wrong = {
        "name-missing": {"name": " "}, "email-invalid": {"email": "x"}, "expert-sort": {"sort": "x"},
        "guest-until": {"until": today() - timedelta(days=1)}, "panel-items-unknown": {"items": (9,)},
        "organisation-unknown": {"employer": "O-1"}, "guest-account": {"email": "Holder@example.com"},
    }  # fmt: skip
    reviews.expert("holder", by=officer)
    for code, facts in wrong.items():
        with pytest.raises(Refused) as refused:
            invited(officer, panel, **facts)
        assert [one.code for one in refused.value.problems] == [code]
    with pytest.raises(Refused):  # where the lot decides nobody is asked beside it
        invited(officer, drawn)
    for actor in (city.clerk(unit), VISITOR):
        with pytest.raises(NotAllowed):
            invited(actor, panel)
    page = client_of(officer).post(f"/panels/{panel.record.code}/guests/new/", {**HIS, "items": "一"})
    assert page.status_code == 422
    told = {**HIS, "until": HIS["until"].isoformat(), "items": [1]}
    client = client_of(officer)
    made = client.post(f"/api/v1/panels/{panel.record.code}/guests", told, content_type="application/json")
    assert made.status_code == 201
    review = Review.objects.select_related("panel__about", "record", "expert").get(guest__isnull=False)
    for end, body in (("", {"until": told["until"]}), ("/end", {})):
        address = f"/api/v1/reviews/{review.record.code}/address{end}"
        assert client.post(address, body, content_type="application/json").status_code == 200
    (seat,) = client.get(f"/api/v1/panels/{panel.record.code}/experts").json()["items"]
    assert seat["address_withdrawn_on"] == today().isoformat()
    with pytest.raises(NotAllowed):
        withdraw_address(actor=city.clerk(unit), review=review)
    assert not letters.outgoing(Message.objects.filter(person=review.expert.person).order_by("pk").first())
    # An agency that runs the panel asks guests as well.
    agency = city.organisation(kind="agency")
    Panel.objects.filter(pk=panel.pk).update(agency=agency)
    panel = Panel.objects.select_related("record", "about").get(pk=panel.pk)
    PANEL.refresh_audience(panel)
    assert invited(city.clerk(agency), panel, email="second@example.org").record.stage == "invited"


def test_a_reminder_leads_a_guest_to_their_address_or_says_whom_to_ask_where_it_opens_no_more():
    officer = city.officer()
    panel = reviews.panel(officer, reviews.closed_call(officer, city.organisation(kind="university")), per_item=1)
    review = invited(officer, panel)
    clock = Clock.objects.get(record=review.pk, ended_on=None)

    def reminded():
        actor, content = actor_for(review.expert.person), {"clocks": {str(clock.pk): "before"}}
        return reminder(actor, content)

    told = reminded()
    assert told.path == path_in(letter_of(review)) == path_of(review.guest)
    assert "These wait for you" in told.text
    renewed = renew_address(actor=officer, review=review, until=today())
    assert reminded().path == path_of(renewed)
    withdraw_address(actor=officer, review=review)
    told = reminded()
    assert told.path == ""
    assert f"ask {officer.organisation.record.title} for another" in told.text
    renew_address(actor=officer, review=review, until=today())
    Guest.objects.update(until=today() - timedelta(days=1))
    assert (reminded().path, "has ended" in reminded().text) == ("", True)
