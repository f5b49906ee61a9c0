"""Organisations and people as the API takes and shows them."""

from datetime import date
from typing import Literal

from pydantic import Field

from kezhuan.api.schemas import Body, District, Line, ListQuery, Long, Party, RecordShown, Region, Shown, Title, Version
from kezhuan.kernel.models.parties import FirmSize, OrganisationKind


class OrganisationQuery(ListQuery):
    """Filters of the list of organisations."""

    organisation_kind: list[OrganisationKind] = []
    region: list[District] = []
    size: list[FirmSize] = []


class OrganisationBody(Body):
    """A new organisation; `number` is the 统一社会信用代码, or with another scheme a foreign registry's number."""

    title: Title = Field(description="full name")
    title_en: Title = ""
    summary: Long = ""
    organisation_kind: OrganisationKind
    number: Line = ""
    number_scheme: str = Field("uscc", pattern=r"^(uscc|registry:[A-Z]{2})$")
    override_note: Line = Field("", description="an officer's reason for accepting a failed check digit")
    region: Region = Field("", description="GB/T 2260 code of the district")
    country: str = Field("CN", pattern=r"^[A-Z]{2}$")
    size: FirmSize | Literal[""] = Field("", description="划型 of a firm; empty where it is not known")


class OrganisationChange(Body):
    """An organisation as it shall be, and the version that the writer had before them (or `If-Match`).

    `number` left out stays; officers correct it, and the administrators of a registration that was returned.
    """

    title: Title = Field(description="full name")
    title_en: Title = ""
    summary: Long = ""
    region: Region = Field("", description="GB/T 2260 code of the district")
    size: FirmSize | Literal[""] | None = Field(None, description="划型 of a firm; left out it stays")
    number: Line | None = None
    override_note: Line = Field("", description="an officer's reason for accepting a failed check digit")
    version: Version = None


class NumberShown(Shown):
    """A number that a registry gave."""

    scheme: str
    value: str


class OrganisationShown(RecordShown):
    """An organisation; its name is the title."""

    organisation_kind: str = ""
    organisation_kind_label: str = ""
    region: str = ""
    region_label: str = ""
    country: str = ""
    chain_leader: bool = False
    size: str = ""
    size_label: str = ""
    numbers: list[NumberShown] = []


class PersonShown(RecordShown):
    """A person; `post` for colleagues, `email` and `phone` for themselves and the officers in charge."""

    post: str = ""
    email: str = ""
    phone: str = ""


class ScopeShown(Shown):
    """What a token reaches: names of kinds, `*` for all."""

    reads: list[str]
    writes: list[str]
    expires_on: date


class MeShown(Shown):
    """Who asks: nobody (null), or a person acting for an organisation, in a session or by a token."""

    person: Party | None
    organisation: Party | None
    roles: list[str]
    token: ScopeShown | None
