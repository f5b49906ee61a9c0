"""The list of a call in the API: needs that came in, those put on it, directions and fields; and whom it invites."""

from typing import Any

from django.http import HttpRequest

from kezhuan.api.conditions import version_matched
from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import moved_now
from kezhuan.api.schemas import Moved
from kezhuan.areas.calls.actions import listable_need, put_on_list, take_off_list
from kezhuan.areas.calls.collecting_actions import collect_needs, list_collected
from kezhuan.areas.calls.inviting_actions import invite
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.place_actions import change_place, put_place
from kezhuan.areas.calls.schemas import CollectedBody, InvitedBody, ItemBody, ListingBody, PlaceBody
from kezhuan.kernel.access import get_visible


def put_item(request: HttpRequest, code: str, body: ItemBody) -> dict[str, Any]:
    """A published need that is open to everybody, in the words it has now."""
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    need = listable_need(actor, body.need)
    put_on_list(actor=actor, call=row, need=need, fiscal_fen=body.fiscal_fen, months=body.months, winners=body.winners)
    return moved_now(request, row)


def collected(request: HttpRequest, code: str, body: CollectedBody) -> dict[str, Any]:
    """By their codes, in place of what was said before."""
    row = get_visible(actor_of(request), Call, code)
    collect_needs(actor=actor_of(request), call=row, codes=body.codes)
    return moved_now(request, row)


def collected_listed(request: HttpRequest, code: str, body: ListingBody) -> dict[str, Any]:
    """All that fit it and do not stand there yet."""
    row = get_visible(actor_of(request), Call, code)
    list_collected(actor=actor_of(request), call=row, fiscal_fen=body.fiscal_fen, months=body.months)
    return moved_now(request, row)


def place_put(request: HttpRequest, code: str, body: PlaceBody) -> dict[str, Any]:
    """In words of the office, where no firm poses a challenge."""
    row = get_visible(actor_of(request), Call, code)
    put_place(actor=actor_of(request), call=row, place=body.place)
    return moved_now(request, row)


def place_changed(request: HttpRequest, code: str, number: int, body: PlaceBody) -> dict[str, Any]:
    """While the call is prepared."""
    row = get_visible(actor_of(request), Call, code)
    version = version_matched(request, row.record)
    change_place(actor=actor_of(request), call=row, number=number, place=body.place, expected_version=version)
    return moved_now(request, row)


def take_item(request: HttpRequest, code: str, number: int) -> dict[str, Any]:
    """The others are numbered on."""
    actor = actor_of(request)
    row = get_visible(actor, Call, code)
    take_off_list(actor=actor, call=row, number=number)
    return moved_now(request, row)


def invited(request: HttpRequest, code: str, body: InvitedBody) -> dict[str, Any]:
    """While it takes applications: who comes to them is told, and who has begun an application stays."""
    row = get_visible(actor_of(request), Call, code)
    invite(actor=actor_of(request), call=row, codes=body.codes)
    return moved_now(request, row)


ROUTES = (
    ("PUT", "/{code}/invited", invited, "calls-invite", "Say whom a call by invitation invites"),
    ("POST", "/{code}/items", put_item, "calls-put-item", "Put a need on the list"),
    ("PUT", "/{code}/collected", collected, "calls-collect", "Say which needs came in for a call"),
    (
        "POST",
        "/{code}/collected/list",
        collected_listed,
        "calls-list-collected",
        "Put what came in on the list",
    ),
    ("POST", "/{code}/places", place_put, "calls-put-place", "Put a direction or field on the list"),
    ("PUT", "/{code}/places/{number}", place_changed, "calls-change-place", "Change a direction or field of the list"),
    ("DELETE", "/{code}/items/{number}", take_item, "calls-take-item", "Take an item off the list"),
)


def mount(router: Any) -> None:
    """Add the routes to those of calls."""
    for method, path, view, operation, summary in ROUTES:
        router.add_api_operation(
            path, [method], view, response=Moved, auth=writes("call"), operation_id=operation, summary=summary
        )
