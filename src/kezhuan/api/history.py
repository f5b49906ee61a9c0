"""What the journal tells a reader about a record."""

from typing import Any

from django.utils.translation import gettext as _

from kezhuan.api.records import party
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.models import Entry, Record

LONGEST = 200
"""So many entries are told, the newest first."""
_OTHERS = ("other", "introduction", "person")
"""Keys under which an entry names another record by its uid."""


def history(actor: Actor, record: Record) -> list[dict[str, Any]]:
    """The entries of a record, newest first (see `HistoryEntry`); three queries at most.

    Readers of the public part learn the steps and their days. Names, words, edits and everything else are for readers
    of the full part, and an entry that names another record is told only to those who may see that one too: a refused
    suggestion must not betray a closed result to the need's owner.
    """
    if not can_view(actor, record, "public"):
        return []
    inside = can_view(actor, record, "full")
    entries = list(
        Entry.objects.filter(record=record)
        .select_related("actor__record", "acting_for__record", "text")
        .order_by("-seq")[:LONGEST]
    )
    lifecycle = registry.kind_of(record).lifecycle
    steps = {f"{record.kind}.{name}" for name in ("open", *lifecycle.moves)}
    if not inside:
        entries = [entry for entry in entries if entry.kind in steps]
    named = {entry.data[key] for entry in entries for key in _OTHERS if key in entry.data}
    known = (
        {str(uid) for uid in visible_to(actor, Record.objects.filter(uid__in=named)).values_list("uid", flat=True)}
        if named
        else set()
    )
    told = [entry for entry in entries if all(entry.data[key] in known for key in _OTHERS if key in entry.data)]
    return [_shown(record, entry, inside) for entry in told]


def _shown(record: Record, entry: Entry, inside: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "seq": entry.seq,
        "at": entry.at,
        "entry": entry.kind,
        "label": _entry_label(record, entry.kind),
    }
    for key, name in (("from", "from_stage"), ("to", "to_stage"), ("stage", "to_stage")):
        if key in entry.data:
            shown[name] = entry.data[key]
    if inside:
        text = getattr(entry, "text", None)
        shown |= {
            "reason": entry.data.get("reason", ""),
            "fields": entry.data.get("fields", []),
            "actor": entry.actor.record.title if entry.actor else "",
            "acting_for": party(entry.acting_for),
            "note": text.content.get("note", "") if text is not None else "",
        }
    return shown


def _entry_label(record: Record, name: str) -> str:
    move = registry.kind_of(record).lifecycle.moves.get(name.removeprefix(f"{record.kind}."))
    if move is not None:
        return str(move.label)
    words = {
        f"{record.kind}.open": _("entered"),
        f"{record.kind}.edit": _("edited"),
        "document.attach": _("document added"),
        "match.introduce": _("introduced"),
        "match.refuse": _("suggestion refused"),
        "organisation.member": _("member added"),
        "person.account": _("account opened"),
    }
    return words.get(name, name)
