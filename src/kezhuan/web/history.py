"""What a record's page tells of its journal."""

from collections.abc import Sequence

from kezhuan.kernel.access import Actor
from kezhuan.kernel.history import told_to
from kezhuan.kernel.models import Entry, Record
from kezhuan.web.components import HistoryLine
from kezhuan.web.names import name_of

LONGEST_HISTORY = 50


def history_lines(actor: Actor, record: Record, entries: Sequence[Entry]) -> list[HistoryLine]:
    """The entries in words, newest first, as far as the actor may know of them."""
    return [
        HistoryLine(
            at=told.entry.at,
            who=told.who,
            acting_for=name_of(told.acting_for.record) if told.acting_for else "",
            label=told.label,
            note=told.note,
        )
        for told in told_to(actor, record, entries)
    ]
