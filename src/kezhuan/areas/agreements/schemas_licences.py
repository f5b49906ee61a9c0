"""Standard licences as the API shows and takes them; money in fen (分), shares in basis points."""

from typing import Annotated

from pydantic import Field

from kezhuan.api.schemas import Body, Code, Fen, Line, ListQuery, Long, RecordRef, RecordShown, Title, Version
from kezhuan.areas.agreements.models import Trigger


class LicenceQuery(ListQuery):
    """A list of standard licences."""


class LicenceBody(Body):
    """An ordinary licence of an achievement that a unit offers to everybody at one price for one term."""

    title: Title
    achievement: Code
    months: Annotated[int, Field(ge=1, le=240)]
    fee_fen: Fen = 0
    royalty_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    use_field: Line = ""
    territory: Line = ""
    trial_months: Annotated[int, Field(ge=0, le=60)] = 0
    trigger: Trigger = Trigger.SIGNED
    due_days: Annotated[int, Field(ge=0, le=365)] = 30
    summary: Long = ""


class LicenceChange(LicenceBody):
    """The whole of a licence as it shall be, and the version that the writer had before them (or `If-Match`)."""

    version: Version = None


class LicenceTake(Body):
    """The version of the licence that was read: a licence that was changed since is not taken."""

    version: Annotated[int, Field(ge=1)]


class LicenceShown(RecordShown):
    """A standard licence."""

    achievement: RecordRef | None = None
    months: int | None = None
    fee_fen: int | None = None
    royalty_bp: int | None = None
    use_field: str = ""
    territory: str = ""
    trial_months: int | None = None
    trigger: str = ""
    due_days: int | None = None
