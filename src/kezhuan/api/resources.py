"""The routes that every kind of record has; an area gives the shapes and says how one is made and changed."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import BaseModel

from kezhuan.api import documents, exported, papers
from kezhuan.api.conditions import show_version, version_matched
from kezhuan.api.extracts import objects
from kezhuan.api.history import history
from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.lists import list_page, staged
from kezhuan.api.problems import VersionMissing
from kezhuan.api.records import AUDIENCES, moved, moved_now, name_plural, record_fields, running_clocks
from kezhuan.api.schemas import (
    DocumentShown,
    Group,
    HistoryEntry,
    Listed,
    ListQuery,
    Moved,
    MoveShown,
    MoveTaken,
    Page,
    RecordShown,
)
from kezhuan.api.site import api
from kezhuan.exchange import open_data
from kezhuan.kernel import approvals, disclosures, registry, tokens
from kezhuan.kernel.access import Actor, get_visible, groups_seen, visible_to
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing, Problem, Refused
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.lifecycle import Move, advance
from kezhuan.kernel.sealing import note_look, note_refused


@dataclass(frozen=True)
class Resource:
    """One kind in the API.

    `query` names the filters (facets of the index), `shown` the answer; `fields` gives, for a row and the field groups
    its reader sees, what the kind adds to the fields all records have. `related` and `prefetch` are what `fields`
    reads; `beside` looks up for all rows at once what else it needs.
    `create` takes the actor and a checked body of `taken`; `edit` takes the actor, the row, a checked body of
    `changed` (which adds `version`) and the version that the change is made to. A kind that is not `listed` is found
    by its code alone.
    """

    slug: str
    plural: str
    shown: type[RecordShown]
    fields: Callable[[Actor, Any, frozenset[str]], dict[str, Any]]
    query: type[ListQuery] = ListQuery
    listed: bool = True
    opened: bool = False
    beside: Callable[[Actor, Sequence[Any]], None] = lambda _actor, _rows: None
    related: tuple[str, ...] = ()
    prefetch: tuple[str, ...] = ()
    taken: type[BaseModel] | None = None
    create: Callable[[Actor, Any], Any] | None = None
    changed: type[BaseModel] | None = None
    edit: Callable[[Actor, Any, Any, int], Any] | None = None

    @property
    def kind(self) -> registry.Kind:
        """The kind as it is registered with the kernel."""
        return registry.kind_of(self.slug)

    def find(self, request: HttpRequest, code: str) -> Any:
        """The row of a code; raises `Missing` when the actor may not see its title."""
        actor = actor_of(request)
        try:
            row = get_visible(actor, self.kind.model, code, related=self.related)
        except Missing:
            note_refused(actor, code, "api")
            raise
        note_views(actor, [row.pk], "api")
        self.beside(actor, [row])
        return row

    def show(self, actor: Actor, row: Any) -> dict[str, Any]:
        """A row as its reader may see it."""
        groups = groups_seen(actor, row.record)
        return record_fields(row.record, groups) | self.fields(actor, row, groups)

    def show_one(self, request: HttpRequest, code: str) -> dict[str, Any]:
        """A row with what only its own address shows: the clocks that run."""
        actor, row = actor_of(request), self.find(request, code)
        disclosures.note_shown(actor, [row])
        if getattr(row, "sealed", False):
            note_look(actor, row.record, "api")
        show_version(request, row.record)
        shown = self.show(actor, row)
        return shown | ({"clocks": running_clocks(actor, row.record)} if "summary" in shown else {})

    def show_several(self, actor: Actor, ids: Sequence[int]) -> list[dict[str, Any]]:
        """The rows of these ids as their reader may see them."""
        rows = self.rows(actor, ids)
        disclosures.note_shown(actor, rows)
        return [self.show(actor, row) for row in rows]

    def rows(self, actor: Actor, ids: Sequence[int]) -> list[Any]:
        """The rows of these ids in their order, as far as the actor may see them, in a constant number of queries."""
        joined = ("record__owner__record", "record__contact__record", *(f"record__{name}" for name in AUDIENCES))
        found = self.kind.model._default_manager.filter(pk__in=ids).select_related("record", *joined, *self.related)
        by_id = {row.pk: row for row in visible_to(actor, found).prefetch_related(*self.prefetch)}
        note_views(actor, list(by_id), "api")
        self.beside(actor, list(by_id.values()))
        return [by_id[pk] for pk in ids if pk in by_id]


_resources: list[Resource] = []


def resources() -> list[Resource]:
    """The kinds that have routes, in the order in which they were mounted."""
    return list(_resources)


def listed() -> list[Resource]:
    """The kinds that have lists, in the order in which they were mounted."""
    return [resource for resource in _resources if resource.listed]


def add_resource(resource: Resource) -> None:
    """Mount the routes of a kind; called from an area's `api.py`."""
    _resources.append(resource)
    name_plural(resource.slug, resource.plural)
    tokens.name_scope(resource.slug, resource.kind.plural)
    router = Router(tags=[resource.plural])
    if resource.listed:
        _add_list(router, resource)
    if resource.opened:
        open_data.register(open_data.Source(resource.plural, resource.kind.plural, lambda: objects(resource)))
    _add_reading(router, resource)
    _add_moves(router, resource)
    _add_documents(router, resource)
    papers.add_routes(router, resource.slug, resource.plural, resource.find)
    exported.add_archive(router, resource.slug, resource.plural, resource.find)
    if resource.create is not None:
        _add_create(router, resource, resource.create)
    if resource.edit is not None:
        _add_edit(router, resource, resource.edit)
    api.add_router(f"/{resource.plural}", router)


