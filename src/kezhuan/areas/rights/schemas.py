"""Grants of rights as the API shows and takes them; shares in basis points (10,000 is the whole)."""

from datetime import date
from typing import Annotated

from pydantic import Field

from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
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
from kezhuan.areas.agreements.models import UseScope
from kezhuan.areas.rights.models import Bar, DecisionRule, GrantKind

Share = Annotated[int, Field(ge=0, le=10_000)]


class GrantQuery(ListQuery):
    """A list of grants."""

    sort: list[GrantKind] = []


class GrantMemberBody(Body):
    """A completer and their part; `person` is the code of an account, without which they sign on paper."""

    name: Short
    part_bp: Share
    person: Code | None = None


class GrantMilestoneBody(Body):
    """What is to be reached, and by when."""

    text: Line
    due_on: Day


class GrantBody(Body):
    """What of an achievement is granted to its completers, and on which terms; `cleared` are the bars declared not to
    hold."""

    title: Title
    achievement: Code
    kind: GrantKind
    starts_on: Day
    income_bp: Share
    decision_rule: DecisionRule
    reclaim_text: Long
    exit_text: Long
    summary: Long = ""
    share_bp: Share | None = None
    costs_bp: Share = 0
    owner_rewarded: bool = False
    reward_clause: Line = ""
    decision_text: Long = ""
    use_scope: UseScope | None = None
    use_field: Line = ""
    use_territory: Line = ""
    sublicence: bool = False
    transferable: bool = False
    ends_on: Day | None = None
    right_ends_on: Day | None = None
    cure_days: Annotated[int, Field(ge=1, le=365)] = 30
    interests: Long = ""
    holds_equity: bool = False
    cleared: list[Bar] = []
    members: list[GrantMemberBody]
    milestones: list[GrantMilestoneBody] = []


class GrantChange(GrantBody):
    """The whole of a grant as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class GrantMemberShown(Shown):
    """A completer, their part, and whether they have signed the text as it was handed in."""

    number: int
    name: str
    part_bp: int
    signed: bool
    signed_on: date | None
    on_paper: bool


class GrantMilestoneShown(Shown):
    """A milestone and how it was reached."""

    number: int
    text: str
    due_on: date
    reached_on: date | None
    evidence: str


class GrantTermShown(Shown):
    """A clause of the agreement."""

    label: str
    text: str


class GrantShown(RecordShown):
    """A grant, for the members of its unit who keep its papers of rights, and for its team. `wording` is the SHA-256 of
    the terms as they were handed in."""

    sort: str = ""
    sort_label: str = ""
    achievement: RecordRef | None = None
    share_bp: int | None = None
    income_bp: int | None = None
    costs_bp: int | None = None
    owner_rewarded: bool | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    right_ends_on: date | None = None
    terms: list[GrantTermShown] = []
    wording: str = ""
    members: list[GrantMemberShown] = []
    milestones: list[GrantMilestoneShown] = []
    agreed_on: date | None = None
    title_change_no: str = ""
    title_changed_on: date | None = None
    contract: RecordRef | None = None
    warned_on: date | None = None


class GrantSignBody(Body):
    """The hash of the text that is signed, as the grant shows it."""

    wording: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class SheetFields(Body):
    """Who signed on paper, by their numbers in the team."""

    numbers: list[int]
    declared_open: bool = False


class GrantTitleBody(Body):
    """The registry's change of title."""

    number: Line
    on: Day


class GrantContractBody(Body):
    """The code of the contract by which it is converted."""

    contract: Code


class GrantReachedBody(Body):
    """A milestone that was reached, and how it is shown."""

    on: Day
    evidence: Long
