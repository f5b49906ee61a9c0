"""A record on paper: what is printed of it, the code of that version, and whether it is still the present one.

The code is made of the content alone: as long as nothing that is printed changes, every print has the same code, and a
paper of another version has another one.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kezhuan.exchange.models import Printed
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.sheets import Reader, SheetColumn, has_sheet, sheet_of
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import Actor, about_actor, actor_as, reading
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import SHANGHAI, now

_ALPHABET = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""RFC 4648 to Crockford's letters, none of which is taken for another on paper."""
_TYPED = str.maketrans({"O": "0", "I": "1", "L": "1"})
_NOT_PRINTED = frozenset({"Stage", "Platform version"})
"""Columns that change without the content: a paper is signed in one stage and stays right in the next."""
_SAID = re.compile(r"/v/([0-9A-Z-]{19})/(\d{1,4})-(\d{1,4})/?$")


@dataclass(frozen=True)
class Content:
    """What is printed: a heading, what kind of record it is, facts as labels and texts."""

    heading: str
    under: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OnPaper:
    """How records that belong to another one stand on paper: what such a paper is called, where the kind's table names
    the record in whose archive folder it lies, who answers for it, what is printed of a row where that is not its
    columns, and which rows (`only`) lie there. In Chinese, the language of papers."""

    name: str
    case: str
    by: Callable[[Any], str]
    content: Callable[[Any], Content] | None = None
    only: Q = field(default_factory=Q)


@dataclass(frozen=True)
class Beside:
    """A paper that lies beside a record's own in an archive folder and that nobody signs: what it is called, and what
    it says to a reader; it is left out where it says nothing. In Chinese, the language of papers."""

    name: str
    content: Callable[[Actor, Any], Content]


_on_paper: dict[str, OnPaper] = {}
_beside: dict[str, list[Beside]] = {}


def put_on_paper(kind: str, how: OnPaper) -> None:
    """Say how a kind stands on paper; called once from an area's `kinds.py`."""
    _on_paper[kind] = how


def put_beside(kind: str, *papers: Beside) -> None:
    """Say what lies beside a kind's own paper in archive folders; called once from an area's `kinds.py`."""
    _beside[kind] = [*_beside.get(kind, ()), *papers]


def papers_beside(actor: Actor, row: Any) -> Iterator[tuple[str, Content]]:
    """The papers beside that of a record, by name, as the actor may read them."""
    with translation.override("zh-hans"):
        for one in _beside.get(row.record.kind, ()):
            content = _filled(one.content(actor, row))
            if content.facts:
                yield one.name, content


def on_paper() -> Mapping[str, OnPaper]:
    """What areas have said, by kind, in the order in which they did."""
    return _on_paper


@dataclass(frozen=True)
class Page:
    """What a square says: the version's code, and which page of how many it stands on."""

    code: str
    number: int
    count: int


is_signed_in = about_actor(lambda actor, _row: actor.is_signed_in)
"""Is somebody with an account."""
may_print = is_signed_in & reading("full")
"""May have the record on paper: whoever reads all of it but the inner part, and is signed in."""


def content_of(actor: Actor, row: Any) -> Content:
    """What is printed of a record, in Chinese whatever the reader's language: papers are signed in one."""
    record: Record = row.record
    kind, paper = registry.kind_of(record), _on_paper.get(record.kind)
    with translation.override("zh-hans"):
        if paper is not None and paper.content is not None:
            return _filled(paper.content(row))
        facts = _sheet_facts(actor, record) if has_sheet(record.kind) else _public_facts(kind, row)
        owner = record.owner.record.title if record.owner is not None else ""
        facts = (("所属单位", owner), *facts) if owner and "所属单位" not in dict(facts) else facts
        under = f"{capfirst(str(kind.label))} {record.code}"
    return _filled(Content(record.title, under, facts))


def _filled(content: Content) -> Content:
    return replace(content, facts=tuple((label, text) for label, text in content.facts if text))


def _sheet_facts(actor: Actor, record: Record) -> tuple[tuple[str, str], ...]:
    columns = tuple(one for one in sheet_of(record.kind).columns if _is_printed(one))
    own = next(iter(sheet_of(record.kind).rows(actor, [record.pk])), None)
    if own is None:
        raise NotAllowed
    cells = Reader(actor).cells(columns, own)
    return tuple((one.zh, in_words(cell)) for one, cell in zip(columns, cells, strict=True))


