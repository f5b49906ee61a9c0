"""Who knows that a record waits for somebody: the audience of its running clocks, which inbox and letters both read."""

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, Subquery

from kezhuan.kernel.access import PUBLIC, audience_ids, audience_key, officer_tokens, programme_of, region_of
from kezhuan.kernel.models import Clock, Record
from kezhuan.kernel.present import among, is_there


def asked(rows: Sequence[Any]) -> list[int]:
    """The audiences of the clocks of these rows that wait for the bureau: whoever sees the title; of what everybody
    sees the officers in charge of it alone."""
    everybody = audience_ids([PUBLIC])[PUBLIC]
    keys = [
        audience_key(officer_tokens(region_of(row), programme_of(row))) if row.record.title_to_id == everybody else ""
        for row in rows
    ]
    ids = audience_ids(filter(None, keys))
    return [ids[key] if key else int(row.record.title_to_id) for row, key in zip(rows, keys, strict=True)]


_RUNNING = "SELECT 1 FROM kernel_clock WHERE ended_on IS NULL AND record_id IN (…) LIMIT 1"


def are_running(rows: Sequence[Any]) -> bool:
    """Whether a clock of any of these rows runs; most have none."""
    ids = [row.record.pk for row in rows]
    return bool(ids) and is_there(among(_RUNNING, ids), *ids)


def renew(rows: Sequence[Any]) -> None:
    """Let the running clocks of rows follow a new audience of their title."""
    if not are_running(rows):
        return
    running = Clock.objects.filter(record__in=[row.record.pk for row in rows], ended_on=None)
    title = Record.objects.filter(pk=OuterRef("record")).values("title_to")
    running.update(audience=Subquery(title))
    bureau: dict[int, list[int]] = {}
    for row, audience in zip(rows, asked(rows), strict=True):
        if audience != row.record.title_to_id:
            bureau.setdefault(audience, []).append(row.record.pk)
    for audience, ids in bureau.items():
        running.filter(record__in=ids, party=None, person=None).update(audience=audience)
