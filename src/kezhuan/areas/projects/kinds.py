"""Registers projects with the kernel."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.projects import letters
from kezhuan.areas.projects.checks import EVALUATED_AFTER, EVALUATED_WITHIN
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.milestone_actions import MILESTONE
from kezhuan.areas.projects.models import Decision, Project, Race
from kezhuan.areas.projects.panels import project_panel, projects_panel, races_panel, reviews_panel
from kezhuan.areas.projects.papers import PARTS, PROJECT_HANDLED, PROJECT_PAPER, RACE_PAPER
from kezhuan.areas.projects.permissions import PROGRAMME
from kezhuan.areas.projects.queries import kept_back, project_documents, race_documents, sides_of
from kezhuan.areas.projects.race_lifecycle import RACE, RACE_KIND
from kezhuan.areas.projects.racing import FIRST_SHARE, GATE_AFTER, LEAST, MOST
from kezhuan.areas.projects.reading_actions import VOUCHERS
from kezhuan.areas.projects.reviewing import JUDGING
from kezhuan.areas.projects.sheets import RACES
from kezhuan.areas.projects.tables import ROWS
from kezhuan.areas.projects.ties import took_part
from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.pages_asking import questions_panel
from kezhuan.exchange import kinds as exchange
from kezhuan.exchange import reading_actions, sheets
from kezhuan.exchange.papers.fields import register_part
from kezhuan.exchange.papers.printing import put_beside, put_on_paper
from kezhuan.kernel import holdings, registry, rulebook
from kezhuan.kernel.holdings import Holding
from kezhuan.kernel.models.rules import Unit


def concerned_in_project(row: Any) -> Iterable[int]:
    """Whose own matter a project is: its members' and the poster's, who decide nothing about it."""
    return {unit for unit, _part in sides_of(row)} if row.pk else {row.leader_id, *filter(None, (row.poster_id,))}


def concerned_in_race(row: Any) -> Iterable[int]:
    """Whose own matter a race is: that of every side of its projects."""
    teams = row.teams.select_related("project") if row.pk else ()
    return {row.item.poster_id, *(unit for one in teams for unit, _part in sides_of(one.project))}


def register() -> None:
    """Called once when Django has loaded the models."""
    for code, label in (
        (EVALUATED_AFTER, _("Months after acceptance until a project is evaluated")),
        (EVALUATED_WITHIN, _("Months after acceptance within which a project is evaluated")),
    ):
        rulebook.declare(rulebook.Rule(code, label, (Unit.MONTHS,)))
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
            dated={MILESTONE: _("milestone to be reported")},
            concerned=concerned_in_project,
            confidential=kept_back,
        )
    )
    judging.register(PROGRAMME, JUDGING)
    registry.add_panel("project", questions_panel)
    judging.tell_ties(took_part)
    holdings.hold(Holding(_("decisions about projects"), Decision, "by", ("project__record__code", "what", "at")))
    reading_actions.register(VOUCHERS)
    registry.add_panel("project", reviews_panel)
    for code, label, unit in (
        (LEAST, _("Teams of a race at least"), Unit.COUNT),
        (MOST, _("Teams of a race at most"), Unit.COUNT),
        (FIRST_SHARE, _("First payments of a race together at most"), Unit.BASIS_POINTS),
        (GATE_AFTER, _("Months until the first gate of a race at least"), Unit.MONTHS),
    ):
        rulebook.declare(rulebook.Rule(code, label, (unit,)))
    registry.register(
        registry.Kind(
            slug=RACE_KIND,
            label=_("race"),
            plural=_("races"),
            model=Race,
            lifecycle=RACE,
            page="race",
            list_page="races",
            documents=race_documents,
            concerned=concerned_in_race,
        )
    )
    sheets.register(RACES)
    registry.add_panel("call", races_panel)
    registry.add_panel("call", projects_panel)
    registry.add_panel("application", project_panel)
    exchange.register(ROWS)
    put_on_paper(PROJECT.kind, PROJECT_PAPER)
    put_on_paper(RACE_KIND, RACE_PAPER)
    put_beside(PROJECT.kind, PROJECT_HANDLED)
    for part in PARTS:
        register_part(part)
    letters.register()
