"""Prices in the API: kept, changed, and followed to the contract."""

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router
from ninja.files import UploadedFile

from kezhuan.api.identity import writes
from kezhuan.api.records import AUDIENCES, asked_of, moved_now, named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.prices import actions
from kezhuan.areas.prices.actions import Deal, Due, Offered, PriceFacts, draft_price, edit_price
from kezhuan.areas.prices.lifecycle import KIND
from kezhuan.areas.prices.models import Price
from kezhuan.areas.prices.schemas import (
    PriceBody,
    PriceChange,
    PriceContractBody,
    PriceDealBody,
    PriceQuery,
    PriceQuoteBody,
    PriceShown,
    QuoteFields,
)
from kezhuan.areas.rights.permissions import keeps_income
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import NotAllowed

router = Router(tags=["prices"])
SHOWN = (
    "mode", "basis", "basis_text", "asked_fen", "final_fen", "buyer", "buyer_code", "related", "relation",
    "wants_exemption", "place", "deal_no", "deal_on",
)  # fmt: skip


def price_fields(actor: Actor, row: Price, groups: frozenset[str]) -> dict[str, Any]:
    """What a price shows beside the fields of every record."""
    if "inner" not in groups:
        return {}
    return {name: getattr(row, name) for name in SHOWN} | {
        "sort": row.way,
        "achievement": reference(actor, row.achievement),
        "contract": reference(actor, row.contract) if row.contract is not None else None,
        "quotes": [
            {name: getattr(one, name) for name in ("number", "source", "seal", "received_on", "opened_on", "fen")}
            for one in row.quotes.all()
        ],
        "bids": [{name: getattr(one, name) for name in ("bidder", "fen", "on")} for one in row.bids.all()],
        "payments": [{name: getattr(one, name) for name in ("due_on", "fen", "trigger")} for one in row.payments.all()],
    }


def _facts(actor: Actor, body: PriceBody) -> PriceFacts:
    about = named(actor, Achievement, [body.achievement], "achievement", "full")[body.achievement]
    plain = body.model_dump(exclude={"version", "achievement", "payments"})
    dues = tuple(Due(one.due_on, one.fen, one.trigger) for one in body.payments)
    return PriceFacts(**plain, achievement=about.record, payments=dues)


def _create(actor: Actor, body: PriceBody) -> Price:
    """Begin to find the price of an achievement of the unit."""
    if actor.organisation is None or not keeps_income(actor):
        raise NotAllowed
    return draft_price(actor=actor, owner=actor.organisation, facts=_facts(actor, body))


def _change(actor: Actor, row: Price, body: PriceChange, version: int) -> Price:
    """Replace what was entered of a draft."""
    return edit_price(actor=actor, row=row, facts=_facts(actor, body), expected_version=version)


@router.post(
    "/{code}/quotes", response=Moved, auth=writes(KIND), operation_id="prices-quote", summary="Take a sealed quote"
)
def quote(request: HttpRequest, code: str, body: PriceQuoteBody) -> dict[str, Any]:
    """A quote of the unit's own enquiry, by the hash of its file."""
    actor, row = asked_of(request, Price, code)
    return moved_now(request, actions.take_quote(actor=actor, row=row, source=body.source, seal=body.seal))


@router.post(
    "/{code}/quotes/{number}/opening",
    response=Moved,
    auth=writes(KIND),
    operation_id="prices-open-quote",
    summary="Open a sealed quote",
)
def opening(
    request: HttpRequest, code: str, number: int, file: File[UploadedFile], given: Form[QuoteFields]
) -> dict[str, Any]:
    """The quote's own file, whose hash is its seal, and the price that it says."""
    actor, row = asked_of(request, Price, code)
    told = Upload(file.name or "", file.read(), given.declared_open)
    return moved_now(request, actions.open_quote(actor=actor, row=row, number=number, fen=given.fen, file=told))


@router.post(
    "/{code}/confirmation",
    response=Moved,
    auth=writes(KIND),
    operation_id="prices-confirmation",
    summary="Add the confirmation of the deal",
)
def confirmation(
    request: HttpRequest, code: str, file: File[UploadedFile], declared_open: Form[bool] = False
) -> dict[str, Any]:
    """What the place that held the listing or auction gave (成交确认书); nobody takes it back."""
    actor, row = asked_of(request, Price, code)
    told = Upload(file.name or "", file.read(), declared_open)
    return moved_now(request, actions.keep_confirmation(actor=actor, row=row, file=told))


@router.post("/{code}/deal", response=Moved, auth=writes(KIND), operation_id="prices-deal", summary="Enter the deal")
def deal(request: HttpRequest, code: str, body: PriceDealBody) -> dict[str, Any]:
    """What the place that held the listing or auction says; its confirmation is added as a file."""
    actor, row = asked_of(request, Price, code)
    told = Deal(
        **body.model_dump(exclude={"bids", "payments"}),
        bids=tuple(Offered(one.bidder, one.fen, one.on) for one in body.bids),
        payments=tuple(Due(one.due_on, one.fen, one.trigger) for one in body.payments),
    )
    return moved_now(request, actions.enter_deal(actor=actor, row=row, deal=told))


@router.post(
    "/{code}/contract", response=Moved, auth=writes(KIND), operation_id="prices-contract", summary="Enter a contract"
)
def contract(request: HttpRequest, code: str, body: PriceContractBody) -> dict[str, Any]:
    """The technology contract that was signed at the price."""
    actor, row = asked_of(request, Price, code)
    return moved_now(request, actions.note_contract(actor=actor, row=row, code=body.contract))


add_resource(
    Resource(
        slug=KIND,
        plural="prices",
        query=PriceQuery,
        shown=PriceShown,
        fields=price_fields,
        related=tuple(
            f"{name}__{audience}" for name in ("achievement", "contract") for audience in ("owner__record", *AUDIENCES)
        ),
        prefetch=("quotes", "bids", "payments"),
        taken=PriceBody,
        create=_create,
        changed=PriceChange,
        edit=_change,
    )
)
api.add_router("/prices", router)
