"""What a record's page tells of its journal: the steps to everybody who reads it, names and words to its insiders."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel import access, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Entry, Record
from kezhuan.web.components import HistoryLine

LONGEST_HISTORY = 50
_OTHERS = ("other", "introduction", "person")
"""Keys under which an entry names another record by its uid."""


def entries_of(record: Record) -> list[Entry]:
    """The newest entries of a record, with all that a line needs; one query."""
    return list(
        Entry.objects.filter(record=record)
        .select_related("actor__record", "acting_for__record", "text")
        .order_by("-seq")[:LONGEST_HISTORY]
    )


def history_lines(actor: Actor, record: Record, entries: Sequence[Entry]) -> list[HistoryLine]:
    """Entries in words, newest first.

    Readers of the title alone are told nothing; readers of the public part learn the steps and their days. The rest is
    for insiders, and an entry that names another record only for those who may see that one too: a refused suggestion
    must not betray a closed result.
    """
    if not access.can_view(actor, record, "public"):
        return []
    kind = registry.kind_of(record)
    inside = access.can_view(actor, record, "full")
    if inside:
        known = _known(actor, entries)
        told = [one for one in entries if all(one.data[key] in known for key in _OTHERS if key in one.data)]
    else:
        steps = {f"{kind.slug}.{name}" for name in ("open", *kind.lifecycle.moves)}
        told = [one for one in entries if one.kind in steps]
    return [_line(kind, one, inside) for one in told]


def _known(actor: Actor, entries: Sequence[Entry]) -> set[Any]:
    """Uids of the records named in the entries that the actor may see."""
    named = {one.data[key] for one in entries for key in _OTHERS if key in one.data}
    if not named:
        return set()
    seen = access.visible_to(actor, Record.objects.filter(uid__in=named))
    return {str(uid) for uid in seen.values_list("uid", flat=True)}


def _line(kind: registry.Kind, entry: Entry, inside: bool) -> HistoryLine:
    text = getattr(entry, "text", None)
    return HistoryLine(
        at=entry.at,
        who=entry.actor.record.title if inside and entry.actor else "",
        acting_for=entry.acting_for.record.title if inside and entry.acting_for else "",
        label=entry_label(kind, entry.kind),
        note=text.content.get("note", "") if inside and text is not None else "",
    )


def entry_label(kind: registry.Kind, name: str) -> str:
    """What happened, in words."""
    words = {
        "open": _("entered"),
        "edit": _("edited"),
        "document.attach": _("document added"),
        "match.introduce": _("introduced"),
        "match.refuse": _("suggestion refused"),
        "match.show": _("shown to the other side"),
        "organisation.member": _("member added"),
        "person.account": _("account opened"),
    }
    move = kind.lifecycle.moves.get(name.removeprefix(f"{kind.slug}."))
    if move is not None:
        return str(move.label)
    return words.get(name) or words.get(name.removeprefix(f"{kind.slug}.")) or name
