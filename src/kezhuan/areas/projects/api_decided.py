"""Who decided what about a project or a race, and who was barred, in the API: what stands on the pages of an
inspector."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import actor_of, reads
from kezhuan.api.schemas import DecisionShown, Listed
from kezhuan.areas.calls.api_decided import decisions_shown
from kezhuan.areas.projects.decided import decided_about, decided_in_race
from kezhuan.areas.projects.models import Project, Race
from kezhuan.areas.projects.permissions import reads_decisions
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.inspecting import note_views

router = Router()


@router.get(
    "/projects/{code}/decisions", response=Listed[DecisionShown], auth=reads("project"), tags=["projects"],
    operation_id="projects-decisions", summary="Who decided, and who was barred",
)  # fmt: skip
def of_project(request: HttpRequest, code: str) -> dict[str, Any]:
    """The first one first; a part is leader, poster, user (first user), member or rival (of another team)."""
    actor = actor_of(request)
    row = get_visible(actor, Project, code, related=("application__item__call__record", "record__owner"))
    _require_reader(actor, row)
    return decisions_shown(decided_about(actor, row))


@router.get(
    "/races/{code}/decisions", response=Listed[DecisionShown], auth=reads("race"), tags=["races"],
    operation_id="races-decisions", summary="Who decided, and who was barred",
)  # fmt: skip
def of_race(request: HttpRequest, code: str) -> dict[str, Any]:
    """What the race decided of each of its teams, about whose project each is; the first one first."""
    actor = actor_of(request)
    row = get_visible(actor, Race, code)
    _require_reader(actor, row)
    return decisions_shown(decided_in_race(row))


def _require_reader(actor: Any, row: Any) -> None:
    if not reads_decisions.test(actor, row):
        raise NotAllowed
    note_views(actor, [row.pk], "api")
