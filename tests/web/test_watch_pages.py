"""Pages of what one follows: saved from any list, followed on any record, and one's calendar for other programs."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from kezhuan.areas.people.actions import SYSTEM, add_member
from kezhuan.kernel import feeds, outbox
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Clock, Entry, Preference, User, Watch
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import move_ends
from tests.factories import city
from tests.factories.plans import queries_noted

pytestmark = pytest.mark.django_db


def reader(actor: Actor) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_user(f"r{User.objects.count()}@example.com", "x", person=actor.person))
    return client


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def member() -> Actor:
    return city.member(city.organisation())


def test_a_search_is_saved_from_its_list_and_stands_among_ones_own(member: Actor) -> None:
    client = reader(member)
    assert "Save this search" not in text_of(client.get("/needs/"))
    address = "/needs/?q=%E6%8A%9B%E5%85%89&field=materials&page=3&nonsense=1"
    html = client.get(address).content.decode()
    assert "Save this search" in html
    assert "Save this search" not in text_of(Client(headers={"accept-language": "en"}).get(address))
    assert client.post("/account/watches/search/", {"address": address}).status_code == 302
    watch = Watch.objects.get()
    assert watch.query == {"kinds": ["need"], "words": "抛光", "chosen": {"field": ["materials"]}}
    assert watch.path == "/needs/?q=%E6%8A%9B%E5%85%89&field=materials"
    shown = text_of(client.get("/account/watches/"))
    assert "Needs · “抛光” · Technical field" in shown
    client.post("/account/watches/search/", {"address": address})
    assert Watch.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    [{"q": "密级:机密 qzxv配方"}, {"q": "qzxv配方", "field": "机密★10年"}, {"q": f"qzxv配方{'料' * 1000} 密级：绝密"}],
    ids=["words", "chosen", "long"],
)
def test_a_marked_search_is_not_saved(member: Actor, query: dict[str, str]) -> None:
    answer = reader(member).post("/account/watches/search/", {"address": f"/search/?{urlencode(query)}"})
    assert answer.status_code == 422
    assert "State secrets must not enter this system" in text_of(answer)
    assert "qzxv" not in text_of(answer)
    assert Watch.objects.count() == 0


def test_every_list_and_the_search_over_everything_can_be_saved(member: Actor) -> None:
    client = reader(member)
    for path in ("/needs/", "/achievements/", "/organisations/", "/introductions/", "/search/"):
        assert client.post("/account/watches/search/", {"address": f"{path}?q=x"}).status_code == 302
    assert Watch.objects.count() == 5
    assert client.get("/account/watches/").status_code == 200


@pytest.mark.parametrize(
    "address", ["", "/jobs/", "//evil.example/", "https://evil.example/needs/", "/needs/N-1/", "x"]
)
def test_nothing_but_lists_of_this_site_is_saved(member: Actor, address: str) -> None:
    assert reader(member).post("/account/watches/search/", {"address": address}).status_code == 404
    assert Watch.objects.count() == 0


def test_a_record_is_followed_on_its_page_and_followed_no_more(member: Actor) -> None:
    row = city.achievement(city.organisation(), stage="listed")
    client, page = reader(member), f"/achievements/{row.record.code}/"
    watch = reverse("watch-record", args=[row.record.code])
    assert "Follow" in text_of(client.get(page))
    assert (client.post(watch).status_code, client.post(watch).status_code) == (302, 302)
    assert Watch.objects.get().record_id == row.pk
    assert "You are told when this changes." in text_of(client.get(page))
    client.post(watch, {"stop": "1"})
    assert Watch.objects.count() == 0
    assert client.post(watch, {"stop": "1"}).status_code == 302
    visitor = Client(headers={"accept-language": "en"})
    assert "Follow" not in text_of(visitor.get(page))
    assert visitor.post(watch).status_code == 403
    draft = city.need(city.organisation())
    assert client.post(reverse("watch-record", args=[draft.record.code])).status_code == 404


def test_rhythm_stop_and_end_are_ones_own(member: Actor) -> None:
    client = reader(member)
    client.post("/account/watches/search/", {"address": "/needs/?q=x"})
    watch = Watch.objects.get()
    change, end = reverse("watch-change", args=[watch.pk]), reverse("watch-end", args=[watch.pk])
    assert client.post(change, {"rhythm": "weekly"}).status_code == 302
    assert client.post(change, {"rhythm": "hourly"}).status_code == 422
    assert Watch.objects.get().rhythm == "weekly"
    outbox.set_stopped(member.person, f"watch:{watch.pk}", True)
    assert "Stopped" in text_of(client.get("/account/watches/"))
    client.post(change)
    assert not outbox.has_stopped(member.person, f"watch:{watch.pk}")
    other = reader(city.member(member.organisation))
    assert (other.post(change).status_code, other.post(end).status_code) == (404, 404)
    assert client.post(end).status_code == 302
    assert "You follow nothing yet." in text_of(client.get("/account/watches/"))
    assert Client().get("/account/watches/").status_code == 302
    assert Client().post(end).status_code == 404


def test_the_stop_page_of_a_watch_tells_nobody_what_is_watched(member: Actor) -> None:
    row = city.achievement(city.organisation(), stage="listed")
    client = reader(member)
    client.post(reverse("watch-record", args=[row.record.code]))
    watch = Watch.objects.get()
    address = reverse("message-stop", args=[outbox.stop_token(member.person, f"watch:{watch.pk}")])
    shown = text_of(Client(headers={"accept-language": "en"}).get(address))
    assert "news of a record you follow" in shown
    assert row.record.code not in shown
    assert row.record.title not in shown


def test_a_followed_record_that_is_closed_has_no_title_in_the_list(member: Actor) -> None:
    owner = city.member(city.organisation())
    need = city.need(owner.organisation, by=owner, stage="published")
    client = reader(member)
    client.post(reverse("watch-record", args=[need.record.code]))
    assert need.record.title in text_of(client.get("/account/watches/"))
    city.advance(city.NEED, need, "withdraw", actor=owner, note="理由")
    shown = text_of(client.get("/account/watches/"))
    assert need.record.title not in shown
    assert "A record that you may not see any more" in shown


# -- the calendar ------------------------------------------------------------------------------------------------------


@pytest.fixture
def firm() -> Any:
    """A firm whose need waits for it, and its administrator."""
    unit = city.organisation()
    administrator = city.member(unit, Role.ADMINISTRATOR)
    need = city.need(unit, by=administrator)
    Clock.objects.filter(record=need.record).delete()
    Clock.objects.create(
        record=need.record, name="draft", party=unit, audience_id=need.record.title_to_id, started_on=today(),
        due_on=today() + timedelta(days=10), day_kind="working",
    )  # fmt: skip
    return administrator, need


def path_of(actor: Actor) -> str:
    address = feeds.address(actor.person)
    return address[address.index("/feeds/") :] if address else ""


def test_a_calendar_has_ones_deadlines_as_whole_days_that_keep_their_number(firm: Any, settings: Any) -> None:
    settings.SITE_URL = "https://kezhuan.example.gov.cn"
    administrator, need = firm
    client = reader(administrator)
    assert "Make an address" in text_of(client.get("/account/watches/"))
    client.post("/account/calendar/")
    assert path_of(administrator) in client.get("/account/watches/").content.decode()
    answer = Client().get(path_of(administrator))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    clock = Clock.objects.get(record=need.record)
    assert event["uid"] == f"clock-{clock.pk}-{need.record.uid}@kezhuan"
    assert event.decoded("dtstart") == clock.due_on
    assert isinstance(event.decoded("dtstart"), date)
    assert event.decoded("dtend") == clock.due_on + timedelta(days=1)
    assert need.record.code in event["summary"]
    assert event["url"] == f"https://kezhuan.example.gov.cn/needs/{need.record.code}/"
    assert calendar["x-wr-timezone"] == "Asia/Shanghai"
    assert b"\r\n" in answer.content
    assert max(map(len, answer.content.split(b"\r\n"))) <= 75
    # Moved by a calendar of holidays, it is the same event of a later sequence, wherever the site is by now.
    before = event["sequence"]
    settings.SITE_URL = "https://moved.example.gov.cn"
    assert move_ends(Clock.objects.all(), clock.due_on + timedelta(days=5)) == 1
    assert move_ends(Clock.objects.all(), clock.due_on + timedelta(days=5)) == 0
    (moved,) = icalendar.Calendar.from_ical(Client().get(path_of(administrator)).content).walk("VEVENT")
    assert moved["uid"] == event["uid"]
    assert moved["sequence"] > before
    assert moved.decoded("last-modified") >= event.decoded("last-modified")
    assert moved.decoded("dtstamp") == Clock.objects.get().moved_at.replace(microsecond=0)
    assert moved.decoded("dtstart") == clock.due_on + timedelta(days=5)
    Clock.objects.update(ended_on=today())
    assert not icalendar.Calendar.from_ical(Client().get(path_of(administrator)).content).walk("VEVENT")


def test_an_unchanged_calendar_is_not_sent_again(firm: Any) -> None:
    administrator, _need = firm
    feeds.open_feed(administrator.person)
    first = Client().get(path_of(administrator))
    again = Client().get(path_of(administrator), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first["Cache-Control"]


def test_an_address_is_revoked_by_a_new_one_and_by_closing(firm: Any) -> None:
    administrator, _need = firm
    client = reader(administrator)
    client.post("/account/calendar/")
    old = path_of(administrator)
    client.post("/account/calendar/")
    assert path_of(administrator) == old, "a first address that is asked for twice is the same"
    client.post("/account/calendar/new/")
    assert (Client().get(old).status_code, Client().get(path_of(administrator)).status_code) == (404, 200)
    newer = path_of(administrator)
    client.post("/account/calendar/close/")
    assert Client().get(newer).status_code == 404
    assert path_of(administrator) == ""
    client.post("/account/calendar/")
    assert Client().get(newer).status_code == 404
    for guess in ("x", old[7:-5], f"{administrator.person.pk}", newer[7:-4] + "0"):
        assert Client().get(f"/feeds/{guess}.ics").status_code == 404
    for address in ("/account/calendar/", "/account/calendar/new/", "/account/calendar/close/"):
        assert Client().post(address).status_code == 403
    kinds = Entry.objects.filter(kind__startswith="feed.").values_list("kind", flat=True)
    assert sorted(kinds) == ["feed.closed", "feed.opened", "feed.opened", "feed.opened"]


def test_a_calendar_holds_what_waits_in_every_name_of_a_person_and_nothing_hidden(firm: Any) -> None:
    administrator, need = firm
    other = city.organisation()
    add_member(actor=SYSTEM, organisation=other, person=administrator.person, role=Role.MEMBER)
    hidden = city.need(city.organisation())
    seen = city.need(other, by=city.member(other))
    for row in (hidden, seen):
        Clock.objects.create(
            record=row.record, name="draft", party=other, audience_id=row.record.title_to_id, started_on=today(),
            due_on=today(), day_kind="working",
        )  # fmt: skip
    feeds.open_feed(administrator.person)
    Preference.objects.update(language="en")
    text = Client().get(path_of(administrator)).content.decode().replace("\r\n ", "")
    assert need.record.code in text
    assert seen.record.code in text
    assert hidden.record.code not in text
    assert "SUMMARY:Due: Need" in text


def test_the_page_of_watches_asks_as_often_for_two_as_for_ten(member: Actor) -> None:
    client = reader(member)

    def follow(count: int) -> None:
        for _ in range(count):
            row = city.need(city.organisation(), stage="published")
            client.post(reverse("watch-record", args=[row.record.code]))
        client.get("/account/watches/")

    def queries() -> int:
        with queries_noted() as noted:
            client.get("/account/watches/")
        return len(noted)

    follow(2)
    few = queries()
    follow(8)
    assert queries() == few
