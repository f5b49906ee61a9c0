"""Who knows that a record waits for somebody: the audience of its running clocks, which inbox and letters both read."""

from typing import Any

from kezhuan.kernel.access import PUBLIC, audience_ids, audience_key, officer_tokens, programme_of, region_of
from kezhuan.kernel.models import Clock


def asked(row: Any) -> int:
    """The audience of a row's clocks that wait for the bureau: whoever sees the title; of what everybody sees the
    officers in charge of it alone."""
    record = row.record
    if record.title_to_id != audience_ids([PUBLIC])[PUBLIC]:
        return int(record.title_to_id)
    key = audience_key(officer_tokens(region_of(row), programme_of(row)))
    return audience_ids([key])[key]


def renew(row: Any) -> None:
    """Let the running clocks of a row follow a new audience of its title."""
    running = Clock.objects.filter(record=row.record.pk, ended_on=None)
    if running.update(audience=row.record.title_to_id) and (bureau := running.filter(party=None, person=None)).exists():
        bureau.update(audience=asked(row))
