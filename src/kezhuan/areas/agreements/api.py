"""Agreements in the API: written, changed, and followed while they stand."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import writes
from kezhuan.api.records import AUDIENCES, asked_of, label, moved_now, party, record_named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.agreements import api_licences
from kezhuan.areas.agreements.actions import (
    AgreementFacts,
    Aim,
    Due,
    draft_agreement,
    edit_agreement,
    note_invoice,
    note_payment,
    reach_milestone,
)
from kezhuan.areas.agreements.counting import said_of
from kezhuan.areas.agreements.counting_actions import agree_to_count, take_back_count
from kezhuan.areas.agreements.lifecycle import KIND
from kezhuan.areas.agreements.models import OF_VERSION, Agreement, AgreementSort
from kezhuan.areas.agreements.permissions import keeps, keeps_papers
from kezhuan.areas.agreements.queries import TIES
from kezhuan.areas.agreements.schemas import (
    AgreementBody,
    AgreementChange,
    AgreementPaidBody,
    AgreementPaymentShown,
    AgreementQuery,
    AgreementShown,
    AimShown,
    CountedBody,
    InvoiceBody,
    ReachedBody,
)
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.errors import NotAllowed

router = Router(tags=["agreements"])


def agreement_fields(actor: Actor, row: Agreement, groups: frozenset[str]) -> dict[str, Any]:
    """What an agreement shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    ties = {name: tie for name in TIES if (tie := getattr(row, name)) is not None and can_view(actor, tie)}
    own = keeps.test(actor, row)
    return {
        **{name: getattr(row, name) for name in ("sort", "party_name", "party_code", "others", "triggered_on")},
        "sort_label": label(AgreementSort, row.sort),
        "party": party(row.party),
        **{name: reference(actor, tie) for name, tie in ties.items()},
        **_counted(actor, row),
        "versions": [_version(one) for one in row.versions.all() if own or one.offered_on is not None],
    }


def _counted(actor: Actor, row: Agreement) -> dict[str, Any]:
    said = said_of(row)
    if said is None:
        return {}
    return {"counted_in": reference(actor, said.call.record)} | {
        name: getattr(said, name) for name in ("on_site", "owner_on", "party_on", "refused_on")
    }


def _version(one: Any) -> dict[str, Any]:
    names = ("number", *OF_VERSION, "wording", "offered_on", "agreed_on", "on_paper")
    return {name: getattr(one, name) for name in names} | {
        "payments": [
            {name: getattr(row, name) for name in AgreementPaymentShown.model_fields} for row in one.payments.all()
        ],
        "milestones": [{name: getattr(row, name) for name in AimShown.model_fields} for row in one.milestones.all()],
    }


def _facts(actor: Actor, body: AgreementBody) -> AgreementFacts:
    plain = body.model_dump(exclude={"version", "payments", "milestones", *TIES})
    ties: dict[str, Any] = {name: record_named(actor, code, name) for name in TIES if (code := getattr(body, name))}
    return AgreementFacts(
        **plain,
        **ties,
        payments=tuple(Due(one.what, one.fen, one.due_on) for one in body.payments),
        milestones=tuple(Aim(one.text, one.due_on) for one in body.milestones),
    )


def _create(actor: Actor, body: AgreementBody) -> Agreement:
    """Begin an agreement of the organisation that the actor acts for."""
    if actor.organisation is None or not keeps_papers(actor):
        raise NotAllowed
    return draft_agreement(actor=actor, owner=actor.organisation, facts=_facts(actor, body))


def _change(actor: Actor, row: Agreement, body: AgreementChange, version: int) -> Agreement:
    """Replace what is being written."""
    return edit_agreement(actor=actor, agreement=row, facts=_facts(actor, body), expected_version=version)


@router.post(
    "/{code}/payments/{number}/invoice",
    response=Moved,
    auth=writes(KIND),
    operation_id="agreements-invoice",
    summary="Enter the invoice of a payment",
)
def invoice(request: HttpRequest, code: str, number: int, body: InvoiceBody) -> dict[str, Any]:
    """Its number and day, once the payment is owed."""
    actor, row = asked_of(request, Agreement, code)
    done = note_invoice(actor=actor, agreement=row, number=number, invoice=body.invoice, on=body.on)
    return moved_now(request, done)


@router.post(
    "/{code}/payments/{number}",
    response=Moved,
    auth=writes(KIND),
    operation_id="agreements-paid",
    summary="Enter what came in for a payment",
)
def paid(request: HttpRequest, code: str, number: int, body: AgreementPaidBody) -> dict[str, Any]:
    """How much, and on which day."""
    actor, row = asked_of(request, Agreement, code)
    done = note_payment(actor=actor, agreement=row, number=number, on=body.on, fen=body.fen, voucher=body.voucher)
    return moved_now(request, done)


@router.put(
    "/{code}/counted",
    response=Moved,
    auth=writes(KIND),
    operation_id="agreements-counted",
    summary="Agree that an agreement is counted in a call",
)
def counted(request: HttpRequest, code: str, body: CountedBody) -> dict[str, Any]:
    """For one's own side. Once every side that has an account here agrees, the officers of the call, and whoever
    inspects it, read its sides, sort, amount, day of signing, stage and later registration."""
    actor, row = asked_of(request, Agreement, code)
    agree_to_count(actor=actor, agreement=row, call=body.call, on_site=body.on_site)
    return moved_now(request, row)


@router.delete(
    "/{code}/counted",
    response=Moved,
    auth=writes(KIND),
    operation_id="agreements-uncounted",
    summary="Take back that an agreement is counted in a call",
)
def uncounted(request: HttpRequest, code: str) -> dict[str, Any]:
    """For one's own side, or the answer that it does not agree: from then on nobody reads anything of it at the
    call."""
    actor, row = asked_of(request, Agreement, code)
    take_back_count(actor=actor, agreement=row)
    return moved_now(request, row)


@router.post(
    "/{code}/milestones/{number}",
    response=Moved,
    auth=writes(KIND),
    operation_id="agreements-milestone",
    summary="Enter that a milestone was reached",
)
def milestone(request: HttpRequest, code: str, number: int, body: ReachedBody) -> dict[str, Any]:
    """On which day, and how it is shown."""
    actor, row = asked_of(request, Agreement, code)
    done = reach_milestone(actor=actor, agreement=row, number=number, on=body.on, evidence=body.evidence)
    return moved_now(request, done)


add_resource(
    Resource(
        slug=KIND,
        plural="agreements",
        query=AgreementQuery,
        shown=AgreementShown,
        fields=agreement_fields,
        related=(
            "party__record",
            "counted_in__call__record__owner__record",
            *(f"counted_in__call__record__{audience}" for audience in AUDIENCES),
            *(f"{name}__{audience}" for name in TIES for audience in ("owner__record", *AUDIENCES)),
        ),
        prefetch=("versions__payments", "versions__milestones"),
        taken=AgreementBody,
        create=_create,
        changed=AgreementChange,
        edit=_change,
    )
)
api.add_router("/agreements", router)
api.add_router("/licences", api_licences.router)
