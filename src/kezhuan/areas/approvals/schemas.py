"""Approvals as the API shows and takes them."""

from datetime import date
from typing import Annotated, Literal

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
    RecordRef,
    RecordShown,
    Short,
    Shown,
    Yes,
)


class ApprovalQuery(ListQuery):
    """A list of approvals."""

    region: list[District] = []


class ApprovalShown(RecordShown):
    """A step of another record on its way through people; `content_hash` is the SHA-256 of what is approved.

    `asked_for` is whom a deputy stood in for who asked."""

    about: RecordRef | None = None
    move: str = ""
    move_label: str = ""
    reason: str = ""
    note: str = ""
    considered: str = ""
    office: Party | None = None
    asked_by: Party | None = None
    asked_for: Party | None = None
    document_no: str = ""
    content_hash: str = ""


class StepShown(Shown):
    """One step: whose post, how it stands, and with which opinion it was closed.

    Steps of one `position` wait side by side. `outcome` is empty while it is open, and `waits` says whether its turn
    has come. `signed_for` is whom a deputy stood in for who signed, `signed_on` the day on the paper, or of the
    meeting.
    """

    number: int
    position: int
    post: str
    office: Party
    mode: str
    numbered: bool
    waits: bool
    outcome: str
    signer: Party | None
    signed_for: Party | None
    signed_on: date | None
    opinion: str
    meeting: str
    minutes_no: str
    entitled: int | None
    attended: list[str]
    recused: list[str]


class WaitingStep(Shown):
    """A step that the asking person may close now."""

    approval: RecordRef
    number: int
    post: str
    mode: str
    numbered: bool
    since: date
    due_on: date | None


class ApprovalBody(Body):
    """Which step of which record is to be approved, with the words that go with it; `considered` is what else could be
    done, and why it is not asked for."""

    record: Code
    move: Short
    note: Long = ""
    reason: Short = ""
    considered: Long = ""


class SignBody(Body):
    """An opinion, and the number of the document where the step gives one."""

    opinion: Long = ""
    document_no: Line = ""


class ReturnBody(Body):
    """An opinion, and whether the applicant reads it."""

    opinion: Long = Field(min_length=1)
    to_applicant: Yes = False


class PaperFields(Body):
    """Who signed on paper, by the code of the person, on which day, and what stands on the sheet; of a deputy whom they
    stood in for."""

    signer: Code
    signed_for: Code | None = None
    signed_on: Day
    opinion: Long = ""
    document_no: Line = ""
    declared_open: bool = False


class DecisionFields(Body):
    """What a meeting decided: which, when, who attended (of how many `entitled` to), who was recused, and the number of
    its minutes."""

    meeting: Line
    held_on: Day
    attended: list[Short]
    recused: list[Short] = []
    entitled: Annotated[int, Field(ge=1, le=200)] | None = None
    minutes_no: Line
    opinion: Long = ""
    document_no: Line = ""
    declared_open: bool = False


class SignerBody(Body):
    """Which post signs too, by its number, and when."""

    post: StrictInt = Field(ge=1, lt=2**63)
    place: Literal["beside", "after"] = "beside"
    reason: Long = ""


class RecusalBody(Body):
    """Who is recused, by the code of the person, and why."""

    person: Code
    reason: Long


class PostShown(Shown):
    """A post of an office."""

    number: int
    name: str
    office: Party
