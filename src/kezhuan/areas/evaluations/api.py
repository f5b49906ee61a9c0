"""Evaluations in the API: prepared and changed, graded by evidence, and checked by number and code."""

from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from kezhuan.api.identity import OPEN, writes
from kezhuan.api.records import AUDIENCES, asked_of, label, moved_now, named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.evaluations.actions import (
    EvaluationFacts,
    ItemFacts,
    MetricFacts,
    edit_evaluation,
    prepare_evaluation,
)
from kezhuan.areas.evaluations.grading_actions import (
    EvidenceFacts,
    Findings,
    enter_findings,
    keep_agency_report,
    link_evidence,
    move_level,
)
from kezhuan.areas.evaluations.models import (
    Evaluation,
    EvaluationMethod,
    EvaluationPurpose,
    EvidenceSort,
    ResultType,
    WorkItem,
)
from kezhuan.areas.evaluations.papers import check_report, code_on_report, figure, report_number
from kezhuan.areas.evaluations.permissions import KIND
from kezhuan.areas.evaluations.queries import agency_report
from kezhuan.areas.evaluations.registering_actions import fill_in_form, register_result
from kezhuan.areas.evaluations.schemas import (
    EvaluationBody,
    EvaluationChange,
    EvaluationQuery,
    EvaluationShown,
    FindingsBody,
    LevelBody,
    RegistryFormBody,
    ReportShown,
    ResultRegistrationBody,
    WorkEvidenceBody,
)
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing, NotAllowed

router = Router(tags=["evaluations"])
reports = Router(tags=["evaluations"])
Asked = Annotated[str, Query(min_length=1, max_length=40)]
PLAIN = (
    "scale", "innovation", "advancement", "standing", "marks", "marks_why", "chair", "conclusion", "limits", "valid_to",
    "delivered_on", "level", "wording", "reg_no", "registered_on",
    "registration", "novelty_reference", "novelty_issuer", "novelty_on",
)  # fmt: skip


