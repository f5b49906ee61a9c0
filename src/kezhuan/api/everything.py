"""Routes about no kind in particular: search over everything, and how the system stands."""

from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router
from pydantic import create_model

from kezhuan import __version__
from kezhuan.api.identity import OPEN, actor_of, out_of_scope
from kezhuan.api.lists import list_page, staged
from kezhuan.api.records import referred
from kezhuan.api.resources import listed
from kezhuan.api.schemas import ListQuery, Page, RecordRef, Shown
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.search import live_index

router = Router(tags=["everything"])


def _search_query() -> type[ListQuery]:
    """A list over all kinds, which are registered by now."""
    found = registry.kinds()
    slugs = tuple(kind.slug for kind in found)
    asked = create_model("AllKindsQuery", __base__=ListQuery, kind=(list[Literal[slugs]], []))  # type: ignore[valid-type]  # a type made at run time
    return staged(asked, dict.fromkeys(stage for kind in found for stage in kind.lifecycle.stages), "SearchQuery")


SearchQuery = _search_query()


class ListShown(Shown):
    """A list of records: what it holds, and where."""

    name: str
    label: str
    href: str


class Start(Shown):
    """Where to go from here: the OpenAPI document, search, the nightly open-data extracts, and the lists."""

    openapi: str
    search: str
    open_data: str
    lists: list[ListShown]


class IndexShown(Shown):
    """How many changes the search index is behind the records; 0 when it is in step."""

    behind: int


class StatusShown(Shown):
    """How the system stands."""

    version: str
    index: IndexShown


def _references(actor: Actor, ids: list[int]) -> list[dict[str, Any]]:
    found = referred(actor, ids)
    note_views(actor, list(found), "api")
    return [found[pk] for pk in ids if pk in found]


@router.get("/", auth=OPEN, response=Start, operation_id="start", summary="Start")
def start(request: HttpRequest) -> dict[str, Any]:
    """Where to go from here."""
    root = reverse("api:api-root")
    return {
        "openapi": f"{root}openapi.json",
        "search": f"{root}search",
        "open_data": reverse("open-data"),
        "lists": [
            {"name": one.plural, "label": str(one.kind.plural), "href": f"{root}{one.plural}"} for one in listed()
        ],
    }


@router.get("/search", auth=OPEN, response=Page[RecordRef], exclude_unset=True, operation_id="search", summary="Search")
def search_everything(request: HttpRequest, asked: Query[SearchQuery]) -> dict[str, Any]:  # type: ignore[valid-type]  # a type made at run time
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
