"""What should be looked at twice in the register, in the API: for its registrars, the newest first."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import party, reference
from kezhuan.api.schemas import Body, Party, RecordRef, Shown
from kezhuan.areas.contracts.flags import Flagged, flags_seen, told
from kezhuan.areas.contracts.looking_actions import note_look
from kezhuan.areas.contracts.models import Flag
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.areas.contracts.wording import say
from kezhuan.engines import contracts as engine
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Missing, NotAllowed

router = Router(tags=["contracts"])
MOST = 100


class FlagQuery(BaseModel):
    """Which flags: of a kind, of a year of a contract, of the sellers of a district; those before a number."""

    model_config = ConfigDict(extra="forbid")
    flag_kind: str = Field("", max_length=40, description="one of the kinds that an answer names; all without one")
    year: int | None = Field(None, ge=1980, le=2100)
    region: str = Field("", pattern=r"^(\d{6})?$", description="GB/T 2260 code of the seller's district")
    looked: bool | None = Field(None, description="those that were looked at, or those that are open")
    before: int | None = Field(None, ge=1, le=2**31 - 1, description="`next` of the answer before")


class FlagLookShown(Shown):
    """Who looked at a hint as it stands, when, and what was found; nothing of that where `why` is not told."""

    by: Party | None
    at: datetime
    finding: str


class LookBody(Body):
    """What was found, in one sentence, of the hint that said what the writer read: `sha256` as it was shown."""

    finding: Annotated[str, Field(max_length=2000)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class FlagShown(Shown):
    """Something to look at twice. `why` is empty where it is about a contract that is not the reader's to read; of
    these `unseen` are, and of the others `more` beside those named. `look` is the last look at it as it stands."""

    number: int
    flag_kind: str
    label: str
    why: str
    found_at: datetime
    contracts: list[RecordRef | None]
    more: int
    unseen: int
    sha256: str
    look: FlagLookShown | None


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
    rows = flags_seen(actor, kind=asked.flag_kind, year=asked.year, place=asked.region, looked=asked.looked)
    if asked.before is not None:
        rows = rows.filter(pk__lt=asked.before)
    found = list(rows[: MOST + 1])
    return {
        "items": [_shown(actor, one) for one in told(actor, found[:MOST])],
        "next": found[MOST - 1].pk if len(found) > MOST else None,
    }


@router.post(
    "/{number}/looked",
    auth=writes(PROGRAMME),
    response=FlagShown,
    operation_id="contract-flags-looked",
    summary="Note what was found of a hint",
)
def looked(request: HttpRequest, number: int, body: LookBody) -> dict[str, Any]:
    """For a registrar in charge of every contract of it; open again when the hint says something else."""
    actor = actor_of(request)
    flag = Flag.objects.filter(pk=number, pk__in=flags_seen(actor).values("pk")).first()
    if flag is None or not actor.regions_of(PROGRAMME):
        raise Missing(str(number))
    note_look(actor=actor, flag=flag, finding=body.finding, sha256=body.sha256)
    return _shown(actor, told(actor, [flag])[0])


def _shown(actor: Actor, one: Flagged) -> dict[str, Any]:
    look = one.look
    finding = look.finding if look is not None and not one.unseen else ""
    return {
        **{name: getattr(one, name) for name in ("number", "why", "found_at", "more", "unseen", "sha256")},
        "flag_kind": one.kind,
        "label": say(engine.KINDS[one.kind]),
        "contracts": [reference(actor, other) for other in one.contracts],
        "look": {"by": party(look.by), "at": look.at, "finding": finding} if look is not None else None,
    }
