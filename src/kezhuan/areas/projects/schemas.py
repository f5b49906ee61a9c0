"""Projects as the API takes and shows them: days as YYYY-MM-DD, money in fen, units by their codes."""

from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    BasisPoints,
    Body,
    Code,
    Day,
    District,
    Fen,
    Line,
    ListQuery,
    Party,
    Passage,
    RecordRef,
    RecordShown,
    Shown,
    Version,
    Yes,
)
from kezhuan.areas.calls.choices import CallKind, Occasion
from kezhuan.areas.projects.actions import (
    MOST_MEMBERS,
    MOST_MILESTONES,
    MOST_PAYMENTS,
    Aim,
    BookFacts,
    Planned,
    Share,
)
from kezhuan.areas.projects.changing import Added, Aimed, Wanted
from kezhuan.areas.projects.models import Division, Source
from kezhuan.areas.projects.sharing import Moved
from kezhuan.areas.projects.staffing import MOST_STAFF, Staffer
from kezhuan.areas.projects.terms import Terms

Number = Annotated[StrictInt, Field(ge=1, le=99)]


class ProjectQuery(ListQuery):
    """Filters of the list of projects."""

    call_kind: list[CallKind] = []
    region: list[District] = []


class ProjectBody(Body):
    """The application that was chosen, whose project is opened."""

    application: Code


class ShareBody(Body):
    """A unit of the consortium, its task and its shares."""

    organisation: Code
    task: Passage = ""
    fiscal_fen: Fen = 0
    own_fen: Fen = 0
    lands: Yes = False
    property_bp: BasisPoints = 0
    benefit_bp: BasisPoints = 0


class MilestoneBody(Body):
    """What is reached by which day, how that is found out, and the unit that answers for it."""

    indicator: Passage
    due_on: Day
    method: Passage
    organisation: Code


class PaymentBody(Body):
    """A staged payment: whose money, what it waits for, and the number of its milestone where that is one; the code of
    the member that gets it (none: the leader), or `*` for all by their shares."""

    source: Source
    occasion: Occasion
    milestone: Number | None = None
    planned_fen: Annotated[StrictInt, Field(ge=1, le=10**15, description="money in fen (分)")]
    payee: Code = ""


class StaffBody(Body):
    """Somebody who takes part: name, part in the project, share of their time in basis points, the code of the member
    whose they are (none: the leader's)."""

    name: Line
    part: Line
    share_bp: Annotated[StrictInt, Field(ge=1, le=10_000)]
    organisation: Code = ""

    @property
    def staffer(self) -> Staffer:
        """As the actions take it."""
        return Staffer(self.name, self.part, self.share_bp, self.organisation)


class TermsBody(Body):
    """What is agreed on property, benefit and exit: each of the first two in words, by task, or in shares, which stand
    with the members."""

    property_by: Division | None = None
    property_text: Passage = ""
    benefit_by: Division | None = None
    benefit_text: Passage = ""
    exit_text: Passage = ""

    @property
    def terms(self) -> Terms:
        """As the actions take them."""
        return Terms(**{name: str(value or "") for name, value in self.model_dump(mode="json").items()})


class BookChange(Body):
    """The whole task book as it shall be, and the version that the writer had before them (or `If-Match`)."""

    starts_on: Day | None = None
    ends_on: Day | None = None
    own_fen: Fen = 0
    firm_fen: Fen = 0
    shares: list[ShareBody] = Field([], max_length=MOST_MEMBERS)
    milestones: list[MilestoneBody] = Field([], max_length=MOST_MILESTONES)
    payments: list[PaymentBody] = Field([], max_length=MOST_PAYMENTS)
    staff: list[StaffBody] = Field([], max_length=MOST_STAFF)
    terms: TermsBody = TermsBody()
    version: Version = None

    @property
    def facts(self) -> BookFacts:
        """The facts as the actions take them."""
        return BookFacts(
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            own_fen=self.own_fen,
            firm_fen=self.firm_fen,
            staff=tuple(one.staffer for one in self.staff),
            terms=self.terms.terms,
            shares=tuple(Share(**one.model_dump()) for one in self.shares),
            milestones=tuple(Aim(one.indicator, one.due_on, one.method, one.organisation) for one in self.milestones),
            payments=tuple(
                Planned(one.source.value, one.occasion.value, one.planned_fen, one.milestone, one.payee)
                for one in self.payments
            ),
        )


class AcceptanceBody(Body):
    """Whether the unit that one acts for takes part."""

    accepts: Yes


class AimedBody(Body):
    """A milestone by its number as it shall be; what is left out stays."""

    number: Number
    indicator: Passage = ""
    due_on: Day | None = None
    method: Passage = ""


class AddedBody(Body):
    """A milestone that comes after the others; the member that answers for it by its code (none: the leader)."""

    indicator: Passage
    due_on: Day
    method: Passage
    organisation: Code = ""


class CommitmentBody(Body):
    """Another answer to an indicator of the challenge, by the indicator's number."""

    number: Number
    words: Line


class MovedBody(Body):
    """Other shares of a member beside the leader, by its code; what is left out stays."""

    organisation: Code
    fiscal_fen: Fen | None = None
    own_fen: Fen | None = None


