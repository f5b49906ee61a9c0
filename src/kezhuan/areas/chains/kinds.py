"""Registers offers and tasks of chains with the kernel."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.limiting import by_tasks
from kezhuan.areas.chains.checks import awarded_for_tasks, leaders_of
from kezhuan.areas.chains.lifecycle import OFFER, follow_members
from kezhuan.areas.chains.models import Offer, Task
from kezhuan.areas.chains.panels import offers_panel, posed_panel, task_panel, tasks_panel
from kezhuan.areas.chains.permissions import KIND
from kezhuan.areas.chains.queries import hidden_bookers, offer_documents, task_documents
from kezhuan.areas.chains.selecting import LEAST, candidates_code
from kezhuan.areas.chains.sheets import OFFERS
from kezhuan.areas.chains.tables import ROWS
from kezhuan.areas.chains.task_lifecycle import TASK, TASK_KIND, follow_task
from kezhuan.areas.projects.lifecycle import consortium_followers
from kezhuan.areas.projects.staffing import chain_leaders
from kezhuan.exchange import kinds as importables
from kezhuan.exchange import sheets
from kezhuan.kernel import registry, rulebook
from kezhuan.kernel.models.rules import Unit


def concerned(row: Any) -> Iterable[int]:
    """Whose own matter an offer or a task is: its organisation's."""
    return (row.record.owner_id,) if row.pk and row.record.owner_id else ()


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug=KIND,
            label=_("offer of a scenario or capacity"),
            plural=_("offers of scenarios and capacity"),
            model=Offer,
            lifecycle=OFFER,
            page="offer",
            list_page="offers",
            documents=offer_documents,
            concerned=concerned,
            hidden_parties=hidden_bookers,
        )
    )
    consortium_followers.append(follow_members)
    registry.add_panel("project", offers_panel)
    sheets.register(OFFERS)
    registry.register(
        registry.Kind(
            slug=TASK_KIND,
            label=_("task of a chain"),
            plural=_("tasks of chains"),
            model=Task,
            lifecycle=TASK,
            page="task",
            list_page="tasks",
            documents=task_documents,
            concerned=concerned,
        )
    )
    importables.register(ROWS)
    consortium_followers.append(follow_task)
    chain_leaders.append(leaders_of)
    by_tasks.append(awarded_for_tasks)
    registry.add_panel("project", task_panel)
    registry.add_panel("need", posed_panel, (Task, "need"))
    registry.add_panel("organisation", tasks_panel)
    for mode in LEAST:
        label = format_lazy(_("Candidates of a selection at least: {mode}"), mode=mode.label)
        rulebook.declare(rulebook.Rule(candidates_code(mode), label, (Unit.COUNT,)))
