"""Matching where room is short in the API: a plan, its file, its pairs introduced."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, Field

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import referred
from kezhuan.api.schemas import Code
from kezhuan.areas.matches.api_reach import reaching
from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.permissions import plans_meetings
from kezhuan.areas.matches.precise import MOST_NEEDS, Line, Plan, Room, plan_meetings
from kezhuan.areas.matches.precise_actions import introduce_pairs
from kezhuan.areas.matches.precise_shown import FILE, columns_of, note_plan, with_reasons
from kezhuan.areas.matches.schemas import BegunShown, PairsBody, PlanShown
from kezhuan.areas.matches.supply import RESULTS
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import NotAllowed
from kezhuan.web import exports

router = Router(tags=["matches"])


class Planned(BaseModel):
    """What a plan is asked for: numbers of needs (all open ones without), the kind that they are matched with, and how
    much room there is, for each record or with `by_owner` each organisation. A record that says how many needs it
    takes meets no more than that leaves."""

    needs: Annotated[list[Code], Field(max_length=MOST_NEEDS)] = []
    kind: str = RESULTS
    per_need: Annotated[int, Field(ge=1, le=20)] = 3
    per_supply: Annotated[int, Field(ge=1, le=200)] = 2
    by_owner: bool = False


def _planning(actor: Actor) -> Actor:
    if not plans_meetings.test(actor, None):
        raise NotAllowed(_("Only officers match a list of needs where room is short."))
    return actor


def _plan(request: HttpRequest, asked: Planned) -> tuple[Actor, Plan]:
    actor = _planning(reaching(request, asked.kind, "need"))
    room = Room(asked.per_need, asked.per_supply, asked.by_owner)
    plan = plan_meetings(actor, asked.kind, tuple(dict.fromkeys(asked.needs)), room)
    note_plan(actor, plan, "api")
    return actor, plan


@router.get(
    "/match/precise", response=PlanShown, auth=reads("need"), operation_id="match-precise",
    summary="Match a list of needs where room is short",
)  # fmt: skip
def precise(request: HttpRequest, asked: Query[Planned]) -> dict[str, Any]:
    """Who meets whom: the best total score over everybody's suggestions, and what that costs against first wishes.
    Nothing is kept."""
    actor, plan = _plan(request, asked)
    rows = [*(line.row for line in plan.lines), *plan.tied, *plan.full]
    named = [one for row in rows for one in (row.need_id, row.supply_id)] + [need.pk for need in plan.without]
    records = referred(actor, named, "public")

    def pair(row: Suggestion) -> dict[str, Any]:
        return {"need": records[row.need_id], "supply": records[row.supply_id]}

    def shown(line: Line, why: str) -> dict[str, Any]:
        row = line.row
        return {**pair(row), "wish": line.wish, "room": line.room, "score": row.score, "because": why}

    told = with_reasons(plan)
    given = plan.given
    return {
        "met": [shown(line, why) for line, why in told if line.lost is None],
        "lost": [shown(line, why) for line, why in told if line.lost is not None],
        "tied": [pair(row) for row in plan.tied],
        "full": [pair(row) for row in plan.full],
        "without": [records[need.pk] for need in plan.without],
        "total": given.total,
        "proven": plan.is_proven,
        "wished": plan.wished,
        "loss": plan.loss,
    }


@router.get(
    "/match/precise/file", auth=reads("need"), operation_id="match-precise-file", summary="The plan as a file",
    openapi_extra={"responses": {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}},
)  # fmt: skip
def precise_file(request: HttpRequest, asked: Query[Planned], ending: Literal["xlsx", "csv"] = "xlsx") -> HttpResponse:
    """The same plan as a spreadsheet; that it was taken is noted."""
    actor, plan = _plan(request, asked)
    columns, title = columns_of(actor, asked.kind, plan), _("Matching where room is short")
    return exports.whole_answer(actor, columns, name=FILE, title=title, ending=ending)


@router.post(
    "/match/precise/introductions", response=BegunShown, auth=writes("introduction"),
    operation_id="match-precise-introduce", summary="Introduce pairs of a plan",
)  # fmt: skip
def precise_introduce(request: HttpRequest, body: PairsBody) -> dict[str, Any]:
    """Introduce pairs at once, at most 100. `left` counts those that were introduced before, are no longer open, or are
    not the asking person's to decide."""
    actor = _planning(actor_of(request))
    made, left = introduce_pairs(actor=actor, pairs=[(one.need, one.supply) for one in body.pairs])
    begun = referred(actor, [one.pk for one in made])
    return {"begun": [begun[one.pk] for one in made], "left": left}
