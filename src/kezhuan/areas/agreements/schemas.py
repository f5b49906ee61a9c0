"""Agreements as the API shows and takes them; money in fen (分)."""

from datetime import date
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
    Party,
    RecordRef,
    RecordShown,
    Shown,
    Title,
    Version,
)
from kezhuan.areas.agreements.models import AgreementSort, Binding, Trigger, UseScope


class AgreementQuery(ListQuery):
    """A list of agreements."""

    sort: list[AgreementSort] = []


class AgreementPaymentBody(Body):
    """A payment that is planned: without a day it is due `due_days` after money is owed, without an amount it depends
    on sales."""

    what: Line
    fen: Fen | None = None
    due_on: Day | None = None


class AimBody(Body):
    """What is to be reached, and by when."""

    text: Line
    due_on: Day


class AgreementBody(Body):
    """An agreement and the version of it that is being written. The other side is the organisation here that has the
    credit code `party_code`, else one by name alone."""

    title: Title
    sort: AgreementSort
    binding: Binding
    scope: UseScope | Literal[""] = ""
    party_name: Line = ""
    party_code: Annotated[Line, Field(max_length=18)] = ""
    others: Long = ""
    summary: Long = ""
    achievement: Code | None = None
    need: Code | None = None
    introduction: Code | None = None
    amount_fen: Fen | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    trial_months: Annotated[int, Field(ge=0, le=60)] = 0
    trigger: Trigger = Trigger.SIGNED
    due_days: Annotated[int, Field(ge=0, le=365)] = 30
    words: Long = ""
    payments: list[AgreementPaymentBody] = []
    milestones: list[AimBody] = []


class AgreementChange(AgreementBody):
    """The whole of what is being written as it shall be, and the version that the writer had before them (or
    `If-Match`)."""

    version: Version = None


class InvoiceBody(Body):
    """An invoice: its number and day."""

    invoice: Annotated[Line, Field(max_length=40)]
    on: Day


class AgreementPaidBody(Body):
    """What came in for a payment, and when."""

    fen: Fen
    on: Day
    voucher: Annotated[Line, Field(max_length=80)] = ""


class ReachedBody(Body):
    """When a milestone was reached, and how that is shown."""

    on: Day
    evidence: Long


class CountedBody(Body):
    """The code of the call that an agreement came from, and whether it was signed on site."""

    call: Code
    on_site: bool = False


class AgreementPaymentShown(Shown):
    """A payment as it was planned, invoiced and made."""

    number: int
    what: str
    due_on: date | None
    planned_fen: int | None
    invoice: str
    invoiced_on: date | None
    paid_on: date | None
    paid_fen: int | None
    voucher: str
    freed_on: date | None


class AimShown(Shown):
    """A milestone, and how it was reached."""

    number: int
    text: str
    due_on: date
    reached_on: date | None
    evidence: str


class AgreementVersionShown(Shown):
    """A version; `wording` is the SHA-256 of what was offered. One that is not offered yet its unit alone sees."""

    number: int
    binding: str
    scope: str
    amount_fen: int | None
    starts_on: date | None
    ends_on: date | None
    trial_months: int
    trigger: str
    due_days: int
    words: str
    wording: str
    offered_on: date | None
    agreed_on: date | None
    on_paper: bool
    payments: list[AgreementPaymentShown]
    milestones: list[AimShown]


class AgreementShown(RecordShown):
    """An agreement, for the members of both sides who keep contracts and money."""

    sort: str = ""
    sort_label: str = ""
    party: Party | None = None
    party_name: str = ""
    party_code: str = ""
    others: str = ""
    achievement: RecordRef | None = None
    counted_in: RecordRef | None = None
    on_site: bool | None = None
    owner_on: date | None = None
    party_on: date | None = None
    refused_on: date | None = None
    need: RecordRef | None = None
    introduction: RecordRef | None = None
    triggered_on: date | None = None
    versions: list[AgreementVersionShown] = []
