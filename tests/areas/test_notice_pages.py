"""Notices and objections on pages, in the feed and in the API: laid open before those they are meant for."""

import csv
import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kezhuan.areas.notices.lifecycle import NOTICE
from kezhuan.kernel import followers
from kezhuan.kernel.access import Actor
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Document, Notice, Objection, RuleValue
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_record_pages import asked, queries  # noqa: F401  # a fixture
from tests.factories import city

pytestmark = pytest.mark.django_db

NAME, PHONE, WORDS = "qzxvname", "13900001234", "qzxvwords 排序有误"
TYPED = {"name": NAME, "unit": "qzxvunit", "contact": PHONE, "text": WORDS}


@pytest.fixture
def desk(db: None) -> Actor:
    return city.officer()


@pytest.fixture
def owner(db: None) -> Actor:
    return city.member(city.organisation("南粤大学", kind="university"), "administrator")


@pytest.fixture
def running(desk: Actor, owner: Actor) -> Notice:
    row = city.achievement(owner.organisation, stage="listed", by=owner)
    city.notice_rule(90, 10)
    made = city.notice(row, desk)
    RuleValue.objects.filter(code__startswith="notice.").update(value=90)
    made = advance(NOTICE, made, "start", actor=desk)
    Notice.objects.filter(pk=made.pk).update(objections_until=today() + timedelta(days=30))
    return Notice.objects.select_related("record").get(pk=made.pk)


