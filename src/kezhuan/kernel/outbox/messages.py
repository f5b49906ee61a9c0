"""The outbox: messages are kept in the business transaction and sent by jobs, none of them twice.

A message to a person names a *letter*: its words are made at the moment of sending, in the person's language, from what
they may see then, and are kept nowhere. What has no person yet (a code to a new number) brings its words along.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.kernel import jobs, journal
from kezhuan.kernel.access import Actor, actor_for, predicate
from kezhuan.kernel.errors import Conflict, NotAllowed, Text
from kezhuan.kernel.models import Channel, Identifier, Message, MessageState, Organisation, Person, Preference, Stop
from kezhuan.kernel.outbox import files, gateways, mail
from kezhuan.kernel.outbox.ways import CutOff, Outgoing, Rejected, Unreachable, Way
from kezhuan.kernel.text import now

ATTEMPTS = 10
"""Attempts before a message is given up: with the waits between them most of a day."""
WORDS_KEPT = timedelta(days=30)
"""For so long the words of a message that is over can be read again by its senders."""
CARD_SCHEME = "work-card"
"""Scheme of the identifier by which the city's work platform knows a person."""
DELIVER = "outbox.deliver"
_SALT = "kezhuan.outbox.stop"


@dataclass(frozen=True)
class Letter:
    """The words of a message: one line, the text, and the path on the site that it speaks of."""

    subject: str
    text: str
    path: str = ""


Compose = Callable[[Actor, Mapping[str, Any]], Letter | None]
"""Makes a letter for its receiver, or none when there is nothing to tell any more, or nothing they may see."""


@dataclass(frozen=True)
class Topic:
    """What a receiver may stop: its name, and the path of the page where they change it."""

    label: Text
    path: str = ""


_letters: dict[str, Compose] = {}
_topic_labels: dict[str, Callable[[str], Topic | None]] = {}
stop_path: Callable[[str], str] = "/messages/stop/{}/".format
"""The path of the page that stops a topic, given its token."""


def register_jobs() -> None:
    """Register the jobs of the outbox; called once when Django has loaded the models."""
    jobs.register(DELIVER, deliver, attempts=ATTEMPTS, label=gettext_lazy("send a message"))
    jobs.register("outbox.tidy", tidy, label=gettext_lazy("erase the words of old messages"))
    jobs.every("outbox.tidy", time(3, 40))


def register_letter(name: str, compose: Compose) -> None:
    """Let messages of this lasting name be worded by `compose`, called in the receiver's language."""
    _letters[name] = compose


def register_topic(prefix: str, describe: Callable[[str], Topic | None]) -> None:
    """Let topics that begin with `prefix` be told by `describe`, which knows what a topic is called."""
    _topic_labels[prefix] = describe


def topic_of(name: str) -> Topic | None:
    """What a topic is called; None for one that is not there any more."""
    describe = _topic_labels.get(name.split(":", maxsplit=1)[0])
    return describe(name) if describe else None


# -- asking ------------------------------------------------------------------------------------------------------------


def send(
    *, channel: str, to: str, subject: str, text: str, key: str, brief: bool = True, topic: str = ""
) -> Message | None:
    """Send words to an address, when this transaction commits. The same key is sent once: None when it is known.

    `brief` words (codes, links) are erased as soon as they were sent. Raises `ValueError` for a channel that takes no
    words.
    """
    if channel not in {Channel.MAIL, Channel.SMS, Channel.CARD}:
        raise ValueError(f"no words go by {channel!r}")
    return keep(Message(channel=channel, to=to, subject=subject[:300], text=text, key=key, brief=brief, topic=topic))


def tell(
    person: Person,
    letter: str,
    *,
    key: str,
    topic: str = "",
    acting_for: Organisation | None = None,
    content: Mapping[str, Any] | None = None,
) -> Message | None:
    """Write a letter to a person, when this transaction commits; once for each key.

    Nothing is kept when it is known already, when the person stopped the topic, or when no way leads to them.
    `content` holds identifiers and figures. Raises `ValueError` for a letter nobody registered.
    """
    if letter not in _letters:
        raise ValueError(f"no letter is registered as {letter!r}")
    channel = _way_to(person)
    if channel is None or has_stopped(person, topic):
        return None
    return keep(
        Message(
            channel=channel,
            letter=letter,
            person=person,
            acting_for=acting_for,
            content=dict(content or {}),
            key=key,
            topic=topic,
        )
    )


