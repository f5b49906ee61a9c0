"""Follow the journal: what a change of its record has overtaken ends, and what everybody agreed to is taken once its
notice is complete."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from kezhuan.areas.approvals.actions import go_on, held_approval
from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.approvals import RUNNING, fingerprint
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Approval, ApprovalStep, Notice, Record


def follow_changes(ids: Sequence[int], anew: bool) -> None:
    """End the running approvals of these records that are not what was asked for any more: nobody signs for something
    else. And take the moves of those in which nobody is waited for, where these records are what they are about, a
    notice of it, or themselves."""
    running = Approval.objects.filter(record__stage=RUNNING).select_related("record", "about")
    changed = frozenset(ids)  # they may be a register of a million; running approvals are few
    for approval in running.order_by("pk"):
        if (anew or approval.about_id in changed) and is_overtaken(approval):
            _overtake(approval)
    agreed = list(_agreed(running))
    held: dict[int, set[int]] = {one.about_id: {one.about_id, one.pk} for one in agreed}
    for about, notice in Notice.objects.filter(about__in=list(held)).values_list("about", "pk") if agreed else ():
        held[about].add(notice)
    for approval in agreed:
        if anew or approval.pk in changed or not changed.isdisjoint(held[approval.about_id]):
            _take(approval)


def _agreed(running: QuerySet[Approval]) -> QuerySet[Approval]:
    waiting = ApprovalStep.objects.filter(approval=OuterRef("pk"), closed_at=None)
    return running.filter(~Exists(waiting)).order_by("pk")


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


def _take(approval: Approval) -> None:
    try:
        with journal.writing():
            held = held_approval(approval)
            if not is_overtaken(held):
                go_on(held)
    except (Conflict, NotAllowed, Refused):  # its page tells what stands against it
        return
