"""Needs as the API takes and shows them."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt

from kezhuan.api.records import named
from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
    District,
    Fen,
    Level,
    Line,
    ListQuery,
    Long,
    Passage,
    Place,
    RecordShown,
    Short,
    Shown,
    Title,
    Trl,
    Version,
    Yes,
)
from kezhuan.areas.needs.actions import Figure, NeedFacts
from kezhuan.areas.needs.models import NeedSource, RightsTerm
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person
from kezhuan.kernel.vocabulary import Field as TechnicalField
from kezhuan.kernel.vocabulary import Mode

SAME = {
    "title", "title_en", "confidentiality", "chain", "background", "scenario", "expected_benefit",
    "claimant_requirements", "ip_note", "budget_fen", "benefit_fen", "min_trl", "trl_scale", "region", "deadline",
    "self_solvable", "rd_ratio_bp",
}  # fmt: skip
"""Fields that the facts call by the same name and take as they are."""


class NeedQuery(ListQuery):
    """Filters of the list of needs."""

    field: list[TechnicalField] = []
    region: list[District] = []
    trl: list[Trl] = []
    chain: list[str] = []
    source: list[NeedSource] = []


class IndicatorBody(Body):
    """One figure that a solution must reach; a range is written like 3-5."""

    name: Annotated[Line, Field(max_length=120)]
    operator: Literal["≥", "≤", "=", ">", "<", "range"]
    value: Short
    unit: Annotated[Line, Field(max_length=40)] = ""
    test_method: Line = ""


class NeedBody(Body):
    """What a firm says of its need."""

    title: Title
    title_en: Title = ""
    summary: Long = Field("", description="拟解决的主要技术问题: the technical problem to be solved")
    confidentiality: Short = Field("public", description="public, title_only or closed_door")
    field: TechnicalField | None = None
    chain: Short = ""
    keywords: list[Short] = Field([], max_length=50)
    background: Passage = ""
    scenario: Passage = ""
    expected_benefit: Passage = ""
    claimant_requirements: Passage = ""
    ip_terms: RightsTerm | None = None
    ip_note: Passage = ""
    budget_fen: Fen | None = None
    benefit_fen: Fen | None = Field(None, description="what the firm expects to gain, in fen (分)")
    min_trl: Level | None = None
    trl_scale: Annotated[Line, Field(max_length=20)] = "trl9"
    modes: list[Mode] = []
    region: Place = ""
    deadline: Day | None = None
    self_solvable: Yes = False
    rd_ratio_bp: Annotated[StrictInt, Field(ge=0, le=1_000_000)] | None = Field(
        None, description="last year's R&D spending over revenue in basis points"
    )
    indicators: list[IndicatorBody] = Field([], max_length=100)
    contact: Code | None = Field(None, description="code of a person; left out, the contact stays; null removes it")

    def facts(self, actor: Actor, held: dict[str, Any]) -> NeedFacts:
        """The facts as the actions take them, with what the API does not carry; raises `Refused` for unknown codes."""
        contact = named(actor, Person, [self.contact] if self.contact else [], "contact", "public")
        return NeedFacts(
            **self.model_dump(include=SAME),
            problem=self.summary,
            keywords=tuple(self.keywords),
            field=self.field.value if self.field else "",
            ip_terms=self.ip_terms.value if self.ip_terms else "",
            modes=tuple(mode.value for mode in self.modes),
            indicators=tuple(
                Figure(one.name, one.operator, one.value, one.unit, one.test_method) for one in self.indicators
            ),
            contact=contact.get(self.contact or ""),
            **held,
        )


class NeedChange(NeedBody):
    """The whole of a need as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class IndicatorShown(Shown):
    """One figure that a solution must reach."""

    name: str
    operator: str
    value: str
    unit: str
    test_method: str


class NeedShown(RecordShown):
    """A need; from `confidentiality` on the public part, from `self_solvable` on the full part."""

    confidentiality: str = ""
    confidentiality_label: str = ""
    field: str | None = None
    field_label: str = ""
    chain: str = ""
    keywords: list[str] = []
    background: str = ""
    scenario: str = ""
    expected_benefit: str = ""
    claimant_requirements: str = ""
    ip_terms: str | None = None
    ip_terms_label: str = ""
    ip_note: str = ""
    budget_fen: int | None = None
    benefit_fen: int | None = None
    min_trl: int | None = None
    trl_scale: str = ""
    modes: list[str] = []
    mode_labels: list[str] = []
    region: str = ""
    region_label: str = ""
    deadline: date | None = None
    source: str = ""
    source_label: str = ""
    indicators: list[IndicatorShown] = []
    self_solvable: bool = False
    rd_ratio_bp: int | None = None
    extra: dict[str, Any] = {}