def keep(message: Message) -> Message | None:
    """Keep a message and ask for its delivery, in one transaction; None when its key is known."""
    message.made_at = now()
    with transaction.atomic():
        Message.objects.bulk_create([message], ignore_conflicts=True)
        kept = Message.objects.filter(key=message.key, made_at=message.made_at, state=MessageState.WAITING).first()
        if kept is not None:
            jobs.enqueue(DELIVER, key=str(kept.pk), message=kept.pk)
        return kept


def language_of(person: Person | None) -> str:
    """The language a person is written to in."""
    chosen = Preference.objects.filter(person=person).values_list("language", flat=True).first() if person else None
    return chosen or settings.LANGUAGE_CODE


def _way_to(person: Person) -> str | None:
    preferred = Preference.objects.filter(person=person).values_list("channel", flat=True).first() or Channel.MAIL
    if preferred != Channel.MAIL and _address(person, preferred):
        return preferred
    return next((way for way in (Channel.MAIL, Channel.SMS) if _address(person, way)), None)


def _address(person: Person, channel: str) -> str:
    if channel == Channel.CARD:
        cards = Identifier.objects.filter(record=person.pk, scheme=CARD_SCHEME, active=True)
        return cards.values_list("value", flat=True).first() or ""
    return person.email if channel == Channel.MAIL else person.phone


def ways_to(person: Person) -> list[str]:
    """The channels by which a person can be reached now."""
    return [way for way in (Channel.MAIL, Channel.SMS, Channel.CARD) if _address(person, way)]


# -- stopping ----------------------------------------------------------------------------------------------------------


def has_stopped(person: Person, topic: str) -> bool:
    """Whether a person wants no more messages of a topic."""
    return bool(topic) and Stop.objects.filter(person=person, topic=topic).exists()


def stop_token(person: Person, topic: str) -> str:
    """What stands in the address by which a topic is stopped without signing in; good for ever."""
    return signing.dumps([person.pk, topic], salt=_SALT)


def read_stop_token(token: str) -> tuple[Person, str] | None:
    """Whose token it is and which topic it stops; None for one that this site did not make."""
    try:
        number, topic = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = Person.objects.select_related("record").filter(pk=number).first()
    return (person, str(topic)) if person else None


def set_stopped(person: Person, topic: str, stopped: bool) -> None:
    """Stop a topic for a person, or begin it again; doing it twice is doing it once."""
    with journal.writing():
        if stopped:
            _row, changed = Stop.objects.get_or_create(person=person, topic=topic, defaults={"at": now()})
        else:
            changed = bool(Stop.objects.filter(person=person, topic=topic).delete()[0])
        if changed:
            kind = "message.stop" if stopped else "message.resume"
            journal.note(kind, record=person.record, actor=Actor(person=person), data={"topic": topic})


# -- sending -----------------------------------------------------------------------------------------------------------


def way_of(channel: str) -> Way:
    """By what a channel's messages leave: what the city configured, else the file outbox."""
    if channel == Channel.MAIL:
        return mail.Smtp(settings.MAIL_SERVER) if settings.MAIL_SERVER else mail.MailFiles()
    return _other_ways.get(channel, _gateway)(channel)


def _gateway(channel: str) -> Way:
    return gateways.configured(channel) or files.FileOutbox()


_other_ways: dict[str, Callable[[str], Way]] = {}


def register_way(channel: str, way: Callable[[str], Way]) -> None:
    """Let a channel's messages leave by what `way` makes."""
    _other_ways[channel] = way


def deliver(running: jobs.Running, *, message: int) -> None:
    """Send one message; the job of every message.

    Right before what cannot be taken back the message is marked as being sent, in a transaction of its own. One that is
    found like that was cut off: it is sent again only by a way that tells repeats apart, else it is *unclear* and an
    officer decides.
    """
    row = Message.objects.select_related("person__record", "acting_for", "webhook").get(pk=message)
    if row.state not in {MessageState.WAITING, MessageState.SENDING, MessageState.FAILED}:
        return
    way = way_of(row.channel)
    if row.state == MessageState.SENDING and not way.repeatable:
        _end(row, MessageState.UNCLEAR)
        return
    Message.objects.filter(pk=row.pk).update(attempts=row.attempts + 1)
    with translation.override(language_of(row.person)):
        out = _outgoing(row)
        if out is None:
            _end(row, MessageState.DROPPED)
            return
        try:
            way.send(out, lambda: _begin(row, running))
        except CutOff:
            if not way.repeatable:
                _end(row, MessageState.UNCLEAR)
                return
            _not_now(row, running, _("The other side did not answer."))
        except Unreachable as problem:
            _not_now(row, running, str(problem))
        except Rejected as problem:
            _end(row, MessageState.FAILED, str(problem))
        else:
            _end(row, MessageState.SENT)


