"""Contracts as the API takes and shows them: codes of the registration form's tables, money in fen."""

from datetime import date
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field, StrictInt

from kezhuan.api.schemas import (
    Body,
    Code,
    Day,
    District,
    Fen,
    Line,
    ListQuery,
    Passage,
    RecordRef,
    RecordShown,
    Short,
    Shown,
    Title,
    Version,
    Yes,
)
from kezhuan.areas.agreements.queries import ties_of
from kezhuan.areas.contracts.actions import ContractFacts, Registration
from kezhuan.areas.contracts.certificates import Standing
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.contracts.queries import TIES
from kezhuan.engines import contracts as engine
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models import Record
from kezhuan.kernel.vocabulary import Field as TechnicalField


def _one_of(table: str) -> Any:
    codes = tuple(engine.tables()[table].codes)
    return Literal[("", *codes)]


Kinds, Subkinds, Forms, Plans, Goals, Payments, Reliefs, Parties = map(
    _one_of, ("kinds", "subkinds", "forms", "plans", "goals", "payments", "reliefs", "parties")
)
Kind = Literal["development", "transfer", "licence", "consulting", "service"]
Rights = Literal[tuple(engine.tables()["rights"].codes)]  # type: ignore[valid-type]  # the entries of a table of data
"""Kinds of intellectual property."""


class ContractQuery(ListQuery):
    """Filters of the list of contracts; `region` is the seller's district."""

    contract_kind: list[Kind] = []
    field: list[TechnicalField] = []
    region: list[District] = []


class PartyBody(Body):
    """Seller or buyer as the form tells of them."""

    name: Line = ""
    code: Annotated[Line, Field(max_length=40, description="统一社会信用代码")] = ""
    kind: Parties = ""  # type: ignore[valid-type]  # the entries of a table of data
    country: Annotated[Line, Field(max_length=40, description="GB/T 2659, three digits")] = ""
    region: Annotated[Line, Field(max_length=40, description="GB/T 2260, six digits")] = ""
    legal: Annotated[Line, Field(max_length=80)] = ""
    address: Line = ""
    phone: Short = ""


class ContractBody(Body):
    """The registration form. `turnover_fen` (合同成交总额) and `technology_fen` (技术交易额) are two measures."""

    title: Title
    title_en: Title = ""
    contract_kind: Kinds = ""  # type: ignore[valid-type]  # the entries of a table of data
    subkind: Subkinds = ""  # type: ignore[valid-type]  # the entries of a table of data
    form: Forms = ""  # type: ignore[valid-type]  # the entries of a table of data
    signed_on: Day | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    seller: PartyBody = PartyBody()
    buyer: PartyBody = PartyBody()
    field: TechnicalField | None = None
    rights: list[Rights] = Field([], max_length=20)  # type: ignore[valid-type]  # the entries of a table
    plan: Plans = ""  # type: ignore[valid-type]  # the entries of a table of data
    goal: Goals = ""  # type: ignore[valid-type]  # the entries of a table of data
    industry: Annotated[Line, Field(max_length=120, description="GB/T 4754")] = ""
    payment: Payments = ""  # type: ignore[valid-type]  # the entries of a table of data
    relief: Reliefs = ""  # type: ignore[valid-type]  # the entries of a table of data
    turnover_fen: Fen | None = None
    technology_fen: Fen | None = None
    undetermined: Yes = False
    deductions: dict[Literal["equipment", "instruments", "parts", "materials", "other"], Fen] = {}
    instalments: list[Annotated[StrictInt, Field(ge=0, le=10**15)]] = Field([], max_length=200)
    new_investment_fen: Fen | None = None
    new_output_fen: Fen | None = None
    content: dict[
        Literal["goal", "novelty", "parameters", "acceptance", "disputes", "mastered", "ownership"], Passage
    ] = {}
    text: Annotated[str, Field(max_length=200_000)] = ""
    related: Yes = False
    disputed: Yes = False
    agency: Annotated[Line, Field(max_length=120)] = ""
    paid_fen: Fen | None = None
    equipment_fen: Fen | None = None
    revenue_fen: Fen | None = None
    benefit_on: Day | None = None
    achievement: Code | None = None
    need: Code | None = None
    introduction: Code | None = None
    agreement: Code | None = None

    def facts(self, actor: Actor, held: Contract | None = None) -> ContractFacts:
        """The facts as the actions take them; raises `Refused` for a record that is not the actor's to name."""
        texts = ("subkind", "form", "plan", "goal", "industry", "payment", "relief", "agency", "text")
        form = engine.Contract(
            row=0,
            name=self.title,
            kind=self.contract_kind,
            seller=engine.Party(**self.seller.model_dump()),
            buyer=engine.Party(**self.buyer.model_dump()),
            field=self.field.value if self.field else "",
            rights=tuple(self.rights),
            turnover=self.turnover_fen,
            technology=self.technology_fen,
            deductions={str(name): fen for name, fen in self.deductions.items()},
            instalments=tuple(self.instalments),
            new_investment=self.new_investment_fen,
            new_output=self.new_output_fen,
            content={name: text for name, text in self.content.items() if text},
            paid=self.paid_fen,
            equipment=self.equipment_fen,
            revenue=self.revenue_fen,
            **{name: getattr(self, name) for name in texts},
            **{name: getattr(self, name) for name in ("signed_on", "valid_from", "valid_to", "benefit_on")},
            **{name: getattr(self, name) for name in ("undetermined", "related", "disputed")},
        )
        ties: dict[str, Any] = {name: _tie(actor, name, getattr(self, name), held) for name in TIES}
        return ContractFacts(form=form, title_en=self.title_en, **ties)


