"""The formality check of an application in the API."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.conditions import version_matched
from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import moved_now
from kezhuan.api.schemas import Moved
from kezhuan.areas.calls.eligibility_actions import judge_criteria
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.schemas_applications import ChecksBody, SpotCheckBody
from kezhuan.areas.calls.spot_actions import record_spot_check
from kezhuan.areas.calls.spot_checking import SpotCheck
from kezhuan.kernel.access import get_visible

router = Router(tags=["applications"])


@router.put(
    "/{code}/criteria",
    response=Moved,
    auth=writes("application"),
    operation_id="applications-criteria",
    summary="Say whether conditions are met",
)
def criteria(request: HttpRequest, code: str, body: ChecksBody) -> dict[str, Any]:
    """By the officers in charge, while an application waits for its formality check: all conditions in their order."""
    actor = actor_of(request)
    row = get_visible(actor, Application, code)
    matched = version_matched(request, row.record)
    version = matched if body.version is None else body.version
    judge_criteria(actor=actor, application=row, checks=body.said, expected_version=version)
    return moved_now(request, row)


@router.post(
    "/{code}/spot-checks",
    response=Moved,
    auth=writes("application"),
    operation_id="applications-spot-check",
    summary="Record a spot check",
)
def spot_check(request: HttpRequest, code: str, body: SpotCheckBody) -> dict[str, Any]:
    """By the officers in charge, of an application to a call that has one; what was said before stays."""
    actor = actor_of(request)
    row = get_visible(actor, Application, code)
    record_spot_check(actor=actor, application=row, said=SpotCheck(**body.model_dump()))
    return moved_now(request, row)
