"""Registers projects with the kernel."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.projects import letters
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.panels import project_panel, projects_panel
from kezhuan.areas.projects.permissions import LIVING, PROGRAMME
from kezhuan.areas.projects.queries import kept_back, project_documents
from kezhuan.areas.projects.sheets import PROJECTS
from kezhuan.exchange import sheets
from kezhuan.kernel import registry


def concerned_in_project(row: Any) -> Iterable[int]:
    """Whose own matter a project is: its members' and the poster's, who decide nothing about it."""
    members = row.members.filter(state__in=LIVING).values_list("organisation", flat=True) if row.pk else ()
    return {row.leader_id, row.poster_id, *members}


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug=PROGRAMME,
            is_programme=True,
            label=_("project"),
            plural=_("projects"),
            model=Project,
            lifecycle=PROJECT,
            page="project",
            list_page="projects",
            documents=project_documents,
            concerned=concerned_in_project,
            confidential=kept_back,
        )
    )
    registry.add_panel("call", projects_panel)
    registry.add_panel("application", project_panel)
    sheets.register(PROJECTS)
    letters.register()
