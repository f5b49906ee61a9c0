"""Files of records: typed by content, searched for classification marks before they are kept, stored once by hash."""

import hashlib
import html
import io
import os
import re
import secrets
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.errors import DependencyError, PdfReadError, PyPdfError

from kezhuan.kernel import journal
from kezhuan.kernel.access import GROUPS, Actor, is_officer, represents_owner
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, now, texts_in
from kezhuan.kernel.vocabulary import STATE_SECRET_CLASSES

LARGEST = 50 * 1024 * 1024
"""Bytes an uploaded file may have."""
LARGEST_INSIDE = 400 * 1024 * 1024
"""Bytes an office file may unpack to; more is a zip bomb."""

_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_LINE_END = re.compile(r"</(?:w:p|a:p|si|is|c|dc:\w+|cp:\w+|vt:\w+)>|<(?:w:br|w:cr|a:br)\b[^>]*>")
"""Tags that end a line of an office file; all others may stand inside a word."""
_TAG = re.compile(r"<[^>]*>")
# GB/T 9704: the mark stands with ★ and a term, after 密级, or alone on its line; spaced-out characters are common in
# letter heads. Read in NFKC, so brackets, colons and digits are half width. 商业秘密 is a class that may be kept.
_WORD = r"(?:[绝絕]\s*密|[机機]\s*密|(?<!商[业業])[秘祕]\s*密)"
_MARK = re.compile(
    rf"{_WORD}\s*(?:[★☆]|\(?\s*(?:\d+\s*年|[长長]\s*期)\s*\)?\s*$)"
    rf"|密\s*[级級]\s*:\s*{_WORD}"
    rf"|^\s*(?:密\s*[级級]\s*)?[\[(【〔]?\s*{_WORD}\s*[\])】〕]?\s*$",
    re.MULTILINE,
)
_DEEPEST = 2
"""Office files inside office files are read so deep."""


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: its name, its bytes, and whether the sender declared that it holds no state secret."""

    name: str
    content: bytes
    declared_open: bool


def has_classification_mark(text: str) -> bool:
    """Whether a text carries a state-secret mark (绝密, 机密, 秘密) in the forms of GB/T 9704."""
    if "密" not in text:
        return False
    return _MARK.search(clean(unicodedata.normalize("NFKC", text))) is not None


_OPEN_SECRETS = re.compile(r"[商技][业業术術]?秘?密|trade[ _]secret")
_SECRET = re.compile(r"[绝絕机機秘涉核]密")


def is_secret_class(word: str) -> bool:
    """Whether a word names a class of state secrets, in whatever width, case, spacing or wording.

    So do 秘密级, 机密★10年, 国家秘密 and 涉密. 商业秘密 and 技术秘密 are no state secrets; 不涉密 says that there
    is none.
    """
    folded = unicodedata.normalize("NFKC", word).casefold()
    if " ".join(folded.split()) in STATE_SECRET_CLASSES:
        return True
    bare = "".join(folded.split()).replace("不涉密", "").replace("非涉密", "")
    return _SECRET.search(_OPEN_SECRETS.sub("", bare)) is not None


def refuse_marked(row: Model) -> None:
    """Raise `Refused` when any text of a row carries a classification mark; called before the row is written."""
    values = [getattr(row, field.attname) for field in row._meta.concrete_fields]
    if any(map(has_classification_mark, texts_in(values))):
        raise Refused(secrets_problem())


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
    if any("vbaproject.bin" in inner.lower() or "/macrosheets/" in inner.lower() for inner in names):
        raise _refuse(
            "file-macros", _("“%(name)s” carries macros. Save it without macros and send it again.") % {"name": name}
        )
    for folder, kind in _OFFICE.items():
        if "[Content_Types].xml" in names and any(inner.startswith(folder) for inner in names):
            return kind
    raise _refuse("file-type", _("“%(name)s” is an archive. Send the files inside it one by one.") % {"name": name})


def texts_of(name: str, content: bytes, kind: str, depth: int = 0) -> Iterator[str]:
    """The words of a file, part by part, as far as they can be read without its program; a scanned picture has none.

    Raises `Refused` for a file that is locked or damaged: what cannot be read cannot be searched for marks.
    """
    try:
        if kind == "text/plain":
            yield content.decode("utf-8-sig")
        elif kind == "application/pdf":
            yield from _pdf_texts(name, content)
        elif kind in _OFFICE.values():
            yield from _office_texts(name, content, depth)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, PdfReadError):
        raise _refuse(
            "file-damaged",
            _("“%(name)s” is damaged or locked. Save it without a password and send the new file.") % {"name": name},
        ) from None


def _pdf_texts(name: str, content: bytes) -> Iterator[str]:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not _opens_without_password(reader):
        raise _refuse(
            "file-locked",
            _("“%(name)s” is locked with a password. Save it without one and send it again.") % {"name": name},
        )
    for number in range(len(reader.pages)):
        try:
            yield reader.pages[number].extract_text()
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            continue  # a page of a form that the reader does not know; the others are still read


def _opens_without_password(reader: PdfReader) -> bool:
    try:
        return bool(reader.decrypt(""))
    except (PyPdfError, DependencyError, NotImplementedError):
        return False


def _office_texts(name: str, content: bytes, depth: int) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for inner in archive.namelist():
            ending = inner.rpartition(".")[2].lower()
            if ending == "xml":
                lines = _LINE_END.sub("\n", archive.read(inner).decode("utf-8", "ignore"))
                yield html.unescape(_TAG.sub("", lines))
            elif ending in {"docx", "xlsx", "pptx", "pdf"} and depth < _DEEPEST:
                held = archive.read(inner)
                yield from texts_of(name, held, media_type(name, held), depth + 1)


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
    if has_classification_mark(Path(upload.name).stem) or any(map(has_classification_mark, inside)):
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
        fresh.replace(path)
    return digest


def may_attach(actor: Actor, row: Any) -> bool:
    """Whether the actor may attach a file to a row's record: its owner's members, and officers when nobody owns it."""
    record: Record = row.record
    if record.phase in {Phase.VOID, Phase.WITHDRAWN}:
        return False
    return bool(represents_owner.test(actor, row)) or (record.owner_id is None and bool(is_officer.test(actor, row)))


def attach_document(
    *, actor: Actor, record: Record, upload: Upload, kind: str = "attachment", group: str = "full"
) -> Document:
    """Keep a file with a record, seen by whoever sees that field group; raises `Refused` before anything is kept."""
    if actor.person is None:
        raise NotAllowed(_("Sign in to add a document."))
    if group not in GROUPS:
        raise ValueError(f"no field group {group!r}")
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
