"""The term of milestones: the next one that the leader has still to report stands in its inbox and calendar."""

from django.db.models import Q

from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.permissions import UNDER_WAY
from kezhuan.kernel.access import Actor
from kezhuan.kernel.clocks import term
from kezhuan.kernel.models import Clock
from kezhuan.kernel.text import today
from kezhuan.kernel.workdays import move_ends

MILESTONE = "milestone"
"""Name of the term."""


def count_milestones(row: Project, _actor: Actor | None = None) -> None:
    """Let the leader be reminded of the first milestone that it has not reported, or is to put right, until the day of
    the task book; a step for `Lifecycle.then`, and after whatever is said of milestones."""
    running = Clock.objects.filter(record=row.record, name=MILESTONE, ended_on=None)
    open_ones = row.milestones.filter(Q(reported_on=None) | Q(passed=False)).order_by("due_on", "number")
    first = open_ones.first() if row.record.stage in UNDER_WAY else None
    if first is None:
        running.update(ended_on=today())
    elif running.exists():
        move_ends(running, first.due_on)
    else:
        term(row.record, MILESTONE, first.due_on, party=row.leader).save(force_insert=True)
