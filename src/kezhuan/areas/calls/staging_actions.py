"""The stages of a call are kept, and the term of the one that is next to end: the only writers of both."""

from collections.abc import Sequence

from kezhuan.areas.calls.choices import StageKind
from kezhuan.areas.calls.models import Application, Call, CallStage
from kezhuan.areas.calls.staging import ORDER, StageFacts
from kezhuan.kernel.access import Actor
from kezhuan.kernel.clocks import term
from kezhuan.kernel.models import Clock
from kezhuan.kernel.text import today
from kezhuan.kernel.turns import asked

TERM = "review-stage"
"""Name of the term of the stage that is next to end."""


def put_stages(call: Call, stages: Sequence[StageFacts]) -> None:
    """Keep these stages of a call in place of those that it had, in their order."""
    call.stages.all().delete()
    rows = sorted(stages, key=lambda one: ORDER.index(one.kind))
    CallStage.objects.bulk_create(
        CallStage(call=call, kind=one.kind, begins_on=one.begins_on, ends_on=one.ends_on) for one in rows
    )


class LeaveStage:
    """A step for `Lifecycle.then`, before the clocks of stages: the term of a review ends with what the call does.
    Nobody waited for an answer, so it counts as none."""

    def __call__(self, row: Call, _actor: Actor) -> None:
        Clock.objects.filter(record=row.pk, name=TERM, ended_on=None).update(ended_on=today())


def let_next_run(row: Call) -> None:
    """The review that is next to end is in the inbox and the calendar of the officers in charge, who are reminded as of
    every term. After a shortlist was made the first one is over, and every review once something is proposed: a spot
    check alone comes after that, and is over once one is recorded. A term that runs until the same day runs on."""
    rows, over = Application.objects.filter(item__call=row.pk), set()
    if rows.filter(proposal__isnull=False).exists():
        over = {StageKind.FIRST, StageKind.FINAL}
    elif rows.filter(record__stage="shortlisted").exists():
        over = {StageKind.FIRST}
    if rows.exclude(spot_checks=[]).exists():
        over.add(StageKind.SPOT)
    ends = [one.ends_on for one in row.stages.all() if one.ends_on is not None and one.kind not in over]
    due = next((day for day in ends if day >= today()), None)
    running = Clock.objects.filter(record=row.pk, name=TERM, ended_on=None)
    (running.exclude(due_on=due) if due is not None else running).update(ended_on=today())
    if due is not None and row.record.stage in {"published", "closed"} and not running.exists():
        term(row.record, TERM, due, audience_id=asked([row])[0]).save(force_insert=True)


class BeginStage:
    """A step for `Lifecycle.then`, after the clocks of stages: the term of the review that is next to end begins."""

    def __call__(self, row: Call, _actor: Actor) -> None:
        let_next_run(row)