def page_of(client: Client, code: str) -> str:
    answer = client.get(reverse("notice", args=[code]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_visitor_finds_the_notice_and_objects_without_an_account(running: Notice, desk: Actor, owner: Actor) -> None:
    visitor, code = client_of(None), running.record.code
    english = visitor.get(reverse("notice", args=[code]), headers={"accept-language": "en"}).content.decode()
    assert ("<dt>Owners</dt>" in english, "<dt>权利人</dt>" in english) == (True, False)  # frozen in Chinese
    assert reverse("notice", args=[code]) in visitor.get(reverse("notices")).content.decode()
    assert reverse("objection-new", args=[code]) in page_of(visitor, code)
    address = reverse("objection-new", args=[code])
    answer = visitor.post(address, {**TYPED, "contact": "nobody"})
    assert answer.status_code == 422
    assert WORDS in answer.content.decode()  # nothing typed is lost
    file = SimpleUploadedFile("qzxvfile.txt", "原始记录".encode())
    sent = visitor.post(address, {**TYPED, "file": file, "declared_open": "on"})
    assert "Its number is J-" in sent.content.decode()
    objection = Objection.objects.select_related("record").get()
    assert visitor.post(address, TYPED).status_code == 422  # pressed twice
    # Name, unit, contact, words and evidence are nobody's but the officers'.
    theirs = (
        page_of(client_of(desk), code) + client_of(desk).get(f"/objections/{objection.record.code}/").content.decode()
    )
    assert all(word in theirs for word in (NAME, "qzxvunit", PHONE, WORDS, "qzxvfile.txt"))
    followers.run_pending()
    # Their list, its file, search and the API tell it to the officers in charge.
    assert NAME in client_of(desk).get("/objections/?q=qzxvwords").content.decode()
    (line,) = file_of(client_of(desk), "/objections/")
    assert (line["Notice"], line["Sent by"], line["What is wrong"], line["Stage"]) == (code, NAME, WORDS, "received")
    (line,) = file_of(client_of(desk), "/notices/")
    assert (line["Told of"], line["Objections open"], line["Last day"]) == (
        running.about.code, "1", running.ends_on.isoformat(),
    )  # fmt: skip
    assert client_of(desk).get("/api/v1/objections").json()["items"][0]["name"] == NAME
    for actor in (None, owner, city.member(city.organisation()), city.officer("440113")):
        client = client_of(actor)
        pages = [page_of(client, code), client.get(f"/achievements/{running.about.code}/").content.decode()]
        places = ("/search/?q=qzxvwords", "/notices/feed/", "/inbox/", "/objections/")
        pages += [client.get(place).content.decode() for place in places]
        pages.append(client.get(f"/api/v1/notices/{code}").content.decode())
        assert not [page for page in pages if re.search(rf"qzxv(name|unit|file)|{PHONE}|排序有误", page)]
        assert client.get(f"/objections/{objection.record.code}/").status_code == 404
        assert client.get(reverse("document", args=[Document.objects.get().pk])).status_code == 404
        assert client.get(f"/api/v1/objections/{objection.record.code}").status_code == 404
        assert client.get("/api/v1/objections").json()["total"] == 0


def file_of(client: Any, address: str) -> list[dict[str, str]]:
    """The lines of a list that is taken along, by header."""
    answer = client.post(address, {"export": "csv"})
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def test_whoever_objects_signed_in_follows_what_becomes_of_it(running: Notice, desk: Actor) -> None:
    sender = city.member(city.organisation())
    sent = client_of(sender).post(reverse("objection-new", args=[running.record.code]), TYPED).content.decode()
    objection = Objection.objects.select_related("record").get()
    assert f"/objections/{objection.record.code}/" in sent
    client = client_of(desk)
    assert objection.record.code in client.get("/inbox/").content.decode()
    answer = client.post(f"/records/{objection.record.code}/moves/dismiss/", {"note": "经核实无误"})
    assert answer.status_code == 302
    seen = client_of(sender).get(f"/objections/{objection.record.code}/").content.decode()
    assert "dismissed" in seen
    assert WORDS in seen
    assert PHONE not in seen
    assert "of these not decided yet: 0" in page_of(client_of(None), running.record.code)


def test_after_the_time_nobody_objects_and_an_officer_enters_paper(running: Notice, desk: Actor) -> None:
    Notice.objects.filter(pk=running.pk).update(objections_until=today() - timedelta(days=1))
    running.channels.update(started_on=today() - timedelta(days=20))
    address = reverse("objection-new", args=[running.record.code])
    visitor = client_of(None)
    assert address not in page_of(visitor, running.record.code)
    assert visitor.get(address).status_code == 409
    assert visitor.post(address, TYPED).status_code == 409
    client = client_of(desk)
    assert f"{address}?paper=1" in page_of(client, running.record.code)
    day = (today() - timedelta(days=3)).isoformat()
    assert client.post(f"{address}?paper=1", {**TYPED, "received_on": "2020-01-01"}).status_code == 422
    assert client.post(f"{address}?paper=1", {**TYPED, "received_on": day}).status_code == 200
    assert Objection.objects.get().received_on.isoformat() == day
    assert visitor.post(f"{address}?paper=1", {**TYPED, "received_on": day}).status_code == 409


def test_an_officer_prepares_starts_and_records_a_notice_in_the_browser(desk: Actor, owner: Actor) -> None:
    row = city.achievement(owner.organisation, stage="listed", by=owner, summary="电话13812345678。")
    client = client_of(desk)
    new = reverse("notice-new", args=[row.record.code, "register"])
    assert new not in client.get(f"/achievements/{row.record.code}/").content.decode()
    city.notice_rule()
    assert new in client.get(f"/achievements/{row.record.code}/").content.decode()
    assert "138****5678" in client.get(new).content.decode()
    typed: dict[str, Any] = {"audience": "public", "channels": ["site", "bureau"], "reception": "成果处 020-83120000"}
    assert client.post(new, {**typed, "reception": ""}).status_code == 422
    place = client.post(new, typed)["Location"]
    notice = Notice.objects.get()
    refused = client.post(f"/records/{row.record.code}/moves/register/")
    assert refused.status_code == 422
    assert "A notice must be held before this step" in refused.content.decode()
    channel = notice.channels.get(kind="bureau")
    day = reverse("notice-channel", args=[notice.record.code, channel.pk, "start"])
    assert day in client.get(place).content.decode()
    shot = SimpleUploadedFile("shot.png", b"\x89PNG\r\n\x1a\n0000")
    given = {"on": today().isoformat(), "address": "javascript:alert(1)", "declared_open": "on"}
    assert client.post(day, given).status_code == 422
    assert client.post(day, {**given, "file": shot})["Location"] == place
    assert 'href="javascript:' not in client.get(place).content.decode()
    assert client.post(f"/records/{notice.record.code}/moves/start/").status_code == 302
    assert client.get(reverse("notice-channel", args=[notice.record.code, channel.pk, "sideways"])).status_code == 404
    # The texts for other places, masked, are for those who hold it.
    text = client.get(reverse("notice-text", args=[notice.record.code])).content.decode()
    assert "138****5678" in text
    assert "&lt;h2&gt;" in text
    word = client.get(reverse("notice-word", args=[notice.record.code])).content
    inside = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    assert "138****5678" in inside
    assert "13812345678" not in inside
    assert "成果处 020-83120000" in inside
    for other in (None, owner):
        assert client_of(other).get(reverse("notice-word", args=[notice.record.code])).status_code == 403
        assert client_of(other).get(reverse("notice-text", args=[notice.record.code])).status_code == 403
        assert client_of(other).post(day, given).status_code == 403
    assert client_of(owner).get(new).status_code == 200  # before its own members alone
    assert client_of(owner).post(new, typed).status_code == 403
    for other in (None, city.member(city.organisation()), city.officer("440113")):
        assert client_of(other).get(new).status_code == 403


def test_what_is_held_inside_a_unit_is_in_no_list_feed_or_answer_for_others(desk: Actor, owner: Actor) -> None:
    row = city.achievement(owner.organisation, stage="listed", by=owner, secrecy="internal", title="抛光 qzxvinside")
    notice = city.notice(row, desk, stage="running", audience="unit")
    followers.run_pending()
    code = notice.record.code
    readers = {None: False, owner: True, city.member(city.organisation()): False, desk: True}
    for actor, sees in readers.items():
        client = client_of(actor)
        assert (client.get(f"/notices/{code}/").status_code == 200) is sees
        assert (client.get(f"/api/v1/notices/{code}").status_code == 200) is sees
        assert (code in client.get("/notices/").content.decode()) is sees
        assert ("qzxvinside" in client.get("/api/v1/notices").content.decode()) is sees
        assert "qzxvinside" not in client.get("/notices/feed/").content.decode()


def test_the_feed_is_rss_with_the_public_notices(running: Notice) -> None:
    answer = client_of(None).get(reverse("notice-feed"))
    assert answer["Content-Type"] == "application/rss+xml; charset=utf-8"
    text = answer.content.decode()
    assert text.count("<item>") == 1
    assert f"/notices/{running.record.code}/</link>" in text


def test_the_api_tells_a_notice_and_takes_an_objection(running: Notice, desk: Actor) -> None:
    from tests.api.actors import Api

    code = running.record.code
    shown = Api().read(f"/notices/{code}")
    assert shown["content"]["hash"] == running.content_hash
    assert shown["channels"][0]["kind"] == "site"
    assert shown["about"]["code"] == running.about.code
    sender = city.member(city.organisation())
    client_of(sender)  # makes the account
    body = {"name": NAME, "contact": PHONE, "text": WORDS}
    assert Api().send(f"/notices/{code}/objections", body, 401)
    sender.person.refresh_from_db()
    made = Api(sender).send(f"/notices/{code}/objections", body, 201)
    assert Api(sender).refused(f"/notices/{code}/objections", 422, body) == {"contact": "objection-twice"}
    client_of(desk)
    desk.person.refresh_from_db()
    told = Api(desk).read(f"/objections/{made['code']}")
    assert (told["name"], told["contact_given"]) == (NAME, PHONE)
    assert "name" not in Api(sender).read(f"/objections/{made['code']}")
    assert Api(desk).send(f"/objections/{made['code']}/moves/dismiss", {"note": "无误"})["stage"] == "dismissed"
    assert Api().read(f"/notices/{code}")["objections_open"] == 0


def test_lists_and_pages_take_the_same_queries_however_many_there_are(
    running: Notice,
    desk: Actor,
    owner: Actor,
    queries: Any,  # noqa: F811
) -> None:
    client = client_of(desk)

    def counted() -> list[int]:
        followers.run_pending()
        places = ("/notices/", "/notices/feed/", f"/notices/{running.record.code}/")
        return [*(asked(client, place, queries) for place in places), read_by("/api/v1/notices")]

    def read_by(place: str) -> int:
        client.get(place)
        with queries() as caught:
            assert client.get(place).status_code == 200
        # Buckets of the rate limit are written now and then.
        return len([one for one in caught if one["sql"].startswith("SELECT") and "ratebucket" not in one["sql"]])

    city.objection(running, desk, contact="a@example.cn", received_on=today())
    few = counted()
    for number in range(3):
        row = city.achievement(owner.organisation, stage="listed", by=owner, title=f"另一成果{number}")
        city.notice(row, desk, stage="running")
        city.objection(running, desk, contact=f"b{number}@example.cn", received_on=today())
    assert counted() == few