def _add_list(router: Router, resource: Resource) -> None:
    plural, name = resource.plural, f"{resource.slug.title()}Query"
    query = staged(resource.query, resource.kind.lifecycle.stages, name)

    @router.get(
        "",
        response=Page[resource.shown],  # type: ignore[name-defined]  # a type chosen by the area
        auth=reads(resource.slug),
        exclude_unset=True,
        operation_id=f"{plural}-list",
        summary=f"List {plural}",
    )
    def records(request: HttpRequest, asked: Query[query]) -> dict[str, Any]:  # type: ignore[valid-type]  # a type made at run time
        """What the asking person may see, narrowed by words and filters, page by page."""
        return list_page(
            request,
            asked,
            (resource.slug,),
            resource.show_several,
        )


def _add_reading(router: Router, resource: Resource) -> None:
    plural, guard = resource.plural, reads(resource.slug)

    @router.get(
        "/{code}",
        response=resource.shown,
        auth=guard,
        exclude_unset=True,
        operation_id=f"{plural}-get",
        summary="Get one",
    )
    def record(request: HttpRequest, code: str) -> dict[str, Any]:
        """One record with the field groups open to the asking person."""
        return resource.show_one(request, code)

    @router.get(
        "/{code}/history",
        response=Listed[HistoryEntry],
        auth=guard,
        exclude_unset=True,
        operation_id=f"{plural}-history",
        summary="History",
    )
    def entries(request: HttpRequest, code: str) -> dict[str, Any]:
        """The newest entries of the journal about the record, as far as they are open to the asking person."""
        return {"items": history(actor_of(request), resource.find(request, code).record)}


def _move_shown(actor: Actor, row: Any, move: Move, routed: Container[str]) -> dict[str, Any]:
    return {
        "name": move.name,
        "label": str(move.label),
        "note": move.note,
        "reasons": [{"code": code, "label": str(words)} for code, words in move.reasons_for(row, actor)],
        "leads_to": list(move.ends),
        "primary": move.primary,
        "danger": move.danger,
        "needs_approval": move.name in routed,
    }


def _add_moves(router: Router, resource: Resource) -> None:
    plural = resource.plural

    @router.get(
        "/{code}/moves",
        response=Listed[MoveShown],
        auth=reads(resource.slug),
        operation_id=f"{plural}-moves",
        summary="Open moves",
    )
    def moves(request: HttpRequest, code: str) -> dict[str, Any]:
        """The steps that the asking person may take now."""
        row = resource.find(request, code)
        actor = actor_of(request)
        routed = approvals.routes_for(actor, row)
        return {
            "items": [_move_shown(actor, row, move, routed) for move in resource.kind.lifecycle.open_to(actor, row)]
        }

    @router.post(
        "/{code}/moves/{move}",
        response=Moved,
        auth=writes(resource.slug),
        operation_id=f"{plural}-move",
        summary="Take a move",
    )
    def take(request: HttpRequest, code: str, move: str, body: MoveTaken) -> dict[str, Any]:
        """Take a step; 409 when the record is no longer at the expected stage, 412 when its tag is another one."""
        row = resource.find(request, code)
        if move not in resource.kind.lifecycle.moves:
            raise Missing(move)
        row = advance(
            resource.kind.lifecycle,
            row,
            move,
            actor=actor_of(request),
            note=body.note,
            reason=body.reason,
            expected=body.expected_stage,
            expected_version=version_matched(request, row.record),
        )
        return moved(request, row.record)


