"""What a project under way is sent by the API: reports, payments, evidence, settlement, the entity of a member."""

from typing import Annotated

from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
    Fen,
    Line,
    Long,
    Passage,
    Yes,
)
from kezhuan.areas.projects.evidence_actions import Said

Number = Annotated[StrictInt, Field(ge=1, le=99)]


class LandingBody(Body):
    """Which member has set up which entity in the city, both by their codes, and since when it is there."""

    member: Code
    entity: Code
    on: Day


class MilestoneReportBody(Body):
    """What was reached."""

    words: Long


class JudgedBody(Body):
    """Whether a milestone has passed, and why."""

    passed: Yes
    words: Passage


class PaidBody(Body):
    """A payment that was made; of less than its amount the rest stays due."""

    voucher: Annotated[Line, Field(max_length=40)]
    paid_on: Day
    fen: Annotated[StrictInt, Field(ge=1, le=10**15, description="money in fen (分)")] | None = None


class SettlementBody(Body):
    """What of the fiscal money paid was spent, whether with due diligence, and once the rest came back, when."""

    spent_fen: Fen
    diligent: Yes
    words: Long
    returned_on: Day | None = None
    voucher: Annotated[Line, Field(max_length=40)] = ""


class EvidenceBody(Body):
    """A report on the result."""

    on: Day
    meets: Yes
    words: Long
    number: Annotated[Line, Field(max_length=80)] = ""

    @property
    def said(self) -> Said:
        """What it says, as the actions take it."""
        return Said(self.on, self.meets, self.words, self.number)


class SelfEvaluationBody(Body):
    """What the leader says came of a project: what each indicator of its challenge has reached, in their order."""

    reached: list[Line] = Field([], max_length=100)
    words: Long


class TestReportBody(EvidenceBody):
    """The report of a third party's test."""

    tester: Code


class UserBody(Body):
    """The unit that uses the result first where the poster undertakes it itself."""

    user: Code
