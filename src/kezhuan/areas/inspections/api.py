"""Inspections in the API: read one by one, by those who may know of them."""

from typing import Any

from kezhuan.api.records import reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.inspections.queries import TOLD, matters_shown
from kezhuan.areas.inspections.schemas import InspectionShown
from kezhuan.kernel.access import Actor


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


add_resource(
    Resource(
        slug="inspection",
        plural="inspections",
        shown=InspectionShown,
        fields=inspection_fields,
        related=TOLD,
        listed=False,
    )
)
