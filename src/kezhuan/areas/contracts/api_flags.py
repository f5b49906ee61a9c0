"""What should be looked at twice in the register, in the API: for its registrars, the newest first."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kezhuan.api.identity import actor_of, reads
from kezhuan.api.records import reference
from kezhuan.api.schemas import RecordRef, Shown
from kezhuan.areas.contracts.flags import flags_seen, told
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.wording import say
from kezhuan.engines import contracts as engine
from kezhuan.kernel.errors import NotAllowed

router = Router(tags=["contracts"])
MOST = 100


class FlagQuery(BaseModel):
    """Which flags: of a kind, of a year of a contract, of the sellers of a district; those before a number."""

    model_config = ConfigDict(extra="forbid")
    flag_kind: str = Field("", max_length=40, description="one of the kinds that an answer names; all without one")
    year: int | None = Field(None, ge=1980, le=2100)
    region: str = Field("", pattern=r"^(\d{6})?$", description="GB/T 2260 code of the seller's district")
    before: int | None = Field(None, ge=1, le=2**31 - 1, description="`next` of the answer before")


class FlagShown(Shown):
    """Something to look at twice. `why` is empty where it is about a contract that is not the reader's to read; of
    these `unseen` are, and of the others `more` beside those named."""

    number: int
    flag_kind: str
    label: str
    why: str
    found_at: datetime
    contracts: list[RecordRef | None]
    more: int
    unseen: int


class FlagPage(Shown):
    """Some flags; `next` leads on."""

    items: list[FlagShown]
    next: int | None


@router.get(
    "", auth=reads(PROGRAMME), response=FlagPage, operation_id="contract-flags", summary="What to look at twice"
)
def flags(request: HttpRequest, asked: Query[FlagQuery]) -> dict[str, Any]:
    """For the registrars in charge of contracts. Flags are hints and decide nothing."""
    actor = actor_of(request)
    if not actor.regions_of(PROGRAMME):
        raise NotAllowed(_("Only the registrars in charge see what should be looked at twice."))
    rows = flags_seen(actor, kind=asked.flag_kind, year=asked.year, place=asked.region)
    if asked.before is not None:
        rows = rows.filter(pk__lt=asked.before)
    found = list(rows[: MOST + 1])
    return {
        "items": [
            {
                **{name: getattr(one, name) for name in ("number", "why", "found_at", "more", "unseen")},
                "flag_kind": one.kind,
                "label": say(engine.KINDS[one.kind]),
                "contracts": [reference(actor, other) for other in one.contracts],
            }
            for one in told(actor, found[:MOST])
        ],
        "next": found[MOST - 1].pk if len(found) > MOST else None,
    }
