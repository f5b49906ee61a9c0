"""The outbox: messages are kept in the business transaction and sent by jobs, none of them twice.

A message to a person names a *letter*: its words are made at the moment of sending, in the person's language, from what
they may see then, and are kept nowhere. What has no person yet (a code to a new number) brings its words along.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from kezhuan.kernel import jobs, journal, overseeing
from kezhuan.kernel.access import Actor, about_actor, predicate
from kezhuan.kernel.deputies import in_force
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.models import Channel, Message, MessageState, Organisation, Person, User
from kezhuan.kernel.outbox.words import IN_PLACE, asks_to_act, has_stopped, is_letter, way_to
from kezhuan.kernel.text import now

DELIVER = "outbox.deliver"
CALL = "outbox.call"
WORDS_KEPT = timedelta(days=30)
"""For so long the words of a message that is over can be read again by its senders."""
URGENT = timedelta(days=1)
"""Codes and links are due since yesterday: they go before a thousand digests."""
ERASED = {"to": "", "subject": "", "text": "", "content": {}, "erased": True}
OPEN = (MessageState.WAITING, MessageState.SENDING)
AGAIN = (MessageState.FAILED, MessageState.UNCLEAR)


def send(
    *, channel: str, to: str, subject: str, text: str, key: str, brief: bool = True, topic: str = ""
) -> Message | None:
    """Send words to an address, when this transaction commits. The same key is sent once: None when it is known.

    `brief` words (codes, links) go first, are given up after an hour, and are erased as soon as they were sent. Raises
    `ValueError` for a channel that takes no words.
    """
    if channel not in {Channel.MAIL, Channel.SMS, Channel.CARD}:
        raise ValueError(f"no words go by {channel!r}")
    message = Message(channel=channel, to=to, subject=subject[:300], text=text, key=key, brief=brief, topic=topic)
    return next(iter(keep([message])), None)


def tell(
    person: Person,
    letter: str,
    *,
    key: str,
    topic: str = "",
    acting_for: Organisation | None = None,
    content: Mapping[str, Any] | None = None,
    channel: str = "",
) -> Message | None:
    """Write a letter to a person, when this transaction commits; once for each key. One that asks them to act for an
    organisation goes to whoever stands in for them today, too. It goes by `channel` where that reaches them, else by
    the one that they chose.

    Nothing is kept when it is known already, when the receiver stopped the topic, or when no way leads to them.
    `content` holds identifiers and figures. Returns what is kept for the person. Raises `ValueError` for a letter
    nobody registered.
    """
    if not is_letter(letter):
        raise ValueError(f"no letter is registered as {letter!r}")
    receivers = [(person, key, dict(content or {}))]
    if acting_for is not None and asks_to_act(letter):
        receivers += [
            (one.person, f"{key}:deputy:{one.pk}", {**(content or {}), IN_PLACE: one.pk})
            for one in in_force().filter(represented=person, organisation=acting_for)
        ]
    messages = [
        Message(
            channel=way,
            letter=letter,
            person=receiver,
            acting_for=acting_for,
            content=said,
            key=own_key,
            topic=topic,
        )
        for receiver, own_key, said in receivers
        if (way := way_to(receiver, channel)) is not None and not has_stopped(receiver, topic)
    ]
    kept = keep(messages) if messages else []
    return next((one for one in kept if one.key == key), None)


def keep(messages: Sequence[Message]) -> list[Message]:
    """Keep messages and ask for their delivery, in one transaction; returns those whose key was not known."""
    moment = now()
    for message in messages:
        message.made_at = moment
    with transaction.atomic():
        Message.objects.bulk_create(messages, ignore_conflicts=True, batch_size=500)
        fresh = Message.objects.filter(key__in=[one.key for one in messages], made_at=moment).order_by("pk")
        kept = list(fresh.filter(state=MessageState.WAITING))
        for message in kept:
            if message.webhook_id is None:
                _ask(message)
        for webhook in sorted({one.webhook_id for one in kept if one.webhook_id is not None}):
            jobs.enqueue(CALL, key=str(webhook), webhook=webhook)
    return kept


def _ask(message: Message) -> None:
    jobs.enqueue(DELIVER, run_at=now() - URGENT if message.brief else None, message=message.pk)


# -- looking after it --------------------------------------------------------------------------------------------------


def tidy(running: jobs.Running) -> None:
    """Erase the words of messages that are over for long; that they were sent stays."""
    old = Message.objects.filter(~Q(state__in=OPEN), erased=False, made_at__lt=now() - WORDS_KEPT)
    while numbers := list(old.values_list("pk", flat=True)[:1000]):
        running.progress(running.job.done)
        Message.objects.filter(pk__in=numbers).update(**ERASED)


def erase_words(person: Person) -> int:
    """Erase what was written to a person's addresses; what still waits for them is dropped. Returns how many."""
    proven = User.objects.filter(person=person).values_list("email", "mobile").first() or ()
    addresses = [one for one in (person.email, person.phone, *proven) if one]
    own = Message.objects.filter(Q(person=person, webhook=None) | Q(to__in=addresses))
    own.filter(state__in=OPEN).update(state=MessageState.DROPPED, ended_at=now())
    return own.update(**ERASED)


def open_messages() -> dict[str, int]:
    """How many messages stand in each state that may want somebody's eye; what was sent or dropped is not counted."""
    states = (MessageState.WAITING, MessageState.SENDING, MessageState.UNCLEAR, MessageState.FAILED)
    found = Message.objects.filter(state__in=states).values_list("state").annotate(count=Count("pk")).order_by()
    return {**{str(state): 0 for state in states}, **dict(found)}


def doubt_waiting(using: str) -> int:
    """In a database that was put back from an earlier copy, what waited then may have been sent since: it counts as
    begun, and is sent again only by a way that tells repeats apart. Returns how many."""
    return Message.objects.using(using).filter(state=MessageState.WAITING).update(state=MessageState.SENDING)


@about_actor
def oversees_messages(actor: Actor, _row: Any) -> bool:
    """Is an officer of the whole city."""
    return overseeing.oversees_jobs.test(actor, None)


@predicate
def _has_its_webhook(actor: Actor, message: Message) -> bool:
    webhook = message.webhook
    return webhook is not None and actor.organisation is not None and webhook.acting_for_id == actor.organisation.pk


_has_its_webhook.beside(
    lambda actor, rows: rows.where(webhook__acting_for=actor.organisation.pk) if actor.organisation else rows.none
)
may_send_again = oversees_messages | _has_its_webhook
"""Is an officer of the whole city, or acts for the organisation whose webhook the message calls."""


def send_again(*, actor: Actor, message: Message) -> None:
    """Send a message that failed, or of which nobody knows whether it arrived, once more; a webhook is called again
    also when it answered. Raises `NotAllowed`, or `Conflict` when there is nothing to send again."""
    if not may_send_again.test(actor, message):
        raise NotAllowed(_("Only the city's officers, and the owner of a webhook, send a message again."))
    states = (*AGAIN, MessageState.SENT) if message.webhook_id else AGAIN
    with journal.writing():
        own = Message.objects.filter(pk=message.pk, state__in=states, erased=False)
        if not own.update(state=MessageState.WAITING, error="", ended_at=None, made_at=now()):
            raise Conflict(_("This message was sent already, waits again, or its words were erased."))
        if message.webhook_id:
            jobs.enqueue(CALL, key=str(message.webhook_id), webhook=message.webhook_id)
        else:
            _ask(message)
        journal.note("message.send-again", actor=actor, data={"message": message.pk, "key": message.key})
