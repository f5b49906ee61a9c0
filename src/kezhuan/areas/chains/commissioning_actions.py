"""From a directed commission (定向委托) whose record is complete to its project, in one step: the officers award the
money, the project of the unit that is commissioned opens, and the task knows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.commissioning_actions import Commission, award_commission
from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.permissions import is_funded
from kezhuan.areas.chains.models import SelectionMode, Task
from kezhuan.areas.chains.selecting import is_unbegun, leave_ended, missing_of
from kezhuan.areas.chains.task_lifecycle import TASK
from kezhuan.areas.projects.actions import open_project
from kezhuan.areas.projects.checks import require_words
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Conflict, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.text import clean, listed, wan_from_fen


@dataclass(frozen=True)
class CommissionFacts:
    """What the officers say of a commission: the application by whose direction it is paid, by its code (empty where
    the leader has one alone), the fiscal money (分), and why."""

    fen: int
    words: str
    direction: str = ""


def directions_of(actor: Actor, task: Task) -> list[Application]:
    """The applications with which the leader of the chain was chosen for directions, in calls that begin projects and
    that the actor is an officer in charge of."""
    rows = Application.objects.filter(
        applicant=task.record.owner_id, commissioned_by=None, record__stage="awarded",
        item__call__call_kind=CallKind.CHAIN, item__call__begins_projects=True,
    )  # fmt: skip
    told = rows.select_related("record", "applicant__record", "item__need", "item__call__record__owner").order_by("pk")
    return [one for one in told if is_officer.test(actor, one.item.call)]


def commissions(actor: Actor, task: Task) -> bool:
    """Whether the actor awards what is commissioned by a task now: an officer in charge of it and of the call that
    chose its leader, who acts for neither side; once, and anew where what came of it ended before its goal."""
    mine = {one.pk for one in actor.choices} & {task.record.owner_id, task.undertaker_id}
    stands = task.mode == SelectionMode.DIRECTED and task.record.stage == "published"
    if not stands or mine or not is_unbegun.test(actor, task):
        return False
    return is_officer.test(actor, task) and bool(directions_of(actor, task))


def commission(*, actor: Actor, task: Task, facts: CommissionFacts, expected_version: int | None = None) -> Task:
    """Award a directed commission and open its project, with the leader of the chain as who posed it; where the call
    waits for a budget document it opens once that names it. Raises `NotAllowed`, `Refused` or `Conflict`."""
    must_allow(
        commissions,
        actor,
        task,
        _("The officers in charge award a commission, once, to whom a chosen leader of a chain commissions."),
    )
    require_words(facts.words)
    with journal.writing():
        row: Task = held(task)
        if not commissions(actor, row):
            raise Conflict(_("The task was changed meanwhile. Look at it again."))
        direction = _direction(directions_of(actor, row), facts.direction)
        if problems := list(_problems(row, facts)):
            raise Refused(problems)
        undertaker = row.undertaker
        assert undertaker is not None  # the record is complete
        goal = "\n".join(filter(None, (clean(row.record.summary), clean(row.indicators))))
        given = Commission(undertaker, row.record.title, goal, row.months, facts.fen, clean(facts.words))
        made = award_commission(actor=actor, direction=direction, facts=given)
        leave_ended(row)
        row.commission = made
        if is_funded.test(actor, made):
            row.project = open_project(actor=actor, application=made)
        row.save(update_fields=["commission", "project"])
        touch(TASK, row, actor=actor, fields=["commission", "project"], expected_version=expected_version)
    return row


def _direction(rows: Sequence[Application], code: str) -> Application:
    asked = clean(code).upper()
    found = [one for one in rows if not asked or one.record.code == asked]
    if len(found) != 1:
        message = _("Say by which direction of the leader it is paid: %(codes)s.")
        raise Refused(
            Problem("commission-direction", message % {"codes": listed(one.record.code for one in rows)}, "direction")
        )
    return found[0]


def _problems(row: Task, facts: CommissionFacts) -> Iterator[Problem]:
    """What stands against it before money is asked about: its record, the leader that would choose itself, and what
    the task list says of the money."""
    if lacking := [one.name for one in missing_of(row) if one.field != "project"]:
        message = _("The record of this mode is not complete. Missing: %(parts)s.")
        yield Problem("task-record", message % {"parts": listed(lacking)}, "task")
    if row.undertaker_id == row.record.owner_id:
        message = _(
            "The leader does not commission itself: where it undertakes, a panel of the bureau chooses among what was"
            " applied with. It enters that project in the selection."
        )
        yield Problem("commission-itself", message, "task")
    if facts.fen <= 0 or facts.fen > (row.fiscal_fen or 0):
        message = _("Award from above zero to the %(most)s 万元 of fiscal money that the task list says.")
        yield Problem("commission-fen", message % {"most": wan_from_fen(row.fiscal_fen or 0)}, "fen")
