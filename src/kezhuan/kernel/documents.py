"""Files of records: typed by content, searched for classification marks before anything is kept, stored once by hash."""

import hashlib
import io
import os
import re
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.text import clean, now

LARGEST = 50 * 1024 * 1024
"""Bytes an uploaded file may have."""
LARGEST_INSIDE = 400 * 1024 * 1024
"""Bytes an office file may unpack to; more is a zip bomb."""

_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_TAG = re.compile(r"<[^>]*>")
# GB/T 9704: the mark stands with ★ and a term, or alone on its line; spaced-out characters are common in letter heads.
_MARK = re.compile(
    r"(?:绝\s*密|机\s*密|秘\s*密)\s*(?:[★☆]|[((]?\s*(?:\d+\s*年|长\s*期)\s*[))]?\s*$)"
    r"|^\s*(?:密\s*级\s*[::]?\s*)?(?:绝\s*密|机\s*密|秘\s*密)\s*$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: its name, its bytes, and whether the sender declared that it holds no state secret."""

    name: str
    content: bytes
    declared_open: bool


def has_classification_mark(text: str) -> bool:
    """Whether a text carries a state-secret mark (绝密, 机密, 秘密) in the forms of GB/T 9704."""
    return _MARK.search(text) is not None


def secrets_problem(field: str = "") -> Problem:
    """The sentence that a text or file with a state secret is answered with; nothing of it is kept."""
    return Problem(
        "state-secret",
        _(
            "State secrets must not enter this system: nothing was saved. Hand the matter to your unit's"
            " confidentiality office (保密办) on paper."
        ),
        field,
        "保守国家秘密法",
    )


def _refuse(code: str, message: str) -> Refused:
    return Refused(Problem(code, message, "file"))


def media_type(name: str, content: bytes) -> str:
    """The type of a file by its content; raises `Refused` for an empty, too large, executable, macro-carrying or
    unknown file."""
    if not content:
        raise _refuse("file-empty", _("“%(name)s” is empty. Choose the file again.") % {"name": name})
    if len(content) > LARGEST:
        raise _refuse(
            "file-too-large",
            _("“%(name)s” is larger than 50 MB. Split it or send a smaller version.") % {"name": name},
        )
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"PK\x03\x04"):
        return _office_type(name, content)
    if b"\x00" not in content[:4096] and not content.startswith((b"MZ", b"#!")):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "text/plain"
    raise _refuse(
        "file-type",
        _("“%(name)s” is of a type that is not taken. Send PDF, .docx, .xlsx, .pptx, PNG, JPEG or UTF-8 text.")
        % {"name": name},
    )


def _office_type(name: str, content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise _refuse(
            "file-damaged", _("“%(name)s” is damaged. Save it again and send the new file.") % {"name": name}
        ) from None
    if sum(member.file_size for member in members) > LARGEST_INSIDE:
        raise _refuse(
            "file-too-large", _("“%(name)s” unpacks to more than 400 MB and was not opened.") % {"name": name}
        )
    names = [member.filename for member in members]
    if any(inner.endswith("vbaProject.bin") for inner in names):
        raise _refuse(
            "file-macros", _("“%(name)s” carries macros. Save it without macros and send it again.") % {"name": name}
        )
    for folder, kind in _OFFICE.items():
        if "[Content_Types].xml" in names and any(inner.startswith(folder) for inner in names):
            return kind
    raise _refuse("file-type", _("“%(name)s” is an archive. Send the files inside it one by one.") % {"name": name})


def text_of(content: bytes, kind: str) -> str:
    """The words of a file, as far as they can be read without its program; a scanned picture has none."""
    if kind == "text/plain":
        return content.decode("utf-8")
    if kind == "application/pdf":
        try:
            return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ""
    if kind in _OFFICE.values():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [
                archive.read(inner).decode("utf-8", "ignore") for inner in archive.namelist() if inner.endswith(".xml")
            ]
        # Each paragraph is a line: a mark stands alone on its own.
        lines = "\n".join(parts).replace("</w:p>", "\n").replace("</a:p>", "\n").replace("</si>", "\n")
        return _TAG.sub("", lines)
    return ""


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
    if has_classification_mark(text_of(upload.content, kind)) or has_classification_mark(Path(upload.name).stem):
        raise Refused(secrets_problem("file"))
    return kind


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
        os.replace(fresh, path)
    return digest


def attach_document(
    *, actor: Actor, record: Record, upload: Upload, kind: str = "attachment", group: str = "full"
) -> Document:
    """Keep a file with a record, seen by whoever sees that field group; raises `Refused` before anything is kept."""
    media = check_upload(upload)
    name = clean(Path(upload.name.replace("\\", "/")).name)[-200:]
    digest = _store(upload.content)
    with journal.writing():
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
            actor=actor.person,
            acting_for=actor.organisation,
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
