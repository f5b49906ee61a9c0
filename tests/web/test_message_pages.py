"""Pages of messages and webhooks: one's wishes, stopping without signing in, the outbox, setting up a webhook."""

import re
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from django.urls import reverse

from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Entry, Message, MessageState, Preference, Stop, User, Webhook
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import hooks, webhooks, words
from kezhuan.kernel.text import now
from tests.factories import city
from tests.factories.plans import queries_noted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_topics", {})
    outbox.register_topic("reminders", lambda topic: "reminders of terms")


def reader(actor: Actor, **more: Any) -> Client:
    client = Client(headers={"accept-language": "en"}, **more)
    client.force_login(User.objects.create_user(f"r{User.objects.count()}@example.com", "x", person=actor.person))
    return client


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def owner() -> Actor:
    return city.member(city.organisation(), Role.ADMINISTRATOR)


# -- stopping ----------------------------------------------------------------------------------------------------------


def address(actor: Actor, topic: str = "reminders") -> str:
    return reverse("message-stop", args=[outbox.stop_token(actor.person, topic)])


def test_the_address_in_messages_is_the_address_of_the_page(owner: Actor) -> None:
    assert words._STOP_PATH.format("x") == reverse("message-stop", args=["x"])


def test_a_look_at_the_link_stops_nothing_and_the_button_does_without_signing_in(owner: Actor) -> None:
    visitor = Client(headers={"accept-language": "en"}, enforce_csrf_checks=True)
    shown = text_of(visitor.get(address(owner)))
    assert "Stop these messages?" in shown
    assert "reminders of terms" in shown
    assert owner.name not in shown
    assert not outbox.has_stopped(owner.person, "reminders")
    # What a mail program posts on its own (RFC 8058): no cookie, no form of ours.
    answer = visitor.post(address(owner), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 302
    assert outbox.has_stopped(owner.person, "reminders")
    visitor.post(address(owner), {"List-Unsubscribe": "One-Click"})
    shown = text_of(visitor.get(address(owner)))
    assert "You get no more of this: reminders of terms." in shown
    visitor.post(address(owner), {"resume": "1"})
    assert not outbox.has_stopped(owner.person, "reminders")
    assert Entry.objects.filter(kind__in=["message.stop", "message.resume"]).count() == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_not_whole_is_told(owner: Actor, method: str) -> None:
    answer = getattr(Client(), method)(address(owner)[:-3] + "/")
    assert answer.status_code == 404
    assert Stop.objects.count() == 0


def test_a_stopped_topic_is_begun_again_on_ones_own_page(owner: Actor) -> None:
    outbox.set_stopped(owner.person, "reminders", True)
    outbox.set_stopped(owner.person, "gone:7", True)
    client = reader(owner)
    shown = text_of(client.get("/account/messages/"))
    assert "reminders of terms" in shown
    assert "gone" not in shown
    assert client.post("/account/messages/resume/", {"topic": "reminders"}).status_code == 302
    assert not outbox.has_stopped(owner.person, "reminders")
    assert Client().post("/account/messages/resume/", {"topic": "gone:7"}).status_code == 403


# -- wishes ------------------------------------------------------------------------------------------------------------


def test_one_chooses_language_and_way_and_only_ways_that_reach_one(owner: Actor) -> None:
    client = reader(owner)
    shown = client.get("/account/messages/").content.decode()
    assert owner.person.email in shown
    assert 'value="sms"' in shown
    assert 'value="card"' not in shown
    assert client.post("/account/messages/", {"language": "en", "channel": "card"}).status_code == 422
    assert client.post("/account/messages/", {"language": "en", "channel": "sms"}).status_code == 302
    assert (outbox.language_of(owner.person), outbox.way_to(owner.person)) == ("en", "sms")
    owner.person.phone = owner.person.email = ""
    owner.person.save()
    shown = text_of(client.get("/account/messages/"))
    assert "No message reaches you" in shown
    assert client.post("/account/messages/", {"language": "zh-hans"}).status_code == 302
    assert Client().get("/account/messages/").status_code == 302


def test_a_work_platforms_user_id_is_entered_where_there_is_one_and_belongs_to_one(owner: Actor, settings: Any) -> None:
    client = reader(owner)
    assert 'name="card"' not in client.get("/account/messages/").content.decode()
    settings.GATEWAYS = {"card": {}}
    form = {"language": "en", "channel": "mail", "card": "zhangsan"}
    assert client.post("/account/messages/", form).status_code == 302
    assert 'value="card"' in client.get("/account/messages/").content.decode()
    assert client.post("/account/messages/", form | {"channel": "card"}).status_code == 302
    assert outbox.way_to(owner.person) == "card"
    other = reader(city.member(city.organisation()))
    answer = other.post("/account/messages/", form)
    assert answer.status_code == 422
    assert 'href="#id_card"' in answer.content.decode()
    client.post("/account/messages/", form | {"card": ""})
    assert outbox.way_to(owner.person) == "mail"
    assert other.post("/account/messages/", form).status_code == 302
    assert Entry.objects.filter(kind="message.card").count() == 3


def test_whoever_turns_the_site_to_english_is_written_to_in_english(owner: Actor) -> None:
    client = reader(owner)
    answer = client.post("/language/", {"language": "en", "next": "/needs/"})
    assert (answer.status_code, answer.url) == (302, "/needs/")
    assert outbox.language_of(owner.person) == "en"
    client.post("/language/", {"language": "xx", "next": "/"})
    assert outbox.language_of(owner.person) == "en"
    visitor = Client()
    visitor.post("/language/", {"language": "en"})
    assert visitor.cookies[site.LANGUAGE_COOKIE_NAME].value == "en"
    assert Preference.objects.count() == 1


# -- the outbox --------------------------------------------------------------------------------------------------------


def a_message(state: str, **more: Any) -> Message:
    return Message.objects.create(
        **{"key": f"k{Message.objects.count()}", "channel": "mail", "to": "zhang@example.com", "subject": "机密",
           "text": "内情", "state": state, "made_at": now(), **more}
    )  # fmt: skip


def test_the_citys_officers_see_what_leaves_and_neither_receivers_nor_words(owner: Actor) -> None:
    for state in MessageState:
        a_message(state, error="The mail server hung up." if state == "unclear" else "")
    client = reader(city.officer())
    html = client.get("/messages/").content.decode()
    assert html.count('<li class="clock">') == 6
    assert html.count("Send again") == 2
    assert "The mail server hung up." in html
    for word in ("zhang@example.com", "机密", "内情"):
        assert word not in html
    assert client.get("/messages/?state=failed").content.decode().count('<li class="clock">') == 1
    assert client.get("/messages/?state=nonsense").content.decode().count('<li class="clock">') == 6
    for other in (reader(owner), reader(city.officer("440106")), Client()):
        assert other.get("/messages/").status_code == 403


def test_a_message_is_sent_again_by_a_press_and_not_by_others(owner: Actor) -> None:
    message = a_message(MessageState.UNCLEAR)
    again = reverse("message-again", args=[message.pk])
    assert reader(owner).post(again).status_code == 404
    officer = reader(city.officer())
    assert officer.post(again).status_code == 302
    assert officer.post(again).status_code == 409
    assert Message.objects.get().state == MessageState.WAITING


def test_the_outbox_page_asks_as_often_for_three_messages_as_for_thirty() -> None:
    client = reader(city.officer())

    def queries() -> int:
        client.get("/messages/")
        with queries_noted() as noted:
            client.get("/messages/")
        return len(noted)

    for state in MessageState:
        a_message(state)
    few = queries()
    for _ in range(4):
        for state in MessageState:
            a_message(state)
    assert queries() == few


# -- webhooks ----------------------------------------------------------------------------------------------------------


def test_a_webhook_is_set_up_shown_with_its_key_and_ended(owner: Actor) -> None:
    client = reader(owner)
    assert "There is no webhook." in text_of(client.get("/account/webhooks/"))
    form = {"form": "signed", "url": "https://x.example.cn/in", "kinds": ["need", "achievement"]}
    answer = client.post("/account/webhooks/new/", form)
    made = Webhook.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("webhook", args=[made.pk]))
    html = client.get(answer.url).content.decode()
    assert "https://x.example.cn/in" in html
    assert hooks.signing_key(made) in html
    client.post(reverse("webhook-key", args=[made.pk]))
    renewed = client.get(answer.url).content.decode()
    assert hooks.signing_key(made) not in renewed
    assert hooks.signing_key(Webhook.objects.get()) in renewed
    assert client.post(reverse("webhook-end", args=[made.pk])).status_code == 302
    assert client.get(answer.url).status_code == 404


