"""Receipts and their distribution as the API shows and takes them; money in 分, shares in basis points."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

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
    Short,
    Shown,
    Title,
    Version,
)
from kezhuan.areas.rights.models import Sharer, Way

Voucher = Annotated[Line, Field(max_length=80)]


PaymentName = Annotated[
    Line,
    Field(max_length=40, description="What came in under an agreement: its code, its version's number, the payment's."),
]


class DistributionQuery(ListQuery):
    """A list of receipts."""


class ReceiptCostKind(StrEnum):
    """Direct costs of the deal; the cost of research is not deducted."""

    TAX = "tax"
    MAINTENANCE = "maintenance"
    ASSESSMENT = "assessment"
    APPRAISAL = "appraisal"
    NEGOTIATION = "negotiation"
    BROKER = "broker"
    TRAVEL = "travel"


class ReceiptRole(StrEnum):
    """As what somebody is rewarded; owners follow from the grant."""

    MAIN = "main"
    OTHER = "other"
    OFFICE = "office"


class ReceiptCostBody(Body):
    """A direct cost of the deal, and the voucher that shows it."""

    kind: ReceiptCostKind
    fen: Fen
    voucher: Voucher = ""


class ReceiptShareBody(Body):
    """Somebody who is rewarded; `person` is the code of an account."""

    name: Short
    role: ReceiptRole
    weight: Annotated[int, Field(ge=1, le=1_000_000)]
    person: Code | None = None
    head: bool = False


class DistributionWay(StrEnum):
    """What is distributed."""

    RECEIPT = "receipt"
    EQUITY = "equity"
    PROFIT = "profit"


class DistributionBody(Body):
    """Money that an achievement brought in; `reference` is its voucher's number, entered once. Of `equity` the amount
    is the result's value in the company and the day that of the registration of its shares; of `profit` the operating
    profit of a year of production and the day on which it was established."""

    title: Title
    achievement: Code
    reference: Voucher
    received_on: Day
    received_fen: Fen
    summary: Long = ""
    contract: Code | None = None
    payment: PaymentName = ""
    costs: list[ReceiptCostBody] = []
    agreed_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    members: list[ReceiptShareBody] = []
    way: DistributionWay = DistributionWay.RECEIPT
    company: Annotated[Line, Field(max_length=200)] = ""
    post_money_fen: Fen | None = None
    total_shares: Annotated[int, Field(ge=1, le=10**13)] | None = None
    started_on: Day | None = None
    year_no: Annotated[int, Field(ge=1, le=20)] | None = None
    years: Annotated[int, Field(ge=1, le=20)] | None = None
    minutes: Voucher = ""
    decided_on: Day | None = None


class DistributionChange(DistributionBody):
    """The whole of a receipt as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class ReceiptShareShown(Shown):
    """Somebody's share, and whether it was paid."""

    number: int
    name: str
    role: Sharer
    weight: int
    head: bool
    fen: int | None
    shares: int | None
    paid_on: date | None
    voucher: str


class ReceiptFigureShown(Shown):
    """A figure of the distribution with the rule version or clause that gave it."""

    code: str
    fen: int | None
    shares: int | None
    label: str
    how: str
    source: str


class ReceiptCostShown(Shown):
    """A direct cost of the deal."""

    kind: str
    fen: int
    voucher: str


class DistributionShown(RecordShown):
    """A receipt and its distribution, for who keeps the unit's income and, once proposed, for everybody who shares."""

    achievement: RecordRef | None = None
    contract: RecordRef | None = None
    payment: str = ""
    reference: str = ""
    received_on: date | None = None
    received_fen: int | None = None
    costs: list[ReceiptCostShown] = []
    agreed_bp: int | None = None
    carried_fen: int | None = None
    left_fen: int | None = None
    net_fen: int | None = None
    pool_fen: int | None = None
    unit_fen: int | None = None
    due_on: date | None = None
    way: Way | None = None
    company: str = ""
    post_money_fen: int | None = None
    total_shares: int | None = None
    held_shares: int | None = None
    pool_shares: int | None = None
    unit_shares: int | None = None
    started_on: date | None = None
    year_no: int | None = None
    years: int | None = None
    minutes: str = ""
    decided_on: date | None = None
    figures: list[ReceiptFigureShown] = []
    members: list[ReceiptShareShown] = []


class ReceiptPaidBody(Body):
    """A share that was paid."""

    on: Day
    voucher: Voucher


class RewardedShown(Shown):
    """A cash reward in fen (分), and the last day on which it is paid for the relief, where a rule value says one."""

    number: int
    name: str
    role: Sharer
    fen: int
    paid_on: date | None
    voucher: str
    until: date | None


class ReliefPaperShown(Shown):
    """A paper for the relief: here, missing, or to be got outside; with the files of it that the reader may open."""

    paper: str
    number: str
    state: Literal["here", "missing", "outside"]
    files: list[str]


class ReliefShown(Shown):
    """Who got a cash reward when, and the papers for the relief of its tax. `term_months` and its source are empty
    where no rule value says by when it is paid."""

    distribution: str
    received_on: date
    term_months: int | None
    source: str
    people: list[RewardedShown]
    papers: list[ReliefPaperShown]


class MyPartShown(Shown):
    """A part in the team of a grant, and whether its text as it stands was signed."""

    grant: str
    stage: str
    kind: str
    share_bp: int | None
    part_bp: int
    signed: bool


class MyMoneyShown(Shown):
    """A share of what was distributed, in fen (分) or in shares of a company."""

    distribution: str
    role: str
    received_on: date
    due_on: date | None
    fen: int | None
    shares: int | None
    paid_on: date | None
    voucher: str


class MyShareShown(Shown):
    """What the asking person has a part in, got, and will get."""

    paid_fen: int
    coming_fen: int
    paid_shares: int
    coming_shares: int
    parts: list[MyPartShown]
    shares: list[MyMoneyShown]
