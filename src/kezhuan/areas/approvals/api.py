"""Approvals in the API: what waits, asking, signing, returning, the steps with their opinions."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import AUDIENCES, moved, party, record_named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Listed, Moved
from kezhuan.api.site import api
from kezhuan.areas.approvals.actions import ask_approval, return_approval, sign_step
from kezhuan.areas.approvals.api_steps import approval_of, step_of
from kezhuan.areas.approvals.api_steps import router as steps_router
from kezhuan.areas.approvals.permissions import steps_waiting_for
from kezhuan.areas.approvals.queries import TOLD
from kezhuan.areas.approvals.schemas import (
    ApprovalBody,
    ApprovalQuery,
    ApprovalShown,
    ReturnBody,
    SignBody,
    StepShown,
    WaitingStep,
)
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.approvals import RUNNING, StepTold, steps_told
from kezhuan.kernel.models import Approval, Clock

router = Router(tags=["approvals"])
MOST_WAITING = 200


def approval_fields(actor: Actor, row: Approval, groups: frozenset[str]) -> dict[str, Any]:
    """What an approval shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    return {
        "about": reference(actor, row.about),
        "move": row.move,
        "move_label": str(registry.kind_of(row.about).lifecycle.moves[row.move].label),
        "reason": row.reason,
        "note": row.note,
        "considered": row.considered,
        "office": party(row.office),
        "asked_by": party(row.asked_by),
        "asked_for": party(row.asked_for),
        "document_no": row.document_no,
        "content_hash": row.content_hash,
    }


def _ask(actor: Actor, body: ApprovalBody) -> Approval:
    record = record_named(actor, body.record, "record")
    words = {"note": body.note, "reason": body.reason, "considered": body.considered}
    return ask_approval(actor=actor, row=registry.row_of(record), move=body.move, **words)


@router.get(
    "/waiting",
    response=Listed[WaitingStep],
    auth=reads("approval"),
    operation_id="approvals-waiting",
    summary="What waits for a signature",
)
def waiting(request: HttpRequest) -> dict[str, Any]:
    """The steps that the asking person may close now, the longest waiting first."""
    actor = actor_of(request)
    joined = (f"approval__record__{name}" for name in ("owner__record", *AUDIENCES))
    steps = list(steps_waiting_for(actor).select_related("post", *joined).order_by("opened_on", "pk")[:MOST_WAITING])
    clocks = Clock.objects.filter(record__in=[step.approval_id for step in steps], ended_on=None).exclude(post=None)
    due = {(clock.record_id, clock.post_id): clock.due_on for clock in clocks}
    return {
        "items": [
            {
                "approval": shown,
                "number": step.pk,
                "post": step.post.name,
                "mode": step.mode,
                "numbered": step.numbered,
                "since": step.opened_on,
                "due_on": due.get((step.approval_id, step.post_id)),
            }
            for step in steps
            if (shown := reference(actor, step.approval.record)) is not None
        ]
    }


@router.get(
    "/{code}/steps",
    response=Listed[StepShown],
    auth=reads("approval"),
    operation_id="approvals-steps",
    summary="Steps and opinions",
)
def steps(request: HttpRequest, code: str) -> dict[str, Any]:
    """All steps of an approval in order, with the opinions with which they were closed."""
    row = approval_of(request, code)
    return {"items": [_step_shown(told, row.record.stage == RUNNING) for told in steps_told(row)]}


def _step_shown(told: StepTold, running: bool) -> dict[str, Any]:
    step = told.step
    return {
        "number": step.pk,
        "position": step.position,
        "post": step.post.name,
        "office": party(step.post.organisation),
        "mode": step.mode,
        "numbered": step.numbered,
        "waits": running and step.closed_at is None and step.opened_on is not None,
        "outcome": step.outcome,
        "signer": party(step.signer),
        "signed_for": party(step.signed_for),
        "signed_on": step.signed_on,
        "opinion": told.opinion,
        "meeting": step.meeting,
        "minutes_no": step.minutes_no,
        "entitled": step.entitled,
        "attended": step.attended,
        "recused": step.recused,
    }


@router.post(
    "/{code}/steps/{number}/sign",
    response=Moved,
    auth=writes("approval"),
    operation_id="approvals-sign",
    summary="Sign a step",
)
def sign(request: HttpRequest, code: str, number: int, body: SignBody) -> dict[str, Any]:
    """Agree in the name of the step's post; whoever closes the last step takes the move with it. 409 when somebody was
    faster, 422 with whatever stands against the move."""
    step = step_of(request, code, number)
    done = sign_step(actor=actor_of(request), step=step, opinion=body.opinion, document_no=body.document_no)
    return moved(request, done.record)


@router.post(
    "/{code}/return",
    response=Moved,
    auth=writes("approval"),
    operation_id="approvals-return",
    summary="Return with opinion",
)
def send_back(request: HttpRequest, code: str, body: ReturnBody) -> dict[str, Any]:
    """Return it to the office that asked; addressed to the applicant, the opinion stands in the record's history."""
    row = approval_of(request, code)
    done = return_approval(actor=actor_of(request), approval=row, opinion=body.opinion, to_applicant=body.to_applicant)
    return moved(request, done.record)


# Before the routes of every kind: `waiting` is no code.
api.add_router("/approvals", router)
api.add_router("/approvals", steps_router)
add_resource(
    Resource(
        slug="approval",
        plural="approvals",
        query=ApprovalQuery,
        shown=ApprovalShown,
        fields=approval_fields,
        related=(*TOLD, "about__owner__record", *(f"about__{name}" for name in AUDIENCES)),
        taken=ApprovalBody,
        create=_ask,
    )
)
