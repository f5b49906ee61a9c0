"""Keeping the store tidy: bytes that nothing needs are removed, words of files that older versions kept are read."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel import jobs, journal
from kezhuan.kernel.contents import texts_of
from kezhuan.kernel.documents import locked_file, read_bytes, stored_path, words_of
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import Document, StoredFile
from kezhuan.kernel.text import now

GRACE = timedelta(days=1)
"""So long bytes stay after nothing points to them any more: a backup that began before may still want them."""
HASH_LENGTH = 64
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Removed:
    """What was removed: stored files that nothing needed, and files that a stopped program had left half-written."""

    files: int
    unfinished: int


def register() -> None:
    """Let both come back by themselves."""
    jobs.register("documents.tidy", tidy, label=_("remove stored files that nothing needs"), long=True)
    jobs.every("documents.tidy", timedelta(days=1))
    jobs.register("documents.read", read_words, label=_("read the words of stored files"), long=True)
    jobs.every("documents.read", timedelta(hours=6))


def tidy(running: Running) -> None:
    """The job: remove what nothing needs and say how much it was."""
    removed = remove_unneeded()
    running.result({"files": removed.files, "unfinished": removed.unfinished})


def remove_unneeded(grace: timedelta = GRACE) -> Removed:
    """Remove stored bytes that nothing has pointed to for a while; one in use is never removed, whoever attaches it
    meanwhile."""
    unneeded = StoredFile.objects.filter(touched_at__lte=now() - grace)
    for relation in StoredFile._meta.related_objects:
        unneeded = unneeded.filter(**{f"{relation.get_accessor_name() or relation.name}": None})
    files = sum(_remove(digest) for digest in list(unneeded.values_list("pk", flat=True)))
    unfinished = 0
    known = set(StoredFile.objects.values_list("pk", flat=True))
    for path, age in _files_with_age():
        if len(path.name) > HASH_LENGTH:
            if age >= GRACE.total_seconds():
                path.unlink(missing_ok=True)
                unfinished += 1
        elif path == stored_path(path.name) and path.name not in known and age >= grace.total_seconds():
            files += _remove(path.name)
    return Removed(files, unfinished)


def _remove(digest: str) -> bool:
    """Remove the bytes of one hash unless something points to them; their row is locked meanwhile.

    Whoever attaches them waits, and then writes them anew; where the other was first, the database refuses this.
    """
    try:
        with transaction.atomic():
            fresh = StoredFile(sha256=digest, size=0, touched_at=now())
            # A file without a row was left by a transaction that failed; the row keeps others away for the moment.
            StoredFile.objects.bulk_create([fresh], ignore_conflicts=True)
            stored = locked_file(digest)
            if stored is None:
                return False
            stored.delete()
            stored_path(digest).unlink(missing_ok=True)
    except (ProtectedError, IntegrityError):
        return False
    return True


def _files_with_age() -> Iterator[tuple[Path, float]]:
    """Every file of the store and the seconds since it was written."""
    for path in (Path(settings.DATA) / "documents").glob("*/*"):
        try:
            if path.is_file():
                yield path, time.time() - path.stat().st_mtime
        except FileNotFoundError:
            continue  # somebody else tidies, too


def read_words(running: Running) -> None:
    """Read the words of files that were kept before search knew of them, one at a time; the journal tells the index."""
    waiting = list(StoredFile.objects.filter(read_at=None).order_by("pk").values_list("pk", flat=True))
    for done, digest in enumerate(waiting):
        running.progress(done, len(waiting))
        documents = list(Document.objects.filter(stored=digest).select_related("record"))
        words = _words(digest, documents[0]) if documents else ""
        with journal.writing():
            StoredFile.objects.filter(pk=digest).update(text=words, read_at=now())
            for record in {one.record_id: one.record for one in documents}.values():
                journal.note("document.read", record=record, data={"sha256": digest})


def _words(digest: str, document: Document) -> str:
    try:
        return words_of(texts_of(document.name, read_bytes(digest), document.media_type))
    except (Refused, OSError, ValueError) as problem:
        # It was taken under the rules of its day, or is damaged, which ./kezhuan verify tells.
        log.warning("no words could be read in %s: %s", digest, type(problem).__name__)
        return ""