def _add_documents(router: Router, resource: Resource) -> None:
    plural, guard = resource.plural, reads(resource.slug)

    @router.get(
        "/{code}/documents",
        response=Listed[DocumentShown],
        auth=guard,
        operation_id=f"{plural}-documents",
        summary="Documents",
    )
    def files(request: HttpRequest, code: str) -> dict[str, Any]:
        """The files that the asking person may open."""
        return {"items": documents.documents(actor_of(request), resource.find(request, code).record)}

    @router.get(
        "/{code}/documents/{sha256}",
        auth=guard,
        operation_id=f"{plural}-download",
        summary="Download a document",
        openapi_extra={"responses": {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}},
    )
    def download(request: HttpRequest, code: str, sha256: str, group: Group | None = None) -> HttpResponse:
        """The bytes of a file: the one for the readers of this field group, without one the newest of this hash."""
        return documents.download(actor_of(request), resource.find(request, code).record, sha256, group)

    @router.post(
        "/{code}/documents",
        response={201: DocumentShown},
        auth=writes(resource.slug),
        operation_id=f"{plural}-attach",
        summary="Attach a document",
    )
    def attach(
        request: HttpRequest,
        code: str,
        file: File[UploadedFile],
        declared_open: Form[bool] = False,
        group: Form[str] = "full",
    ) -> Status:
        """Attach a file, with the declaration that it holds no state secret, for the readers of a field group."""
        row = resource.find(request, code)
        upload = Upload(file.name or "", file.read(), declared_open)
        return Status(201, documents.attach(actor_of(request), row, upload, group))

    @router.delete(
        "/{code}/documents/{sha256}",
        response={204: None},
        auth=writes(resource.slug),
        operation_id=f"{plural}-withdraw-document",
        summary="Take a document back",
    )
    def withdraw(request: HttpRequest, code: str, sha256: str, group: Group | None = None) -> Status:
        """Take a file back: nobody finds or opens it any more."""
        documents.withdraw(actor_of(request), resource.find(request, code), sha256, group)
        return Status(204, None)


def _add_create(router: Router, resource: Resource, create: Callable[[Actor, Any], Any]) -> None:
    @router.post(
        "",
        response={201: Moved},
        auth=writes(resource.slug),
        operation_id=f"{resource.plural}-create",
        summary="Create a draft",
    )
    def make(request: HttpRequest, response: HttpResponse, body: resource.taken) -> Status:  # type: ignore[name-defined]  # a type made at run time
        """Start a record for the organisation one acts for; its address is in `Location`."""
        try:
            made = moved(request, create(actor_of(request), body).record)
        except Missing as gone:  # the address is there: what the body names is not
            words = _(
                "What you name is not there, or is not open to you: %(code)s. Give the code of what you may read."
            ) % {"code": gone}
            raise Refused(Problem("record-unknown", words)) from gone
        response.headers["Location"] = made["href"]
        return Status(201, made)


def _add_edit(router: Router, resource: Resource, edit: Callable[[Actor, Any, Any, int], Any]) -> None:
    @router.put(
        "/{code}",
        response=Moved,
        auth=writes(resource.slug),
        operation_id=f"{resource.plural}-change",
        summary="Change one",
    )
    def change(request: HttpRequest, code: str, body: resource.changed) -> dict[str, Any]:  # type: ignore[name-defined]  # a type made at run time
        """Replace what was entered; 409 when somebody changed the record since the version given, 412 when its tag is
        not the one given."""
        row = resource.find(request, code)
        matched = version_matched(request, row.record)
        version = matched if body.version is None else body.version
        if version is None:
            raise VersionMissing
        row = edit(actor_of(request), row, body, version)
        return moved_now(request, row)
