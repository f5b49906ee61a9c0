"""Trials that are over begin the days to pay by themselves, where that was agreed; a job looks every night."""

from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import Agreement, Trigger
from kezhuan.areas.agreements.terms import trial_ends
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today

END_TRIALS = "agreements.end-trials"
"""The job."""


def end_trials(_running: Running | None = None) -> None:
    """Let money be owed for every agreement whose trial is over and that is owed from then on, each in a transaction of
    its own; one that is owed from the first use waits until a side says so."""
    tried = Agreement.objects.filter(record__stage="trial", triggered_on=None)
    for row in tried.select_related("record").order_by("pk"):
        version = row.in_force
        last = trial_ends(version) if version is not None and version.trigger == Trigger.TRIAL else None
        if last is None or last >= today():
            continue
        try:
            advance(AGREEMENT, row, "end-trial", actor=SYSTEM)
        except Conflict:  # given back or ended at this moment
            continue
