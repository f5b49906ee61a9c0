"""Experts, panels and reviews as the API takes and shows them."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    BasisPoints,
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
    Short,
    Shown,
    Title,
    Version,
    Yes,
)
from kezhuan.areas.reviews.actions import ExpertFacts, TieFacts
from kezhuan.areas.reviews.guest_actions import GuestFacts
from kezhuan.areas.reviews.minutes_actions import Minutes
from kezhuan.areas.reviews.models import Choice, ExpertSort, Scheme, TieKind
from kezhuan.areas.reviews.panel_actions import Advice, CriterionFacts, PanelFacts
from kezhuan.kernel.vocabulary import Field as TechnicalField

Number = Annotated[StrictInt, Field(ge=1, le=9999)]


class ExpertQuery(ListQuery):
    """Filters of the list of experts."""

    sort: list[ExpertSort] = []
    field: list[TechnicalField] = []


class ExpertChange(Body):
    """What an officer says of an expert, as a whole; the employer by its code."""

    sort: ExpertSort
    fields: list[TechnicalField] = Field(min_length=1, max_length=11)
    topics: list[Short] = Field([], max_length=20)
    capacity: Annotated[StrictInt, Field(ge=1, le=1000)] = 50
    employer: Code = ""
    version: Version = None

    @property
    def facts(self) -> ExpertFacts:
        """The facts as the actions take them."""
        return ExpertFacts(
            self.sort.value, tuple(one.value for one in self.fields), tuple(self.topics), self.capacity, self.employer
        )


class ExpertBody(ExpertChange):
    """The same of the holder of an account, by its mail address."""

    email: Line
    version: None = None


class TieBody(Body):
    """A tie to an organisation, by its code; `until` is the day on which it ended."""

    kind: TieKind
    organisation: Code
    until: Day | None = None


class TiesBody(Body):
    """All ties that one has, in place of those declared before."""

    ties: list[TieBody] = Field([], max_length=100)

    @property
    def facts(self) -> list[TieFacts]:
        """The ties as the action takes them."""
        return [TieFacts(one.kind.value, one.organisation, one.until) for one in self.ties]


class TieShown(Shown):
    """A declared tie."""

    kind: str
    organisation: Party | None
    until: date | None


class ExpertShown(RecordShown):
    """An expert: for themselves and the officers in charge of the pool."""

    sort: str = ""
    fields: list[str] = []
    topics: list[str] = []
    capacity: int = 0
    employer: Party | None = None
    declared_on: date | None = None
    ties: list[TieShown] = []


class CriterionBody(Body):
    """A criterion: its weight in basis points (all together 10,000), and what marks from 0 to 100 mean."""

    name: Annotated[Line, Field(max_length=80)]
    weight: BasisPoints
    anchors: Annotated[Passage, Field(max_length=1000)] = ""


class PanelChange(Body):
    """What is said of a panel, as a whole; the agency by its code. What it leaves open of scheme, choice and reviews of
    an item is as what is judged foresees, or as it was before."""

    title: Title
    title_en: Title = ""
    summary: Long = ""
    agency: Code = ""
    scheme: Scheme | None = None
    choice: Choice | None = None
    criteria: list[CriterionBody] = Field([], max_length=30)
    per_item: Annotated[StrictInt, Field(ge=1, le=99)] | None = None
    max_load: Annotated[StrictInt, Field(ge=1, le=1000)] = 30
    min_load: Annotated[StrictInt, Field(ge=1, le=1000)] | None = None
    most_certain: Annotated[StrictInt, Field(ge=1, le=99)] | None = Field(
        None, description="percent: no pair is made with a higher probability"
    )
    mixed: Yes = True
    per_employer: Annotated[StrictInt, Field(ge=1, le=99)] | None = None
    drop_from: Annotated[StrictInt, Field(ge=3, le=99)] | None = None
    spread_flag: Annotated[StrictInt, Field(ge=1, le=100)] = 30
    outlier_flag: Annotated[StrictInt, Field(ge=1, le=100)] = 20
    answer_by: Day | None = None
    due_on: Day | None = None
    version: Version = None

    @property
    def facts(self) -> PanelFacts:
        """The facts as the actions take them."""
        same = self.model_dump(exclude={"summary", "criteria", "version", "about", "parts"})
        criteria = tuple(CriterionFacts(one.name, one.weight, one.anchors) for one in self.criteria)
        return PanelFacts(
            **same
            | {"about": self.summary, "choice": self.choice or "", "scheme": self.scheme or "", "criteria": criteria}
        )


class PanelBody(PanelChange):
    """A panel about a record of a programme, by its code."""

    about: Code
    parts: list[Annotated[Line, Field(max_length=30)]] = Field(
        [], max_length=200, description="of a call the numbers of the items whose applications it judges; none: all"
    )
    version: None = None


class PanelItemShown(Shown):
    """An item of a panel: how many reviews are in, and once the scores are closed what came of them."""

    number: int
    record: RecordRef | None
    scored: int
    needed: int
    result: dict[str, Any]
    place: int | None
    advised: bool | None
    opinion: str
    alternates: list[str] = []


class SeatShown(Shown):
    """An expert of a panel."""

    number: int
    expert: str
    sort: str
    review: str
    stage: str
    fee_fen: int | None
    guest_until: date | None
    address_withdrawn_on: date | None


class AddressBody(Body):
    """The last day on which a guest's address opens."""

    until: Day


