"""The outbox against real servers: with the transaction or not at all, once, in the receiver's language, stoppable."""

import email
import email.policy
import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from kezhuan.config.outgoing import MailServer
from kezhuan.kernel import jobs, outbox
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.models import Entry, Job, JobState, Message, MessageState
from kezhuan.kernel.outbox import mail, messages, sending
from kezhuan.kernel.text import now, today
from tests.factories import city
from tests.factories.databases import at_once
from tests.factories.outbox import _letters, a_mail, box, owner, parsed, state_of

__all__ = ["_letters", "box", "owner"]

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("to", ["a@example.com\r\nBcc: b@example.com", "a b@example.com", "a@example.com\u2028"])
def test_an_address_that_would_say_more_than_an_address_is_refused(box, to):
    message = a_mail(to=to)
    jobs.run_pending()
    assert (state_of(message), box.mails) == (MessageState.FAILED, [])


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

    way = mail.Smtp.send

    def send(self, out, begin):
        way(self, out, begin)
        killed()

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(mail.Smtp, "send", send)
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
        sending.deliver(late, message=message.pk)
    assert len(box.mails) == 1


def test_a_server_that_is_away_is_left_alone_for_a_moment_however_many_wait(settings, monkeypatch):
    settings.MAIL_SERVER = MailServer("127.0.0.1", 9, "none")
    tried = []
    connect = mail.smtplib.SMTP.connect
    monkeypatch.setattr(mail.smtplib.SMTP, "connect", lambda *a, **b: tried.append(1) or connect(*a, **b))
    made = [a_mail(key=f"k{number}", brief=False) for number in range(20)]
    jobs.run_pending()
    assert len(tried) == 1
    assert {state_of(message) for message in made} == {MessageState.WAITING}
    # What was not even tried has lost no attempt.
    assert sorted(Job.objects.values_list("attempts", flat=True)) == [0] * 19 + [1]
    monkeypatch.setattr(sending, "_resting", {"mail": (0.0, 5.0)})
    due_now()
    jobs.run_pending()
    assert len(tried) == 2
    assert 8 < sending._resting["mail"][1] < 12


@pytest.mark.parametrize(("brief", "limit"), [(False, sending.GIVEN_UP), (True, sending.BRIEF_GIVEN_UP)])
def test_a_message_that_cannot_be_sent_for_long_is_given_up_and_told(settings, monkeypatch, brief, limit):
    settings.MAIL_SERVER = MailServer("127.0.0.1", 9, "none")
    message = a_mail(brief=brief)
    for age, state in ((limit - timedelta(minutes=5), "waiting"), (limit + timedelta(minutes=5), "failed")):
        monkeypatch.setattr(sending, "_resting", {})
        Message.objects.update(made_at=now() - age)
        due_now()
        assert jobs.run_pending() == 1
        assert state_of(message) == state
    assert Message.objects.get().error
    due_now()
    assert jobs.run_pending() == 0


def test_codes_go_before_a_thousand_other_messages(box):
    for number in range(3):
        a_mail(key=f"k{number}", to=f"p{number}@example.com", brief=False)
    a_mail(key="code", to="code@example.com")
    jobs.run_pending()
    assert [to for to, _ in box.mails] == [f"{name}@example.com" for name in ("code", "p0", "p1", "p2")]


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
    Message.objects.update(state=MessageState.FAILED, **messages.ERASED)
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