def test_what_is_wrong_with_a_webhook_is_told_at_its_field(owner: Actor) -> None:
    answer = reader(owner).post("/account/webhooks/new/", {"form": "signed", "url": "http://x", "kinds": ["nonsense"]})
    assert answer.status_code == 422
    answer = reader(city.officer()).post("/account/webhooks/new/", {"form": "signed", "url": "x.example.cn"})
    assert answer.status_code == 422
    assert 'href="#id_url"' in answer.content.decode()
    assert "x.example.cn" in answer.content.decode()
    assert Webhook.objects.count() == 0


def test_members_and_strangers_reach_no_webhook(owner: Actor) -> None:
    made = webhooks.add_webhook(actor=owner, form="signed", url="https://x.cn/", kinds=[])
    member = reader(city.member(owner.organisation))
    stranger = reader(city.member(city.organisation(), Role.ADMINISTRATOR))
    assert (member.get("/account/webhooks/").status_code, member.get("/account/webhooks/new/").status_code) == (
        403,
        403,
    )
    for client in (member, stranger):
        assert client.get(reverse("webhook", args=[made.pk])).status_code == 404
        assert client.post(reverse("webhook-end", args=[made.pk])).status_code == 404
        assert client.post(reverse("webhook-key", args=[made.pk])).status_code == 404
    for path in ("/account/webhooks/", "/account/webhooks/new/"):
        assert Client().get(path).status_code == 302