class ChangeBody(Body):
    """A change of a signed task book; of members who leaves, and who takes over, by their codes (nobody: the leader
    does); who joins where nobody leaves takes up a task of its own."""

    reason: Passage
    ends_on: Day | None = None
    milestones: list[AimedBody] = Field([], max_length=MOST_MILESTONES)
    added: list[AddedBody] = Field([], max_length=MOST_MILESTONES)
    removed: list[Number] = Field([], max_length=MOST_MILESTONES, description="milestones that go, by their numbers")
    commitments: list[CommitmentBody] = Field([], max_length=99)
    staff: list[StaffBody] | None = Field(None, max_length=MOST_STAFF)
    leaving: Code = ""
    joining: Code = ""
    task: Annotated[Passage, Field(max_length=2000)] = ""
    shares: list[MovedBody] = Field([], max_length=MOST_MEMBERS, description="the leader's makes room for them")

    @property
    def wanted(self) -> Wanted:
        """What is asked for, as the actions take it."""
        return Wanted(
            reason=self.reason,
            ends_on=self.ends_on,
            milestones=tuple(Aimed(one.number, one.indicator, one.due_on, one.method) for one in self.milestones),
            added=tuple(Added(one.indicator, one.due_on, one.method, one.organisation) for one in self.added),
            removed=tuple(self.removed),
            commitments={one.number: one.words for one in self.commitments},
            staff=tuple(one.staffer for one in self.staff) if self.staff is not None else None,
            leaving=self.leaving,
            joining=self.joining,
            task=self.task,
            shares=tuple(Moved(**one.model_dump()) for one in self.shares),
        )


class SelfEvaluationShown(Shown):
    """The leader's own evaluation."""

    on: date
    reached: list[str]
    words: str


class EvidenceShown(Shown):
    """A report on the result."""

    kind: str
    organisation: Party | None
    on: date
    number: str
    meets: bool
    words: str


class MemberShown(Shown):
    """A unit that is, was or is asked to be of the consortium."""

    organisation: Party | None
    state: str
    task: str
    fiscal_fen: int
    own_fen: int
    since: date | None
    until: date | None
    has_signed: bool
    lands: bool
    entity: Party | None
    landed_on: date | None
    property_bp: int
    benefit_bp: int


class MilestoneShown(Shown):
    """A milestone."""

    number: int
    indicator: str
    due_on: date
    method: str
    organisation: Party | None
    reported_on: date | None
    report: str
    passed: bool | None
    judged_on: date | None
    verdict: str


class PaymentShown(Shown):
    """A staged payment."""

    number: int
    part_of: int
    payee: Party | None
    source: str
    occasion: str
    milestone: int | None
    planned_fen: int
    state: str
    due_on: date | None
    paid_on: date | None
    voucher: str


class MoneyShown(Shown):
    """Where the fiscal money is: `planned` is the other three together."""

    planned: int
    paid: int
    reserved: int
    freed: int


class TermsShown(Shown):
    """What is agreed on property, benefit and exit."""

    property_by: str
    property_text: str
    benefit_by: str
    benefit_text: str
    exit_text: str


class StaffShown(Shown):
    """Somebody who takes part; of another member than the leader with its code."""

    name: str
    part: str
    share_bp: int
    organisation: str = ""


class DisagreementBody(Body):
    """Why a unit does not agree to a change."""

    words: Passage


class ChangedShown(Shown):
    """What is changed: `what`, of which number (none: the project), from `old` to `new`."""

    what: str
    number: int | None
    old: str
    new: str


class ChangeShown(Shown):
    """A change of the task book; `version` is what came of it."""

    number: int
    items: list[ChangedShown]
    poster_asked: bool
    poster_agreed_on: date | None
    waits_for: list[Party]
    members_agreed: list[tuple[str, date]]
    refusals: list[tuple[str, date, str]]
    version: int | None
    leaving: Party | None
    joining: Party | None
    reason: str
    asked_on: date
    agreed_on: date | None
    approved: bool | None
    verdict: str
    decided_on: date | None


class ProjectShown(RecordShown):
    """A project; from `own_fen` on for the leader, its members, the poster and the officers in charge."""

    call: RecordRef | None = None
    application: RecordRef | None = None
    item: int = 0
    item_title: str = ""
    leader: Party | None = None
    poster: Party | None = None
    fiscal_fen: int = 0
    starts_on: date | None = None
    ends_on: date | None = None
    own_fen: int | None = None
    firm_fen: int | None = None
    signed_on: date | None = None
    brought_from: str = Field("", description="the source it was imported from; empty where it began here")
    poster_has_signed: bool = False
    members: list[MemberShown] = []
    milestones: list[MilestoneShown] = []
    payments: list[PaymentShown] = []
    changes: list[ChangeShown] = []
    book_version: int | None = None
    commitments: list[str] = []
    staff: list[StaffShown] = []
    terms: TermsShown | None = None
    evidence: list[EvidenceShown] = []
    self_evaluation: SelfEvaluationShown | None = None
    money: MoneyShown | None = None
    user: Party | None = None
    accepted_on: date | None = None
    spent_fen: int | None = None
    diligent: bool | None = None
    settlement: str = ""
    returned_fen: int = 0
    returned_on: date | None = None
