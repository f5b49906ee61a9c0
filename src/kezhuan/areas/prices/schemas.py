"""Prices as the API shows and takes them; money in 分."""

from datetime import date
from typing import Annotated

from pydantic import Field

from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
    Fen,
    Line,
    ListQuery,
    Long,
    RecordRef,
    RecordShown,
    Shown,
    Title,
    Version,
)
from kezhuan.areas.prices.models import PriceBasis, PriceMode, PriceWay


class PriceQuery(ListQuery):
    """A list of prices."""

    sort: list[PriceWay] = []


class PricePaymentBody(Body):
    """A payment by a day."""

    due_on: Day
    fen: Fen
    trigger: Line = ""


class PriceBody(Body):
    """A price: how it is found, on what it rests, and who buys."""

    title: Title
    achievement: Code
    way: PriceWay
    mode: PriceMode
    basis: PriceBasis
    asked_fen: Fen
    summary: Long = ""
    basis_text: Annotated[Long, Field(max_length=5000)] = ""
    buyer: Line = ""
    buyer_code: Code = ""
    related: bool = False
    relation: Annotated[Long, Field(max_length=2000)] = ""
    wants_exemption: bool = False
    payments: list[PricePaymentBody] = []


class PriceChange(PriceBody):
    """The whole of a price as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class PriceQuoteBody(Body):
    """A sealed quote: who gives it, and the SHA-256 of its file. It is opened with the file."""

    source: Line
    seal: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class QuoteFields(Body):
    """What an opened quote says, in fen (分)."""

    fen: Annotated[int, Field(ge=1)]
    declared_open: bool = False


class PriceBidBody(Body):
    """A bid as the place delivered it."""

    bidder: Line
    fen: Fen
    on: Day


class PriceDealBody(Body):
    """What the place that held the listing or auction says."""

    place: Line
    deal_no: Annotated[Line, Field(max_length=80)]
    deal_on: Day
    final_fen: Fen
    buyer: Line
    buyer_code: Code = ""
    related: bool = False
    relation: Annotated[Long, Field(max_length=2000)] = ""
    bids: list[PriceBidBody] = []
    payments: list[PricePaymentBody] = []


class PriceContractBody(Body):
    """The code of the contract that was signed at the price."""

    contract: Code


class PricePaymentShown(Shown):
    """A payment by a day."""

    due_on: date
    fen: int
    trigger: str


class PriceQuoteShown(Shown):
    """A quote: sealed, or opened with its price."""

    number: int
    source: str
    seal: str
    received_on: date
    opened_on: date | None
    fen: int | None


class PriceBidShown(Shown):
    """A bid."""

    bidder: str
    fen: int
    on: date


class PriceShown(RecordShown):
    """A price, for who keeps the unit's figures of money."""

    sort: str = ""
    mode: str = ""
    basis: str = ""
    basis_text: str = ""
    achievement: RecordRef | None = None
    asked_fen: int | None = None
    final_fen: int | None = None
    buyer: str = ""
    buyer_code: str = ""
    related: bool | None = None
    relation: str = ""
    wants_exemption: bool | None = None
    place: str = ""
    deal_no: str = ""
    deal_on: date | None = None
    contract: RecordRef | None = None
    quotes: list[PriceQuoteShown] = []
    bids: list[PriceBidShown] = []
    payments: list[PricePaymentShown] = []
