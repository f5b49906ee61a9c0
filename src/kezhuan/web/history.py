"""What a record's page tells of its journal."""

from collections.abc import Sequence

from kezhuan.kernel.access import Actor
from kezhuan.kernel.history import told_to
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.text import listed
from kezhuan.web import faces
from kezhuan.web.components import HistoryLine
from kezhuan.web.names import name_of

LONGEST_HISTORY = 50


def history_lines(actor: Actor, record: Record, entries: Sequence[Entry]) -> list[HistoryLine]:
    """The entries in words, newest first, as far as the actor may know of them."""
    told_of = told_to(actor, record, entries)
    titles = faces.titles(actor, list({other.pk: other for told in told_of for other in told.about}.values()))
    return [
        HistoryLine(
            at=told.entry.at,
            who=told.who,
            acting_for=name_of(told.acting_for.record) if told.acting_for else "",
            label=told.label,
            about=told.whom or listed(titles[other.pk] or other.code for other in told.about),
            note=told.note,
        )
        for told in told_of
    ]
