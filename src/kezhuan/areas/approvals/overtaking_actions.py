"""Approvals that a change of their record has overtaken end by themselves: nobody signs for something else."""

from collections.abc import Sequence

from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.approvals import RUNNING, fingerprint
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Approval, Record


def overtake_changed(ids: Sequence[int], anew: bool) -> None:
    """Follow the journal: end the running approvals of these records that are not what was asked for any more."""
    running = Approval.objects.filter(record__stage=RUNNING).select_related("record", "about")
    changed = frozenset(ids)  # they may be a register of a million; running approvals are few
    for approval in running.order_by("pk"):
        if (anew or approval.about_id in changed) and is_overtaken(approval):
            _overtake(approval)


def is_overtaken(approval: Approval) -> bool:
    """Whether the record, or a file of it, has changed since the approval was asked for."""
    return fingerprint(approval.about, approval.move, approval.note, approval.reason) != approval.content_hash


def _overtake(approval: Approval) -> None:
    with journal.writing():
        Record.objects.select_for_update(of=("self",), no_key=True).get(pk=approval.about_id)
        try:
            advance(APPROVAL, approval, "overtake", actor=SYSTEM)
        except Conflict:  # returned or withdrawn meanwhile
            return
