"""What the members of a consortium offer, on the page of its project; and tasks of chains, on the pages of those who
pose them and of what came of them."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.chains.models import Task
from kezhuan.areas.chains.permissions import STANDS, own_projects
from kezhuan.areas.chains.queries import offers_visible_to, tasks_visible_to
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.present import is_named, is_there
from kezhuan.web import faces

SHOWN = 50
_ANY = "SELECT 1 FROM chains_offer WHERE project_id = %s LIMIT 1"
_TASK = "SELECT 1 FROM chains_task WHERE project_id = %s LIMIT 1"
_FORMER = "SELECT 1 FROM chains_task_former WHERE project_id = %s LIMIT 1"
_TASKS = """SELECT 1 FROM kernel_record WHERE owner_id = %s AND kind = 'task' LIMIT 1"""


def offers_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """What is open to the consortium of a project, and for its members the way to open something."""
    if row.record.stage not in STANDS or not actor.is_signed_in:
        return None
    found = offers_visible_to(actor).filter(project=row.pk).order_by("pk")[:SHOWN] if is_there(_ANY, row.pk) else ()
    lines = tuple(faces.link_line(one.record, one.get_sort_display()) for one in found)
    ways = []
    if own_projects(actor).filter(pk=row.pk).exists():
        ways.append((_("Offer a scenario or capacity"), f"{reverse('offer-new')}?project={row.record.code}"))
    if not lines and not ways:
        return None
    title = _("Scenarios and capacity that are offered")
    return registry.Panel("chains/panel.html", {"title": title, "lines": lines, "ways": ways})


def task_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The task of a chain from which a project came, whether or not it reached the goal, for whoever reads that."""
    if not is_there(_TASK, row.pk) and not is_there(_FORMER, row.pk):
        return None
    rows = Task.objects.filter(
        Q(project=row.pk) | Q(pk__in=Task.former.through.objects.filter(project=row.pk).values("task"))
    )
    found = visible_to(actor, rows.select_related("record"), "full")
    return _tasks(_("From the gap of a chain"), list(found))


def posed_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The task of a chain in whose words a need was posed."""
    if not is_named(Task, "need", row.pk):
        return None
    return _tasks(_("From the gap of a chain"), list(tasks_visible_to(actor).filter(need=row.pk)))


def tasks_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The task list of an organisation that leads a chain."""
    if not is_there(_TASKS, row.pk):
        return None
    return _tasks(
        _("Task list of the chain leader"),
        list(tasks_visible_to(actor).filter(record__owner=row.pk).order_by("pk")[:SHOWN]),
    )


def _tasks(title: str, found: list[Task]) -> registry.Panel | None:
    lines = tuple(faces.link_line(one.record, one.get_mode_display() if one.mode else "") for one in found)
    return registry.Panel("chains/panel.html", {"title": title, "lines": lines, "ways": []}) if lines else None
