"""Offers and bookings as the API takes and shows them: days as YYYY-MM-DD, organisations, projects by their codes."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
    District,
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
from kezhuan.areas.chains.actions import MOST_CAPACITY
from kezhuan.areas.chains.models import BookingState, CapacityUnit, OfferSort, Period, Reach

Capacity = Annotated[StrictInt, Field(ge=1, le=MOST_CAPACITY)]
Quantity = Annotated[str, Field(pattern=r"^[0-9]{1,7}(\.[0-9])?$", description="a decimal number, as text")]


class OfferQuery(ListQuery):
    """Filters of the list of offers."""

    sort: list[OfferSort] = []
    reach: list[Reach] = []
    region: list[District] = []


class OfferBody(Body):
    """What the organisation opens to the consortium of a project, so many units in each period."""

    title: Title
    project: Code
    sort: OfferSort
    place: Line
    unit: CapacityUnit
    capacity: Capacity
    period: Period
    starts_on: Day
    ends_on: Day
    reach: Reach = Reach.MEMBERS
    summary: Long = ""
    conditions: Passage = ""


class OfferChange(OfferBody):
    """The whole of an offer as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class BookingBody(Body):
    """So many units of each period from a day to a day, for a project of the organisation or a team."""

    from_on: Day
    to_on: Day
    amount: Capacity
    purpose: Passage
    project: Annotated[str, Field(max_length=30)] = ""
    team: Annotated[str, Field(max_length=200)] = ""


class BookingAnswerBody(Body):
    """Whether a booking is confirmed; a refusal says why."""

    confirms: Yes
    reason: Annotated[str, Field(max_length=2000)] = ""


class ReasonBody(Body):
    """Why a booking is taken back."""

    reason: Passage


class UseBody(Body):
    """One use: the day, how many hours or runs, and what came of it."""

    on: Day
    quantity: Quantity
    result: Passage


class UseShown(Shown):
    """One use."""

    on: date
    quantity: Decimal
    result: str


class UsedShown(UseShown):
    """One use in the log of all offers, with what was used and by whom."""

    offer: RecordRef | None
    sort: OfferSort
    unit: CapacityUnit
    organisation: Party | None
    project: RecordRef | None
    team: str
    purpose: str


class BookingShown(Shown):
    """A booking: those of the reader's own organisation, all for whoever offers and the officers in charge."""

    number: int
    organisation: Party | None
    project: RecordRef | None
    team: str
    purpose: str
    from_on: date
    to_on: date
    amount: int
    state: BookingState
    asked_on: date
    answered_on: date | None
    reason: str
    uses: list[UseShown]


class OfferShown(RecordShown):
    """An offer; conditions and project for whoever reads it in full."""

    sort: OfferSort | None = None
    sort_label: str = ""
    place: str = ""
    unit: CapacityUnit | None = None
    capacity: int | None = None
    period: Period | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    reach: Reach | None = None
    region: str = ""
    conditions: str = ""
    project: RecordRef | None = None
    bookings: list[BookingShown] = []