def _tie(actor: Actor, name: str, code: str | None, held: Contract | None) -> Record | None:
    if not code:
        return None
    kept: Record | None = getattr(held, name) if held is not None else None
    if kept is not None and kept.code == code:
        return kept
    found = ties_of(actor, name).filter(code=code).first()
    if found is None:
        message = _("“%(code)s” is no record of your own unit; give another code, or none.") % {"code": code}
        raise Refused(Problem("contract-tie", message, name))
    return found


class ContractChange(ContractBody):
    """The whole of a form as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class RegistrationBody(Body):
    """What the registry gave: number, day and both amounts as it printed them, none where the total is open."""

    reg_no: Annotated[Line, Field(max_length=40)]
    registered_on: Day
    turnover_fen: Fen | None = None
    technology_fen: Fen | None = None

    @property
    def given(self) -> Registration:
        """As the action takes it."""
        return Registration(self.reg_no, self.registered_on, self.turnover_fen, self.technology_fen)


class LineShown(Shown):
    """A line of a certificate."""

    label: str
    text: str


class CertificateShown(Shown):
    """A certificate of registration (登记证明): number and code as they stand on paper, what it says, in Chinese, and
    what it is worth now."""

    number: str
    code: str
    sha256: str
    version: int
    standing: Standing
    said: list[LineShown]


class FindingShown(Shown):
    """What a check finds: it informs; `refuses` says whether the form is handed in only without it."""

    code: str
    message: str
    field: str
    clause: str
    refuses: bool


class ContractShown(RecordShown):
    """A contract, for the members of its unit who keep contracts and for the registrars."""

    contract_kind: str = ""
    contract_kind_label: str = ""
    subkind: str = ""
    form: str = ""
    signed_on: date | None = None
    applied_on: date | None = None
    accepted_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    seller: dict[str, str] = {}
    buyer: dict[str, str] = {}
    field: str | None = None
    rights: list[str] = []
    plan: str = ""
    goal: str = ""
    industry: str = ""
    payment: str = ""
    relief: str = ""
    turnover_fen: int | None = None
    technology_fen: int | None = None
    undetermined: bool = False
    deductions: dict[str, int] = {}
    instalments: list[int] = []
    new_investment_fen: int | None = None
    new_output_fen: int | None = None
    content: dict[str, str] = {}
    text: str = ""
    related: bool = False
    disputed: bool = False
    agency: str = ""
    paid_fen: int | None = None
    equipment_fen: int | None = None
    revenue_fen: int | None = None
    benefit_on: date | None = None
    achievement: RecordRef | None = None
    need: RecordRef | None = None
    introduction: RecordRef | None = None
    agreement: RecordRef | None = None
    filing: RecordRef | None = None
    rule_set: str = ""
    experts_heard: bool = False
    reg_no: str = ""
    registered_on: date | None = None
    registered_turnover_fen: int | None = None
    registered_technology_fen: int | None = None
    findings: list[FindingShown] = []
    extra: dict[str, Any] = {}
