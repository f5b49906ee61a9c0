"""Steps begin to wait and end: with a term where a rule value sets one, and a letter to everybody who may sign."""

from kezhuan.areas.approvals.permissions import eligible_holders
from kezhuan.kernel import outbox, rulebook, workdays
from kezhuan.kernel.approvals import RUNNING, waiting_steps
from kezhuan.kernel.clocks import term
from kezhuan.kernel.models import Approval, ApprovalStep, Clock
from kezhuan.kernel.text import today

TERM = "clock.approval.step"
"""Code of the rule value that says within how many days a step is to be closed; without one it has no term."""
WAITS, ENDED = "approval.waits", "approval.ended"
"""Letters: a step waits for the receiver; what the receiver asked for has come to an end."""
TOPIC = "approvals"


def begin_waiting(approval: Approval) -> None:
    """Let the steps whose turn has come wait: from today, with their term, and tell whoever may sign them."""
    steps = list(ApprovalStep.objects.filter(approval=approval).select_related("post__organisation"))
    fresh = [step for step in waiting_steps(steps) if step.opened_on is None]
    ApprovalStep.objects.filter(pk__in=[step.pk for step in fresh]).update(opened_on=today())
    _start_clocks(approval, fresh)
    for step in fresh:
        for person in eligible_holders(approval, step.post):
            outbox.tell(
                person,
                WAITS,
                key=f"{WAITS}:{step.pk}:{person.pk}",
                topic=TOPIC,
                acting_for=step.post.organisation,
                content={"approval": approval.pk, "step": step.pk},
            )


def _start_clocks(approval: Approval, steps: list[ApprovalStep]) -> None:
    value = rulebook.rule_or_none(TERM, on=today(), jurisdiction=approval.region)
    if value is None:
        return
    day_kind = rulebook.day_kind_of(value)
    due = workdays.add_days(today(), int(value.value), day_kind)
    Clock.objects.bulk_create(
        term(approval.record, RUNNING, due, day_kind, party=step.post.organisation, post=step.post) for step in steps
    )
    rulebook.stamp([(approval.record, value)])


def end_waiting(step: ApprovalStep) -> None:
    """The step waits for nobody any more: it was answered."""
    running = Clock.objects.filter(record=step.approval_id, post=step.post_id, ended_on=None)
    running.update(ended_on=today(), answered=True)


def tell_asker(approval: Approval) -> None:
    """Tell whoever asked what has become of it."""
    outbox.tell(
        approval.asked_by,
        ENDED,
        key=f"{ENDED}:{approval.pk}",
        topic=TOPIC,
        acting_for=approval.office,
        content={"approval": approval.pk},
    )
