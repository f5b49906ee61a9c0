"""Calls as the API takes and shows them: moments with their zone, money in fen."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StrictInt

from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
    District,
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
from kezhuan.areas.calls.actions import Heard
from kezhuan.areas.calls.choices import (
    AwardRule,
    CallKind,
    ConditionRule,
    ListDisclosure,
    Occasion,
    PosterPays,
    RelatedRule,
    StageKind,
)
from kezhuan.areas.calls.facts import CallFacts, Condition
from kezhuan.areas.calls.place_actions import Place
from kezhuan.areas.calls.proposal_actions import Proposed
from kezhuan.areas.calls.schemas_questions import QuestionBody
from kezhuan.areas.calls.staging import StageFacts
from kezhuan.areas.needs.models import RightsTerm
from kezhuan.areas.needs.schemas import IndicatorShown
from kezhuan.areas.reviews.models import Choice, Scheme
from kezhuan.areas.reviews.panel_actions import CriterionFacts
from kezhuan.areas.reviews.schemas import CriterionBody
from kezhuan.kernel.models.notices import ChannelKind
from kezhuan.kernel.vocabulary import Field as TechnicalField

Whole = Annotated[StrictInt, Field(ge=0, le=100_000)]


class CallQuery(ListQuery):
    """Filters of the list of calls."""

    call_kind: list[CallKind] = []
    field: list[TechnicalField] = []
    region: list[District] = []


class ConditionBody(Body):
    """Who may apply, and whether an applicant shows that they do."""

    words: Annotated[Line, Field(max_length=400)]
    evidence: Yes = False
    rule: ConditionRule | Literal[""] = Field("", description="by what it is worked out; empty: officers say")


class StageBody(Body):
    """A stage between the end of applications and the decision, from day to day."""

    kind: StageKind
    begins_on: Day | None = None
    ends_on: Day | None = None


class ShortlistBody(Body):
    """The applications that go into the final review, by their codes, in place of those chosen before."""

    applications: list[Code] = Field(max_length=2000)


class CallBody(Body):
    """What an officer says of a call; `opens_at` and `closes_at` carry their zone."""

    title: Title
    title_en: Title = ""
    summary: Long = ""
    call_kind: CallKind = CallKind.CHALLENGE
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    grace_minutes: Whole = 0
    disclosure: ListDisclosure = ListDisclosure.PUBLIC
    ip_terms: RightsTerm | None = None
    ip_note: Passage = ""
    conditions: list[ConditionBody] = Field([], max_length=30)
    questions: list[QuestionBody] = Field([], max_length=50)
    readers_asked: Whole = 3
    budget_year: Annotated[StrictInt, Field(ge=2000, le=2100)] | None = None
    budget_subject: Annotated[Line, Field(max_length=120)] = ""
    budget_document: Annotated[Line, Field(max_length=120)] = ""
    budget_fen: Fen | None = None
    paid_on: list[Occasion] = Field(list(Occasion), max_length=3)
    poster_pays: PosterPays = PosterPays.WARN
    recommenders: list[Code] = Field([], max_length=200, description="recommending units, by their codes")
    asks_recommending: Yes = Field(False, description="applications go by a recommending unit")
    recommend_until: AwareDatetime | None = None
    letter_optional: Yes = Field(False, description="they may recommend without a scan of the letter")
    invited: list[Code] = Field([], max_length=500, description="whom a call by invitation invites, by their codes")
    seals: Yes = Field(False, description="applications are sealed until they are opened")
    most_per_unit: Whole | None = Field(None, description="how many applications of a unit live at once at most")
    most_directions: Whole | None = Field(None, description="of how many items of its list something is chosen at most")
    begins_projects: Yes = Field(True, description="what is chosen becomes a project")
    keeps_library: Yes = Field(False, description="what is chosen stands in the project library first")
    awaits_budget: Yes = Field(False, description="a project begins once a budget document names it")
    unit_check: Yes = Field(False, description="an administrator of the unit confirms an application before it counts")
    needs_approval: Yes = Field(False, description="it is decided by an approval with a collective decision")
    related_rule: RelatedRule = RelatedRule.DISCLOSE
    review_scheme: Scheme | None = Field(None, description="who knows of whom while applications are judged")
    review_choice: Choice | None = Field(None, description="how the experts of its panels are chosen")
    review_per_item: Annotated[StrictInt, Field(ge=1, le=99)] | None = None
    criteria: list[CriterionBody] = Field([], max_length=30, description="by which its panels score")
    stages: list[StageBody] = Field([], max_length=3)
    award_rule: AwardRule = AwardRule.ITEM
    award_most: Whole | None = Field(None, description="chosen at most over the whole list, with the rule `fixed`")
    award_score: Whole | None = Field(None, description="chosen from this score on, with the rule `score`")
    holds_notice: Yes = Field(False, description="what is proposed is laid open before the decision")
    notice_days: Whole | None = Field(None, description="the notice before the decision; the rulebook's where longer")
    notice_day_kind: Literal["working", "calendar"] = "working"
    notice_places: list[ChannelKind] = Field([], max_length=5, description="where it stands at least")

    @property
    def facts(self) -> CallFacts:
        """The facts as the actions take them."""
        told = {"summary", "ip_terms", "conditions", "questions", "paid_on", "recommenders", "version", "notice_places"}
        told |= {"review_scheme", "review_choice", "criteria", "stages", "invited"}
        same = self.model_dump(exclude=told)
        return CallFacts(
            **same,
            about=self.summary,
            ip_terms=self.ip_terms.value if self.ip_terms else "",
            review_scheme=self.review_scheme or "",
            review_choice=self.review_choice or "",
            stages=tuple(StageFacts(one.kind.value, one.begins_on, one.ends_on) for one in self.stages),
            criteria=tuple(CriterionFacts(one.name, one.weight, one.anchors) for one in self.criteria),
            paid_on=tuple(one.value for one in dict.fromkeys(self.paid_on)),
            recommenders=tuple(self.recommenders),
            invited=tuple(self.invited),
            notice_places=tuple(one.value for one in dict.fromkeys(self.notice_places)),
            conditions=tuple(Condition(one.words, one.evidence) for one in self.conditions),
            questions=tuple(one.question for one in self.questions),
        )


class CallChange(CallBody):
    """The whole of a call as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class RecommendBody(Body):
    """A letter by which a recommending unit recommends the applications of these codes."""

    applications: list[Code] = Field(max_length=2000)
    letter_no: Annotated[Line, Field(max_length=80)]
    letter_on: Day


