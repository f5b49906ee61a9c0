"""The words of messages: letters that are made at the moment of sending, and the topics that a receiver may stop."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, actor_as
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.deputies import standing_in
from kezhuan.kernel.errors import NotAllowed, Problem, Refused, Text
from kezhuan.kernel.models import Channel, Message, Person, Preference, Stop
from kezhuan.kernel.outbox.ways import Outgoing
from kezhuan.kernel.text import clean, now

IN_PLACE = "deputy"
"""Key under which the content of a letter names the row by which its receiver is the deputy of whom it is meant for."""
_SALT = "kezhuan.outbox.stop"
_STOP_PATH = "/messages/stop/{}/"


@dataclass(frozen=True)
class Letter:
    """The words of a message: one line, the text, and the path on the site that it speaks of."""

    subject: str
    text: str
    path: str = ""


Compose = Callable[[Actor, Mapping[str, Any]], Letter | None]
"""Makes a letter for its receiver, or none when there is nothing to tell any more, or nothing they may see."""


@dataclass(frozen=True)
class _Registered:
    compose: Compose
    label: Text
    asks: bool


_letters: dict[str, _Registered] = {}
_topics: dict[str, Callable[[str], Text]] = {}


def register_letter(name: str, compose: Compose, *, label: Text, asks: bool = False) -> None:
    """Let messages of this lasting name be worded by `compose`, called in the receiver's language; `label` says what
    they are for those who look after the outbox. A letter that `asks` its receiver to act for an organisation is
    written to their deputies, too."""
    _letters[name] = _Registered(compose, label, asks)


def is_letter(name: str) -> bool:
    """Whether a letter of this name is known."""
    return name in _letters


def asks_to_act(name: str) -> bool:
    """Whether a letter asks its receiver to act."""
    return _letters[name].asks


def label_of(message: Message) -> Text:
    """What a message is, without a word of it."""
    known = _letters.get(message.letter)
    return known.label if known else message.letter or gettext_lazy("words to an address")


def outgoing(row: Message) -> Outgoing | None:
    """A message in words, as its receiver may read them now; None when there is nothing to tell any more."""
    number = hashlib.sha256(row.key.encode()).hexdigest()[:32]
    if not row.letter:
        return Outgoing(number, row.channel, row.to, row.subject, row.text) if row.to else None
    person = row.person
    if person is None or has_stopped(person, row.topic) or (row.webhook and row.webhook.ended_at):
        return None
    actor = actor_as(person, row.acting_for_id)
    if actor is None:
        return None  # they left
    if (deputy := row.content.get(IN_PLACE)) is not None:
        actor = standing_in(actor, deputy)
        if actor.deputy != deputy:
            return None  # their days are over
    letter = _letters[row.letter].compose(actor, row.content)
    if letter is not None and actor.represented is not None:
        letter = _in_place_of(actor.represented, letter)
    to = row.webhook.url if row.webhook else address_of(person, row.channel)
    if letter is None or not to:
        return None
    stop = stop_address(person, row.topic) if row.topic else ""
    link = settings.SITE_URL + letter.path if letter.path else ""
    return Outgoing(number, row.channel, to, letter.subject, letter.text, link, stop)


def _in_place_of(represented: Person, letter: Letter) -> Letter:
    """A letter that asks somebody to act, for their deputy."""
    name = {"name": represented.record.title}
    before = _("You are deputy of %(name)s: choose their name under “Act for” first.") % name
    subject = _("For %(name)s: %(subject)s") % (name | {"subject": letter.subject})
    return Letter(subject, f"{before}\n\n{letter.text}", letter.path)


# -- receivers ---------------------------------------------------------------------------------------------------------


def language_of(person: Person | None) -> str:
    """The language a person is written to in."""
    chosen = Preference.objects.filter(person=person).values_list("language", flat=True).first() if person else None
    return chosen or settings.LANGUAGE_CODE


def ways_to(person: Person) -> list[str]:
    """The channels by which a person can be reached now."""
    return [way for way in (Channel.MAIL, Channel.SMS, Channel.CARD) if address_of(person, way)]


def way_to(person: Person, wanted: str = "") -> str | None:
    """The channel by which a person is written to: the one that is wanted where it reaches them, else the one they
    chose, else mail, else short messages."""
    if wanted and address_of(person, wanted):
        return wanted
    chosen = Preference.objects.filter(person=person).values_list("channel", flat=True).first() or Channel.MAIL
    return next((way for way in (chosen, Channel.MAIL, Channel.SMS) if address_of(person, way)), None)


def address_of(person: Person, channel: str) -> str:
    """Where a channel reaches a person; empty when it does not."""
    if channel == Channel.CARD:
        return Preference.objects.filter(person=person).values_list("card", flat=True).first() or ""
    return person.email if channel == Channel.MAIL else person.phone


def cards_leave() -> bool:
    """Whether the city's work platform takes cards."""
    return "card" in settings.GATEWAYS


def set_card(actor: Actor, user: str) -> None:
    """Tie the actor's person to their user id on the city's work platform; empty unties it. Raises `Refused` for an id
    that is somebody else's, `NotAllowed` for visitors."""
    person, user = actor.person, clean(user)
    if person is None:
        raise NotAllowed(_("Sign in first."))
    with journal.writing():
        row, _made = Preference.objects.get_or_create(person=person)
        if row.card == user:
            return
        row.card = user
        require_fits(row)
        try:
            with transaction.atomic():
                row.save(update_fields=["card"])
        except IntegrityError:
            problem = Problem("card-taken", _("This user id belongs to somebody else: check it."), "card")
            raise Refused(problem) from None
        journal.note("message.card", record=person.record, actor=actor, data={"tied": bool(user)})


def prefer(person: Person, *, language: str | None = None, channel: str | None = None) -> None:
    """Remember how a person wants to be written to."""
    given = {name: value for name, value in (("language", language), ("channel", channel)) if value is not None}
    with journal.writing():
        row, made = Preference.objects.get_or_create(person=person, defaults=given)
        if made or any(getattr(row, name) != value for name, value in given.items()):
            Preference.objects.filter(person=person).update(**given)
            journal.note("message.prefer", record=person.record, actor=Actor(person=person), data=given)


# -- stopping ----------------------------------------------------------------------------------------------------------


def register_topic(prefix: str, label: Callable[[str], Text]) -> None:
    """Let topics that begin with `prefix` be called what `label` says; empty for one that is not there any more."""
    _topics[prefix] = label


def label_of_topic(topic: str) -> Text:
    """What a topic is called; empty for one that is not there any more."""
    label = _topics.get(topic.split(":", maxsplit=1)[0])
    return label(topic) if label else ""


def has_stopped(person: Person, topic: str) -> bool:
    """Whether a person wants no more messages of a topic."""
    return bool(topic) and Stop.objects.filter(person=person, topic=topic).exists()


def stop_token(person: Person, topic: str) -> str:
    """What stands in the address by which a topic is stopped without signing in; good for ever."""
    return signing.Signer(salt=_SALT).sign_object([person.pk, topic])


def stop_address(person: Person, topic: str) -> str:
    """The address by which a topic is stopped without signing in."""
    return settings.SITE_URL + _STOP_PATH.format(stop_token(person, topic))


def read_stop_token(token: str) -> tuple[Person, str] | None:
    """Whose token it is and which topic it stops; None for one that this site did not make."""
    try:
        number, topic = signing.Signer(salt=_SALT).unsign_object(token)
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
