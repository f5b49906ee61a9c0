"""What a record's page tells of its journal."""

from collections.abc import Sequence
from datetime import timedelta

from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.history import Told, label, told_to
from kezhuan.kernel.lifecycle import Move
from kezhuan.kernel.models import Entry, Record
from kezhuan.kernel.text import listed
from kezhuan.web import faces
from kezhuan.web.components import HistoryLine
from kezhuan.web.names import name_of

LONGEST_HISTORY = 50
ONE_SITTING = timedelta(hours=1)
"""Edits of one person, one after the other and no further apart, are one line: forms are saved as they are written.
What was done by an edit has words of its own, and a line of its own."""


def history_lines(actor: Actor, record: Record, entries: Sequence[Entry]) -> list[HistoryLine]:
    """The entries in words, newest first, as far as the actor may know of them; what somebody wrote at one sitting is
    one line."""
    told_of = _sittings(record, told_to(actor, record, entries))
    titles = faces.titles(actor, list({other.pk: other for told in told_of for other in told.about}.values()))
    return [
        HistoryLine(
            at=told.entry.at,
            who=told.who,
            acting_for=name_of(told.acting_for.record) if told.acting_for else "",
            label=told.label,
            about=told.whom or listed(titles[other.pk] or other.code for other in told.about),
            note=" · ".join(filter(None, (_reason(record, told), told.note))),
            move=move.name if (move := _move(record, told)) is not None else "",
        )
        for told in told_of
    ]


def last_word(record: Record, lines: Sequence[HistoryLine]) -> HistoryLine | None:
    """Why the record stands where it does: the last step of it, where one had to say why and the reader may know."""
    moves = registry.kind_of(record).lifecycle.moves
    last = next((one for one in lines if one.move), None)
    return last if last is not None and last.note and moves[last.move].note == "required" else None


def _move(record: Record, told: Told) -> Move | None:
    """The step of the record that an entry tells of."""
    kind = registry.kind_of(record)
    return kind.lifecycle.moves.get(told.entry.kind.removeprefix(f"{kind.slug}."))


def _reason(record: Record, told: Told) -> str:
    """The reason that was chosen for a move, in the words from which it was chosen."""
    move = _move(record, told)
    return str(dict(move.reasons).get(told.reason, "")) if move is not None else ""


def _sittings(record: Record, told_of: Sequence[Told]) -> list[Told]:
    """What is told without those edits after which the same person went on editing within `ONE_SITTING`."""
    plain = label(registry.kind_of(record), f"{record.kind}.edit")
    kept: list[Told] = []
    newer: Told | None = None
    for told in told_of:
        goes_on = newer is not None and _of_one(newer) == _of_one(told) and newer.entry.at - told.entry.at < ONE_SITTING
        if not (told.label == plain and goes_on):
            kept.append(told)
        newer = told
    return kept


def _of_one(told: Told) -> tuple[str, int | None, int | None]:
    return told.label, told.entry.actor_id, told.entry.acting_for_id
