"""Letters: worded when they are sent, for what the receiver may see then, in their language, until they stop them."""

from datetime import timedelta

import pytest

from kezhuan.kernel import jobs, outbox
from kezhuan.kernel.models import Entry, MessageState, Preference
from kezhuan.kernel.text import today
from tests.factories import city
from tests.factories.outbox import _letters, a_mail, box, owner, parsed, state_of

__all__ = ["_letters", "box", "owner"]

pytestmark = pytest.mark.django_db


def tell(actor, record, key="t1", topic="reminders"):
    return outbox.tell(
        actor.person, "test.record", key=key, topic=topic, acting_for=actor.organisation, content={"record": record.pk}
    )


def test_a_letter_is_worded_when_sent_in_the_receivers_language_and_kept_nowhere(box, owner):
    draft = city.need(owner.organisation, by=owner)
    Preference.objects.create(person=owner.person, language="en")
    message = tell(owner, draft)
    draft.record.title = "改过的标题"
    draft.record.save()
    jobs.run_pending()
    mail = parsed(box)
    assert mail["To"] == owner.person.email
    assert mail["Subject"] == "Search"
    assert "Home：改过的标题" in mail.get_content()
    assert f"https://kezhuan.example.gov.cn/needs/{draft.record.code}/" in mail.get_content()
    message.refresh_from_db()
    assert (message.to, message.subject, message.text) == ("", "", "")


def test_a_letter_is_in_chinese_unless_the_receiver_chose_otherwise(box, owner):
    tell(owner, city.need(owner.organisation, by=owner).record)
    jobs.run_pending()
    assert parsed(box)["Subject"] == "搜索"


def test_nothing_is_told_that_the_receiver_may_not_see_when_it_is_sent(box, owner):
    stranger = city.member(city.organisation())
    message = tell(stranger, city.need(owner.organisation, by=owner).record)
    jobs.run_pending()
    assert (state_of(message), box.mails) == (MessageState.DROPPED, [])


def test_who_left_the_organisation_is_not_written_to_in_its_name(box, owner):
    message = tell(owner, city.need(owner.organisation, by=owner).record)
    owner.person.memberships.update(until=today() - timedelta(days=1))
    jobs.run_pending()
    assert (state_of(message), box.mails) == (MessageState.DROPPED, [])


def test_who_has_no_mail_address_is_told_by_short_message_and_who_has_neither_is_not(settings, tmp_path, owner):
    settings.DATA = tmp_path
    record = city.need(owner.organisation, by=owner).record
    owner.person.email = ""
    owner.person.save()
    assert tell(owner, record).channel == "sms"
    owner.person.phone = ""
    owner.person.save()
    assert tell(owner, record, key="t2") is None


def test_a_topic_is_stopped_by_a_link_without_signing_in_and_begun_again(box, owner):
    record = city.need(owner.organisation, by=owner).record
    tell(owner, record)
    jobs.run_pending()
    mail = parsed(box)
    address = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.get_content().replace("\n", "")
    token = address.rstrip("/").rsplit("/", 1)[-1]
    person, topic = outbox.read_stop_token(token)
    assert (person.pk, topic) == (owner.person.pk, "reminders")
    waiting = tell(owner, record, key="t2")
    for _ in range(2):
        outbox.set_stopped(person, topic, True)
    jobs.run_pending()
    assert state_of(waiting) == MessageState.DROPPED
    assert tell(owner, record, key="t3") is None
    assert tell(owner, record, key="t4", topic="other") is not None
    outbox.set_stopped(person, topic, False)
    assert tell(owner, record, key="t5") is not None
    assert list(Entry.objects.filter(kind__startswith="message.").values_list("kind", flat=True)) == [
        "message.stop", "message.resume",
    ]  # fmt: skip


@pytest.mark.parametrize("token", ["", "x", "WzEsICJhIl0:1abc:def", "a" * 500])
def test_a_stop_token_of_another_site_says_nothing(token):
    assert outbox.read_stop_token(token) is None


def test_a_persons_messages_are_erased_and_what_waits_for_them_is_dropped(box, owner):
    record = city.need(owner.organisation, by=owner).record
    waiting = tell(owner, record)
    words = a_mail(to=owner.person.email, brief=False)
    other = a_mail(key="k2", brief=False)
    assert outbox.erase_words(owner.person) == 2
    jobs.run_pending()
    assert [to for to, _ in box.mails] == ["zhang@example.com"]
    waiting.refresh_from_db()
    words.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, waiting.content) == (MessageState.DROPPED, {})
    assert (words.state, words.to, words.text) == (MessageState.DROPPED, "", "")
    assert other.text
