"""Cases of exemption in the API: kept, changed, and followed to the finding."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import writes
from kezhuan.api.records import asked_of, moved_now, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.exemptions import actions
from kezhuan.areas.exemptions.actions import CaseFacts, begin_case, edit_case
from kezhuan.areas.exemptions.lifecycle import KIND
from kezhuan.areas.exemptions.models import ExemptionCase
from kezhuan.areas.exemptions.queries import ground_of
from kezhuan.areas.exemptions.schemas import (
    ExemptionBody,
    ExemptionChange,
    ExemptionConditionBody,
    ExemptionDecisionBody,
    ExemptionFindingBody,
    ExemptionQuery,
    ExemptionShown,
    ExemptionStatementBody,
)
from kezhuan.areas.rights.permissions import keeps_grants
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import NotAllowed

router = Router(tags=["exemptions"])
PERSON = ("number", "name", "part", "statement", "stated_on")


def exemption_fields(actor: Actor, row: ExemptionCase, groups: frozenset[str]) -> dict[str, Any]:
    """What a case shows beside the fields of every record."""
    if "inner" not in groups:
        return {}
    ground = ground_of(row.clause)
    decisions = list(row.decisions.all())
    return {name: getattr(row, name) for name in ("event_on", "source", "loss_fen", "finding", "bars")} | {
        "sort": row.event,
        "ground": ground or "",
        "clause": row.clause.source if row.clause is not None else "",
        "about": [told for one in decisions if (told := reference(actor, one.about)) is not None],
        "decisions": [
            {"code": one.about.code, "move": one.move, "decided_on": one.decided_on, "sha256": one.document.sha256}
            for one in decisions
        ],
        "conditions": [
            {name: getattr(one, name) for name in ("duty", "holds", "part", "note")}
            | {"sha256": one.document.sha256 if one.document is not None else ""}
            for one in row.conditions.all()
        ],
        "people": [{name: getattr(one, name) for name in PERSON} for one in row.people.all()],
    }


def _facts(body: ExemptionBody) -> CaseFacts:
    plain = body.model_dump(exclude={"version", "decisions"})
    return CaseFacts(**plain, decisions=tuple(body.decisions))


def _create(actor: Actor, body: ExemptionBody) -> ExemptionCase:
    """Enter an event about decisions of the unit."""
    if actor.organisation is None or not keeps_grants(actor):
        raise NotAllowed
    return begin_case(actor=actor, owner=actor.organisation, facts=_facts(body))


def _change(actor: Actor, row: ExemptionCase, body: ExemptionChange, version: int) -> ExemptionCase:
    """Replace what was entered of the event; its decisions stay."""
    return edit_case(actor=actor, row=row, facts=_facts(body), expected_version=version)


@router.post(
    "/{code}/decisions",
    response=Moved,
    auth=writes(KIND),
    operation_id="exemptions-decision",
    summary="Attach a decision",
)
def decision(request: HttpRequest, code: str, body: ExemptionDecisionBody) -> dict[str, Any]:
    """The evidence file of a decision of the unit, which the caller may read."""
    actor, row = asked_of(request, ExemptionCase, code)
    return moved_now(request, actions.attach_decision(actor=actor, row=row, sha256=body.sha256))


@router.post(
    "/{code}/conditions",
    response=Moved,
    auth=writes(KIND),
    operation_id="exemptions-condition",
    summary="Answer a condition",
)
def condition(request: HttpRequest, code: str, body: ExemptionConditionBody) -> dict[str, Any]:
    """Found in a file of the case, missing, or not asked."""
    actor, row = asked_of(request, ExemptionCase, code)
    files = documents_of(row.record, ("full", "inner"))
    document = next((one for one in files if one.sha256 == body.sha256), None)
    row = actions.note_condition(
        actor=actor, row=row, duty=body.duty, holds=body.holds, note=body.note, document=document
    )
    return moved_now(request, row)


@router.post(
    "/{code}/finding",
    response=Moved,
    auth=writes(KIND),
    operation_id="exemptions-finding",
    summary="Enter the finding",
)
def finding(request: HttpRequest, code: str, body: ExemptionFindingBody) -> dict[str, Any]:
    """What is proposed, before it is decided on."""
    actor, row = asked_of(request, ExemptionCase, code)
    row = actions.enter_finding(actor=actor, row=row, finding=body.finding, ground=body.ground or "", bars=body.bars)
    return moved_now(request, row)


@router.post(
    "/{code}/statements/{number}",
    response=Moved,
    auth=writes(KIND),
    operation_id="exemptions-statement",
    summary="Enter a statement",
)
def statement(request: HttpRequest, code: str, number: int, body: ExemptionStatementBody) -> dict[str, Any]:
    """In one's own name, or as it was taken down on paper."""
    actor, row = asked_of(request, ExemptionCase, code)
    return moved_now(request, actions.state(actor=actor, row=row, number=number, text=body.text))


add_resource(
    Resource(
        slug=KIND,
        plural="exemptions",
        query=ExemptionQuery,
        shown=ExemptionShown,
        fields=exemption_fields,
        related=("clause",),
        prefetch=("decisions__about__title_to", "decisions__document", "conditions__document", "people"),
        taken=ExemptionBody,
        create=_create,
        changed=ExemptionChange,
        edit=_change,
    )
)
api.add_router("/exemptions", router)
