"""Files of records: typed by content, searched for classification marks before they are kept, stored once by hash.

Bytes are written and removed while the row of their hash is locked, so that a file that is attached at the very moment
at which nobody else needs it any more is either still there or written anew.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kezhuan.engines.sealing import seal, unseal
from kezhuan.kernel import journal, sealing
from kezhuan.kernel.access import (
    GROUPS,
    Actor,
    assists_owner,
    is_nobodys,
    is_of,
    is_officer,
    predicate,
    represents_owner,
)
from kezhuan.kernel.contents import TYPES, fitting_name, media_type, refuse, texts_of
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.marks import has_classification_mark, has_secret_cell, name_has_mark, secrets_problem
from kezhuan.kernel.models import Document, Record, StoredFile
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.text import clean, now

LONGEST_WORDS = 100_000
"""Characters of a file that search knows; what comes later in it is not found."""
ATTACHMENT = "attachment"
"""The kind of document that its owner adds and may withdraw; others prove something and stay."""


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: its name, its bytes, and whether the sender declared that it holds no state secret."""

    name: str
    content: bytes
    declared_open: bool


@dataclass(frozen=True)
class Checked:
    """What a file is by its content, the name under which it is kept, and its words as search takes them."""

    media_type: str
    name: str
    words: str


def check_upload(upload: Upload, types: Container[str] = TYPES) -> Checked:
    """Everything that must hold before a byte is kept, `types` being those that are taken here; raises `Refused`."""
    if not upload.declared_open:
        raise Refused(
            Problem(
                "declaration-missing",
                _("Declare that the file holds no state secret, then send it again."),
                "declared_open",
            )
        )
    kind = media_type(upload.name, upload.content)
    inside = list(texts_of(upload.name, upload.content, kind))
    if name_has_mark(upload.name) or any(has_classification_mark(text) or has_secret_cell(text) for text in inside):
        raise Refused(secrets_problem("file"))
    name = fitting_name(upload.name, kind)
    if name_has_mark(name):
        raise Refused(secrets_problem("file"))
    if kind not in types:
        message = _("A scan, a screenshot or a photograph is a PDF, PNG or JPEG file. Send “%(name)s” as one.")
        raise refuse("scan-type", message % {"name": name})
    return Checked(kind, name, words_of(inside))


def words_of(texts: Iterable[str]) -> str:
    """The words of a file's parts in one line, as far as search knows them."""
    parts, length = [], 0
    for text in texts:
        part = " ".join(clean(text[: 2 * LONGEST_WORDS]).split())
        if part:
            parts.append(part)
            length += len(part) + 1
        if length >= LONGEST_WORDS:
            break
    return " ".join(parts)[:LONGEST_WORDS]


UNTOLD = Checked("application/octet-stream", "sealed.bin", "")
"""What is told of a file of a sealed record: that there is one."""


NAMING = (("kernel_document", "stored_id"), ("kernel_document", "sha256"), ("exchange_template", "stored_id"))
"""Tables and columns that name stored files by their hash, now or before migration 0018: a backup holds the files that
these name."""


def stored_path(sha256: str) -> Path:
    """Where the bytes of a hash lie in the data folder."""
    return Path(settings.DATA) / "documents" / sha256[:2] / sha256


