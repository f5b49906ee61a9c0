"""Races as the API takes and shows them: teams by the codes of their projects, money in fen."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    BasisPoints,
    Body,
    Code,
    Day,
    District,
    Fen,
    Line,
    ListQuery,
    Long,
    Party,
    RecordRef,
    RecordShown,
    Shown,
    Title,
    Yes,
)
from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.projects.models import Eliminated, GateDecision
from kezhuan.areas.projects.race_actions import GateFacts, RaceFacts

Teams = Annotated[StrictInt, Field(ge=2, le=20)]


class RaceQuery(ListQuery):
    """Filters of the list of races."""

    region: list[District] = []


class RaceBody(Body):
    """Projects for one item of a call that race; numbers of their own only where no rule value is in force."""

    call: Code
    item: Annotated[StrictInt, Field(ge=1, le=1000)]
    projects: list[Code] = Field(max_length=20)
    first_fen: Fen
    gates: list[Day] = Field(max_length=20)
    eliminated: Eliminated = Eliminated.ON
    title: Title = ""
    least_teams: Teams | None = None
    most_teams: Teams | None = None
    first_share_bp: BasisPoints | None = None

    @property
    def facts(self) -> RaceFacts:
        """The facts as the actions take them."""
        same = self.model_dump(exclude={"call", "item", "projects", "gates", "eliminated"})
        return RaceFacts(
            projects=tuple(self.projects), gates=tuple(sorted(self.gates)), eliminated=self.eliminated.value, **same
        )


class TeamFound(Body):
    """What was found of a team: a figure for each target in their order, whether it passed."""

    team: Code
    figures: list[Line] = Field(max_length=100)
    passed: Yes


class GateBody(Body):
    """A gate, held by a third party; of several that pass `decision` says what follows."""

    on: Day
    tester: Code
    report_no: Annotated[Line, Field(max_length=80)]
    words: Long = ""
    teams: list[TeamFound] = Field(max_length=20)
    decision: GateDecision | None = None
    ranking: list[Code] = Field([], max_length=20)
    keep: Annotated[StrictInt, Field(ge=0, le=20)] = 0
    stays: Code = ""
    joins: Code = ""

    @property
    def facts(self) -> GateFacts:
        """The facts as the actions take them."""
        return GateFacts(
            on=self.on,
            tester=self.tester,
            report_no=self.report_no,
            words=self.words,
            figures={one.team: one.figures for one in self.teams},
            passed=tuple(dict.fromkeys(one.team for one in self.teams if one.passed)),
            decision=self.decision.value if self.decision is not None else "",
            ranking=tuple(self.ranking),
            keep=self.keep,
            merged=(self.stays, self.joins) if self.stays or self.joins else None,
        )


class TesterBody(Body):
    """The third party that is asked for what it finds at the next gate."""

    tester: Code


class FiguresBody(Body):
    """What a third party found at the next gate, as it enters it itself."""

    on: Day
    report_no: Annotated[Line, Field(max_length=80)]
    words: Long = ""
    teams: list[TeamFound] = Field(max_length=20)

    @property
    def facts(self) -> GateFacts:
        """The facts as the action takes them."""
        return GateFacts(
            on=self.on,
            tester="",
            report_no=self.report_no,
            words=self.words,
            figures={one.team: one.figures for one in self.teams},
            passed=tuple(dict.fromkeys(one.team for one in self.teams if one.passed)),
        )


class RaceTestShown(Shown):
    """What the third party of the next gate entered, for the officers who confirm it and for itself."""

    tester: Party | None
    entered_at: datetime | None
    on: date | None
    report_no: str
    words: str
    figures: dict[str, list[str]]
    passed: list[str]


class ReserveBody(Body):
    """Money that is kept for those who go on, reserved for a team: paid now (`signing`) or after acceptance."""

    team: Code
    fen: Annotated[StrictInt, Field(ge=1, le=10**15, description="money in fen (分)")]
    occasion: Occasion


class TeamShown(Shown):
    """A team: whether it still runs, and its money."""

    project: str
    leader: Party | None
    runs: bool
    paid_fen: int | None
    reserved_fen: int | None


class RaceStepShown(Shown):
    """What happened in a race."""

    number: int
    kind: str
    on: date
    data: dict[str, Any]
    report_no: str
    words: str


class RaceShown(RecordShown):
    """A race; from `planned_fen` on for its teams, the poster and the officers in charge."""

    call: RecordRef | None = None
    item: int = 0
    item_title: str = ""
    gates: list[str] = []
    gates_held: int = 0
    decisions: list[str] = []
    teams: list[TeamShown] = []
    planned_fen: int | None = None
    first_fen: int | None = None
    kept_fen: int | None = None
    freed_fen: int | None = None
    steps: list[RaceStepShown] = []
    test: RaceTestShown | None = None
