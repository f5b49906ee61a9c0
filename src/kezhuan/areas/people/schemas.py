"""Organisations as the API takes and shows them."""

from pydantic import Field

from kezhuan.api.schemas import Body, Line, ListQuery, Long, RecordShown, Region, Shown, Title
from kezhuan.kernel.models.parties import OrganisationKind


class OrganisationQuery(ListQuery):
    """Filters of the list of organisations."""

    organisation_kind: list[str] = []
    region: list[str] = []


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
    numbers: list[NumberShown] = []
