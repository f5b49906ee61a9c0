"""Compares what lies beside the database with it: the index document by document, the stored files byte by byte."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kezhuan.kernel.documents import stored_path
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.search import LiveIndex
from kezhuan.kernel.search.documents import LEVELS, read_documents, sources
from kezhuan.kernel.text import batches

BATCH = 2000
"""Records compared at a time."""


@dataclass
class Differences:
    """Document numbers that the index lacks, holds beyond the database, or shows to another audience."""

    missing: set[int] = field(default_factory=set)
    extra: set[int] = field(default_factory=set)
    other_audience: set[int] = field(default_factory=set)

    def records(self) -> set[int]:
        """Ids of the records they belong to."""
        return {number // LEVELS for number in self.missing | self.extra | self.other_audience}


def index_differences(index: LiveIndex, progress: Callable[[int], None] = lambda done: None) -> Differences:
    """Ids and audiences of all documents, as the index holds them and as the database makes them.

    What differs is looked at once more: a running site may have changed it meanwhile.
    """
    index.catch_up(wait=True)
    found = _compare(_held(index), _kinds(), progress)
    doubtful = found.records()
    if not doubtful:
        return found
    index.catch_up(wait=True)
    again = {number: audience for number, audience in _held(index).items() if number // LEVELS in doubtful}
    return _compare(again, _kinds(doubtful), lambda done: None)


def _held(index: LiveIndex) -> dict[int, int]:
    with index.lock:
        alive = index.matcher.alive
        ids, audiences = index.columns.document_ids[alive], index.columns.number("audience")[alive]
    return dict(zip(ids.tolist(), audiences.tolist(), strict=True))


def _kinds(ids: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
    rows = Record.objects.filter(kind__in=sources()).order_by("pk").values_list("pk", "kind")
    if ids is None:
        yield from rows.iterator(chunk_size=BATCH)
        return
    for batch in batches(ids, 500):
        yield from rows.filter(pk__in=batch)


def _compare(held: dict[int, int], kinds: Iterable[tuple[int, str]], progress: Callable[[int], None]) -> Differences:
    found, done = Differences(), 0
    for batch in batches(kinds, BATCH):
        for document in read_documents(dict(batch)):
            audience = held.pop(document.id, None)
            if audience is None:
                found.missing.add(document.id)
            elif audience != document.audience:
                found.other_audience.add(document.id)
        done += len(batch)
        progress(done)
    found.extra = set(held)
    return found


@dataclass(frozen=True)
class Damage:
    """A stored file that is not what was attached: its record's code, its place in the data folder, gone or changed."""

    code: str
    path: Path
    gone: bool


def damaged_documents() -> Iterator[Damage]:
    """The files of all documents whose bytes are missing, cannot be read, or do not give their hash."""
    judged: dict[str, bool | None] = {}
    rows = Document.objects.filter(withdrawn_at=None).order_by("pk").values_list("record__code", "stored")
    for code, digest in rows.iterator(chunk_size=BATCH):
        path = stored_path(digest)
        if digest not in judged:
            judged[digest] = _is_sound(path, digest)
        if not judged[digest]:
            yield Damage(code, path, gone=judged[digest] is None)


def _is_sound(path: Path, digest: str) -> bool | None:
    """None when the file cannot be read at all."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return None
