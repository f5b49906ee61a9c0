"""What every way out shares: what is sent, and how its sending may end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Outgoing:
    """One message as a way out gets it. `number` is the same in every attempt, so that a receiver can tell repeats;
    `link` is an address on the site, `stop` one by which the receiver stops messages like this."""

    number: str
    channel: str
    to: str
    subject: str
    text: str
    link: str = ""
    stop: str = ""
    content: dict[str, Any] = field(default_factory=dict)


class Unreachable(Exception):
    """It was not sent and may be sent later; the sentence says what stood in the way."""


class Away(Unreachable):
    """The other side is not there at all: nothing else needs to be tried with it for a moment."""


class Rejected(Exception):
    """It was not sent and never will be; the sentence says why."""


class CutOff(Exception):
    """Nobody knows whether it was sent: the other side did not answer after it had everything."""


class Way(Protocol):
    """A way out, by a name of its own; `repeatable` when one message sent twice is received once, by its number."""

    name: str
    repeatable: bool

    def send(self, out: Outgoing, begin: Callable[[], None]) -> None:
        """Send it, calling `begin` right before what cannot be taken back. Raises one of the three above."""
