"""What the journal tells a reader about a record."""

from typing import Any

from kezhuan.api.records import party
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.history import Told, entries_of, told_to
from kezhuan.kernel.models import Record

LONGEST = 200
"""So many entries are told, the newest first."""


def history(actor: Actor, record: Record) -> list[dict[str, Any]]:
    """The entries of a record, newest first (see `HistoryEntry`), as far as the actor may know of them."""
    inside = can_view(actor, record, "full")
    return [_shown(told, inside) for told in told_to(actor, record, entries_of(record, LONGEST))]


def _shown(told: Told, inside: bool) -> dict[str, Any]:
    entry = told.entry
    shown: dict[str, Any] = {"seq": entry.seq, "at": entry.at, "entry": entry.kind, "label": told.label}
    for key, name in (("from", "from_stage"), ("to", "to_stage"), ("stage", "to_stage")):
        if key in entry.data:
            shown[name] = entry.data[key]
    if inside:
        shown |= {
            "reason": told.reason,
            "fields": list(told.fields),
            "actor": told.who,
            "acting_for": party(told.acting_for),
            "note": told.note,
            "about": told.whom or ", ".join(f"{other.code} {other.title}" for other in told.about),
        }
    return shown
