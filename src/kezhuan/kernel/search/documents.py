"""What the index reads: up to three documents a record, one per field group that a different audience may see."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kezhuan.engines.matching import Facts, Item
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase

LEVEL_TITLE, LEVEL_PUBLIC, LEVEL_FULL = 0, 1, 2
LEVELS = 4
"""Document id = record id × LEVELS + level."""


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

    @property
    def id(self) -> int:
        """The document's number in the index."""
        return self.record * LEVELS + self.level

    @property
    def item(self) -> Item:
        """The document as the matching engine takes it."""
        return Item(self.id, title=self.title, text=self.text, keywords=self.keywords, facts=self.facts)


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
    """The documents of records given as id → kind; kinds without a source have none."""
    by_kind: dict[str, list[int]] = {}
    for pk, kind in changed.items():
        by_kind.setdefault(kind, []).append(pk)
    for kind, ids in by_kind.items():
        source = _sources.get(kind)
        if source is not None:
            yield from source(ids)
