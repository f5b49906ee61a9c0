"""Fees come near: a job looks every night which of them are to be told of."""

from kezhuan.areas.ledger.lifecycle import count_annuity
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.kernel import journal
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.lifecycle import held

WATCH = "ledger.watch-annuities"
"""The job."""


def watch_annuities(_running: Running | None = None) -> None:
    """Let the term of every entry run whose next fee has come near, each in a transaction of its own."""
    rows = LedgerEntry._base_manager.filter(record__stage="kept", upkeep__paid_on=None, upkeep__isnull=False)
    for row in rows.select_related("record").distinct().order_by("pk"):
        with journal.writing():
            count_annuity(held(row))
