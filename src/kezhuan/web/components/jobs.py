"""Background work and messages: how far it is, what failed, what was sent."""

from dataclasses import dataclass
from datetime import datetime

from kezhuan.web.components.record import Tag
from kezhuan.web.components.words import Text


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is; without a total only the number done is told."""

    done: int
    total: int = 0
    note: Text = ""

    @property
    def percent(self) -> int:
        """Whole percent, never more than 100."""
        return min(100, self.done * 100 // self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job that failed, why, and the address that tries it again."""

    label: Text
    url: str
    error: Text
    who: Text
    at: datetime | None
    again_url: str


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message of the outbox without its words, and the address that sends it again, if it may be."""

    label: Text
    channel: Text
    state: Tag
    error: Text
    at: datetime
    attempts: int
    again_url: str = ""
