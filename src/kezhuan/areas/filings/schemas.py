"""Filings as the API shows and takes them."""

from datetime import date

from pydantic import Field

from kezhuan.api.schemas import Body, Code, District, ListQuery, Long, Party, RecordRef, RecordShown, Short, Shown


class FilingQuery(ListQuery):
    """A list of filings."""

    region: list[District] = []


class FiledFact(Shown):
    """One thing a filing tells."""

    label: str
    value: str


class FiledFigure(Shown):
    """A sum of money that a filing tells, in fen (分), with the day it belongs to."""

    name: str
    label: str
    fen: int
    on: date


class FiledContent(Shown):
    """What a filing tells, as it was frozen; `hash` is the SHA-256 of its canonical JSON."""

    subject: str
    facts: list[FiledFact]
    text: str
    figures: list[FiledFigure]
    hash: str


class FilingShown(RecordShown):
    """A filing: what a unit filed of an inner record, to the officers of which programme and district (empty: of every
    programme, of the city), and by whom; `filed_for` is whom a deputy stood in for who filed. `about` is there for
    whoever reads the record itself. `instance` is where the unit filed it, when not here; `confirmed_as` is its code
    at the bureau's own instance, once that has confirmed it."""

    about: RecordRef | None = None
    about_kind: str = ""
    number: int = 0
    region: str = ""
    programme: str = ""
    note: str = ""
    instance: str = ""
    confirmed_as: str = ""
    confirmed_on: date | None = None
    filed_by: Party | None = None
    filed_for: Party | None = None
    content: FiledContent | None = None
    corrects: str | None = None
    corrected_by: str | None = None


class FilingBody(Body):
    """Which record is filed as it stands now, to whom, with which of its files, each by its SHA-256."""

    record: Code
    region: str = Field("", pattern=r"^(\d{6})?$", description="the district of its bureau; empty: the city's")
    programme: Short = Field("", description="the programme of the officers; empty: of every one")
    files: list[str] = Field([], max_length=100)
    note: Long = ""
