"""The outbox: mail, short messages, work cards and webhooks, kept with the change that causes them and sent by jobs."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from kezhuan.kernel import followers, jobs
from kezhuan.kernel.outbox.messages import (
    AGAIN,
    CALL,
    DELIVER,
    doubt_waiting,
    erase_words,
    may_send_again,
    open_messages,
    oversees_messages,
    send,
    send_again,
    tell,
    tidy,
)
from kezhuan.kernel.outbox.sending import call, deliver
from kezhuan.kernel.outbox.webhooks import follow
from kezhuan.kernel.outbox.words import (
    Letter,
    address_of,
    cards_leave,
    has_stopped,
    label_of,
    label_of_topic,
    language_of,
    prefer,
    read_stop_token,
    register_letter,
    register_topic,
    set_card,
    set_stopped,
    stop_address,
    stop_token,
    way_to,
    ways_to,
)

__all__ = [
    "AGAIN",
    "Letter",
    "address_of",
    "cards_leave",
    "doubt_waiting",
    "erase_words",
    "has_stopped",
    "label_of",
    "label_of_topic",
    "language_of",
    "may_send_again",
    "open_messages",
    "oversees_messages",
    "prefer",
    "read_stop_token",
    "register_jobs",
    "register_letter",
    "register_topic",
    "send",
    "send_again",
    "set_card",
    "set_stopped",
    "stop_address",
    "stop_token",
    "tell",
    "way_to",
    "ways_to",
]


def register_jobs() -> None:
    """Register the jobs of the outbox, and what calls webhooks; done once when Django has loaded the models."""
    # Many attempts: a message is given up by its age, not by how often its server was away.
    jobs.register(DELIVER, deliver, attempts=200, label=_("send a message"))
    jobs.register(CALL, call, attempts=200, label=_("call a webhook"), long=True)
    jobs.register("outbox.tidy", tidy, label=_("erase the words of old messages"))
    jobs.every("outbox.tidy", time(3, 40))
    # Who was let read a record is told to nobody but them: an inspection may be one that its owner does not know of.
    followers.register("webhooks", None, follow, readers=False)
