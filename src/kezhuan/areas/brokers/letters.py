"""What brokers are written: that pairs wait in their queue. No side is named."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kezhuan.areas.brokers.actions import TOPIC, WAITING
from kezhuan.areas.brokers.queries import GIVEN, own_pairs
from kezhuan.kernel import outbox
from kezhuan.kernel.access import Actor


def waiting(actor: Actor, _content: Mapping[str, Any]) -> outbox.Letter | None:
    """Pairs were given to the receiver; nothing once none of them waits any more."""
    number = own_pairs(actor).filter(record__stage=GIVEN).count()
    if not number:
        return None
    text = ngettext(
        "%(number)s pair waits in your queue: take it up, or hand it back to be planned again.",
        "%(number)s pairs wait in your queue: take each up, or hand it back to be planned again.",
        number,
    )
    return outbox.Letter(_("Pairs wait in your queue"), text % {"number": number}, "/brokers/queue/")


def register() -> None:
    """Called once when Django has loaded the models."""
    outbox.register_letter(WAITING, waiting, label=gettext_lazy("pairs wait in a broker's queue"))
    outbox.register_topic(TOPIC, lambda _topic: gettext_lazy("pairs that are put into your queue as a broker"))
