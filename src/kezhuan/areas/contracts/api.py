"""Contracts in the API."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router

from kezhuan.api.identity import OPEN, actor_of, writes
from kezhuan.api.records import AUDIENCES, moved_now, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.agreements.permissions import keeps_papers
from kezhuan.areas.contracts import api_figures, api_filed, api_flags, api_ocds
from kezhuan.areas.contracts.actions import edit_contract, number_contract, prepare_contract
from kezhuan.areas.contracts.certificates import Standing, check_certificate
from kezhuan.areas.contracts.certifying_actions import certify_contract
from kezhuan.areas.contracts.checks import JUDGED, as_problem, findings_of
from kezhuan.areas.contracts.models import ENDS, MONEY, SAME, Certificate, Contract
from kezhuan.areas.contracts.queries import TIES, as_read_by, filing_of
from kezhuan.areas.contracts.schemas import (
    CertificateShown,
    ContractBody,
    ContractChange,
    ContractQuery,
    ContractShown,
    RegistrationBody,
)
from kezhuan.areas.contracts.wording import entry
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import Missing, NotAllowed

router = Router(tags=["contracts"])
Asked = Annotated[str, Query(min_length=1, max_length=40)]
AS_KEPT = (
    *(name for name in SAME if name not in {"kind", "field"}), *MONEY, "rights", "deductions", "instalments", "content",
    "accepted_on", "rule_set", "experts_heard", "reg_no", "registered_on", "registered_turnover_fen",
    "registered_technology_fen", "extra",
)  # fmt: skip


def contract_fields(actor: Actor, row: Contract, groups: frozenset[str]) -> dict[str, Any]:
    """What a contract shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    row = as_read_by(actor, row)
    found = findings_of(row)
    ties = {name: tie for name in TIES if (tie := getattr(row, name)) is not None and can_view(actor, tie)}
    return {
        **{name: getattr(row.record, name) for name in ("title", "title_en")},
        **{name: getattr(row, name) for name in AS_KEPT},
        "contract_kind": row.kind,
        "contract_kind_label": entry("kinds", row.kind),
        "field": row.field or None,
        **{side: {end: getattr(row, f"{side}_{end}") for end in ENDS} for side in ("seller", "buyer")},
        **{name: reference(actor, tie) for name, tie in ties.items()},
        "filing": reference(actor, filed) if (filed := filing_of(actor, row)) is not None else None,
        "findings": [
            {
                "code": problem.code,
                "message": str(problem.message),
                "field": problem.field,
                "clause": problem.clause,
                "refuses": problem.code not in JUDGED,
            }
            for problem in map(as_problem, found)
        ],
    }


def create_contract(actor: Actor, body: ContractBody) -> Contract:
    """Begin the form of a contract of the organisation that the actor acts for."""
    owner = actor.organisation
    if owner is None or not keeps_papers(actor):
        raise NotAllowed(_("Contracts are kept by the administrators and the legal office of a unit."))
    return prepare_contract(actor=actor, owner=owner, facts=body.facts(actor))


def change_contract(actor: Actor, row: Contract, body: ContractChange, version: int) -> Contract:
    """Replace what the form says."""
    return edit_contract(actor=actor, contract=row, facts=body.facts(actor, row), expected_version=version)


@router.post(
    "/{code}/registration",
    response=Moved,
    auth=writes("contract"),
    operation_id="contracts-registration",
    summary="Read back what the registry gave",
)
def registration(request: HttpRequest, code: str, body: RegistrationBody) -> dict[str, Any]:
    """Number, day and both amounts of a contract that was passed or changed: this registers it here."""
    actor = actor_of(request)
    row = get_visible(actor, Contract, code)
    number_contract(actor=actor, contract=row, given=body.given)
    return moved_now(request, row)


@router.post(
    "/{code}/certificate",
    response=CertificateShown,
    auth=writes("contract"),
    operation_id="contracts-certify",
    summary="Register and certify, where this city is a registration agency",
)
def certify(request: HttpRequest, code: str) -> dict[str, Any]:
    """Give a contract that was passed or changed this agency's next number, or its own, and issue its certificate."""
    actor = actor_of(request)
    return _shown(certify_contract(actor=actor, contract=get_visible(actor, Contract, code)), Standing.VALID)


checks = Router(tags=["contracts"])


@checks.get(
    "/{number}",
    response=CertificateShown,
    auth=OPEN,
    operation_id="certificates-check",
    summary="Check a certificate by its number and code",
)
def check(request: HttpRequest, number: str, code: Asked) -> dict[str, Any]:
    """What was certified and whether it is valid, for whoever has the paper; unknown when one character differs."""
    found = check_certificate(number, code)
    if found is None:
        raise Missing(number)
    return _shown(found.certificate, found.standing)


def _shown(certificate: Certificate, standing: Standing) -> dict[str, Any]:
    return {
        "number": certificate.number,
        "code": certificate.code,
        "sha256": certificate.sha256,
        "version": certificate.version,
        "standing": standing,
        "said": [{"label": label, "text": text} for label, text in certificate.said],
    }


api.add_router("/contracts", router)
api.add_router("/certificates", checks)
api.add_router("/contract-answers", api_filed.router)
api.add_router("/contract-flags", api_flags.router)
api.add_router("/contract-figures", api_figures.router)
api.add_router("/contracts-ocds", api_ocds.router)
add_resource(
    Resource(
        slug="contract",
        plural="contracts",
        query=ContractQuery,
        shown=ContractShown,
        fields=contract_fields,
        related=tuple(f"{tie}__{name}" for tie in (*TIES, "filing__record") for name in ("owner__record", *AUDIENCES)),
        taken=ContractBody,
        create=create_contract,
        changed=ContractChange,
        edit=change_contract,
    )
)
