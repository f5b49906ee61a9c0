"""Evaluations as the API shows and takes them; marks in hundredths of a point (10,000 is 100)."""

from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
    Fen,
    Level,
    Line,
    ListQuery,
    Long,
    RecordRef,
    RecordShown,
    Short,
    Shown,
    Title,
    Version,
    Yes,
)
from kezhuan.areas.evaluations.models import (
    EvaluationMethod,
    EvaluationPurpose,
    EvidenceSort,
    ResultStanding,
    ResultType,
    Value,
)
from kezhuan.areas.evaluations.papers import Worth
from kezhuan.areas.evaluations.registered_form import ResultAttribute, ResultPhase, ResultUse

Figure = Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$", description="a decimal number, as text")]
Mark = Annotated[StrictInt, Field(ge=0, le=10_000)]
ItemCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,19}$")]


class EvaluationQuery(ListQuery):
    """A list of evaluations."""

    sort: list[ResultType] = []


class WorkItemBody(Body):
    """A work item; its level is moved by evidence alone."""

    code: ItemCode
    name: Line
    above: Annotated[str, Field(max_length=20)] = ""
    core: Yes = True


class MetricBody(Body):
    """A measured figure beside the best competitor's."""

    name: Line
    unit: Short = ""
    own: Figure
    best: Figure
    less_is_better: Yes = False
    rival: Line
    test_method: Line
    source: Line


class EvaluationBody(Body):
    """A case about an achievement of the unit; `agency` is the code of the one that the unit has chosen to evaluate it
    in place of the bureau."""

    title: Title
    achievement: Code
    result_type: ResultType
    purpose: EvaluationPurpose
    method: EvaluationMethod
    scale: Short = "trl9"
    summary: Long = ""
    agency: Annotated[str, Field(max_length=30)] = ""
    agency_contract: Annotated[str, Field(max_length=80)] = ""
    novelty_reference: Annotated[str, Field(max_length=120)] = ""
    novelty_issuer: Annotated[str, Field(max_length=200)] = ""
    novelty_on: Day | None = None
    items: list[WorkItemBody] = []
    metrics: list[MetricBody] = []


class EvaluationChange(EvaluationBody):
    """The whole of a case as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class WorkEvidenceBody(Body):
    """What shows a level of a work item: the SHA-256 of a file of the case, or the code of a record. With `moves` the
    item's level moves there on that day."""

    kind: EvidenceSort
    reference: Line
    issuer: Line
    on: Day
    level: Level
    file: Annotated[str, Field(max_length=64)] = ""
    code: Annotated[str, Field(max_length=30)] = ""
    moves: Yes = False


class LevelBody(Body):
    """An item's level from a day on, by evidence of these references."""

    level: Level
    on: Day
    evidence: list[Line]


class FindingsBody(Body):
    """What those who evaluate find."""

    conclusion: Long
    limits: Long
    valid_to: Day | None = None
    innovation: Level | None = None
    advancement: Level | None = None
    standing: ResultStanding | None = None
    marks: dict[Value, Mark] = {}
    marks_why: Long = ""
    chair: Short = ""
    version: Version = None


class RegistryFormBody(Body):
    """What the registry's form (成果登记表) asks beyond what is known here; what is left out is emptied."""

    recommended_by: Line = ""
    begun_on: Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2})?$", description="a month, as 2024-03")] = ""
    shape: Line = ""
    attribute: ResultAttribute | None = None
    phase: ResultPhase | None = None
    origin: Line = ""
    subject: Line = ""
    industry: Line = ""
    standards: Long = ""
    application: ResultUse | None = None
    not_applied_why: Long = ""
    conversion: Long = ""
    investment: Long = ""
    output_fen: Fen | None = None
    profit_fen: Fen | None = None
    tax_fen: Fen | None = None
    saved_fen: Fen | None = None
    foreign_exchange: Line = ""
    transfer_fen: Fen | None = None
    outlook: Long = ""
    version: Version = None


class ResultRegistrationBody(Body):
    """What the registry gave."""

    number: Short
    on: Day


class LevelMoveShown(Shown):
    """How an item's level moved."""

    before: int | None
    after: int
    on: date
    evidence: list[str]


class WorkEvidenceShown(Shown):
    """What shows a level; `file` is the SHA-256 of the file that it is."""

    kind: EvidenceSort
    kind_label: str
    reference: str
    issuer: str
    on: date
    level: int
    file: str
    record: RecordRef | None


class WorkItemShown(Shown):
    """A work item with its evidence."""

    code: str
    name: str
    above: str
    core: bool
    level: int | None
    evidence: list[WorkEvidenceShown]
    moves: list[LevelMoveShown]


class MetricShown(Shown):
    """A measured figure beside the best competitor's."""

    name: str
    unit: str
    own: str
    best: str
    less_is_better: bool
    better: bool
    rival: str
    test_method: str
    source: str


class ReportLineShown(Shown):
    """A line of a report."""

    label: str
    text: str


class EvaluationShown(RecordShown):
    """An evaluation, for its unit and, once handed in, for those who evaluate. `level` is the maturity of the whole on
    `scale` as it was delivered, `wording` the SHA-256 of the report."""

    sort: ResultType | None = None
    sort_label: str = ""
    purpose: EvaluationPurpose | None = None
    purpose_label: str = ""
    method: EvaluationMethod | None = None
    method_label: str = ""
    agency: str = ""
    agency_contract: str = ""
    agency_report: str = ""
    novelty_reference: str = ""
    novelty_issuer: str = ""
    novelty_on: date | None = None
    scale: str = ""
    achievement: RecordRef | None = None
    items: list[WorkItemShown] = []
    metrics: list[MetricShown] = []
    innovation: int | None = None
    advancement: int | None = None
    standing: str = ""
    marks: dict[str, int] = {}
    marks_why: str = ""
    chair: str = ""
    conclusion: str = ""
    limits: str = ""
    valid_to: date | None = None
    delivered_on: date | None = None
    level: int | None = None
    wording: str = ""
    registration: dict[str, str | int] = {}
    reg_no: str = ""
    registered_on: date | None = None
    report_number: str = ""
    report_code: str = ""
    report: list[ReportLineShown] = []


class ReportShown(Shown):
    """A report as it was delivered, and whether it stands."""

    number: str
    worth: Worth
    report: list[ReportLineShown]
