"""Matches and introductions as the API takes and shows them."""

from datetime import date, datetime
from typing import Annotated, Generic

from pydantic import AwareDatetime, Field, StrictInt

from kezhuan.api.schemas import Body, Code, Item, Line, Long, Reason, RecordRef, RecordShown, Short, Shown


class ContactShown(Shown):
    """Whom to call on one side of an introduction."""

    side: str
    organisation: str
    name: str
    post: str
    email: str
    phone: str


class IntroductionShown(RecordShown):
    """An introduction; `contacts` are there for its two sides and the `broker` who brought it about, once both have
    agreed, `introduced_on` and `met_on` where an office's list brought it."""

    need: RecordRef | None = None
    supply: RecordRef | None = None
    need_agreed_on: date | None = None
    supply_agreed_on: date | None = None
    broker: str = ""
    score: float | None = None
    meets_at: datetime | None = None
    meets_minutes: int = 60
    meets_where: str = ""
    introduced_on: date | None = None
    met_on: date | None = None
    contacts: list[ContactShown] = []


class MeetingBody(Body):
    """When the two sides meet (with its zone), for how many minutes, where."""

    at: AwareDatetime
    minutes: StrictInt = 60
    where: Line


class StretchShown(Shown):
    """A stretch of a record; `marks` say where words stand in its text, from (inclusive) and to (exclusive)."""

    text: str
    marks: list[tuple[int, int]]


class PartShown(Shown):
    """One summand of a score and the reason for it; the values of all parts add up to the score. `words` are those of
    the need that it is about; of its meaning pairs, the need's word and the record's with ～ between. `stands` is where
    they stand in the record, the first four stretches of it."""

    name: str
    label: str
    value: float
    because: str
    words: list[str] = []
    stands: list[StretchShown] = []


class Matched(Shown, Generic[Item]):
    """Matches, best first; when there is none, `empty` says why. `next` leads on where there are more than were asked
    for."""

    items: list[Item]
    empty: Reason | None = None
    next: str | None = None


class MatchShown(Shown):
    """A pair that the engine proposes: `record` is the other side's."""

    rank: int
    score: float
    record: RecordRef
    parts: list[PartShown]
    made_at: datetime | None = None
    model_version: str = ""


class NearMissShown(Shown):
    """A result just under the line: the fewest `changes` that would together lift it over, each in words, and what it
    would then reach; all that lowers its score; where no change is enough, `gap` says where the rest lies. `because` is
    all of it in one sentence."""

    rank: int
    score: float
    line: float
    record: RecordRef
    because: str
    changes: list[str]
    held_back_by: list[str]
    gap: str = ""
    new_score: float
    new_rank: int


class _Missed(Shown):
    reason: str
    reason_label: str
    lack: str = ""
    sentence: str
    officer: bool
    records: list[RecordRef]
    asked: str = ""
    last: date


class MissedInResult(_Missed):
    """A reason why needs did not take a result: of how many needs, of how many different `firms`, whether an `officer`
    gave it, those needs that are known, what they ask, and the day on which it was last given. Of missing information
    there is one for each `lack`; `sentence` is what the page says."""

    needs: int
    firms: int


class MissedInNeed(_Missed):
    """The same of a need: of how many results, of how many different `units`, and what the results known offer."""

    results: int
    units: int


class RefusalBody(Body):
    """Why a pair does not fit: a reason from the list, words, and with the reason `information` what is missing in the
    other side's record, as `lacks`: `comparison` (with the existing process), `test_report`, `sample`, `cost` (in use),
    `scale_up` (data), `trl`, `price`."""

    reason: str = Field(max_length=20)
    words: Long = ""
    lacks: Annotated[list[Short], Field(max_length=20)] = []


class MendedBody(Body):
    """What of the `lacks` was added to the record."""

    lack: Short


class RefusalShown(Shown):
    """A refusal as it was kept."""

    need: str
    supply: str
    side: str
    reason: str
    reason_label: str
    lacks: list[str]


class TypedNeed(Body):
    """A need in one's own words, and the `kind` of what is to answer it (`team`, `expert` in place of results);
    nothing of it is kept."""

    text: Long
    kind: str = Field("achievement", max_length=40)
    top: Annotated[StrictInt, Field(ge=1, le=100)] = 10


class WishShown(Shown):
    """A need and what it meets, or wished for: the place of the wish on its list, how many needs the other side meets
    at most, and why, or why not."""

    need: RecordRef
    supply: RecordRef
    wish: int
    room: int
    score: float
    because: str


class PairShown(Shown):
    """A need and a record."""

    need: RecordRef
    supply: RecordRef


class PlanShown(Shown):
    """Who meets whom where room is short. `lost` are first wishes that were not granted, `tied` experts left out for
    their ties to whoever poses the need, `full` what takes no more needs than it has, `without` needs to which nothing
    is suggested. No choice has a higher `total` where it is `proven`; first wishes together are worth `wished`, and
    `loss` is what want of room costs."""

    met: list[WishShown]
    lost: list[WishShown]
    tied: list[PairShown]
    full: list[PairShown]
    without: list[RecordRef]
    total: float
    proven: bool
    wished: float
    loss: float


class PairBody(Body):
    """A need and a record by their codes."""

    need: Code
    supply: Code


class PairsBody(Body):
    """Pairs that are introduced at once."""

    pairs: Annotated[list[PairBody], Field(max_length=100)]


class BegunShown(Shown):
    """Introductions that were begun, and how many pairs were left."""

    begun: list[RecordRef]
    left: int
