"""What tests of the outbox stand on: a mail server that takes everything, and one letter that tells of a record."""

import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from django.utils.translation import gettext

from kezhuan.config.outgoing import MailServer
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.models import Message, Record
from kezhuan.kernel.outbox import sending, words
from tests.factories import city
from tests.factories.servers import Mailbox, mail_server


@pytest.fixture(autouse=True)
def _letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """One letter: it tells of a record, to whom sees it."""

    def compose(actor: Actor, content: Any) -> outbox.Letter | None:
        record = Record.objects.select_related("title_to").get(pk=content["record"])
        if not can_view(actor, record):
            return None
        return outbox.Letter(gettext("Search"), f"{gettext('Home')}：{record.title}", f"/needs/{record.code}/")

    monkeypatch.setattr(words, "_letters", {})
    outbox.register_letter("test.record", compose, label="test record")
    monkeypatch.setattr(sending, "_resting", {})


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    with mail_server() as opened:
        settings.MAIL_SERVER = MailServer("127.0.0.1", opened.port, "none")
        settings.MAIL_FROM = "kezhuan@example.gov.cn"
        settings.SITE_URL = "https://kezhuan.example.gov.cn"
        yield opened


@pytest.fixture
def owner() -> Actor:
    """A member of a verified firm."""
    return city.member(city.organisation())


def a_mail(key: str = "k1", **more: Any) -> Message | None:
    """A mail with a code in it."""
    words = {"channel": "mail", "to": "zhang@example.com", "subject": "验证码", "text": "您的验证码是 123456。"}
    return outbox.send(**{**words, "key": key, **more})


def parsed(box: Mailbox, place: int = -1) -> EmailMessage:
    """A mail as its receiver's program reads it."""
    parser = BytesParser(EmailMessage, policy=email.policy.default)
    return parser.parsebytes(box.mails[place][1])


def state_of(message: Message) -> str:
    """Where a message stands now."""
    return Message.objects.get(pk=message.pk).state
