"""What the index reads: a few documents a record, one per field group that a different audience may see."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import TypeVar

from kezhuan.engines.matching import Facts, Item, Match, NearMiss
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import batches

LEVEL_TITLE, LEVEL_PUBLIC, LEVEL_FILES, LEVEL_FULL, LEVEL_INNER = 0, 1, 2, 3, 4
LEVELS = 5
"""Document id = record id × LEVELS + level. The words of public files stand apart from the public part itself, which is
what matching compares; the full and the inner part hold the words of all files that their readers may open."""
WITH_FILES = 50
"""Records whose files' words are read at a time."""


@dataclass(frozen=True)
class SearchDocument:
    """One field group of one record, as search and matching read it; `audience` is the id of who may see it.

    A richer document holds everything the poorer ones hold, so the richest visible one speaks for the record.
    """

    record: int
    level: int
    audience: int
    opened_on: date
    title: str = ""
    text: str = ""
    keywords: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)
    facets: Mapping[str, str] = field(default_factory=dict)
    """Its values by facet; several of one stand with `SEVERAL` between them."""

    @property
    def id(self) -> int:
        """The document's number in the index."""
        return self.record * LEVELS + self.level

    @property
    def item(self) -> Item:
        """The document as the matching engine takes it."""
        return Item(self.id, title=self.title, text=self.text, keywords=self.keywords, facts=self.facts)


AnyFound = TypeVar("AnyFound", Match, NearMiss)


def by_record(found: AnyFound) -> AnyFound:
    """What was found of the index, by the id of its record."""
    return replace(found, supply=int(found.supply) // LEVELS)


DocumentSource = Callable[[Sequence[int]], Iterable[SearchDocument]]
"""From record ids to their documents; a record without documents is out of the index."""

_sources: dict[str, DocumentSource] = {}


def register_source(kind: str, source: DocumentSource) -> None:
    """Name the function that makes the documents of a kind."""
    _sources[kind] = source


def sources() -> Mapping[str, DocumentSource]:
    """The document functions by kind."""
    return _sources


def by_group(
    record: Record,
    *,
    public_text: str,
    full_text: str = "",
    keywords: tuple[str, ...] = (),
    facts: Facts | None = None,
    facets: Mapping[str, str] | None = None,
) -> Iterator[SearchDocument]:
    """A record's documents: the title alone where more people see it than the public part, the public part, and the
    full part where it says more. Nothing for a void record."""
    if record.phase == Phase.VOID:
        return
    title = f"{record.title}\n{record.title_en}" if record.title_en else record.title
    stage = {"stage": record.stage}
    if record.title_to_id != record.public_to_id:
        yield SearchDocument(
            record.pk, LEVEL_TITLE, record.title_to_id, record.opened_on, title=title, text=record.code, facets=stage
        )
    shown = f"{public_text}\n{record.code}"
    yield SearchDocument(
        record.pk,
        LEVEL_PUBLIC,
        record.public_to_id,
        record.opened_on,
        title=title,
        text=shown,
        keywords=keywords,
        facts=facts or Facts(),
        facets={**stage, **(facets or {})},
    )
    if full_text:
        yield SearchDocument(
            record.pk,
            LEVEL_FULL,
            record.full_to_id,
            record.opened_on,
            title=title,
            text=f"{shown}\n{full_text}",
            keywords=keywords,
            facts=facts or Facts(),
            facets={**stage, **(facets or {})},
        )


def read_documents(changed: Mapping[int, str]) -> Iterator[SearchDocument]:
    """The documents of records given as id → kind, with the words of their files; kinds without a source have none."""
    by_kind: dict[str, list[int]] = {}
    for pk, kind in changed.items():
        by_kind.setdefault(kind, []).append(pk)
    held = Document.objects.filter(record__in=changed, withdrawn_at=None)
    with_files = set(held.values_list("record", flat=True)) if changed else set()
    for kind, ids in by_kind.items():
        source = _sources.get(kind)
        if source is None:
            continue
        plain = [pk for pk in ids if pk not in with_files]
        if plain:
            yield from source(plain)
        for batch in batches((pk for pk in ids if pk in with_files), WITH_FILES):
            files = _files_of(batch)
            for record, documents in groupby(source(batch), key=lambda document: document.record):
                yield from _with_files(list(documents), files[record])


@dataclass(frozen=True)
class _Files:
    """The words of a record's files by field group, and the audiences of the groups."""

    words: Mapping[str, str]
    audiences: Mapping[str, int]


def _files_of(records: Sequence[int]) -> dict[int, _Files]:
    rows = (
        Document.objects.filter(record__in=records, withdrawn_at=None)
        .order_by("record", "pk")
        .values_list(
            "record", "group", "name", "stored__text", "record__public_to", "record__full_to", "record__inner_to"
        )
    )
    found: dict[int, _Files] = {}
    for record, files in groupby(rows, key=lambda row: row[0]):
        words: dict[str, str] = {}
        audiences: Sequence[int] = ()
        for _record, group, name, text, *audiences in files:  # noqa: B007  the same for all of them
            words[group] = f"{words.get(group, '')}\n{name}\n{text}"
        found[record] = _Files(words, dict(zip(("public", "full", "inner"), audiences, strict=True)))
    return found


def _with_files(documents: list[SearchDocument], files: _Files) -> Iterator[SearchDocument]:
    """The documents of one record, and what its files add for the readers of each group; a record that is out of the
    index stays out."""
    said = {document.level: document for document in documents}
    public = said.get(LEVEL_PUBLIC)
    if public is None:
        yield from documents
        return
    yield from (document for document in documents if document.level != LEVEL_FULL)
    words = files.words.get("public", "")
    if words:
        yield replace(public, level=LEVEL_FILES, text=f"{public.text}{words}")
    full = said.get(LEVEL_FULL)
    words += files.words.get("full", "")
    if full is not None or "full" in files.words:
        base = full or replace(public, level=LEVEL_FULL, audience=files.audiences["full"])
        yield replace(base, text=f"{base.text}{words}")
    if "inner" in files.words:
        base = full or public
        yield replace(
            base,
            level=LEVEL_INNER,
            audience=files.audiences["inner"],
            text=f"{base.text}{words}{files.words['inner']}",
        )
