"""Brokers, plans of their queues and pairs in them, as the API takes and shows them."""

from datetime import date
from typing import Annotated

from pydantic import Field, StrictInt

from kezhuan.api.schemas import Body, Code, Party, RecordRef, RecordShown, Shown
from kezhuan.areas.brokers.actions import MOST_PAIRS, BrokerFacts
from kezhuan.areas.brokers.models import CAPACITY, MOST_CAPACITY
from kezhuan.kernel.vocabulary import REGIONS
from kezhuan.kernel.vocabulary import Field as TechnicalField


class BrokerChange(Body):
    """What is said of a broker, as a whole: technical fields, districts by their GB/T 2260 codes (none: the whole
    city), and how many pairs they have open at once."""

    fields: list[TechnicalField] = Field(min_length=1, max_length=11)
    regions: list[Annotated[str, Field(max_length=6)]] = Field([], max_length=len(REGIONS))
    capacity: Annotated[StrictInt, Field(ge=1, le=MOST_CAPACITY)] = CAPACITY

    @property
    def facts(self) -> BrokerFacts:
        """The facts as the actions take them."""
        return BrokerFacts(tuple(one.value for one in self.fields), tuple(self.regions), self.capacity)


class BrokerBody(BrokerChange):
    """The same of a member of an organisation, both by their codes."""

    organisation: Code
    person: Code


class BrokerShown(Shown):
    """A broker, and what became of the pairs in their queue: those that wait, that are followed, were handed back, and
    were taken up in all; of these those that met, came to an intent, to a contract as the sides say, and to one that is
    registered. `conversion_bp` are the registered of those taken up, in basis points; null where there are none."""

    number: int
    person: Party | None
    organisation: Party | None
    fields: list[str]
    regions: list[str]
    capacity: int
    since: date
    until: date | None
    waiting: int
    followed: int
    returned: int
    taken: int
    met: int
    intent: int
    contract: int
    registered: int
    conversion_bp: int | None


class LetBody(Body):
    """All brokers who may read a need, by number, in place of those before."""

    brokers: Annotated[list[Annotated[StrictInt, Field(ge=1)]], Field(max_length=1000)]


class LetShown(Shown):
    """A broker, and whether a need's firm lets them read it."""

    number: int
    person: Party | None
    organisation: Party | None
    fields: list[str]
    may_read: bool


class GiftShown(Shown):
    """A pair for a broker, by their number: `wish` is the broker's place among those who fit it, `because` why."""

    need: RecordRef
    supply: RecordRef
    score: float
    broker: int
    wish: int
    fit: float
    because: str


class NobodyShown(Shown):
    """A pair that found no broker, and why."""

    need: RecordRef
    supply: RecordRef
    reason: str
    because: str


class QueuePlanShown(Shown):
    """Who gets which pairs. With the best broker for each pair they are `wished`, scores times fits; `loss` is what
    want of room costs. `without` are needs to which nothing is suggested."""

    gifts: list[GiftShown]
    nobody: list[NobodyShown]
    without: list[RecordRef]
    total: float
    wished: float
    loss: float


class WantedBody(Body):
    """A pair for a broker: the codes of need and record, and the broker's number."""

    need: Code
    supply: Code
    broker: Annotated[StrictInt, Field(ge=1)]


class WantedList(Body):
    """Pairs that are given at once."""

    pairs: Annotated[list[WantedBody], Field(max_length=MOST_PAIRS)]


class GivenShown(Shown):
    """Pairs that were given, and how many were left."""

    given: list[RecordRef]
    left: int


class BrokeredPairShown(RecordShown):
    """A pair in a broker's queue; each side for whoever may know of it, score and fit for who reads both. `registered`
    is whether a contract that names its introduction is registered."""

    broker: str = ""
    need: RecordRef | None = None
    supply: RecordRef | None = None
    introduction: RecordRef | None = None
    score: float | None = None
    fit: float | None = None
    because: str = ""
    registered: bool = False
