"""Research teams as the API takes and shows them."""

from typing import Annotated, Any

from pydantic import Field, StrictInt

from kezhuan.api.records import named
from kezhuan.api.schemas import (
    Body,
    Code,
    District,
    Level,
    Line,
    ListQuery,
    Long,
    Place,
    RecordRef,
    RecordShown,
    Short,
    Title,
    Version,
)
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.teams.actions import TeamFacts
from kezhuan.areas.teams.models import MOST_AT_ONCE, MOST_MEMBERS
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person
from kezhuan.kernel.vocabulary import Field as TechnicalField
from kezhuan.kernel.vocabulary import Mode

SAME = {
    "title", "title_en", "summary", "leader", "chain", "trl_from", "trl_to", "trl_scale", "size", "capacity", "region",
    "website",
}  # fmt: skip
"""Fields that the facts call by the same name and take as they are."""


class TeamQuery(ListQuery):
    """Filters of the list of teams."""

    field: list[TechnicalField] = []
    region: list[District] = []
    chain: list[str] = []
    source: list[str] = []


class TeamBody(Body):
    """What a unit says of a team; everybody reads all of it but `leader_person` and `contact` once it is published."""

    title: Title
    title_en: Title = ""
    summary: Long = Field("", description="what the team works on: needs are compared with it")
    keywords: list[Short] = Field([], max_length=50)
    leader: Annotated[Line, Field(max_length=80)] = Field("", description="a name; written with their consent")
    leader_person: Code | None = Field(None, description="code of the leader as a person, when known here")
    size: Annotated[StrictInt, Field(ge=1, le=MOST_MEMBERS)] | None = None
    field: TechnicalField | None = None
    chain: Short = ""
    trl_from: Level | None = None
    trl_to: Level | None = None
    trl_scale: Annotated[Line, Field(max_length=20)] = "trl9"
    modes: list[Mode] = Field([], description="what the team offers; none that is of results alone")
    capacity: Annotated[StrictInt, Field(ge=1, le=MOST_AT_ONCE)] | None = Field(
        None, description="how many needs it can take at once; null when it is not known"
    )
    website: Line = ""
    region: Place = ""
    achievements: list[Code] = Field([], max_length=50, description="codes of achievements of its unit")
    contact: Code | None = Field(None, description="code of a person; left out, the contact stays; null removes it")

    def facts(self, actor: Actor, held: dict[str, Any]) -> TeamFacts:
        """The facts as the actions take them, with what the API does not carry; raises `Refused` for unknown codes."""
        results = named(actor, Achievement, self.achievements, "achievements")
        leader = named(actor, Person, [self.leader_person] if self.leader_person else [], "leader_person")
        contact = named(actor, Person, [self.contact] if self.contact else [], "contact", "public")
        return TeamFacts(
            **self.model_dump(include=SAME),
            keywords=tuple(self.keywords),
            field=self.field.value if self.field else "",
            modes=tuple(mode.value for mode in self.modes),
            achievements=tuple(results[code] for code in dict.fromkeys(self.achievements)),
            leader_person=leader.get(self.leader_person or ""),
            contact=contact.get(self.contact or ""),
            **held,
        )


class TeamChange(TeamBody):
    """The whole of a team as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class ResearchTeamShown(RecordShown):
    """A team; from `leader` on the public part, from `leader_person` on the full part."""

    leader: str = ""
    keywords: list[str] = []
    field: str | None = None
    field_label: str = ""
    chain: str = ""
    trl_from: int | None = None
    trl_to: int | None = None
    trl_scale: str = ""
    size: int | None = None
    capacity: int | None = None
    modes: list[str] = []
    mode_labels: list[str] = []
    region: str = ""
    region_label: str = ""
    website: str = ""
    source: str = ""
    achievements: list[RecordRef] = []
    leader_person: str | None = None
    extra: dict[str, Any] = {}
