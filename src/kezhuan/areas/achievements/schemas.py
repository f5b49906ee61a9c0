"""Achievements as the API takes and shows them."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from kezhuan.api.records import named
from kezhuan.api.schemas import (
    BasisPoints,
    Body,
    Code,
    Day,
    District,
    Fen,
    Level,
    Line,
    ListQuery,
    Long,
    Party,
    Place,
    RecordShown,
    Short,
    Shown,
    Title,
    Trl,
    Version,
)
from kezhuan.areas.achievements.actions import AchievementFacts, Contribution, Right
from kezhuan.areas.achievements.models import RightKind
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.vocabulary import Field as TechnicalField
from kezhuan.kernel.vocabulary import Mode, Readiness, RightsState

SAME = {
    "title", "title_en", "summary", "secrecy", "confidential", "advantage", "chain", "discipline", "trl",
    "trl_scale", "price_fen", "region", "completed_on",
}  # fmt: skip
"""Fields that the facts call by the same name and take as they are."""


class AchievementQuery(ListQuery):
    """Filters of the list of achievements."""

    field: list[TechnicalField] = []
    region: list[District] = []
    trl: list[Trl] = []
    chain: list[str] = []
    source: list[str] = []
    rights: list[Readiness] = []


class RightBody(Body):
    """One intellectual property right; the check digit of a patent number is checked."""

    kind: RightKind
    status: Literal["applied", "granted"]
    number: Annotated[Line, Field(max_length=40)] = ""
    title: Line = ""


class CompleterBody(Body):
    """Somebody who contributed, in order; the shares of all sum to 10,000 from registration on."""

    name: Annotated[Line, Field(max_length=80)]
    share_bp: BasisPoints | None = None
    person: Code | None = Field(None, description="code of the person, when known here")


class CoOwnerBody(Body):
    """An owner beside the one that leads."""

    organisation: Code
    share_bp: BasisPoints | None = None


class AchievementBody(Body):
    """What a unit says of an achievement; `confidential` is for its members and the officers."""

    title: Title
    title_en: Title = ""
    summary: Long = Field("", description="the public description")
    secrecy: Short = Field("public", description="public, internal or trade_secret")
    confidential: Long = ""
    advantage: Long = ""
    keywords: list[Short] = Field([], max_length=50)
    field: TechnicalField | None = None
    chain: Short = ""
    discipline: Annotated[Line, Field(max_length=80)] = ""
    trl: Level | None = None
    trl_scale: Annotated[Line, Field(max_length=20)] = "trl9"
    modes: list[Mode] = []
    rights_states: list[RightsState] = Field([], description="how the rights stand; empty where it is not known")
    price_fen: Fen | None = None
    region: Place = ""
    completed_on: Day | None = None
    rights: list[RightBody] = Field([], max_length=100)
    completers: list[CompleterBody] = Field([], max_length=100)
    co_owners: list[CoOwnerBody] = Field([], max_length=50)
    contact: Code | None = Field(None, description="code of a person; left out, the contact stays; null removes it")

    def facts(self, actor: Actor, held: dict[str, Any]) -> AchievementFacts:
        """The facts as the actions take them, with what the API does not carry; raises `Refused` for unknown codes."""
        people = named(actor, Person, [one.person for one in self.completers if one.person], "completers")
        owners = named(actor, Organisation, [one.organisation for one in self.co_owners], "co_owners")
        contact = named(actor, Person, [self.contact] if self.contact else [], "contact", "public")
        return AchievementFacts(
            **self.model_dump(include=SAME),
            keywords=tuple(self.keywords),
            field=self.field.value if self.field else "",
            modes=tuple(mode.value for mode in self.modes),
            rights_states=tuple(one.value for one in self.rights_states),
            rights=tuple(Right(one.kind.value, one.status, one.number, one.title) for one in self.rights),
            completers=tuple(
                Contribution(one.name, one.share_bp, people[one.person] if one.person else None)
                for one in self.completers
            ),
            co_owners=tuple((owners[one.organisation], one.share_bp) for one in self.co_owners),
            contact=contact.get(self.contact or ""),
            **held,
        )


class AchievementChange(AchievementBody):
    """The whole of an achievement as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class RightShown(Shown):
    """One intellectual property right."""

    kind: str
    kind_label: str
    status: str
    status_label: str
    number: str
    title: str


class CompleterShown(Shown):
    """Somebody who contributed; the share and the person only for readers of the full part."""

    name: str
    share_bp: int | None = None
    person: str | None = None


class CoOwnerShown(Shown):
    """An owner beside the one that leads; the share only for readers of the full part."""

    organisation: Party
    share_bp: int | None = None


class AchievementShown(RecordShown):
    """An achievement; from `secrecy` on the public part, from `confidential` on the full part."""

    secrecy: str = ""
    secrecy_label: str = ""
    advantage: str = ""
    keywords: list[str] = []
    field: str | None = None
    field_label: str = ""
    chain: str = ""
    discipline: str = ""
    trl: int | None = None
    trl_scale: str = ""
    modes: list[str] = []
    mode_labels: list[str] = []
    rights_states: list[str] = []
    rights_state_labels: list[str] = []
    price_fen: int | None = None
    region: str = ""
    region_label: str = ""
    completed_on: date | None = None
    source: str = ""
    rights: list[RightShown] = []
    completers: list[CompleterShown] = []
    co_owners: list[CoOwnerShown] = []
    confidential: str = ""
    extra: dict[str, Any] = {}
