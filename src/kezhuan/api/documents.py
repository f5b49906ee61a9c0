"""Files of a record: the list a reader sees, their bytes, and a new one attached."""

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kezhuan.api.records import href
from kezhuan.kernel.access import GROUPS, Actor, groups_seen
from kezhuan.kernel.contents import type_label
from kezhuan.kernel.disclosures import note_opened
from kezhuan.kernel.documents import (
    Upload,
    attach_document,
    documents_of,
    may_attach,
    read_document,
    unsealed,
    withdraw_document,
)
from kezhuan.kernel.errors import Missing, NotAllowed, Problem, Refused
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.sealing import note_look


def documents(actor: Actor, record: Record) -> list[dict[str, Any]]:
    """The files that the actor may open, newest first (see `DocumentShown`)."""
    return [shown(record, unsealed(row)) for row in documents_of(record, groups_seen(actor, record))]


def shown(record: Record, row: Document) -> dict[str, Any]:
    """One file; it is addressed by its hash, which says what is behind the address, and by whose it is to read: the
    same content may be kept under another name for others."""
    return {
        "name": row.name,
        "kind": row.kind,
        "group": row.group,
        "media_type": row.media_type,
        "media_label": type_label(row.media_type),
        "size": row.size,
        "sha256": row.sha256,
        "uploaded_at": row.uploaded_at,
        "href": f"{href(record)}/documents/{row.sha256}?group={row.group}",
    }


def _found(actor: Actor, record: Record, sha256: str, group: str | None) -> Document:
    """The newest file of this hash that the actor may open, of one group's readers when it is named."""
    groups = groups_seen(actor, record) & ({group} if group else set(GROUPS))
    row = documents_of(record, groups).filter(stored=sha256).first()
    if row is None:
        note_look(actor, record, "document")
        raise Missing(sha256)
    return unsealed(row)


def download(actor: Actor, record: Record, sha256: str, group: str | None) -> HttpResponse:
    """The bytes, to be kept and not shown: a file of others never runs on this site. Raises `Missing`."""
    row = _found(actor, record, sha256, group)
    row.record = record  # fetched with its audiences
    return opened(actor, row)


def opened(actor: Actor, row: Document) -> HttpResponse:
    """The bytes of a file that the actor may open, which is noted."""
    note_opened(actor, row)
    answer = HttpResponse(read_document(row), content_type=row.media_type)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.name)}"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def withdraw(actor: Actor, row: Any, sha256: str, group: str | None) -> None:
    """Take a file back that the actor may open. Raises `Missing`, `NotAllowed` or `Conflict`."""
    withdraw_document(actor=actor, row=row, document=_found(actor, row.record, sha256, group))


def attach(actor: Actor, row: Any, upload: Upload, group: str) -> dict[str, Any]:
    """Attach a file for the readers of a field group; the owner's members do, and officers for a record of nobody's.

    Raises `NotAllowed`, or `Refused` before a byte is kept.
    """
    record: Record = row.record
    if not may_attach(actor, row):
        raise NotAllowed(_("Only the owner's members attach files, and not to a withdrawn record."))
    if group not in GROUPS[1:]:
        raise Refused(Problem("group-unknown", _("Choose who may open the file: public, full or inner."), "group"))
    return shown(record, attach_document(actor=actor, record=record, upload=upload, group=group))
