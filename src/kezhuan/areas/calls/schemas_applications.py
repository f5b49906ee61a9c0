"""Applications as the API takes and shows them: money in fen."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
    Fen,
    Line,
    ListQuery,
    Long,
    Party,
    Passage,
    RecordRef,
    RecordShown,
    Shown,
    Title,
    Version,
    Yes,
)
from kezhuan.areas.calls.application_actions import ApplicationFacts
from kezhuan.areas.calls.choices import CallKind, Outcome, SpotFinding
from kezhuan.areas.calls.eligibility_actions import Check
from kezhuan.areas.calls.questions import MOST_COLUMNS, MOST_ROWS
from kezhuan.areas.calls.schemas import Whole

Rows = Annotated[list[Annotated[list[Line], Field(max_length=MOST_COLUMNS)]], Field(max_length=MOST_ROWS)]
"""The rows of a table, each with its cells."""


class ApplicationQuery(ListQuery):
    """Filters of the list of applications."""

    call_kind: list[CallKind] = []


class ApplicationContent(Body):
    """What a unit says: answers in the order of the item's indicators, the call's conditions and its questions."""

    title: Title
    title_en: Title = ""
    summary: Passage = Field("", description="the part that everybody reads when it is chosen")
    leader: Annotated[Line, Field(max_length=80)] = ""
    asked_fen: Fen | None = None
    months: Whole | None = None
    commitments: list[Line] = Field([], max_length=100)
    evidence: list[Passage] = Field([], max_length=30)
    answers: list[Long | Rows] = Field([], max_length=50, description="texts; of a table rows of cells")
    related: Passage = Field("", description="what makes the unit related to the poster; empty where nothing does")
    revenue_fen: Fen | None = Field(None, description="revenue of the year before, where a condition asks for it")
    rnd_fen: Fen | None = Field(None, description="R&D spending of that year")
    promised: Yes = False
    recommender: Code | None = Field(None, description="the recommending unit, of those that the call names")

    @property
    def facts(self) -> ApplicationFacts:
        """The facts as the actions take them."""
        return ApplicationFacts(
            title=self.title,
            title_en=self.title_en,
            offer=self.summary,
            leader=self.leader,
            asked_fen=self.asked_fen,
            months=self.months,
            commitments=tuple(self.commitments),
            evidence=tuple(self.evidence),
            answers=tuple(self.answers),
            related=self.related,
            revenue_fen=self.revenue_fen,
            rnd_fen=self.rnd_fen,
            promised=self.promised,
            recommender=self.recommender or "",
        )


class ApplicationBody(ApplicationContent):
    """An application for the item of this number on the list of a call."""

    call: Code
    item: Annotated[StrictInt, Field(ge=1, le=1000)]


class ApplicationChange(ApplicationContent):
    """The whole of an application as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class CriterionShown(Shown):
    """What the formality check says of a criterion, and what that rests on; no `outcome` while nothing is said."""

    words: str
    outcome: Outcome | Literal[""]
    basis: str = ""
    note: str = ""
    worked_out: bool = Field(False, description="from figures of the application; nobody says it")


class CheckBody(Body):
    """What the officers say of a condition. `basis` names what of the application it rests on: `promise`, `summary`,
    `leader`, `commitments`, `evidence`, `answer-1` and so on, or `file-` and the hash of a file of it."""

    outcome: Outcome
    basis: Annotated[Line, Field(max_length=80)] = ""
    words: Passage = ""


class ChecksBody(Body):
    """All conditions in their order; null where nothing is said yet."""

    checks: list[CheckBody | None] = Field(max_length=30)
    version: Version = None

    @property
    def said(self) -> list[Check | None]:
        """The checks as the action takes them."""
        return [Check(**one.model_dump()) if one is not None else None for one in self.checks]


class SpotCheckBody(Body):
    """Who looked at what, on which day, and what they found."""

    who: Annotated[Line, Field(max_length=200)]
    on: Day
    looked_at: Passage
    finding: SpotFinding
    words: Passage = ""


class SpotCheckShown(Shown):
    """A spot check, as it was recorded."""

    who: str
    on: str
    looked_at: str
    finding: SpotFinding
    words: str = ""


class JudgedElsewhere(Shown):
    """What a panel that another system held found: no check here rests on it. Scores and mean are decimals from 0
    to 100, each score with the number of its expert."""

    panel: str
    on: str = ""
    scores: list[tuple[str, str]] = []
    mean: str = ""
    rank: int | None = None
    source: str = Field(description="the file or source that it came from")


class ApplicationShown(RecordShown):
    """An application; from `leader` on for its unit, the officers in charge, and once it is chosen its poster. While it
    is sealed its unit alone reads more than its code."""

    sealed: bool = False
    call: RecordRef | None = None
    item: int = 0
    item_title: str = ""
    award_fen: int | None = None
    passed_on_fen: int = 0
    leader: str = ""
    asked_fen: int | None = None
    months: int | None = None
    commitments: list[str] = []
    evidence: list[str] = []
    answers: list[str | list[list[str]]] = []
    related: str = ""
    revenue_fen: int | None = None
    rnd_fen: int | None = None
    criteria: list[CriterionShown] = []
    spot_checks: list[SpotCheckShown] = []
    judged_elsewhere: JudgedElsewhere | None = Field(
        None, description="for the officers in charge, and once it is decided for its unit"
    )
    promised: bool = False
    submitted_at: datetime | None = None
    recommender: Party | None = None
    brought_from: str = Field("", description="the source it was imported from; empty where it was written here")
    letter_no: str = ""
    letter_on: str = ""
    opinion: str = Field("", description="of the recommending unit, where another system brought it")
    verdict: str = ""
