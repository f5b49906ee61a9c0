"""How a field of an evidence file stands to what was rebuilt of it: equal, explained by the journal, or different."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evidence.actions import PARTS, WORDS, part_hash
from kezhuan.kernel.holdings import NAME
from kezhuan.kernel.models import Document, Entry, Record

LONGEST = 60
"""Seconds that may lie between the moment that a file tells and that of its entry: both are of one transaction."""


class Likeness(TextChoices):
    """How a field of an evidence file stands to what was rebuilt."""

    EQUAL = "equal", _("equal")
    RENAMED = "renamed", _("named otherwise since, as the journal tells")
    ERASED = "erased", _("words erased since, as the journal tells")
    UNTOLD = "untold", _("not told by the journal of that time")
    DIFFERS = "differs", _("differs")


@dataclass(frozen=True)
class Leaf:
    """A field as it was rebuilt: its value, the row in which it stands, and the party whose name it is. `likeness` is
    given where it cannot be rebuilt."""

    value: Any
    row: str = ""
    party: Record | None = None
    likeness: Likeness | None = None


@dataclass(frozen=True)
class Field:
    """A field of an evidence file beside what was rebuilt, and the row that it was rebuilt from."""

    path: str
    frozen: Any
    rebuilt: Any
    row: str
    likeness: Likeness

    @property
    def part(self) -> str:
        """The part of the file in which it stands; empty for its head."""
        name = self.path.partition(".")[0]
        return name if name in PARTS else ""


UNTOLD = Leaf(None, likeness=Likeness.UNTOLD)


def compare(path: str, built: Any, frozen: Any, document: Document) -> Iterator[Field]:
    """Every field of the file beside what was rebuilt; what one has and the other lacks differs."""
    if isinstance(built, Leaf):
        yield _field(path, built, frozen, document)
    elif isinstance(built, dict):
        if not path:
            frozen = _with_bytes(frozen, built, document)
        told = frozen if isinstance(frozen, dict) else {}
        for name in dict.fromkeys([*told, *built]):
            yield from compare(_at(path, name), built.get(name, Leaf(None)), told.get(name), document)
    else:
        rows = frozen if isinstance(frozen, list) else []
        for place in range(max(len(rows), len(built))):
            one = built[place] if place < len(built) else Leaf(None)
            yield from compare(_at(path, str(place + 1)), one, rows[place] if place < len(rows) else None, document)


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _with_bytes(frozen: dict[str, Any], built: dict[str, Any], document: Document) -> dict[str, Any]:
    """What the file does not tell of itself: its own hash, and that of what was decided on."""
    own = {"file_sha256": document.sha256, "bytes_sha256": document.sha256}
    return frozen | own | ({"present": part_hash(frozen["matter"])} if "present" in built else {})


def _field(path: str, leaf: Leaf, frozen: Any, document: Document) -> Field:
    likeness = leaf.likeness
    if likeness == Likeness.ERASED and path in WORDS:  # words are gone, their hash is not
        likeness = Likeness.ERASED if part_hash(frozen) == leaf.row else Likeness.DIFFERS
    elif likeness is None:
        likeness = Likeness.EQUAL if _same(leaf.value, frozen) else _otherwise(leaf, document)
    value = leaf.value.isoformat() if isinstance(leaf.value, datetime) else leaf.value
    return Field(path, frozen, value, leaf.row, likeness)


def _same(value: Any, frozen: Any) -> bool:
    if isinstance(value, datetime):
        return abs((datetime.fromisoformat(str(frozen)) - value).total_seconds()) <= LONGEST
    return bool(value == frozen)


def _otherwise(leaf: Leaf, document: Document) -> Likeness:
    """Whether the journal tells why a field reads otherwise now: a party renamed, or somebody forgotten."""
    since = Entry.objects.filter(seq__gt=_seq_of(document))
    if leaf.party is not None:
        edits = since.filter(record=leaf.party, kind=f"{leaf.party.kind}.edit").values_list("data__fields", flat=True)
        if any("title" in (fields or ()) for fields in edits):
            return Likeness.RENAMED
    if NAME in str(leaf.value) and since.filter(kind="person.anonymise").exists():
        return Likeness.ERASED
    return Likeness.DIFFERS


def _seq_of(document: Document) -> int:
    rows = Entry.objects.filter(kind="document.attach", data__document=document.pk)
    return rows.values_list("seq", flat=True).get()
