"""The project library in the API: entries in their order, budget documents; money in fen."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.schemas import Listed
from kezhuan.areas.calls.library import documents_of, entries_of, require_keeper, waiting_for
from kezhuan.areas.calls.library_actions import issue_budget, order_library, withdraw_budget
from kezhuan.areas.calls.models import BudgetDocument, LibraryEntry
from kezhuan.areas.calls.permissions import PROGRAMME
from kezhuan.areas.calls.schemas_library import (
    BudgetDocumentBody,
    BudgetDocumentShown,
    LibraryEntryShown,
    LibraryOrderBody,
)
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Missing

MOST = 1000
"""Entries of one answer, the first of the order."""
router = Router(tags=["calls"])


def _keeper(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    require_keeper(actor)
    return actor


def _entry(one: LibraryEntry) -> dict[str, Any]:
    application = one.application
    return {
        "application": application.record.code,
        "title": application.record.title,
        "applicant": application.applicant.record.title,
        "call": application.item.call.record.code,
        "place": one.place,
        "amount_fen": one.amount_fen,
        "since": one.since,
        "left_on": one.left_on,
        "document": one.document.number if one.document is not None else None,
        "funded_fen": one.funded_fen,
    }


def _shown(actor: Actor, row: BudgetDocument) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in ("number", "year", "subject", "issued_on", "note", "withdrawn_on")}
    return {"id": row.pk, **own, "entries": [_entry(one) for one in entries_of(actor).filter(document=row)]}


@router.get(
    "/library",
    auth=reads(PROGRAMME),
    response=Listed[LibraryEntryShown],
    operation_id="library",
    summary="The project library",
)
def library(request: HttpRequest, left: bool = False) -> dict[str, Any]:
    """What waits in its order, or with `left` what has left, of the calls that one is in charge of."""
    rows = entries_of(_keeper(request)).filter(left_on__isnull=not left)
    return {"items": [_entry(one) for one in rows[:MOST]]}


@router.put(
    "/library/order",
    auth=writes(PROGRAMME),
    response=Listed[LibraryEntryShown],
    operation_id="library-order",
    summary="Change the order of the project library",
)
def order(request: HttpRequest, body: LibraryOrderBody) -> dict[str, Any]:
    """The named ones first, in this order."""
    actor = _keeper(request)
    order_library(actor=actor, codes=body.codes)
    return {"items": [_entry(one) for one in waiting_for(actor)[:MOST]]}


@router.get(
    "/library/documents",
    auth=reads(PROGRAMME),
    response=Listed[BudgetDocumentShown],
    operation_id="budget-documents",
    summary="Budget documents",
)
def documents(request: HttpRequest) -> dict[str, Any]:
    """The newest hundred, with what each names."""
    actor = _keeper(request)
    return {"items": [_shown(actor, one) for one in documents_of(actor)[:100]]}


@router.post(
    "/library/documents",
    auth=writes(PROGRAMME),
    response=BudgetDocumentShown,
    operation_id="budget-documents-enter",
    summary="Enter a budget document",
)
def document_entered(request: HttpRequest, body: BudgetDocumentBody) -> dict[str, Any]:
    """What it names leaves the library, and its projects can begin with this money."""
    actor = _keeper(request)
    return _shown(actor, issue_budget(actor=actor, facts=body.facts))


@router.post(
    "/library/documents/{number}/withdraw",
    auth=writes(PROGRAMME),
    response=BudgetDocumentShown,
    operation_id="budget-documents-withdraw",
    summary="Withdraw a budget document",
)
def document_withdrawn(request: HttpRequest, number: int) -> dict[str, Any]:
    """Entered by mistake, before a project of it has begun."""
    actor = _keeper(request)
    found = documents_of(actor).filter(pk=number).first()
    if found is None:
        raise Missing(str(number))
    return _shown(actor, withdraw_budget(actor=actor, document=found))