def evaluation_fields(actor: Actor, row: Evaluation, groups: frozenset[str]) -> dict[str, Any]:
    """What an evaluation shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    return {name: getattr(row, name) for name in PLAIN} | {
        "sort": row.result_type,
        "sort_label": label(ResultType, row.result_type),
        "purpose": row.purpose,
        "purpose_label": label(EvaluationPurpose, row.purpose),
        "method": row.method,
        "method_label": label(EvaluationMethod, row.method),
        "agency": row.agency.record.code if row.agency is not None else "",
        "agency_contract": row.agency_contract,
        "agency_report": file.sha256 if row.agency_id and (file := agency_report(row)) is not None else "",
        "achievement": reference(actor, row.achievement),
        "items": [_item(actor, one) for one in row.items.all()],
        "metrics": [
            {name: getattr(one, name) for name in ("name", "unit", "less_is_better", "rival", "test_method", "source")}
            | {"own": figure(one.own), "best": figure(one.best), "better": one.is_better}
            for one in row.metrics.all()
        ],
        "report_number": report_number(row) if row.report else "",
        "report_code": code_on_report(row),
        "report": _lines(row.report),
    }


def _lines(report: Any) -> list[dict[str, str]]:
    return [{"label": name, "text": text} for name, text in report]


def _item(actor: Actor, item: WorkItem) -> dict[str, Any]:
    plain = {name: getattr(item, name) for name in ("code", "name", "above", "core", "level")}
    return plain | {
        "evidence": [
            {name: getattr(one, name) for name in ("kind", "reference", "issuer", "on", "level")}
            | {
                "kind_label": label(EvidenceSort, one.kind),
                "file": one.document.stored_id if one.document is not None else "",
                "record": reference(actor, one.linked) if one.linked is not None else None,
            }
            for one in item.evidence.all()
        ],
        "moves": [
            {name: getattr(one, name) for name in ("before", "after", "on", "evidence")} for one in item.moves.all()
        ],
    }


def _facts(actor: Actor, body: EvaluationBody) -> EvaluationFacts:
    about = named(actor, Achievement, [body.achievement], "achievement", "full")[body.achievement]
    plain = body.model_dump(exclude={"version", "achievement", "items", "metrics"})
    return EvaluationFacts(
        **plain,
        achievement=about.record,
        items=tuple(ItemFacts(**one.model_dump()) for one in body.items),
        metrics=tuple(
            MetricFacts(**one.model_dump() | {"own": Decimal(one.own), "best": Decimal(one.best)})
            for one in body.metrics
        ),
    )


def _create(actor: Actor, body: EvaluationBody) -> Evaluation:
    """Prepare an evaluation inside the unit that the actor acts for."""
    if actor.organisation is None:
        raise NotAllowed(_("Only members of the unit that write for it prepare its evaluation."))
    return prepare_evaluation(actor=actor, owner=actor.organisation, facts=_facts(actor, body))


def _change(actor: Actor, row: Evaluation, body: EvaluationChange, version: int) -> Evaluation:
    """Replace what was entered of a draft."""
    return edit_evaluation(actor=actor, evaluation=row, facts=_facts(actor, body), expected_version=version)


@router.post(
    "/{code}/items/{item}/evidence",
    response=Moved,
    auth=writes(KIND),
    operation_id="evaluations-evidence",
    summary="Link evidence of an item",
)
def evidence(request: HttpRequest, code: str, item: str, body: WorkEvidenceBody) -> dict[str, Any]:
    """What shows a level of a work item, and with `moves` its level moves there."""
    actor, row = asked_of(request, Evaluation, code)
    facts = EvidenceFacts(**body.model_dump(exclude={"moves"}))
    link_evidence(actor=actor, evaluation=row, item=item, facts=facts, moves=body.moves)
    return moved_now(request, row)


@router.post(
    "/{code}/items/{item}/level",
    response=Moved,
    auth=writes(KIND),
    operation_id="evaluations-level",
    summary="Move the level of an item",
)
def level(request: HttpRequest, code: str, item: str, body: LevelBody) -> dict[str, Any]:
    """By evidence that is linked and moved nothing before."""
    actor, row = asked_of(request, Evaluation, code)
    move_level(actor=actor, evaluation=row, item=item, level=body.level, on=body.on, evidence=body.evidence)
    return moved_now(request, row)


@router.post(
    "/{code}/agency-report",
    response=Moved,
    auth=writes(KIND),
    operation_id="evaluations-agency-report",
    summary="Add the agency's report",
)
def agency(
    request: HttpRequest, code: str, file: File[UploadedFile], declared_open: Form[bool] = False
) -> dict[str, Any]:
    """The signed report of the agency that the unit has chosen; nobody takes it back. The move `deliver` follows."""
    actor, row = asked_of(request, Evaluation, code)
    told = Upload(file.name or "", file.read(), declared_open)
    return moved_now(request, keep_agency_report(actor=actor, evaluation=row, file=told))


@router.put(
    "/{code}/findings",
    response=Moved,
    auth=writes(KIND),
    operation_id="evaluations-findings",
    summary="Enter the findings",
)
def findings(request: HttpRequest, code: str, body: FindingsBody) -> dict[str, Any]:
    """What those who evaluate found; the move `deliver` makes the report of it."""
    actor, row = asked_of(request, Evaluation, code)
    facts = Findings(**body.model_dump(exclude={"version", "standing"}), standing=body.standing or "")
    enter_findings(actor=actor, evaluation=row, facts=facts, expected_version=body.version)
    return moved_now(request, row)


@router.put(
    "/{code}/registration-form",
    response=Moved,
    auth=writes(KIND),
    operation_id="evaluations-registration-form",
    summary="Fill in the form of registration",
)
def registration_form(request: HttpRequest, code: str, body: RegistryFormBody) -> dict[str, Any]:
    """What the registry's form asks beyond what is known here."""
    actor, row = asked_of(request, Evaluation, code)
    values = body.model_dump(mode="json", exclude={"version"})
    fill_in_form(actor=actor, evaluation=row, values=values, expected_version=body.version)
    return moved_now(request, row)


@router.post(
    "/{code}/registration",
    response=Moved,
    auth=writes(KIND),
    operation_id="evaluations-registration",
    summary="Read back the number of registration",
)
def registration(request: HttpRequest, code: str, body: ResultRegistrationBody) -> dict[str, Any]:
    """Number and day that the registry gave: this registers the result here."""
    actor, row = asked_of(request, Evaluation, code)
    return moved_now(request, register_result(actor=actor, evaluation=row, number=body.number, on=body.on))


@reports.get(
    "/{number}",
    response=ReportShown,
    auth=OPEN,
    operation_id="evaluation-reports-check",
    summary="Check a report of evaluation by its number and code",
)
def check(request: HttpRequest, number: str, code: Asked) -> dict[str, Any]:
    """What was reported and whether it stands, for whoever has the paper; unknown when one character differs."""
    found = check_report(number, code)
    if found is None:
        raise Missing(number)
    return {"number": found.number, "worth": found.worth, "report": _lines(found.lines)}


add_resource(
    Resource(
        slug=KIND,
        plural="evaluations",
        query=EvaluationQuery,
        shown=EvaluationShown,
        fields=evaluation_fields,
        related=("agency__record", *(f"achievement__{name}" for name in ("owner__record", *AUDIENCES))),
        prefetch=(
            "items__moves",
            "items__evidence__document",
            "metrics",
            *(f"items__evidence__linked__{name}" for name in ("owner__record", *AUDIENCES)),
        ),
        taken=EvaluationBody,
        create=_create,
        changed=EvaluationChange,
        edit=_change,
    )
)
api.add_router("/evaluations", router)
api.add_router("/evaluation-reports", reports)
