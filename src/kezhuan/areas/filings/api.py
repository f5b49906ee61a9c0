"""Filings in the API."""

from typing import Any

from django.utils.translation import gettext as _

from kezhuan.api.records import AUDIENCES, party, record_named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.areas.filings.actions import file_record
from kezhuan.areas.filings.schemas import FilingBody, FilingQuery, FilingShown
from kezhuan.kernel import registry
from kezhuan.kernel.access import GROUPS, Actor, can_view
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models import Filing


def filing_fields(actor: Actor, row: Filing, groups: frozenset[str]) -> dict[str, Any]:
    """What a filing shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    content, telling = row.content, registry.kind_of(row.about_kind).filing
    words = telling.figures if telling is not None else {}
    newer = getattr(row, "corrected_by", None)
    return {
        "about": reference(actor, row.about) if row.about is not None and can_view(actor, row.about) else None,
        "about_kind": row.about_kind,
        "number": row.number,
        "region": row.region,
        "programme": row.programme,
        "note": row.note,
        "instance": row.instance,
        "confirmed_as": row.confirmed_as,
        "confirmed_on": row.confirmed_on,
        "filed_by": party(row.filed_by),
        "filed_for": party(row.filed_for),
        "content": {
            "subject": content["subject"],
            "facts": [{"label": label, "value": value} for label, value in content["facts"]],
            "text": content["text"],
            "figures": [
                {"name": name, "label": str(words.get(name, name)), "fen": fen, "on": on}
                for name, fen, on in content["figures"]
            ],
            "hash": row.content_hash,
        },
        "corrects": row.corrects.record.code if row.corrects is not None else None,
        "corrected_by": newer.record.code if newer is not None else None,
    }


def create_filing(actor: Actor, body: FilingBody) -> Filing:
    """File a record as it stands."""
    record = record_named(actor, body.record, "record")
    row = registry.row_of(record)
    row.record = record
    held = {one.sha256: one.pk for one in documents_of(row.record, GROUPS) if can_view(actor, row.record, one.group)}
    if strange := sorted(set(body.files) - set(held)):
        message = _("The record holds no file of this hash: %(hash)s.") % {"hash": strange[0][:64]}
        raise Refused(Problem("filing-files", message, "files"))
    return file_record(
        actor=actor,
        row=row,
        region=body.region,
        programme=body.programme,
        files=[held[one] for one in body.files],
        note=body.note,
    )


add_resource(
    Resource(
        slug="filing",
        plural="filings",
        query=FilingQuery,
        shown=FilingShown,
        fields=filing_fields,
        related=("about__owner__record", *(f"about__{name}" for name in AUDIENCES), "corrects__record",
                 "corrected_by__record", "filed_by__record", "filed_for__record"),
        taken=FilingBody,
        create=create_filing,
    )
)  # fmt: skip
