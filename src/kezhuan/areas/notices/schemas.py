"""Notices and objections as the API shows and takes them."""

from datetime import date

from pydantic import Field

from kezhuan.api.schemas import (
    Body,
    Code,
    District,
    Line,
    ListQuery,
    Long,
    RecordRef,
    RecordShown,
    Short,
    Shown,
    Version,
)
from kezhuan.kernel.models.notices import ChannelKind, NoticeAudience


class NoticeQuery(ListQuery):
    """A list of notices."""

    region: list[District] = []


class ChannelShown(Shown):
    """A place where a notice stands: `until` is its last day, known as soon as it has begun."""

    kind: str
    label: str
    address: str
    started_on: date | None
    ended_on: date | None
    until: date | None


class FactShown(Shown):
    """One thing a notice tells."""

    label: str
    value: str


class ContentShown(Shown):
    """What a notice tells, as it was frozen; `hash` is the SHA-256 of its canonical JSON."""

    heading: str
    facts: list[FactShown]
    text: str
    hash: str


class NoticeShown(RecordShown):
    """A notice: what it tells, before which move of which record, where it stands and until when it is objected to."""

    about: RecordRef | None = None
    move: str = ""
    audience: str = ""
    issuer: str = ""
    content: ContentShown | None = None
    reception: str = ""
    days: int = 0
    day_kind: str = ""
    objection_days: int = 0
    objection_day_kind: str = ""
    ends_on: date | None = None
    objections_until: date | None = None
    channels: list[ChannelShown] = []
    objections_received: int = 0
    objections_open: int = 0


class NoticeBody(Body):
    """A notice about a record before one of its moves: before whom, where, who takes objections. What it tells comes
    from the record, its days from the rulebook."""

    record: Code
    move: Short
    audience: NoticeAudience
    channels: list[ChannelKind]
    reception: Line


class NoticeChange(Body):
    """Who takes objections and where a prepared notice will stand, and the version that the writer had before them (or
    `If-Match`). What it tells is frozen."""

    channels: list[ChannelKind]
    reception: Line
    version: Version = None


class ObjectionShown(RecordShown):
    """An objection; `summary` is what it says; who sent it is there for the officers in charge."""

    notice: str = ""
    received_on: date | None = None
    name: str = ""
    unit: str = ""
    contact_given: str = ""


class ObjectionBody(Body):
    """A named objection; evidence is attached as a document afterwards, or with the form on the notice's page."""

    name: Short
    unit: Line = ""
    contact: Line
    text: Long = Field(min_length=1)
