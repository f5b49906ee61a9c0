"""Files that answer, and the formality check, of an application in the API."""

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router
from ninja.files import UploadedFile

from kezhuan.api.conditions import version_matched
from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import moved_now
from kezhuan.api.schemas import Moved
from kezhuan.areas.calls.attaching_actions import answer_by_file
from kezhuan.areas.calls.eligibility_actions import judge_criteria
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.schemas_applications import ChecksBody, SpotCheckBody
from kezhuan.areas.calls.spot_actions import record_spot_check
from kezhuan.areas.calls.spot_checking import SpotCheck
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.documents import Upload

router = Router(tags=["applications"])


@router.post(
    "/{code}/answers/{number}",
    response=Moved,
    auth=writes("application"),
    operation_id="applications-answer-by-file",
    summary="Answer a question by a file",
)
def answer_file(
    request: HttpRequest, code: str, number: int, file: File[UploadedFile], declared_open: Form[bool] = False
) -> dict[str, Any]:
    """The question of this number of the call's form, counted from one: the file is kept with the application, for its
    unit and the officers, and is the answer; both or none."""
    actor = actor_of(request)
    row = get_visible(actor, Application, code)
    upload = Upload(file.name or "", file.read(), declared_open)
    version = version_matched(request, row.record) or row.record.version
    answer_by_file(actor=actor, application=row, number=number, upload=upload, expected_version=version)
    return moved_now(request, row)


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
