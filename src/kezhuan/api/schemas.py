"""The shapes that all kinds share: what is asked of lists, what a record shows, and the field types of bodies."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from kezhuan.kernel.text import clean
from kezhuan.kernel.vocabulary import REGIONS

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(value: Any) -> date:
    """Days are written in one way only; pydantic by itself would also take numbers and times."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("iso_day", "a day as YYYY-MM-DD")


def _known_place(value: str) -> str:
    """A place of a need or a result is one that the forms offer."""
    if value and value not in REGIONS:
        raise PydanticCustomError("literal_error", "a known place", {"expected": ", ".join(REGIONS)})
    return value


Day = Annotated[date, BeforeValidator(_iso_day, json_schema_input_type=date)]
Line = Annotated[str, Field(max_length=200), AfterValidator(clean)]
Short = Annotated[str, Field(max_length=60), AfterValidator(clean)]
Long = Annotated[str, Field(max_length=20_000), AfterValidator(clean)]
Passage = Annotated[str, Field(max_length=2000), AfterValidator(clean)]
Title = Annotated[str, Field(max_length=400), AfterValidator(clean)]
Code = Annotated[str, Field(max_length=30), AfterValidator(clean)]
Region = Annotated[str, Field(pattern=r"^(\d{6})?$")]
Place = Annotated[
    str,
    Field(description="GB/T 2260 code", json_schema_extra={"enum": ["", *REGIONS]}),
    AfterValidator(_known_place),
]
Fen = Annotated[StrictInt, Field(ge=0, le=10**15, description="money in fen (分)")]
BasisPoints = Annotated[StrictInt, Field(ge=0, le=10_000, description="hundredths of a percent")]
Level = Annotated[StrictInt, Field(ge=0, le=99)]
Yes = StrictBool
District = Annotated[str, Field(pattern=r"^\d{6}$", description="GB/T 2260 code")]
Trl = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9"]
Version = Annotated[StrictInt, Field(ge=1, le=2**31 - 1)] | None


class Body(BaseModel):
    """What is sent: a field that is not known is refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """What is answered; fields that were not given are absent."""

    model_config = ConfigDict(extra="forbid")


# -- lists -------------------------------------------------------------------------------------------------------------


class ListQuery(BaseModel):
    """What a list is asked: words, stages, order and page. A filter may be given several times (any of its values).

    A filter of coded values takes no others: a misspelt one is told of and not answered with an empty list.
    """

    q: str = Field("", max_length=400, description="words to look for")
    stage: list[str] = []
    order: Literal["best", "newest"] = "best"
    cursor: str = Field("", max_length=200, description="`next` of the answer before")
    limit: int = Field(25, ge=1, le=100)
    facets: bool = Field(False, description="count the values of each filter as well")


class FacetValue(Shown):
    """How many of the records found under all other filters have this value."""

    value: str
    label: str
    count: int


Item = TypeVar("Item")


class Page(Shown, Generic[Item]):
    """One page: `total` is exact, `complete` says whether every word was found together, `next` leads on."""

    items: list[Item]
    total: int
    complete: bool
    next: str | None
    facets: dict[str, list[FacetValue]] = {}


class Listed(Shown, Generic[Item]):
    """A short list without pages."""

    items: list[Item]


# -- records -----------------------------------------------------------------------------------------------------------


class Party(Shown):
    """An organisation or a person by name."""

    code: str
    name: str
    name_en: str


class BarredUnit(Shown):
    """A unit whose people were barred from a decision, and as what."""

    unit: Party
    part: str


class DecisionShown(Shown):
    """What was decided, in the reader's language, about which record, by whom, and who was barred from it."""

    at: datetime
    what: str
    about: str
    by: str
    barred: list[BarredUnit]


class RecordRef(Shown):
    """Another record by name and address; `owner` only where its public part is open."""

    code: str
    kind: str
    kind_label: str
    title: str
    title_en: str
    stage: str
    stage_label: str
    opened_on: date
    href: str
    owner: Party | None = None


class ClockShown(Shown):
    """A step that waits: for whom (null: the bureau; a party without code: a side that does not show itself yet), until
    when, days left in the clock's own kind of day.

    In `unloaded_years` working days are assumed to be Monday to Friday: their holidays are not loaded yet.
    """

    stage: str
    waits_for: Party | None
    due_on: date
    days_left: int
    day_kind: str
    unloaded_years: list[int]


class RecordShown(Shown):
    """What every record shows: title group first; `summary` and `owner` with the public part; `contact` inside."""

    code: str
    kind: str
    title: str
    title_en: str
    stage: str
    stage_label: str
    phase: str
    phase_label: str
    opened_on: date
    href: str
    summary: str = ""
    owner: Party | None = None
    closed_on: date | None = None
    changed_at: datetime | None = None
    version: int = 0
    contact: Party | None = None
    clocks: list[ClockShown] = []


class Reason(Shown):
    """A reason to choose from."""

    code: str
    label: str


class MoveShown(Shown):
    """A step that is open to the actor; `note` is none, optional or required; a step with `reasons` needs one.

    A step that `needs_approval` is asked for at `/approvals` and taken when its route is complete, and
    its notice where one is held.
    """

    name: str
    label: str
    note: str
    reasons: list[Reason]
    leads_to: list[str]
    primary: bool
    danger: bool
    needs_approval: bool


class MoveTaken(Body):
    """Words and reason of a step, and the stage at which the actor saw the record."""

    note: Long = ""
    reason: Short = ""
    expected_stage: Short | None = None


class Moved(Shown):
    """Where a record stands after a step; the actor may not see the record itself any more."""

    code: str
    kind: str
    stage: str
    stage_label: str
    phase: str
    version: int
    href: str


class HistoryEntry(Shown):
    """One entry of the journal; who acted and their words are there for readers of the full part."""

    seq: int
    at: datetime
    entry: str
    label: str
    from_stage: str = ""
    to_stage: str = ""
    reason: str = ""
    fields: list[str] = []
    actor: str = ""
    acting_for: Party | None = None
    note: str = ""
    about: str = Field("", description="whom or what it speaks of beside the record")


Group = Literal["public", "full", "inner"]
"""For whose readers a file is kept."""


class SignatureShown(Shown):
    """A signature: the version it stands on (`present` when that is what the record says now), in which of the three
    ways, for whom and by whom (`signed_for` is whom a deputy stood in for), and of a scan whether its code was read or
    typed."""

    way: str
    way_label: str
    code: str
    present: bool
    code_by: str
    provider: str
    party: dict[str, str] | None
    signed_by: Party | None
    signed_for: Party | None
    signed_at: datetime
    document: str


class DocumentShown(Shown):
    """A file of a record; `href` gives its bytes."""

    name: str
    kind: str
    group: str
    media_type: str
    media_label: str
    size: int
    sha256: str
    uploaded_at: datetime
    href: str


class ProblemShown(Shown):
    """One thing that is wrong."""

    code: str
    message: str
    field: str
    clause: str


class ProblemDocument(Shown):
    """RFC 9457, as application/problem+json."""

    type: str
    title: str
    status: int
    detail: str
    problems: list[ProblemShown]