def _is_printed(column: SheetColumn) -> bool:
    return column.write is not None and column.group != "inner" and column.en not in _NOT_PRINTED


def _public_facts(kind: registry.Kind, row: Any) -> tuple[tuple[str, str], ...]:
    summary = ((str(_("Summary")), row.record.summary),)
    if kind.public_facts is None:
        return summary
    return (*summary, *((str(label), str(text)) for label, text in kind.public_facts(row)))


def hash_of(record: Record, content: Content) -> str:
    """The SHA-256 of what is printed of a record."""
    body = [str(record.uid), content.heading, content.under, content.facts]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def code_of(content_hash: str) -> str:
    """The version code as it stands on paper: 80 bits in four groups of four."""
    letters = base64.b32encode(bytes.fromhex(content_hash)[:10]).decode().translate(_ALPHABET)
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def code_from_typed(typed: str) -> str:
    """A code as somebody typed it, in the form in which it is kept."""
    letters = "".join(letter for letter in typed.upper().translate(_TYPED) if letter.isascii() and letter.isalnum())
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def print_record(*, actor: Actor, row: Any) -> tuple[Printed, bytes]:
    """The present version of a record as a PDF for printing and stamping, noted in the journal.

    Raises `NotAllowed` for whoever may not read the record in full.
    """
    printed, content = version_of(actor=actor, row=row)
    return printed, drawn(printed, content)


def version_of(*, actor: Actor, row: Any) -> tuple[Printed, Content]:
    """The present version of a record and what is printed of it, noted in the journal; see `print_record`."""
    if actor.person is None or not may_print(actor, row):
        raise NotAllowed(_("Only whoever reads the record in full prints it for signing."))
    content = content_of(actor, row)
    digest = hash_of(row.record, content)
    with journal.writing():
        printed, _fresh = Printed.objects.get_or_create(
            code=code_of(digest),
            defaults={
                "record": row.record,
                "content_hash": digest,
                "printed_by": actor.person,
                "acting_for": actor.organisation,
                "printed_at": now(),
            },
        )
        journal.note("paper.print", record=row.record, actor=actor, data={"code": printed.code, "sha256": digest})
    return printed, content


TO_SIGN = ("单位（盖章）：", "负责人（签字）：　　　　　　　　　　　　　　年　　月　　日")


def drawn(printed: Printed, content: Content, signed: Sequence[str] = TO_SIGN) -> bytes:
    """The PDF of a version, with room for signatures or the lines that say who signed; the same bytes whenever it is
    drawn."""
    # inline: the library takes a fifth of a second, which every command would need to start
    from kezhuan.engines.printed import Version, sheet

    with translation.override("zh-hans"):
        day = in_words(printed.printed_at.astimezone(SHANGHAI).date())
    version = Version(
        code=printed.code,
        square=lambda number, count: f"{settings.SITE_URL}/v/{printed.code}/{number}-{count}",
        lines=(f"首次打印：{day}", "签字盖章时请勿遮盖方码；扫描件凭方码核对版本"),
        page=lambda number, count: f"版本码　第 {number} 页，共 {count} 页",
    )
    return sheet(content.heading, content.under, content.facts, signed, version, printed.printed_at)


def drawn_beside(code: str, content: Content, at: datetime) -> bytes:
    """The PDF of a paper beside that of the record with this code: without a version, for nobody signs it."""
    from kezhuan.engines.printed import Version, sheet  # inline: as in `drawn`

    with translation.override("zh-hans"):
        day = in_words(at.astimezone(SHANGHAI).date())
    lines = (f"制作日期：{day}", "依系统记录生成，不用于签字盖章")
    version = Version(code=code, square=None, lines=lines, page=lambda number, count: f"第 {number} 页，共 {count} 页")
    return sheet(content.heading, content.under, content.facts, (), version, at)


def is_current(printed: Printed, row: Any, reader: Actor) -> bool:
    """Whether a version is what whoever printed it would print now; what the reader would, where they may no longer."""
    printer = actor_as(printed.printed_by, printed.acting_for_id) if printed.printed_by is not None else None
    actor = printer if printer is not None and may_print(printer, row) else reader
    return may_print(actor, row) and hash_of(row.record, content_of(actor, row)) == printed.content_hash


def page_said(text: str) -> Page | None:
    """What a square of ours says; None for any other square."""
    found = _SAID.search(text)
    return Page(found[1], int(found[2]), int(found[3])) if found else None
