"""A running notice whose record has changed decides nothing any more: it waits to be held again, from that day on."""

from collections.abc import Sequence

from kezhuan.areas.notices.checks import is_current
from kezhuan.areas.notices.lifecycle import CHANGED, count_anew
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.models import Clock, Notice, Record
from kezhuan.kernel.notices import RUNNING


def note_changed(ids: Sequence[int], anew: bool) -> None:
    """Follow the journal: let the terms of running notices about these records say whether they still tell of them."""
    running = Notice.objects.filter(record__stage=RUNNING)
    told = set(running.values_list("about", flat=True))  # few: what has changed may be a register of a million
    about = told if anew else told.intersection(ids)
    if not about:  # as of most records
        return
    for row in (
        running.filter(about__in=about).select_related("record", "about__owner", "about__public_to").order_by("pk")
    ):
        waits = Clock.objects.filter(record=row.record, ended_on=None, name=CHANGED)
        if is_current(row) == waits.exists():
            _write_term(row)


def _write_term(row: Notice) -> None:
    with journal.writing():
        row.record = Record.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        if row.record.stage == RUNNING:  # not stopped or completed meanwhile
            count_anew(row, SYSTEM)