class LetterFields(RecommendBody):
    """What goes with the scan of a letter of recommendation."""

    declared_open: bool = False


class ItemBody(Body):
    """A need that is put on the list: at most so much fiscal money, so many months, so many chosen."""

    need: Code
    fiscal_fen: Fen | None = None
    months: Whole | None = None
    winners: Whole = 1


class CollectedBody(Body):
    """The needs that came in for a call, by their codes."""

    codes: list[Code] = Field([], max_length=2000)


class InvitedBody(Body):
    """Whom an open call by invitation invites, by their codes, in place of what was said before."""

    codes: list[Code] = Field(max_length=500)


class ListingBody(Body):
    """On which terms all of them that fit are put on the list."""

    fiscal_fen: Fen | None = None
    months: Whole | None = None


class PlaceBody(Body):
    """A direction or field that nobody poses: what it is, and what is chosen in it at most."""

    title: Title
    problem: Long = ""
    field: TechnicalField | None = None
    fiscal_fen: Fen | None = None
    months: Whole | None = None
    winners: Whole = 1

    @property
    def place(self) -> Place:
        """As the action takes it."""
        field = self.field.value if self.field else ""
        return Place(self.title, self.problem, field, self.fiscal_fen, self.months, self.winners)


class ReadingBody(Body):
    """An expert's answer to: do you understand what counts as solved?"""

    who: Annotated[Line, Field(max_length=80)]
    unit: Line = ""
    on: Day
    understood: Yes
    words: Passage = ""


