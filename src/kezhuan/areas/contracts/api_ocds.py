"""Registered contracts as Open Contracting data in the API: release packages that lead on to the next."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kezhuan.api.identity import actor_of, reads
from kezhuan.api.schemas import Day, Shown
from kezhuan.areas.contracts.ocds import head_of, releasable, release_of
from kezhuan.areas.contracts.permissions import PROGRAMME
from kezhuan.kernel import disclosures
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.text import now

router = Router(tags=["contracts"])


class OcdsQuery(BaseModel):
    """Registered on which days, and behind which release one goes on."""

    model_config = ConfigDict(extra="forbid")
    since: Day | None = None
    until: Day | None = None
    after: int = Field(0, ge=0, le=2**31 - 1, description="as `links.next` says it")
    limit: int = Field(100, ge=1, le=500)


class Publisher(Shown):
    """Who publishes."""

    name: str
    uri: str


class Links(Shown):
    """Where the next package is fetched; absent in the last."""

    next: str


class OcdsPackage(Shown):
    """A release package of the Open Contracting Data Standard 1.1; each release is one of that standard."""

    uri: str
    version: str
    publishedDate: str  # noqa: N815  # the standard's names
    publisher: Publisher
    license: str = ""
    releases: list[dict[str, Any]]
    links: Links | None = None


@router.get(
    "",
    auth=reads(PROGRAMME),
    response=OcdsPackage,
    exclude_unset=True,
    operation_id="contracts-ocds",
    summary="Registered contracts as Open Contracting data",
)
def packages(request: HttpRequest, asked: Query[OcdsQuery]) -> dict[str, Any]:
    """The registered contracts that the asker reads, in the order in which they came here."""
    actor = actor_of(request)
    rows = releasable(actor).filter(pk__gt=asked.after).order_by("pk")
    rows = rows.filter(registered_on__gte=asked.since) if asked.since is not None else rows
    rows = rows.filter(registered_on__lte=asked.until) if asked.until is not None else rows
    found = list(rows[: asked.limit + 1])
    shown = found[: asked.limit]
    disclosures.note_shown(actor, shown)
    note_views(actor, [row.pk for row in shown] if actor.admitted else [], "api")
    address = settings.SITE_URL + request.path
    published = max((row.record.changed_at for row in shown), default=now().replace(hour=0, minute=0, second=0))
    told = head_of(address, published) | {"releases": [release_of(row) for row in shown]}
    if len(found) > len(shown):
        kept = asked.model_dump(mode="json", exclude_none=True) | {"after": shown[-1].pk}
        told["links"] = {"next": f"{address}?{urlencode(kept)}"}
    return told
