"""The separate ledger in the API: entries, fees, equity, stock-takes, offers."""

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router
from ninja.files import UploadedFile

from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import AUDIENCES, asked_of, moved_now, named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.ledger import actions
from kezhuan.areas.ledger.actions import LedgerFacts, edit_entry, enter_achievement
from kezhuan.areas.ledger.equity_actions import EquityFacts, add_equity, exit_equity, name_company
from kezhuan.areas.ledger.lifecycle import KIND
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.areas.ledger.schemas import (
    CompanyBody,
    CompanyShown,
    ExitFields,
    LedgerBody,
    LedgerChange,
    LedgerEquityBody,
    LedgerFeeBody,
    LedgerOfferBody,
    LedgerPaidBody,
    LedgerQuery,
    LedgerShown,
    LedgerStockTakeBody,
)
from kezhuan.areas.rights.permissions import keeps_income
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import NotAllowed

router, companies = Router(tags=["ledger"]), Router(tags=["ledger"])
SHOWN = ("status", "since", "origin", "work_stage", "recognised_fen", "offered_on", "offered")
FEE = ("number", "what", "fen", "due_on", "paid_on", "voucher")
EQUITY = (
    "number", "company", "company_code", "share_bp", "cost_fen", "held_on", "exited_on", "proceeds_fen", "decision",
)  # fmt: skip
TAKEN = ("year", "on", "outcome", "note")


def ledger_fields(actor: Actor, row: LedgerEntry, groups: frozenset[str]) -> dict[str, Any]:
    """What an entry shows beside the fields of every record."""
    if "inner" not in groups:
        return {}
    unit = row.record.owner.record.title if row.record.owner is not None else ""
    return {name: getattr(row, name) for name in SHOWN} | {
        "achievement": reference(actor, row.achievement),
        "equity": [
            {name: getattr(one, name) for name in EQUITY}
            | {"holder": one.holder.name if one.holder is not None else unit}
            for one in row.equity.all()
        ],
        "upkeep": [{name: getattr(one, name) for name in FEE} for one in row.upkeep.all()],
        "stock_takes": [{name: getattr(one, name) for name in TAKEN} for one in row.stock_takes.all()],
    }


def _facts(actor: Actor, body: LedgerBody) -> LedgerFacts:
    about = named(actor, Achievement, [body.achievement], "achievement", "full")[body.achievement]
    return LedgerFacts(
        achievement=about.record,
        origin=body.origin or "",
        work_stage=body.work_stage or "",
        recognised_fen=body.recognised_fen,
        summary=body.summary,
    )


def _create(actor: Actor, body: LedgerBody) -> LedgerEntry:
    """Enter an achievement of the unit in its ledger."""
    if actor.organisation is None or not keeps_income(actor):
        raise NotAllowed
    return _again(enter_achievement(actor=actor, owner=actor.organisation, facts=_facts(actor, body)))


def _change(actor: Actor, row: LedgerEntry, body: LedgerChange, version: int) -> LedgerEntry:
    """Replace what was entered of an entry."""
    return edit_entry(actor=actor, row=row, facts=_facts(actor, body), expected_version=version)


def _again(row: LedgerEntry) -> LedgerEntry:
    """The entry as it is read, with its status."""
    return LedgerEntry.objects.select_related("record__owner__record", "achievement").get(pk=row.pk)


@router.post("/{code}/fees", response=Moved, auth=writes(KIND), operation_id="ledger-fee", summary="Enter a fee")
def fee(request: HttpRequest, code: str, body: LedgerFeeBody) -> dict[str, Any]:
    """A fee of upkeep, and the day by which it is to be paid."""
    actor, row = asked_of(request, LedgerEntry, code)
    actions.add_upkeep(actor=actor, row=row, what=body.what, fen=body.fen, due_on=body.due_on)
    return moved_now(request, row)


@router.post(
    "/{code}/fees/{number}/payment",
    response=Moved,
    auth=writes(KIND),
    operation_id="ledger-pay",
    summary="Enter that a fee was paid",
)
def pay(request: HttpRequest, code: str, number: int, body: LedgerPaidBody) -> dict[str, Any]:
    """Each fee once."""
    actor, row = asked_of(request, LedgerEntry, code)
    actions.pay_upkeep(actor=actor, row=row, number=number, on=body.on, voucher=body.voucher)
    return moved_now(request, row)


@router.post("/{code}/equity", response=Moved, auth=writes(KIND), operation_id="ledger-equity", summary="Enter equity")
def equity(request: HttpRequest, code: str, body: LedgerEquityBody) -> dict[str, Any]:
    """A share that was got for the achievement, held by the unit or its asset company."""
    actor, row = asked_of(request, LedgerEntry, code)
    add_equity(actor=actor, row=row, facts=EquityFacts(**body.model_dump()))
    return moved_now(request, row)


@router.post(
    "/{code}/equity/{number}/exit",
    response=Moved,
    auth=writes(KIND),
    operation_id="ledger-give-up",
    summary="Enter that a share was given up",
)
def leave(
    request: HttpRequest,
    code: str,
    number: int,
    given: Form[ExitFields],
    file: File[UploadedFile | None] = None,
) -> dict[str, Any]:
    """What it brought, once. Of less than it cost the decision is named, and the file added on which it was taken."""
    actor, row = asked_of(request, LedgerEntry, code)
    proof = Upload(file.name or "", file.read(), given.declared_open) if file is not None else None
    exit_equity(
        actor=actor,
        row=row,
        number=number,
        on=given.on,
        proceeds_fen=given.proceeds_fen,
        decision=given.decision,
        proof=proof,
    )
    return moved_now(request, row)


@companies.post(
    "",
    response=CompanyShown,
    auth=writes(KIND),
    operation_id="ledger-name-company",
    summary="Name the asset company",
)
def company(request: HttpRequest, body: CompanyBody) -> dict[str, str]:
    """Which company holds equity for the unit (资产经营公司), by its credit code; naming it again corrects its name."""
    made = name_company(actor=actor_of(request), name=body.name, code=body.code)
    return {"name": made.name, "code": made.code}


@router.post(
    "/{code}/stock-take", response=Moved, auth=writes(KIND), operation_id="ledger-stock-take", summary="Take stock"
)
def stock_take(request: HttpRequest, code: str, body: LedgerStockTakeBody) -> dict[str, Any]:
    """What this year's stock-take found, once a year."""
    actor, row = asked_of(request, LedgerEntry, code)
    actions.take_stock(actor=actor, codes=[row.record.code], outcome=body.outcome, note=body.note)
    return moved_now(request, row)


@router.post("/{code}/offer", response=Moved, auth=writes(KIND), operation_id="ledger-offer", summary="Enter an offer")
def offer(request: HttpRequest, code: str, body: LedgerOfferBody) -> dict[str, Any]:
    """The offer to the completers that comes before an achievement is given up."""
    actor, row = asked_of(request, LedgerEntry, code)
    actions.note_offer(actor=actor, row=row, on=body.on, answer=body.answer)
    return moved_now(request, row)


add_resource(
    Resource(
        slug=KIND,
        plural="ledger",
        query=LedgerQuery,
        shown=LedgerShown,
        fields=ledger_fields,
        related=tuple(f"achievement__{audience}" for audience in ("owner__record", *AUDIENCES)),
        prefetch=("equity__holder", "upkeep", "stock_takes"),
        taken=LedgerBody,
        create=_create,
        changed=LedgerChange,
        edit=_change,
    )
)
api.add_router("/ledger", router)
api.add_router("/asset-companies", companies)
