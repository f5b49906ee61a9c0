"""Offers in the API: written and changed, booked, answered, taken back, and their use."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import AUDIENCES, asked_of, label, moved_now, party, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Listed, Moved
from kezhuan.api.site import api
from kezhuan.areas.chains import api_tasks
from kezhuan.areas.chains.actions import (
    BookingFacts,
    OfferFacts,
    answer_booking,
    book,
    cancel_booking,
    draft_offer,
    edit_offer,
    log_use,
)
from kezhuan.areas.chains.models import Booking, Offer, OfferSort, Use
from kezhuan.areas.chains.permissions import KIND
from kezhuan.areas.chains.queries import bookings_seen, uses_seen
from kezhuan.areas.chains.schemas import (
    BookingAnswerBody,
    BookingBody,
    OfferBody,
    OfferChange,
    OfferQuery,
    OfferShown,
    ReasonBody,
    UseBody,
    UsedShown,
)
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import NotAllowed

MOST = 1000
"""Uses of one answer, the latest first."""
router = Router(tags=["offers"])
log = Router(tags=["offers"])
PUBLIC = ("sort", "place", "unit", "capacity", "period", "starts_on", "ends_on", "reach", "region")
BOOKING = ("number", "team", "purpose", "from_on", "to_on", "amount", "state", "asked_on", "answered_on", "reason")
PROJECT = tuple(f"project__{name}" for name in ("record__owner__record", *(f"record__{one}" for one in AUDIENCES)))


def offer_fields(actor: Actor, row: Offer, groups: frozenset[str]) -> dict[str, Any]:
    """What an offer shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    told = {name: getattr(row, name) for name in PUBLIC} | {"sort_label": label(OfferSort, row.sort)}
    if "full" not in groups:
        return told
    return told | {
        "conditions": row.conditions,
        "project": reference(actor, row.project.record),
        "bookings": [_booking(actor, one) for one in bookings_seen(actor, row)],
    }


def _booking(actor: Actor, one: Booking) -> dict[str, Any]:
    return {name: getattr(one, name) for name in BOOKING} | {
        "organisation": party(one.organisation),
        "project": reference(actor, one.project.record) if one.project is not None else None,
        "uses": [_use(use) for use in one.uses.all()],
    }


def _use(one: Use) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("on", "quantity", "result")}


def _create(actor: Actor, body: OfferBody) -> Offer:
    """Write what the organisation that one acts for opens to a consortium."""
    return draft_offer(actor=actor, facts=OfferFacts(**body.model_dump()))


def _change(actor: Actor, row: Offer, body: OfferChange, version: int) -> Offer:
    """Replace what was entered, until the offer is closed."""
    facts = OfferFacts(**body.model_dump(exclude={"version"}))
    return edit_offer(actor=actor, offer=row, facts=facts, expected_version=version)


@router.post("/{code}/bookings", response=Moved, auth=writes(KIND), operation_id="offers-book", summary="Book an offer")
def bookings(request: HttpRequest, code: str, body: BookingBody) -> dict[str, Any]:
    """Ask for a part of what is offered; its organisation answers."""
    actor, row = asked_of(request, Offer, code)
    book(actor=actor, offer=row, facts=BookingFacts(**body.model_dump()))
    return moved_now(request, row)


@router.put(
    "/{code}/bookings/{number}",
    response=Moved,
    auth=writes(KIND),
    operation_id="offers-answer",
    summary="Answer a booking",
)
def answer(request: HttpRequest, code: str, number: int, body: BookingAnswerBody) -> dict[str, Any]:
    """Confirm it, or refuse it with the reason; never more is confirmed than the capacity."""
    actor, row = asked_of(request, Offer, code)
    answer_booking(actor=actor, offer=row, number=number, confirms=body.confirms, reason=body.reason)
    return moved_now(request, row)


@router.post(
    "/{code}/bookings/{number}/cancel",
    response=Moved,
    auth=writes(KIND),
    operation_id="offers-cancel",
    summary="Take a booking back",
)
def cancel(request: HttpRequest, code: str, number: int, body: ReasonBody) -> dict[str, Any]:
    """On either side, until it was used."""
    actor, row = asked_of(request, Offer, code)
    cancel_booking(actor=actor, offer=row, number=number, reason=body.reason)
    return moved_now(request, row)


@router.post(
    "/{code}/bookings/{number}/uses",
    response=Moved,
    auth=writes(KIND),
    operation_id="offers-use",
    summary="Note a use",
)
def use(request: HttpRequest, code: str, number: int, body: UseBody) -> dict[str, Any]:
    """One use of a confirmed booking, within its days."""
    actor, row = asked_of(request, Offer, code)
    log_use(actor=actor, offer=row, number=number, on=body.on, quantity=Decimal(body.quantity), result=body.result)
    return moved_now(request, row)


@log.get(
    "", response=Listed[UsedShown], auth=reads(KIND), operation_id="offer-uses", summary="The log of use of offers"
)
def uses(request: HttpRequest) -> dict[str, Any]:
    """The latest thousand uses that one may read: of one's own offers and bookings, and for officers of all."""
    actor = actor_of(request)
    if not actor.is_signed_in:
        raise NotAllowed
    return {"items": [_used(actor, one) for one in uses_seen(actor)[:MOST]]}


def _used(actor: Actor, one: Use) -> dict[str, Any]:
    booking, offer = one.booking, one.booking.offer
    return _use(one) | {
        "offer": reference(actor, offer.record),
        "sort": offer.sort,
        "unit": offer.unit,
        "organisation": party(booking.organisation),
        "project": reference(actor, booking.project.record) if booking.project is not None else None,
        "team": booking.team,
        "purpose": booking.purpose,
    }


add_resource(
    Resource(
        slug=KIND,
        plural="offers",
        query=OfferQuery,
        shown=OfferShown,
        fields=offer_fields,
        related=PROJECT,
        taken=OfferBody,
        create=_create,
        changed=OfferChange,
        edit=_change,
    )
)
api.add_router("/offers", router)
api.add_router("/offer-uses", log)
api.add_router("/tasks", api_tasks.router)
