"""The outbox against real servers: with the transaction or not at all, once, in the receiver's language, stoppable."""

import email
import email.policy
import threading
import time
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext

from kezhuan.config.outgoing import MailServer
from kezhuan.kernel import jobs, outbox
from kezhuan.kernel.access import can_view
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.models import Entry, Job, JobState, Message, MessageState, Preference, Record
from kezhuan.kernel.outbox import messages
from kezhuan.kernel.text import now, today
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.servers import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _letters(monkeypatch):
    """One letter: it tells of a record, to whom sees it."""

    def compose(actor, content):
        record = Record.objects.select_related("title_to").get(pk=content["record"])
        if not can_view(actor, record):
            return None
        return outbox.Letter(gettext("Search"), f"{gettext('Home')}：{record.title}", f"/needs/{record.code}/")

    monkeypatch.setattr(messages, "_letters", {"test.record": compose})


@pytest.fixture
def box(settings):
    with mail_server() as opened:
        settings.MAIL_SERVER = MailServer("127.0.0.1", opened.port, "none")
        settings.MAIL_FROM = "kezhuan@example.gov.cn"
        settings.SITE_URL = "https://kezhuan.example.gov.cn"
        yield opened


def a_mail(key="k1", **more):
    return outbox.send(
        **{"channel": "mail", "to": "zhang@example.com", "subject": "验证码", "text": "您的验证码是 123456。",
           "key": key, **more}
    )  # fmt: skip


def parsed(box, place=-1) -> EmailMessage:
    return email.message_from_bytes(box.mails[place][1], policy=email.policy.default)


def state_of(message):
    return Message.objects.get(pk=message.pk).state


def due_now():
    Job.objects.exclude(due_at=None).update(due_at=Now())


# -- once, and with the transaction ------------------------------------------------------------------------------------


def test_a_mail_reaches_the_server_whole_and_its_words_are_erased(box):
    message = a_mail()
    assert box.mails == []
    assert jobs.run_pending() == 1
    mail = parsed(box)
    assert box.mails[0][0] == "zhang@example.com"
    assert (mail["Subject"], mail["To"]) == ("验证码", "zhang@example.com")
    assert mail["From"].addresses[0].addr_spec == "kezhuan@example.gov.cn"
    assert mail.get_content().strip() == "您的验证码是 123456。"
    assert mail["Message-ID"].endswith("@kezhuan.example.gov.cn>")
    assert mail["List-Unsubscribe"] is None
    message.refresh_from_db()
    assert (message.state, message.to, message.subject, message.text) == (MessageState.SENT, "", "", "")


def test_a_message_of_a_transaction_that_fails_is_never_sent(box):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        a_mail()
        raise ZeroDivisionError
    jobs.run_pending()
    assert (box.mails, Message.objects.count()) == ([], 0)


def test_the_same_key_is_sent_once(box):
    assert a_mail() is not None
    assert a_mail() is None
    jobs.run_pending()
    assert a_mail() is None
    jobs.run_pending()
    assert len(box.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_key_kept_by_eight_at_once_and_sent_by_eight_workers_is_one_mail(box):
    kept = at_once([lambda: a_mail(brief=False) for _ in range(8)])
    assert sum(one is not None for one in kept) == 1
    at_once([jobs.run_pending] * 8)
    assert len(box.mails) == 1


def test_words_that_are_not_brief_stay_for_a_while_and_are_then_erased(box):
    message = a_mail(brief=False)
    jobs.run_pending()
    message.refresh_from_db()
    assert message.text.startswith("您的验证码")
    jobs.enqueue("outbox.tidy")
    jobs.run_pending()
    message.refresh_from_db()
    assert message.text
    Message.objects.update(made_at=now() - messages.WORDS_KEPT - timedelta(minutes=1))
    jobs.enqueue("outbox.tidy")
    jobs.run_pending()
    message.refresh_from_db()
    assert (message.to, message.subject, message.text, message.state) == ("", "", "", MessageState.SENT)


def test_a_channel_that_takes_no_words_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="webhook"):
        a_mail(channel="webhook")
    with pytest.raises(ValueError, match=r"test\.unknown"):
        outbox.tell(city.member(city.organisation()).person, "test.unknown", key="k")


# -- what may happen on the way ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "state", "told"),
    [
        ({"RCPT": "550 <zhang@example.com> unknown"}, MessageState.FAILED, "550"),
        ({"MAIL": "451 later"}, MessageState.WAITING, "451"),
        ({"RCPT": "450 busy"}, MessageState.WAITING, "450"),
        ({"DATA": "452 full"}, MessageState.WAITING, "452"),
        ({"BODY": "451 later"}, MessageState.WAITING, "451"),
        ({"BODY": "554 no"}, MessageState.FAILED, "554"),
    ],
)
def test_what_the_server_answers_decides_whether_it_is_tried_again(box, answers, state, told):
    box.answers = answers
    message = a_mail()
    jobs.run_pending()
    message.refresh_from_db()
    assert (message.state, box.mails) == (state, [])
    assert told in message.error
    assert "zhang" not in message.error
    if state == MessageState.WAITING:
        box.answers = {}
        due_now()
        jobs.run_pending()
        assert (state_of(message), len(box.mails)) == (MessageState.SENT, 1)