def _outgoing(row: Message) -> Outgoing | None:
    """The message in words; None when there is nothing to tell any more."""
    number = hashlib.sha256(row.key.encode()).hexdigest()[:32]
    if not row.letter:
        return Outgoing(number, row.channel, row.to, row.subject, row.text, content={"webhook": row.webhook_id})
    person = row.person
    if person is None or has_stopped(person, row.topic):
        return None
    actor = actor_for(person, row.acting_for_id)
    if row.acting_for_id is not None and (actor.organisation is None or actor.organisation.pk != row.acting_for_id):
        return None  # they left
    letter = _letters[row.letter](actor, row.content)
    to = _address(person, row.channel)
    if letter is None or not to:
        return None
    stop = settings.SITE_URL + stop_path(stop_token(person, row.topic)) if row.topic else ""
    link = settings.SITE_URL + letter.path if letter.path else ""
    return Outgoing(number, row.channel, to, letter.subject, letter.text, link, stop)


def _begin(row: Message, running: jobs.Running) -> None:
    with transaction.atomic():
        running.confirm()
        Message.objects.filter(pk=row.pk).update(state=MessageState.SENDING)


def _not_now(row: Message, running: jobs.Running, sentence: str) -> None:
    if running.is_last:
        _end(row, MessageState.FAILED, sentence)
        return
    Message.objects.filter(pk=row.pk).update(state=MessageState.WAITING, error=sentence[:300])
    raise jobs.Again(sentence)


def _end(row: Message, state: MessageState, error: str = "") -> None:
    """Write down how it ended. What was sent was sent, whoever holds the job by now."""
    words = {"to": "", "subject": "", "text": ""} if row.brief and state != MessageState.FAILED else {}
    Message.objects.filter(pk=row.pk).exclude(state=MessageState.SENT).update(
        state=state, error=error[:300], ended_at=now(), **words
    )


# -- looking after it --------------------------------------------------------------------------------------------------


def tidy(running: jobs.Running) -> None:
    """Erase the words of messages that are over for long; that they were sent stays."""
    over = ~Q(state__in=(MessageState.WAITING, MessageState.SENDING))
    old = Message.objects.filter(over, ~Q(to="", subject="", text=""), made_at__lt=now() - WORDS_KEPT)
    while numbers := list(old.values_list("pk", flat=True)[:1000]):
        running.progress(running.job.done)
        Message.objects.filter(pk__in=numbers).update(to="", subject="", text="")


def erase_words(person: Person) -> int:
    """Erase what was written to a person's addresses; what still waits for them is dropped. Returns how many."""
    own = Message.objects.filter(Q(person=person) | Q(to__in=[one for one in (person.email, person.phone) if one]))
    waiting = own.filter(state__in=(MessageState.WAITING, MessageState.SENDING))
    waiting.update(state=MessageState.DROPPED, ended_at=now())
    return own.update(to="", subject="", text="", content={})


@predicate
def oversees_messages(actor: Actor, _row: Any) -> bool:
    """Is an officer of the whole city."""
    return jobs.oversees_jobs.test(actor, None)


def send_again(*, actor: Actor, message: Message) -> None:
    """Send a message that failed, or of which nobody knows whether it arrived, once more. Raises `NotAllowed`, or
    `Conflict` when it is neither any more."""
    if not may_send_again.test(actor, message):
        raise NotAllowed(_("Only the city's officers, and the owner of a webhook, send a message again."))
    with journal.writing():
        own = Message.objects.filter(pk=message.pk, state__in=AGAIN).exclude(letter="", webhook=None, text="")
        if not own.update(state=MessageState.WAITING, error="", ended_at=None):
            raise Conflict(_("This message was sent already, waits again, or its words were erased."))
        jobs.enqueue(DELIVER, key=str(message.pk), message=message.pk)
        journal.note("message.send-again", actor=actor, data={"message": message.pk, "key": message.key})


AGAIN = (MessageState.FAILED, MessageState.UNCLEAR)


@predicate
def _owns_webhook(actor: Actor, message: Message) -> bool:
    return actor.person is not None and message.webhook is not None and message.webhook.person_id == actor.person.pk


may_send_again = oversees_messages | _owns_webhook
"""Is an officer of the whole city, or owns the webhook that the message calls."""
