"""Inspections in the API: prepared with their letter, corrected until admitted, read by those who may know of them."""

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router
from ninja.files import UploadedFile

from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import moved_now, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.inspections.actions import add_letter, edit_inspection, prepare_inspection
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.inspections.permissions import side_of
from kezhuan.areas.inspections.queries import TOLD, matters_shown
from kezhuan.areas.inspections.schemas import InspectionBody, InspectionChange, InspectionShown
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.documents import Upload

router = Router(tags=["inspections"])


def inspection_fields(actor: Actor, row: Inspection, groups: frozenset[str]) -> dict[str, Any]:
    """What an inspection shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    return {
        "body": row.body,
        "inspector": row.inspector.record.title,
        "letter_no": row.letter_no,
        "since": row.since,
        "until": row.until,
        "owner_told": row.owner_told,
        "matters": [reference(actor, one) for one in matters_shown(actor, row).select_related("title_to")],
    }


def _prepare(actor: Actor, body: InspectionBody) -> Inspection:
    return prepare_inspection(actor=actor, unit=side_of(actor), **body.model_dump())


def _change(actor: Actor, row: Inspection, body: InspectionChange, version: int) -> Inspection:
    told = body.model_dump(exclude={"version"})
    return edit_inspection(actor=actor, inspection=row, **told, expected_version=version)


@router.post(
    "/{code}/letter",
    response=Moved,
    auth=writes("inspection"),
    operation_id="inspections-letter",
    summary="Add the letter",
)
def letter(
    request: HttpRequest, code: str, file: File[UploadedFile], declared_open: Form[bool] = False
) -> dict[str, Any]:
    """Add the letter (调阅函); without one nobody is admitted."""
    actor = actor_of(request)
    row = get_visible(actor, Inspection, code, related=TOLD)
    add_letter(actor=actor, inspection=row, letter=Upload(file.name or "", file.read(), declared_open))
    return moved_now(request, row)


api.add_router("/inspections", router)
add_resource(
    Resource(
        slug="inspection",
        plural="inspections",
        shown=InspectionShown,
        fields=inspection_fields,
        related=TOLD,
        taken=InspectionBody,
        create=_prepare,
        changed=InspectionChange,
        edit=_change,
    )
)
