"""Cases of exemption as the API shows and takes them; money in 分."""

from datetime import date
from typing import Annotated

from pydantic import Field

from kezhuan.api.schemas import Body, Day, Fen, Line, ListQuery, Long, RecordRef, RecordShown, Shown, Title, Version
from kezhuan.areas.exemptions.models import (
    DecisionPart,
    DiligenceDuty,
    DutyState,
    ExemptionBar,
    ExemptionEvent,
    ExemptionFinding,
    ExemptionGround,
)

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ExemptionQuery(ListQuery):
    """A list of cases."""

    sort: list[ExemptionEvent] = []


class ExemptionBody(Body):
    """An event, and the decisions that it is about by the SHA-256 of their evidence files; left out of a change."""

    title: Title
    event: ExemptionEvent
    event_on: Day
    source: Line
    loss_fen: Fen | None = None
    summary: Long = ""
    decisions: list[Sha256] = []


class ExemptionChange(ExemptionBody):
    """What was entered as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class ExemptionDecisionBody(Body):
    """The evidence file of a decision."""

    sha256: Sha256


class ExemptionConditionBody(Body):
    """Whether a condition was met; `sha256` is that of a file of the case that shows it."""

    duty: DiligenceDuty
    holds: DutyState
    sha256: Sha256 | None = None
    note: Annotated[Long, Field(max_length=2000)] = ""


class ExemptionFindingBody(Body):
    """What is proposed: `ground` is cited by the rule value that was in force on the day of the first decision."""

    finding: ExemptionFinding
    ground: ExemptionGround | None = None
    bars: list[ExemptionBar] = []


class ExemptionStatementBody(Body):
    """What somebody says who took part."""

    text: Annotated[Long, Field(max_length=10_000)]


class ExemptionDecisionShown(Shown):
    """A decision, by its frozen evidence file."""

    code: str
    move: str
    decided_on: date
    sha256: str


class ExemptionConditionShown(Shown):
    """A condition with its evidence."""

    duty: DiligenceDuty
    holds: str
    sha256: str
    part: str
    note: str


class ExemptionPersonShown(Shown):
    """Somebody who took part, and whether they were heard."""

    number: int
    name: str
    part: DecisionPart
    statement: str
    stated_on: date | None


class ExemptionShown(RecordShown):
    """A case, for who keeps the unit's papers, and for those who took part once they are heard."""

    sort: str = ""
    event_on: date | None = None
    source: str = ""
    loss_fen: int | None = None
    finding: str = ""
    ground: str = ""
    clause: str = ""
    bars: list[ExemptionBar] = []
    decisions: list[ExemptionDecisionShown] = []
    conditions: list[ExemptionConditionShown] = []
    people: list[ExemptionPersonShown] = []
    about: list[RecordRef] = []