@contextmanager
def _written(content: bytes) -> Iterator[tuple[str, Path]]:
    """The hash of the bytes, and a file that holds them safely on the disk: the slow part, before any lock."""
    digest = hashlib.sha256(content).hexdigest()
    folder = stored_path(digest).parent
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{digest}.{secrets.token_hex(4)}"
    try:
        with fresh.open("wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        yield digest, fresh
    finally:
        fresh.unlink(missing_ok=True)


def locked_file(digest: str) -> StoredFile | None:
    """The row of these bytes, locked until the transaction ends; None when there is none."""
    return StoredFile.objects.select_for_update().defer("text").filter(pk=digest).first()


def _keep_bytes(digest: str, fresh: Path, size: int, words: str) -> StoredFile:
    """The row of these bytes, locked, with the bytes in their place."""
    while True:
        made = StoredFile(sha256=digest, size=size, text=words, read_at=now(), touched_at=now())
        StoredFile.objects.bulk_create([made], ignore_conflicts=True)
        stored = locked_file(digest)
        if stored is not None:
            break
        # It was there, and let go of between the two statements.
    StoredFile.objects.filter(pk=digest).update(touched_at=now())
    place = stored_path(digest)
    if not place.exists():
        fresh.replace(place)
        _sync(place.parent)
    return stored


def _sync(folder: Path) -> None:
    """Let the name of a new file survive a power cut, too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def store(content: bytes, words: str = "") -> StoredFile:
    """Keep bytes that were checked, once; inside the transaction that makes something point to them."""
    with _written(content) as (digest, fresh):
        return _keep_bytes(digest, fresh, len(content), words)


_OUT_OF_USE = frozenset({Phase.VOID, Phase.WITHDRAWN})


@predicate
def _takes_files(_actor: Actor, row: Any) -> bool:
    return row.record.phase not in _OUT_OF_USE and getattr(row, "takes_files", True)


@_takes_files.beside
def _taking_files(_actor: Actor, rows: Rows) -> Q:
    return rows.every(getattr(rows.model, "takes_files", True)) & ~rows.records.where(phase__in=_OUT_OF_USE)


may_attach = _takes_files & (represents_owner | assists_owner | is_nobodys & is_officer)
"""May attach a file to a row's record: its owner's members, those of its finance and legal office too, and officers
when nobody owns it."""


def attach_document(
    *, actor: Actor, record: Record, upload: Upload, kind: str = ATTACHMENT, group: str = "full"
) -> Document:
    """Keep a file with a record, seen by whoever sees that field group; raises `Refused` before anything is kept, also
    for a file that the record holds already for the same readers."""
    if actor.person is None:
        raise NotAllowed(_("Sign in to add a document."))
    return keep_document(actor=actor, record=record, upload=upload, kind=kind, group=group)


def keep_document(
    *,
    actor: Actor,
    record: Record,
    upload: Upload,
    kind: str = ATTACHMENT,
    group: str = "full",
    types: Container[str] = TYPES,
) -> Document:
    """The same for an action that has asked itself who may, and takes files also of people without an account."""
    if group not in GROUPS:
        raise ValueError(f"no field group {group!r}")
    checked = check_upload(upload, types)
    key = sealing.key_of(record.pk)
    sealed = b"" if key is None else _sealed_about(key, upload, checked)
    content = upload.content if key is None else seal(key, upload.content)
    told = checked if key is None else UNTOLD
    with _written(content) as (digest, fresh), journal.writing():
        # One after the other, so that a button pressed twice adds one file.
        Record.objects.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
        if sealing.is_sealed(record) != bool(sealed):
            raise Conflict(_("The record was opened meanwhile. Send the file again."))
        held = _held(record, group, digest, key, upload)
        if held is not None:
            raise refuse("file-held", _("This file is there already, as “%(name)s”.") % {"name": unsealed(held).name})
        document = Document.objects.create(
            record=record,
            kind=kind,
            group="full" if sealed else group,
            stored=_keep_bytes(digest, fresh, len(content), told.words),
            size=len(content),
            name=told.name,
            media_type=told.media_type,
            uploaded_by=actor.person,
            uploaded_at=now(),
            sealed=sealed,
        )
        journal.note(
            "document.attach",
            record=record,
            actor=actor,
            data={"document": document.pk, "sha256": digest, "declared_open": True},
            texts={"name": told.name},
        )
    return document


def _held(record: Record, group: str, digest: str, key: bytes | None, upload: Upload) -> Document | None:
    """The same file for the same readers, if the record holds it already."""
    rows = Document.objects.filter(record=record, withdrawn_at=None)
    if key is None:
        return rows.filter(group=group, stored=digest).first()
    plain = hashlib.sha256(upload.content).hexdigest()
    return next((one for one in rows if one.sealed and _about(key, one)["sha256"] == plain), None)


def keep_proof(*, actor: Actor, record: Record, upload: Upload, kind: str, types: Container[str] = TYPES) -> Document:
    """Keep a file that proves something, for the readers of the full part: one that the record holds already becomes
    it, and nobody takes it back any more. For an action that has asked itself who may."""
    with journal.writing():
        held = keep_once(actor=actor, record=record, upload=upload, kind=kind, types=types)
        if is_attachment(held):
            held.kind = kind
            held.save(update_fields=["kind"])
    return held


def keep_once(
    *, actor: Actor, record: Record, upload: Upload, kind: str = ATTACHMENT, types: Container[str] = TYPES
) -> Document:
    """Keep a file for the readers of the full part, or find it where the record holds it for them already. For an
    action that has asked itself who may."""
    check_upload(upload, types)
    with journal.writing():
        Record.objects.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
        digest = hashlib.sha256(upload.content).hexdigest()
        held = _held(record, "full", digest, sealing.key_of(record.pk), upload)
        return held or keep_document(actor=actor, record=record, upload=upload, kind=kind)


def documents_of(record: Record, groups: Iterable[str]) -> QuerySet[Document]:
    """The files of a record for whoever sees these field groups, newest first."""
    return documents_among([record], groups)


def documents_among(records: Iterable[Record | int], groups: Iterable[str]) -> QuerySet[Document]:
    """The same of several records."""
    return Document.objects.filter(record__in=list(records), group__in=groups, withdrawn_at=None).order_by("-pk")


def words_found_in(actor: Actor, codes: Iterable[str]) -> list[tuple[str, str, str]]:
    """The record's code, name and words of the files of these records that the actor may open; one query where they
    have none, two at most."""
    keys = {group: f"record__{group}_to__key" for group in GROUPS[1:]}
    held = Document.objects.filter(record__code__in=list(codes), withdrawn_at=None, group__in=keys)
    opened = [
        pk
        for pk, group, *found in held.values_list("pk", "group", *keys.values())
        if is_of(actor, dict(zip(keys, found, strict=True))[group])
    ]
    if not opened:
        return []
    rows = Document.objects.filter(pk__in=opened).order_by("record", "-pk")
    return list(rows.values_list("record__code", "name", "stored__text"))


def may_withdraw(actor: Actor, row: Any, document: Document) -> bool:
    """Whether the actor may take a file back: whoever may attach one, when it proves nothing."""
    return is_attachment(document) and document.withdrawn_at is None and may_attach(actor, row)


def is_attachment(document: Document) -> bool:
    """Whether a file was added as such, and proves nothing that was done."""
    return document.kind == ATTACHMENT


def withdraw_document(*, actor: Actor, row: Any, document: Document) -> None:
    """Take a file back: nobody finds or opens it any more, and its bytes go when nothing else needs them.

    Raises `NotAllowed`, or `Conflict` when somebody was faster.
    """
    if not may_withdraw(actor, row, document):
        raise NotAllowed(_("Only whoever may add files takes one back, and none that proves something."))
    with journal.writing():
        digest = document.sha256
        mine = Document.objects.filter(pk=document.pk, kind=ATTACHMENT, withdrawn_at=None)  # it may prove something now
        if not mine.update(stored=None, withdrawn_at=now()):
            raise Conflict(_("Somebody has taken this file back already."))
        StoredFile.objects.filter(pk=digest).update(touched_at=now())
        data = {"document": document.pk, "sha256": digest}
        journal.note("document.withdraw", record=row.record, actor=actor, data=data)


def read_document(document: Document) -> bytes:
    """The bytes, checked against their hash; raises `ValueError` when the store was damaged. Those of a sealed record
    as its unit reads them, which alone may ask; raises `Refused` where the site lacks its sealing key."""
    content = read_bytes(document.sha256)
    key = sealing.key_of(document.record_id) if document.sealed else None
    return content if key is None else unseal(key, content)


def read_whole(document: Document) -> bytes:
    """The same for whoever is told what is wrong: raises `Refused` where the store lacks the bytes, or holds others."""
    try:
        return read_document(document)
    except (OSError, ValueError):
        message = _("“%(name)s” is missing or damaged in the store. Put it back from a backup first.")
        raise Refused(Problem("document-damaged", message % {"name": document.name})) from None


# -- files of sealed records -------------------------------------------------------------------------------------------


def _sealed_about(key: bytes, upload: Upload, checked: Checked) -> bytes:
    told = {
        "name": checked.name,
        "media_type": checked.media_type,
        "words": checked.words,
        "size": len(upload.content),
        "sha256": hashlib.sha256(upload.content).hexdigest(),
    }
    return seal(key, json.dumps(told, ensure_ascii=False).encode())


def _about(key: bytes, document: Document) -> dict[str, Any]:
    """Name, type, words, size and hash of a file of a sealed record."""
    return dict(json.loads(unseal(key, bytes(document.sealed))))


def unsealed(document: Document, key: bytes | None = None) -> Document:
    """A file as the unit of a sealed record reads what it is called, not to be saved; another as it is. Where the site
    lacks its sealing key it is told that there is a file."""
    if not document.sealed:
        return document
    try:
        key = key or sealing.key_of(document.record_id)
    except Refused:
        return document
    if key is None:
        return document
    shown, told = copy(document), _about(key, document)
    shown.name, shown.media_type, shown.size = told["name"], told["media_type"], told["size"]
    return shown


def open_files(record: Record, key: bytes) -> None:
    """Keep the files of a sealed record as any others from now on; call with the record held, inside `writing()`."""
    for document in Document.objects.filter(record=record).exclude(sealed=b"").order_by("pk"):
        told = _about(key, document)
        if document.stored_id is not None:
            StoredFile.objects.filter(pk=document.stored_id).update(touched_at=now())
            document.stored = store(unseal(key, read_bytes(document.sha256)), told["words"])
        document.name, document.media_type, document.size = told["name"], told["media_type"], told["size"]
        document.sealed = b""
        document.save(update_fields=["stored", "name", "media_type", "size", "sealed"])


def read_bytes(digest: str) -> bytes:
    """The bytes of a hash; raises `ValueError` when the store was damaged, `FileNotFoundError` when they are gone."""
    content = stored_path(digest).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"the stored bytes of {digest} do not match their hash")
    return content
