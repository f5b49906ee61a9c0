"""Files of records: typed by content, searched for classification marks before they are kept, stored once by hash."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from kezhuan.kernel import journal
from kezhuan.kernel.access import GROUPS, Actor, assists_owner, is_officer, represents_owner
from kezhuan.kernel.contents import media_type, refuse, require_fitting_name, texts_of
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.marks import has_classification_mark, name_has_mark, secrets_problem
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, now


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: its name, its bytes, and whether the sender declared that it holds no state secret."""

    name: str
    content: bytes
    declared_open: bool


def check_upload(upload: Upload) -> str:
    """Everything that must hold before a byte is kept; returns the media type or raises `Refused`."""
    if not upload.declared_open:
        raise Refused(
            Problem(
                "declaration-missing",
                _("Declare that the file holds no state secret, then send it again."),
                "declared_open",
            )
        )
    kind = media_type(upload.name, upload.content)
    inside = texts_of(upload.name, upload.content, kind)
    if name_has_mark(upload.name) or any(map(has_classification_mark, inside)):
        raise Refused(secrets_problem("file"))
    require_fitting_name(upload.name, kind)
    return kind


NAMING = (("kernel_document", "sha256"),)
"""Tables and columns that name stored files by their hash: a backup holds the files that these name."""


def stored_path(sha256: str) -> Path:
    """Where the bytes of a hash lie in the data folder."""
    return Path(settings.DATA) / "documents" / sha256[:2] / sha256


def _store(content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    path = stored_path(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{digest}.{secrets.token_hex(4)}")
        with fresh.open("wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        fresh.replace(path)
    return digest


def may_attach(actor: Actor, row: Any) -> bool:
    """Whether the actor may attach a file to a row's record: its owner's members, those of its finance and legal office
    too, and officers when nobody owns it."""
    record: Record = row.record
    if record.phase in {Phase.VOID, Phase.WITHDRAWN}:
        return False
    own = represents_owner.test(actor, row) or assists_owner.test(actor, row)
    return bool(own) or (record.owner_id is None and bool(is_officer.test(actor, row)))


def attach_document(
    *, actor: Actor, record: Record, upload: Upload, kind: str = "attachment", group: str = "full"
) -> Document:
    """Keep a file with a record, seen by whoever sees that field group; raises `Refused` before anything is kept, also
    for a file that the record holds already for the same readers."""
    if actor.person is None:
        raise NotAllowed(_("Sign in to add a document."))
    return keep_document(actor=actor, record=record, upload=upload, kind=kind, group=group)


def keep_document(
    *, actor: Actor, record: Record, upload: Upload, kind: str = "attachment", group: str = "full"
) -> Document:
    """The same for an action that has asked itself who may, and takes files also of people without an account."""
    if group not in GROUPS:
        raise ValueError(f"no field group {group!r}")
    media = check_upload(upload)
    name = clean(Path(upload.name.replace("\\", "/")).name)[-200:]
    digest = _store(upload.content)
    with journal.writing():
        # One after the other, so that a button pressed twice adds one file.
        Record.objects.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
        held = Document.objects.filter(record=record, group=group, sha256=digest).first()
        if held is not None:
            raise refuse("file-held", _("This file is there already, as “%(name)s”.") % {"name": held.name})
        document = Document.objects.create(
            record=record,
            kind=kind,
            group=group,
            sha256=digest,
            size=len(upload.content),
            name=name,
            media_type=media,
            uploaded_by=actor.person,
            uploaded_at=now(),
        )
        journal.note(
            "document.attach",
            record=record,
            actor=actor,
            data={"document": document.pk, "sha256": digest, "declared_open": True},
            texts={"name": name},
        )
    return document


def read_document(document: Document) -> bytes:
    """The bytes, checked against their hash; raises `ValueError` when the store was damaged."""
    content = stored_path(document.sha256).read_bytes()
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise ValueError(f"document {document.pk}: the stored bytes do not match their hash")
    return content
