"""An evidence file to be read, beside what is rebuilt from the journal: each field that does not agree, by its row."""

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.evidence.actions import EVIDENCE
from kezhuan.areas.evidence.comparing import Field, Likeness
from kezhuan.areas.evidence.reading import TONES, contents, index_table
from kezhuan.areas.evidence.reconstruction import Reconstruction, original_of, reconstruct
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.disclosures import note_opened
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.models import Document
from kezhuan.kernel.registry import kind_of
from kezhuan.web import faces
from kezhuan.web.components import Cell, Column, Fact, TableView, Tag
from kezhuan.web.middleware import Request
from kezhuan.web.records import record_trail
from kezhuan.web.shell import page
from kezhuan.web.templatetags.kezhuan import day

LONGEST = 200
"""Characters of a value that are shown."""


def opened(actor: Actor, number: int) -> Document:
    """The evidence file of this number. Raises `Missing` for whoever may not read it."""
    document = Document.objects.filter(pk=number, kind=EVIDENCE, withdrawn_at=None).select_related("record").first()
    if document is None:
        raise Missing(str(number))
    record = document.record
    get_visible(actor, kind_of(record).model, record.code)  # raises for whoever may not know of it
    if not can_view(actor, record, document.group):
        raise Missing(str(number))
    return document


@require_safe
def evidence_page(request: Request, number: int) -> HttpResponse:
    """What was known at a decision, rebuilt now and compared with its evidence file."""
    actor = request.actor
    document = opened(actor, number)
    record = document.record
    note_views(actor, [record.pk], "document")
    note_opened(actor, document)
    found = reconstruct(original_of(document))
    title = _("Evidence rebuilt")
    return page(
        request,
        "evidence/evidence.html",
        title=title,
        crumbs=record_trail(record, title),
        document=document,
        equal=not found.differing,
        facts=_facts(found),
        index=index_table(found),
        contents=contents(found.told),
        others=_others(found),
        back=faces.url_of(record),
    )


def _facts(found: Reconstruction) -> list[Fact]:
    document = found.document
    counted = Counter(one.likeness for one in found.fields)
    said = "；".join(f"{one.label} {counted[one]:,}" for one in Likeness if counted[one])
    return [
        Fact(_("Matter"), document.record.code),
        *_decision(found.told),
        Fact(_("File"), document.name),
        Fact("SHA-256", document.sha256),
        Fact(_("Frozen on"), day(document.uploaded_at)),
        Fact(_("Fields compared"), said),
    ]


def _decision(told: dict[str, Any]) -> list[Fact]:
    """The step that was decided, and the reason that was chosen for it."""
    move = kind_of(told["kind"]).lifecycle.moves.get(told["move"])
    if move is None:
        return []
    reason = dict(move.reasons).get(told.get("reason", ""))
    return [Fact(_("Step"), str(move.label)), *([Fact(_("Reason"), str(reason))] if reason else [])]


def _others(found: Reconstruction) -> TableView | None:
    """Every field that does not simply agree, with the row that it was rebuilt from."""
    shown = [one for one in found.fields if one.likeness != Likeness.EQUAL]
    rows = tuple((one.path, Cell("", tag=_tag(one)), _told(one.frozen), _told(one.rebuilt), one.row) for one in shown)
    columns = (
        Column(_("Field of the file")),
        Column(_("State")),
        Column(_("As it was frozen")),
        Column(_("As it is rebuilt")),
        Column(_("Row")),
    )
    return TableView(columns, rows, _("Fields that do not simply agree")) if rows else None


def _tag(one: Field) -> Tag:
    return Tag(one.likeness.label, TONES.get(one.likeness, "wait"))


def _told(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