class ReadingsBody(Body):
    """The answers of experts about the list as it stands, or the minutes of a demonstration."""

    readings: list[ReadingBody] = Field([], max_length=99)
    minutes_no: Annotated[Line, Field(max_length=80)] = ""
    minutes_on: Day | None = None

    @property
    def heard(self) -> list[Heard]:
        """The answers as the action takes them."""
        return [Heard(one.who, one.on, one.understood, one.unit, one.words) for one in self.readings]


class CallQuestionBody(Body):
    """A question about a call; with its answer everybody reads it; no other unit is told who asked."""

    words: Passage


class AnswerBody(Body):
    """The answer to a question, for everybody at once."""

    answer: Passage


class ProposedBody(Body):
    """What is proposed for an application, and why; the applicant reads it."""

    application: Code
    awarded: Yes
    award_fen: Fen | None = None
    passed_on_fen: Fen = Field(0, description="of it what goes on to other members, in fen")
    reason: Passage


class ProposalBody(Body):
    """Everything that is proposed, in place of what was proposed before; with `others_stay` a part of it."""

    lines: list[ProposedBody] = Field([], max_length=2000)
    others_stay: bool = False
    rule_note: Annotated[Passage | None, Field(description="why the rule of the call is not kept")] = None
    version: Version = None

    @property
    def proposed(self) -> dict[str, Proposed]:
        """By code what is proposed."""
        return {
            one.application: Proposed(one.awarded, one.reason, one.award_fen, one.passed_on_fen) for one in self.lines
        }


class ItemShown(Shown):
    """A challenge on the list, or a direction or field, which has neither need nor poster nor indicators."""

    number: int
    title: str
    problem: str
    need: RecordRef | None
    poster: str | None
    indicators: list[IndicatorShown]
    fiscal_fen: int | None
    months: int | None
    winners: int


class StageShown(Shown):
    """A stage between the end of applications and the decision."""

    kind: str
    begins_on: date | None
    ends_on: date | None


class ReadingShown(Shown):
    """An expert's answer; for the officers in charge."""

    who: str
    unit: str
    on: str
    understood: bool
    words: str


class AskedShown(Shown):
    """A question and its answer; without one for the officers in charge and whoever asked."""

    number: int
    words: str
    answer: str
    answered_at: datetime | None


class CallShown(RecordShown):
    """A call, made by an `office`; from `ip_terms` on for who reads the list, from `budget_year` on for the officers in
    charge."""

    office: Party | None = None
    call_kind: str = ""
    call_kind_label: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    grace_minutes: int = 0
    deadline: datetime | None = None
    disclosure: str = ""
    disclosure_label: str = ""
    seals: bool = False
    opened_at: datetime | None = None
    ip_terms: str | None = None
    ip_terms_label: str = ""
    ip_note: str = ""
    conditions: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    paid_on: list[str] = []
    poster_pays: str = ""
    recommenders: list[Party] = []
    asks_recommending: bool = False
    recommend_until: datetime | None = None
    letter_optional: bool = False
    invited: list[Party] = []
    most_per_unit: int | None = None
    most_directions: int | None = None
    begins_projects: bool = True
    keeps_library: bool = False
    awaits_budget: bool = False
    unit_check: bool = False
    needs_approval: bool = False
    related_rule: str = ""
    review_scheme: str = ""
    review_choice: str = ""
    review_per_item: int | None = None
    criteria: list[dict[str, Any]] = []
    stages: list[StageShown] = []
    award_rule: str = ""
    award_most: int | None = None
    award_score: int | None = None
    holds_notice: bool = False
    notice_days: int | None = None
    notice_day_kind: str = ""
    notice_places: list[str] = []
    collected: int = 0
    items: list[ItemShown] = []
    earlier: RecordRef | None = None
    asked: list[AskedShown] = []
    budget_year: int | None = None
    budget_subject: str = ""
    budget_document: str = ""
    budget_fen: int | None = None
    readers_asked: int = 0
    readings: list[ReadingShown] = []
    minutes_no: str = ""
    minutes_on: str = ""


class OpeningBody(Body):
    """The opening code of a call, in its two halves."""

    first: Annotated[Line, Field(max_length=80)]
    second: Annotated[Line, Field(max_length=80)]