def test_a_mail_cut_off_after_it_was_handed_over_is_unclear_and_not_sent_again(box):
    box.hang_up_after_data = True
    message = a_mail(brief=False)
    jobs.run_pending()
    due_now()
    jobs.run_pending()
    assert (state_of(message), len(box.mails)) == (MessageState.UNCLEAR, 1)


def test_a_mail_whose_worker_was_killed_while_sending_is_unclear_and_not_sent_again(box):
    message = a_mail(brief=False)

    def killed():
        raise KeyboardInterrupt

    way = messages.mail.Smtp.send

    def send(self, out, begin):
        way(self, out, begin)
        killed()

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(messages.mail.Smtp, "send", send)
        jobs.run_pending()
    assert state_of(message) == MessageState.SENDING
    due_now()
    jobs.run_pending()
    assert (state_of(message), len(box.mails)) == (MessageState.UNCLEAR, 1)


def test_a_worker_that_lost_the_job_before_sending_sends_nothing(box):
    message = a_mail()
    late = jobs.Running(jobs.take(worker="late"))
    due_now()
    jobs.run_pending()
    with pytest.raises(jobs.LeaseLost):
        messages.Message.objects.filter(pk=message.pk).update(state=MessageState.WAITING, to="x@example.com", text="x")
        messages.deliver(late, message=message.pk)
    assert len(box.mails) == 1


def test_a_server_that_stays_away_is_tried_ten_times_and_then_told(settings):
    settings.MAIL_SERVER = MailServer("127.0.0.1", 9, "none")
    message = a_mail()
    for _ in range(messages.ATTEMPTS):
        due_now()
        assert jobs.run_pending() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.FAILED, 10)
    assert message.error
    due_now()
    assert jobs.run_pending() == 0


def test_nothing_of_a_message_is_in_the_log(box, caplog):
    caplog.set_level("DEBUG")
    box.answers = {"RCPT": "550 <zhang@example.com> unknown"}
    a_mail()
    box.answers = {"MAIL": "451 zhang@example.com"}
    a_mail(key="k2")
    jobs.run_pending()
    assert "zhang" not in caplog.text
    assert "123456" not in caplog.text


def test_without_a_server_mail_is_a_file_that_only_its_owner_reads(settings, tmp_path):
    settings.DATA, settings.MAIL_SERVER = tmp_path, None
    a_mail()
    jobs.run_pending()
    (file,) = (tmp_path / "outbox" / today().isoformat()).iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o777 == 0o600
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert mail.get_content().strip() == "您的验证码是 123456。"


# -- letters -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def owner():
    return city.member(city.organisation())


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


# -- sending again -----------------------------------------------------------------------------------------------------


def test_an_unclear_message_is_sent_again_by_the_citys_officers_once(box, owner):
    box.hang_up_after_data = True
    message = a_mail(brief=False)
    jobs.run_pending()
    box.hang_up_after_data = False
    message.refresh_from_db()
    with pytest.raises(NotAllowed):
        outbox.send_again(actor=owner, message=message)
    officer = city.officer()
    outbox.send_again(actor=officer, message=message)
    with pytest.raises(Conflict):
        outbox.send_again(actor=officer, message=message)
    jobs.run_pending()
    assert (state_of(message), len(box.mails)) == (MessageState.SENT, 2)
    with pytest.raises(Conflict):
        outbox.send_again(actor=officer, message=message)
    assert Entry.objects.filter(kind="message.send-again").count() == 1


def test_a_message_whose_words_were_erased_cannot_be_sent_again(box):
    message = a_mail()
    Message.objects.update(state=MessageState.FAILED, text="", to="", subject="")
    with pytest.raises(Conflict):
        outbox.send_again(actor=city.officer(), message=message)


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_marked_before_it_is_handed_over_and_no_lock_is_held_meanwhile(box):
    """Another worker sees the mark while the server still thinks."""
    thinking, go_on = threading.Event(), threading.Event()

    def think():
        thinking.set()
        assert go_on.wait(20)

    box.before_answer = think
    message = a_mail()

    def look():
        assert thinking.wait(20)
        seen = state_of(message)
        Job.objects.filter(state=JobState.WAITING).count()
        a_mail(key="k2")  # a writer does not wait for the mail server
        go_on.set()
        return seen

    began = time.monotonic()
    assert at_once([jobs.run_next, look]) == [True, MessageState.SENDING]
    assert time.monotonic() - began < 10
