"""What an offer needs to be open: its organisation is of the standing consortium, and days are left; and whose people a
project names that does a task of a chain."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from kezhuan.areas.calls.models import Application
from kezhuan.areas.chains.models import Task
from kezhuan.areas.chains.permissions import projects_of
from kezhuan.areas.projects.staffing import missing_staff
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import today


def check_member(row: Any) -> Iterator[Problem]:
    """Its organisation takes part in the consortium, whose task book is signed and which has not ended."""
    if not projects_of(row.record.owner_id).filter(pk=row.project_id).exists():
        message = _("Your organisation is of no consortium of this project that stands by a signed task book.")
        yield Problem("offer-member", message, "project")


def check_days_left(row: Any) -> Iterator[Problem]:
    """It does not end before today."""
    if row.ends_on < today():
        message = _("The last day of the offer is over: change it first.")
        yield Problem("offer-over", message, "ends_on")


def leaders_of(project: Any) -> Iterable[int]:
    """Whose tasks a project does: organisations whose task names it and is on the list, started or done."""
    rows = Task.objects.filter(project=project.pk, record__stage__in=("published", "started", "done"))
    return rows.values_list("record__owner", flat=True)


def awarded_for_tasks(units: Collection[int]) -> Iterable[Application]:
    """What these organisations were awarded whose projects do tasks of their own lists."""
    tasks = Task.objects.filter(
        record__owner__in=units, record__stage__in=("published", "started", "done"), project__alive=True,
        project__leader=F("record__owner"),
    )  # fmt: skip
    rows = Application.objects.filter(pk__in=tasks.values("project__application"), record__stage="awarded")
    return rows.select_related("record", "item__call").order_by("pk")


def check_taking_part(row: Any) -> Iterator[Problem]:
    """Once the task book of its project is filed, the leader of the chain has people of its own in it; before that the
    filing asks for them."""
    project = row.project
    if project is not None and project.record.stage != "drafted":
        for one in missing_staff(project, project.staff):
            yield Problem(one.code, one.message, "project")
