"""Tasks of a chain as the API takes and shows them: money in fen, organisations, calls and projects by their codes."""

from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    Body,
    Day,
    District,
    Fen,
    ListQuery,
    Long,
    Party,
    RecordRef,
    RecordShown,
    Shown,
    Title,
    Version,
)
from kezhuan.areas.chains.models import SelectionMode
from kezhuan.areas.chains.task_actions import MOST_MONTHS

Months = Annotated[StrictInt, Field(ge=1, le=MOST_MONTHS)]
Coded = Annotated[str, Field(max_length=30)]
Passage = Annotated[str, Field(max_length=20_000)]


class TaskQuery(ListQuery):
    """Filters of the task lists."""

    chain: list[str] = []
    mode: list[SelectionMode] = []
    region: list[District] = []


class TaskBody(Body):
    """A gap of a chain and the task that closes it."""

    title: Title
    chain: Annotated[str, Field(min_length=1, max_length=60)]
    link: Annotated[str, Field(min_length=1, max_length=120)]
    missing: Annotated[str, Field(min_length=1, max_length=20_000)]
    summary: Long = ""
    state_of_art: Passage = ""
    holds: Passage = ""
    evidence: Passage = ""
    indicators: Passage = ""
    months: Months | None = None
    fiscal_fen: Fen | None = None
    own_fen: Fen | None = None
    mode: SelectionMode | None = None
    why: Passage = ""


class TaskChange(TaskBody):
    """The whole of a task as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class SelectionBody(Body):
    """What the record of a task's mode needs: of a directed commission the organisation, why it alone, its relation,
    and the collective decision; else the call and the number of the item on its list; and the project that came of
    it."""

    undertaker: Coded = ""
    capability: Passage = ""
    related: Passage = ""
    decided_on: Day | None = None
    minutes_no: Annotated[str, Field(max_length=80)] = ""
    deciders: Passage = ""
    call: Coded = ""
    item: Annotated[StrictInt, Field(ge=1, le=9999)] | None = None
    project: Coded = ""
    version: Version = None


class CommissionBody(Body):
    """With how much fiscal money (分) officers award a directed commission, and why; the code of the application by
    whose direction it is paid, where its leader was chosen for several."""

    fen: Fen
    words: Annotated[str, Field(min_length=1, max_length=5000)]
    direction: Coded = ""
    version: Version = None


class SelectionPartShown(Shown):
    """A part of the record that a mode needs: what of it is there; nothing where it is missing."""

    name: str
    there: str


class TaskShown(RecordShown):
    """A task; the state of the art, who holds it, and the record of its selection for whoever reads it in full."""

    chain: str = ""
    link: str = ""
    missing: str = ""
    indicators: str = ""
    months: int | None = None
    fiscal_fen: int | None = None
    own_fen: int | None = None
    mode: SelectionMode | None = None
    mode_label: str = ""
    why: str = ""
    region: str = ""
    call: RecordRef | None = None
    item: int | None = None
    state_of_art: str = ""
    holds: str = ""
    evidence: str = ""
    undertaker: Party | None = None
    capability: str = ""
    related: str = ""
    decided_on: date | None = None
    minutes_no: str = ""
    deciders: str = ""
    project: RecordRef | None = None
    selection: list[SelectionPartShown] = []