class GuestBody(AddressBody):
    """Somebody without an account who is asked onto a panel; the employer by its code, items by number (none: all)."""

    name: Annotated[Line, Field(max_length=80)]
    email: Line
    sort: ExpertSort
    employer: Code = ""
    items: list[Number] = Field([], max_length=500)

    @property
    def facts(self) -> GuestFacts:
        """The facts as the action takes them."""
        return GuestFacts(self.name, self.email, self.sort.value, self.until, self.employer, tuple(self.items))


class FeeBody(Body):
    """What an expert is paid, by their number on the panel, in 分."""

    number: Annotated[StrictInt, Field(ge=1, le=100_000)]
    fee_fen: Fen | None


class FeesBody(Body):
    """What experts are paid; those who are not named keep theirs."""

    fees: list[FeeBody] = Field(max_length=2000)


class DrawShown(Shown):
    """The draw of a panel: the seed and the word only once it was held."""

    committed: str
    committed_at: datetime
    pool: int
    places: dict[str, int]
    cap: int | None
    seed: str = ""
    word: str = ""
    witness: str = ""
    drawn_at: datetime | None = None


class PublishedDraw(Shown):
    """All by which anybody draws again and gets the same: the terms as lines, the seed, the word, the commitment, and
    who was drawn and does not come: having reached the cap meanwhile, or declined, in the order in which they did."""

    terms: str
    seed: str
    word: str
    commitment: str
    declined: list[str]


class PanelShown(RecordShown):
    """A panel: for whoever runs it."""

    about: str = ""
    scheme: str = ""
    choice: str = ""
    criteria: list[dict[str, Any]] = []
    per_item: int = 0
    max_load: int = 0
    min_load: int | None = None
    most_certain: int | None = None
    seed: str = ""
    mixed: bool = True
    per_employer: int | None = None
    drop_from: int | None = None
    spread_flag: int = 0
    outlier_flag: int = 0
    answer_by: date | None = None
    due_on: date | None = None
    agency: Party | None = None
    minutes_no: str = ""
    met_on: date | None = None
    minutes: str = ""
    attended: list[int] = []
    also_there: str = ""
    draw: DrawShown | None = None


class FoundTieBody(Body):
    """A tie of a party that was found, with an organisation or an expert; all by their codes."""

    party: Code
    kind: TieKind
    other: Code
    until: Day | None = None


class LookUpBody(Body):
    """Where and when the ties of parties were looked up; parties by code, none for all that are unknown yet."""

    parties: list[Code] = Field([], max_length=2000)
    source: Line
    on: Day
    found: list[FoundTieBody] = Field([], max_length=200)


class DismissBody(Body):
    """A conflict by its key, and why it is none."""

    key: Annotated[str, Field(max_length=400)]
    reason: Passage


class TakeBackBody(DismissBody):
    """A dismissal by the key of its conflict, and why it is one after all."""


class ConflictShown(Shown):
    """A conflict that was found."""

    item: int
    expert: str
    said: str
    key: str


class DismissalShown(ConflictShown):
    """A conflict that was dismissed, with why and when; the key takes it back."""

    reason: str
    on: date


class ConflictsShown(Shown):
    """The conflicts between the pool and the items of a panel, and the parties of which nothing is known yet."""

    found: list[ConflictShown]
    dismissed: list[DismissalShown]
    unknown: list[Party]


class PlacesBody(Body):
    """How many experts of each sort are drawn."""

    technical: Annotated[StrictInt, Field(ge=0, le=99)] = 0
    enterprise: Annotated[StrictInt, Field(ge=0, le=99)] = 0
    finance: Annotated[StrictInt, Field(ge=0, le=99)] = 0


class WitnessBody(Body):
    """The word that a witness said after the commitment was shown."""

    word: Annotated[Line, Field(max_length=80)]
    witness: Annotated[Line, Field(max_length=80)]


class WordsBody(Body):
    """Further words that experts of a blind panel do not read."""

    words: list[Line] = Field([], max_length=50)


class AskedBody(Body):
    """How many reviews an item gets; without a number as many as the panel says."""

    item: Number
    asked: Annotated[StrictInt, Field(ge=1, le=99)] | None = None


class ReviewsBody(Body):
    """The items of which something else is said than of all."""

    items: list[AskedBody] = Field(max_length=5000)


class AdviceBody(Body):
    """What the meeting says of an item: its turn, and unless it stays open what the panel advises, and why."""

    item: Number
    place: Number
    advised: Yes | None = None
    opinion: Passage = ""


class PanelMeetingBody(Body):
    """The meeting of a panel."""

    minutes_no: Annotated[Line, Field(max_length=80)]
    met_on: Day
    minutes: Long = ""
    attended: list[Number] = Field([], max_length=500, description="the experts who were there, by their numbers")
    also_there: Passage = ""
    advice: list[AdviceBody] = Field([], max_length=5000)
    version: Version = None

    @property
    def said(self) -> Minutes | None:
        """What the minutes say; nothing where none of it is sent, and what stood there stays."""
        sent = {"minutes", "attended", "also_there"} & self.model_fields_set
        return Minutes(self.minutes, tuple(self.attended), self.also_there) if sent else None

    @property
    def by_number(self) -> dict[int, Advice]:
        """The advice as the action takes it."""
        return {one.item: Advice(one.place, one.advised, one.opinion) for one in self.advice}
