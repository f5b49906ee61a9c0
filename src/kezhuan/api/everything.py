"""Routes about no kind in particular: search over everything, and how the system stands."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from kezhuan import __version__
from kezhuan.api.identity import OPEN, actor_of, out_of_scope
from kezhuan.api.records import referred
from kezhuan.api.resources import list_page
from kezhuan.api.schemas import ListQuery, Page, RecordRef, Shown
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.search import live_index

router = Router(tags=["everything"])


class SearchQuery(ListQuery):
    """A list over all kinds."""

    kind: list[str] = []


class IndexShown(Shown):
    """How many changes the search index is behind the records; 0 when it is in step."""

    behind: int


class StatusShown(Shown):
    """How the system stands."""

    version: str
    index: IndexShown


def _references(actor: Actor, ids: list[int]) -> list[dict[str, Any]]:
    found = referred(actor, ids)
    return [found[pk] for pk in ids if pk in found]


@router.get("/search", auth=OPEN, response=Page[RecordRef], exclude_unset=True, operation_id="search", summary="Search")
def search_everything(request: HttpRequest, asked: Query[SearchQuery]) -> dict[str, Any]:
    """Records of all kinds that the asking person may see and their token reaches."""
    scope = actor_of(request).scope
    known = [kind.slug for kind in registry.kinds() if scope.lets_read(kind.slug)]
    if not known:
        raise out_of_scope()
    return list_page(request, asked, tuple(known), _references)


@router.get("/status", auth=OPEN, response=StatusShown, operation_id="status", summary="Status")
def status(request: HttpRequest) -> dict[str, Any]:
    """The program's version, and how many changes the index is behind; how much it holds is nobody's business."""
    return {"version": __version__, "index": {"behind": live_index().catch_up().behind}}
