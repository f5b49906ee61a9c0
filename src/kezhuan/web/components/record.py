"""What a record's page shows: stage, moves, route, history, documents, links, facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.text import slugify

from kezhuan.web.components.words import TONE_SIGNS, Text, Tone


@dataclass(frozen=True, slots=True)
class Tag:
    """A short status or property, told by words and a sign as well as by colour."""

    label: Text
    tone: Tone = "neutral"
    sign: str = ""

    @property
    def shown_sign(self) -> str:
        """The sign given, or the one that belongs to the tone."""
        return self.sign or TONE_SIGNS[self.tone]


@dataclass(frozen=True, slots=True)
class Fact:
    """One label with its value on a record page; an empty value is drawn as a dash."""

    label: Text
    value: Text
    url: str = ""


StageState = Literal["done", "now", "todo"]


@dataclass(frozen=True, slots=True)
class StageStep:
    """One stage of a life: passed, present or still to come, with the day it was reached."""

    label: Text
    state: StageState
    on: date | None = None


@dataclass(frozen=True, slots=True)
class ButtonLink:
    """A link drawn as a button, for opening a form (a move is an OpenMove)."""

    label: Text
    url: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class OpenMove:
    """A move the reader may make now; drawn as a form that posts ``expected_stage``, ``reason`` and ``note``.

    ``reasons`` are (code, label) pairs to choose from; ``note`` says whether words are asked for;
    with the reason ``lacks_reason`` any of ``lacks`` are ticked, which it says are missing;
    ``hint`` tells in one sentence what will happen.
    """

    name: str
    label: Text
    url: str
    expected_stage: str
    primary: bool = False
    danger: bool = False
    note: Literal["none", "optional", "required"] = "none"
    reasons: tuple[tuple[str, Text], ...] = ()
    lacks: tuple[tuple[str, Text], ...] = ()
    lacks_reason: str = ""
    hint: Text = ""
    typed: tuple[str, str, Sequence[str]] | None = None
    """Reason, words and lacks of an attempt that was refused: they stand in the form, which is open."""

    @property
    def asks(self) -> bool:
        """Whether the move needs an answer or a second look before it is made."""
        return self.note != "none" or bool(self.reasons) or self.danger or bool(self.hint)

    @property
    def key(self) -> str:
        """Prefix of the ids of the move's fields, different for every move on a page."""
        return f"move-{slugify(self.url.replace('/', '-'))}-{self.name}"

    @property
    def style(self) -> str:
        """Classes of the button."""
        if self.danger:
            return "button danger"
        return "button" if self.primary else "button second"


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One step of an approval route: whose post, how it stands, who signed when, with which opinion."""

    post: Text
    state: Literal["done", "now", "todo", "returned"]
    who: Text = ""
    on: date | None = None
    opinion: Text = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of the journal as the reader may see it; of a step of the record its `move`."""

    at: datetime
    who: Text
    acting_for: Text = ""
    label: Text = ""
    note: Text = ""
    about: Text = ""
    move: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One document of a record; ``size`` in bytes."""

    name: str
    url: str
    size: int
    kind: Text
    on: date
    who: Text = ""
    withdraw_url: str = ""


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link of the chain from need to indicator; ``direction`` is seen from the page's record."""

    role: Text
    code: str
    title: Text
    url: str
    kind_label: Text
    direction: Literal["to", "from"] = "to"


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A term that runs: due day, days left, and whether they are working days (工作日).

    ``unloaded`` are years it reaches into whose holidays nobody has loaded yet: its day is an assumption there.
    """

    label: Text
    due: date
    days_left: int = 0
    working: bool = False
    overdue: bool = False
    unloaded: tuple[int, ...] = ()

    @property
    def tone(self) -> Tone:
        """Red when past, amber for the last three days."""
        if self.overdue:
            return "no"
        return "wait" if self.days_left <= 3 else "neutral"

    @property
    def sign(self) -> str:
        """Sign of the tone; a running term without haste carries none."""
        return {"no": "!", "wait": "○"}.get(self.tone, "")

    @property
    def days_over(self) -> int:
        """Days past the due day, counted up."""
        return abs(self.days_left)


@dataclass(frozen=True, slots=True)
class Panel:
    """What another area shows on a record's page."""

    title: Text
    body: SafeString
    note: Text = ""
    aside: bool = False
