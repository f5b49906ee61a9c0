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
from kezhuan.kernel.models import Approval, ApprovalStep, Notice, Objection, Record


def follow_changes(ids: Sequence[int], anew: bool) -> None:
    """End the running approvals of these records that are not what was asked for any more: nobody signs for something
    else. And take the moves of those in which nobody is waited for, where these records are what they are about, a
    notice of it, an objection to one, or themselves."""
    running = Approval.objects.filter(record__stage=RUNNING).select_related("record", "about")
    changed = frozenset(ids)  # they may be a register of a million; running approvals are few
    for approval in running.order_by("pk"):
        if (anew or approval.about_id in changed) and is_overtaken(approval):
            _overtake(approval)
    agreed = list(_agreed(running))
    around = _around({one.about_id for one in agreed}) if agreed else {}
    for approval in agreed:
        if anew or not changed.isdisjoint({approval.pk, *around[approval.about_id]}):
            _take(approval)


def _agreed(running: QuerySet[Approval]) -> QuerySet[Approval]:
    waiting = ApprovalStep.objects.filter(approval=OuterRef("pk"), closed_at=None)
    return running.filter(~Exists(waiting)).order_by("pk")


def _around(about: set[int]) -> dict[int, set[int]]:
    """By record itself, the notices of it, and the objections to these."""
    found = {one: {one} for one in about}
    noticed = Notice.objects.filter(about__in=about).values_list("about", "pk")
    objected = Objection.objects.filter(notice__about__in=about).values_list("notice__about", "pk")
    for one, pk in (*noticed, *objected):
        found[one].add(pk)
    return found


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
