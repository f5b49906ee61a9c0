"""Filing (报送): what a unit keeps inside is its own; the bureau reads what the unit files, as it stood on that day.

A kind says by `Kind.filing` what a filing of a row tells, and which members file it. What is
filed is frozen with its SHA-256 and read by the officers in charge of a programme in a district (none: the city's);
later changes of the record are not, until it is filed again. Totals are made of filings, never of inner records.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import translation

from kezhuan.kernel.access import about_actor, officer_tokens
from kezhuan.kernel.errors import Problem, Text
from kezhuan.kernel.models import Document, Filing, Person, Record, StoredFile
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.predicates import Predicate
from kezhuan.kernel.text import clean, now

KIND = "filing"
FILED, SUPERSEDED = "filed", "superseded"
"""Stages of filings."""
FILED_BY = about_actor(lambda actor, _row: Role.ADMINISTRATOR in actor.roles)
"""In which roles an inner record is filed unless its kind says more."""


@dataclass(frozen=True)
class Figure:
    """A sum of money that a filing tells, in 分, by the name under which it is totalled, of the year of a day."""

    name: str
    fen: int
    on: date


@dataclass(frozen=True)
class Content:
    """What a filing tells of a record: its name, facts with their labels, a text, and figures."""

    subject: str
    facts: Sequence[tuple[Text, str]]
    text: str = ""
    figures: Sequence[Figure] = ()


@dataclass(frozen=True)
class Form:
    """The form of a row as it goes to another instance beside what a filing tells: cells by header. `check` says what
    of such cells is not what the content tells."""

    cells: Callable[[Any], dict[str, str]]
    check: Callable[[Mapping[str, str], Mapping[str, Any]], list[Problem]]


@dataclass(frozen=True)
class Telling:
    """What a kind says of its filings: what one tells of a row, who files it (of its unit, in roles), its figures by
    name in words, and the form that goes along, where another instance opens a case of it."""

    content: Callable[[Any], Content]
    filed_by: Predicate = FILED_BY
    figures: Mapping[str, Text] = field(default_factory=dict)
    form: Form | None = None


def frozen(telling: Telling, row: Any, files: Sequence[Document]) -> dict[str, Any]:
    """What a filing of the row with these of its files tells now, as it is kept.

    Its labels are words of the program, in Chinese; everything else is data of the record. Raises `ValueError` for a
    figure that the kind does not name, or one that stands twice in a year.
    """
    with translation.override(LANGUAGE):
        content = telling.content(row)
        if unknown := {one.name for one in content.figures} - telling.figures.keys():
            raise ValueError(f"figures without a name in words: {sorted(unknown)}")
        if not each_once((one.name, one.on) for one in content.figures):
            raise ValueError("a figure stands twice in a year")
        return {
            "subject": clean(content.subject),
            "facts": [[str(label), clean(value)] for label, value in content.facts if clean(value)],
            "text": clean(content.text),
            "figures": [[one.name, one.fen, one.on.isoformat()] for one in content.figures],
            "files": [[one.name, one.sha256] for one in files],
        }


def each_once(figures: Iterable[tuple[str, date]]) -> bool:
    """Whether each figure stands once in a year: totals are made of figures by their year."""
    found = [(name, on.year) for name, on in figures]
    return len(set(found)) == len(found)


def standing(about: Record, region: str, programme: str) -> Filing | None:
    """The filing of a record to a bureau that no newer one corrects."""
    rows = Filing.objects.filter(about=about, region=region, programme=programme, corrected_by=None)
    return rows.select_related("record").order_by("-number").first()


def keep_files(record: Record, chosen: Sequence[Document], *, kind: str, by: Person | None = None) -> None:
    """These files as they are now stay with the record, also when theirs lets go of them: bytes are kept once."""
    StoredFile.objects.filter(pk__in=[one.stored_id for one in chosen]).update(touched_at=now())
    Document.objects.bulk_create(
        Document(
            record=record,
            kind=kind,
            group="full",
            stored_id=one.stored_id,
            size=one.size,
            name=one.name,
            media_type=one.media_type,
            uploaded_by=by,
            uploaded_at=now(),
        )
        for one in chosen
    )


def bureau_tokens(row: Filing) -> frozenset[str]:
    """The tokens of the officers to whom a filing is made."""
    return officer_tokens(row.region, row.programme)
