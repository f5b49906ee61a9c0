"""Who decided what about a call, and who was barred, in the API: what stands on the page of an inspector."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import actor_of, reads
from kezhuan.api.records import party
from kezhuan.api.schemas import DecisionShown, Listed
from kezhuan.areas.calls.decided import Decided, decided_about
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.permissions import reads_decided
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.inspecting import note_views

router = Router(tags=["calls"])
MOST = 10_000


@router.get(
    "/{code}/decisions", response=Listed[DecisionShown], auth=reads("call"), operation_id="calls-decisions",
    summary="Who decided, and who was barred",
)  # fmt: skip
def decisions(request: HttpRequest, code: str) -> dict[str, Any]:
    """The newest first; a part is applicant, partner, poster, recommender or leader (of a chain)."""
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    if not reads_decided.test(actor, row):
        raise NotAllowed
    note_views(actor, [row.pk], "api")
    return decisions_shown(decided_about(row, MOST))


def decisions_shown(rows: Iterable[Decided]) -> dict[str, Any]:
    """Decisions as the API tells them (see `DecisionShown`)."""
    return {
        "items": [
            {
                "at": one.at, "what": one.what, "about": one.about, "by": one.name,
                "barred": [{"unit": party(unit), "part": part} for unit, part in one.barred],
            }
            for one in rows
        ]
    }  # fmt: skip
