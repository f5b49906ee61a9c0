"""A task is written, put on the list of its chain leader, started once its selection is recorded, and done."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.calls.commissioning_actions import end_commission
from kezhuan.areas.chains.checks import check_taking_part
from kezhuan.areas.chains.models import Task
from kezhuan.areas.chains.selecting import LEAST, candidates_code, check_record, stands
from kezhuan.areas.projects.models import MemberState, Project
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.kernel import rulebook
from kezhuan.kernel.access import (
    PUBLIC,
    Actor,
    Audiences,
    is_officer,
    officer_tokens,
    organisation_token,
    region_of,
    represents_owner,
)
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.lifecycle import DISCARDED, Lifecycle, Move, Stage, discarding, held
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, today

TASK_KIND = "task"


def task_audience(row: Task) -> Audiences:
    """A draft is its organisation's. Of what is on the list everybody sees task, gap, mode and why; the state of the
    art, who holds it and the record of the selection the leader reads, the officers in charge and, once it has started,
    the consortium of its project."""
    record = row.record
    own = frozenset({organisation_token(record.owner_id)} if record.owner_id else ())
    if record.stage == DISCARDED:
        return Audiences.nested()
    if record.stage == "draft":
        return Audiences.nested(inner=own)
    members: set[str] = set()
    if row.project is not None and record.stage in {"started", "done"}:
        rows = row.project.members.filter(state=MemberState.ACCEPTED).values_list("organisation", flat=True)
        members = {organisation_token(one) for one in rows}
    return Audiences.nested(
        title={PUBLIC}, public={PUBLIC}, full=members, inner=own | officer_tokens(row.region, PROGRAMME)
    )


def check_gap(row: Any) -> Iterator[Problem]:
    """What is put on the list says what is missing, where the field stands, who holds it, what shows it, what is to be
    reached, and how it is given away and why so."""
    asked = (
        ("state_of_art", row.state_of_art, _("the state of the art")),
        ("holds", row.holds, _("who holds it")),
        ("evidence", row.evidence, _("evidence of the gap")),
        ("summary", row.record.summary, _("the goal")),
        ("indicators", row.indicators, _("indicators")),
        ("mode", row.mode, _("the mode of selection")),
        ("why", row.why, _("why this mode")),
    )
    for field, value, name in asked:
        if not clean(value):
            yield Problem("task-gap", _("This is still missing: %(name)s.") % {"name": name}, field)


def check_accepted(row: Any) -> Iterator[Problem]:
    """Its project has passed acceptance."""
    if row.project is None or row.project.record.stage not in {"accepted", "evaluated"}:
        yield Problem("task-unaccepted", _("A task is done once its project has passed acceptance."), "project")


def check_ended(row: Any) -> Iterator[Problem]:
    """Its project ended without closing the gap."""
    if row.project is None or stands(row.project):
        message = _("A task returns to the list once its project has ended before its goal.")
        yield Problem("task-under-way", message, "project")


def _stamp(row: Task, _actor: Actor) -> None:
    """The rule value by which candidates were counted is noted."""
    if row.mode in LEAST:
        rule = rulebook.rule_or_none(candidates_code(row.mode), on=today(), jurisdiction=region_of(row))
        rulebook.stamp([(row.record, rule)] if rule is not None else [])


def _end_commission(row: Any, _actor: Actor) -> None:
    """What was commissioned by a task that is given up ends with it, where no project came of it: whoever opens one in
    the same moment is first, or finds that there is none to open."""
    if row.commission is not None:
        made = held(row.commission)
        if made.record.stage == "awarded" and not Project.objects.filter(application=made.pk, alive=True).exists():
            end_commission(made, row.said)


TASK = Lifecycle(
    TASK_KIND,
    "TK",
    stages=(
        Stage("draft", Phase.DRAFT, gettext_lazy("draft")),
        Stage("published", Phase.PUBLIC, gettext_lazy("on the task list")),
        Stage("started", Phase.ACTIVE, gettext_lazy("started as a project")),
        Stage("done", Phase.DONE, gettext_lazy("gap closed")),
        Stage("dropped", Phase.WITHDRAWN, gettext_lazy("given up")),
        Stage(DISCARDED, Phase.VOID, gettext_lazy("discarded")),
    ),
    moves=(
        Move(
            "publish",
            gettext_lazy("Put it on the task list"),
            source=frozenset({"draft"}),
            target="published",
            allowed=represents_owner,
            checks=(check_gap,),
            hint=gettext_lazy("Everybody sees the gap, the task, the mode and why. Who holds it stays inside."),
            primary=True,
        ),
        discarding(represents_owner),
        Move(
            "start",
            gettext_lazy("Start the task"),
            source=frozenset({"published"}),
            target="started",
            allowed=represents_owner,
            checks=(check_gap, check_record, check_taking_part),
            then=(_stamp,),
            hint=gettext_lazy("Only once the record that its mode needs is complete."),
            primary=True,
        ),
        Move(
            "finish",
            gettext_lazy("The gap is closed"),
            source=frozenset({"started"}),
            target="done",
            allowed=represents_owner,
            checks=(check_accepted,),
        ),
        Move(
            "relist",
            gettext_lazy("Put it on the task list again"),
            source=frozenset({"started"}),
            target="published",
            allowed=represents_owner,
            checks=(check_ended,),
            note="required",
            hint=gettext_lazy(
                "Once its project has ended before its goal: the selection begins anew, under this code."
            ),
        ),
        Move(
            "drop",
            gettext_lazy("Give the task up"),
            source=frozenset({"published", "started"}),
            target="dropped",
            allowed=represents_owner | is_officer,
            then=(_end_commission,),
            hint=gettext_lazy("What was commissioned by it ends with it while no project has begun."),
            note="required",
            danger=True,
        ),
    ),
    audience=task_audience,
)


def follow_task(project: Project, _actor: Actor) -> None:
    """Whoever is of the consortium now reads the task; a step of the life of projects."""
    row = (
        Task.objects.filter(project=project.pk, record__stage__in=("started", "done")).select_related("record").first()
    )
    if row is not None:
        TASK.refresh_audience(row)
