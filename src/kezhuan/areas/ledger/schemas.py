"""Entries of the separate ledger as the API shows and takes them; money in 分, shares in basis points."""

from datetime import date
from typing import Annotated

from pydantic import Field

from kezhuan.api.schemas import Body, Code, Day, Fen, Line, ListQuery, Long, RecordRef, RecordShown, Shown, Version
from kezhuan.areas.ledger.models import AchievementOrigin, ConversionStatus, StocktakeOutcome, WorkStage

Voucher = Annotated[Line, Field(max_length=80)]
Fee = Annotated[Line, Field(max_length=120)]


class LedgerQuery(ListQuery):
    """A list of entries."""

    sort: list[AchievementOrigin] = []


class LedgerBody(Body):
    """An achievement in the ledger; its status is not taken, it follows from contracts, grants and equity."""

    achievement: Code
    origin: AchievementOrigin | None = None
    work_stage: WorkStage | None = None
    recognised_fen: Fen | None = None
    summary: Long = ""


class LedgerChange(LedgerBody):
    """The whole of an entry as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class LedgerFeeBody(Body):
    """A fee, and the day by which it is to be paid."""

    what: Fee
    fen: Fen
    due_on: Day


class LedgerPaidBody(Body):
    """A fee that was paid."""

    on: Day
    voucher: Voucher


class LedgerEquityBody(Body):
    """A share that was got for the achievement; `holder` is the credit code of the unit's asset company, left out for
    the unit itself, and `contract` the code of the technology contract."""

    company: Line
    company_code: Code
    share_bp: Annotated[int, Field(ge=1, le=10_000)]
    cost_fen: Fen
    held_on: Day
    holder: Code = ""
    contract: Code = ""


class ExitFields(Body):
    """When a share was given up, and what it brought, in fen (分)."""

    on: Day
    proceeds_fen: Annotated[int, Field(ge=0)]
    decision: Line = ""
    declared_open: bool = False


class CompanyBody(Body):
    """The name and the credit code of the company that holds equity for the unit."""

    name: Line
    code: Annotated[Line, Field(max_length=18)]


class CompanyShown(Shown):
    """A company that holds equity for the unit."""

    name: str
    code: str


class LedgerStockTakeBody(Body):
    """What this year's stock-take found of an entry."""

    outcome: StocktakeOutcome
    note: Annotated[Long, Field(max_length=2000)] = ""


class LedgerOfferBody(Body):
    """When the achievement was offered to its completers before it is given up, and what they answered."""

    on: Day
    answer: Long


class LedgerFeeShown(Shown):
    """A fee and its payment."""

    number: int
    what: str
    fen: int
    due_on: date
    paid_on: date | None
    voucher: str


class LedgerEquityShown(Shown):
    """A share: whose it is, and what became of it."""

    number: int
    company: str
    company_code: str
    share_bp: int
    cost_fen: int
    held_on: date
    holder: str
    exited_on: date | None
    proceeds_fen: int | None
    decision: str


class LedgerStockTakeShown(Shown):
    """A stock-take."""

    year: int
    on: date
    outcome: StocktakeOutcome
    note: str


class LedgerShown(RecordShown):
    """An entry, for who keeps the unit's ledger; `status` and `since` as they follow at the moment of reading."""

    achievement: RecordRef | None = None
    status: ConversionStatus | None = None
    since: date | None = None
    origin: str = ""
    work_stage: str = ""
    recognised_fen: int | None = None
    offered_on: date | None = None
    offered: str = ""
    equity: list[LedgerEquityShown] = []
    upkeep: list[LedgerFeeShown] = []
    stock_takes: list[LedgerStockTakeShown] = []
