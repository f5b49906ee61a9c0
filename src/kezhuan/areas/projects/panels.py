"""What projects add to the pages of calls and applications: the projects that came of them, and the way to open one."""

from typing import Any

from django.urls import reverse

from kezhuan.areas.projects.permissions import decides, opens, opens_races
from kezhuan.areas.projects.queries import projects_visible_to, raceable_items, races_visible_to
from kezhuan.areas.reviews.permissions import may_judge
from kezhuan.areas.reviews.queries import panels_about
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.web import faces
from kezhuan.web.components import LinkLine
from kezhuan.web.names import name_of

SHOWN = 50


def projects_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The projects of a call that was decided."""
    if row.record.stage != "decided":
        return None
    rows = projects_visible_to(actor).filter(application__item__call=row.pk, alive=True).order_by("pk")[:SHOWN]
    lines = tuple(_line(one) for one in rows)
    return registry.Panel("projects/panel.html", {"lines": lines, "url": ""}) if lines else None


def project_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The project of an application that was chosen, or the way to open it."""
    if row.record.stage != "awarded":
        return None
    lines = tuple(_line(one) for one in projects_visible_to(actor).filter(application=row.pk, alive=True))
    may = not lines and opens.test(actor, row) and not row.projects.filter(alive=True).exists()
    url = reverse("project-new", args=[row.record.code]) if may else ""
    return registry.Panel("projects/panel.html", {"lines": lines, "url": url}) if lines or url else None


def races_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The races on a call's challenges, and for officers the way to open one."""
    if row.record.stage != "decided":
        return None
    stages = registry.kind_of("race").lifecycle.stages
    lines = tuple(
        LinkLine(
            role=stages[one.record.stage].label,
            code=one.record.code,
            title=name_of(one.record),
            url=faces.url_of(one.record),
            kind_label=f"{one.item.number} {one.item.title}",
        )
        for one in races_visible_to(actor).filter(item__call=row.pk).exclude(record__stage="void").order_by("pk")
    )
    ways = [
        (f"{one.number} {one.title}", reverse("race-new", args=[row.record.code, one.number]))
        for one in (raceable_items(row) if opens_races(actor, row.region) else ())
    ]
    return registry.Panel("projects/races.html", {"lines": lines, "ways": ways}) if lines or ways else None


def reviews_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The panels that judge whether a project is accepted, and for officers the way to make one."""
    rows = list(visible_to(actor, panels_about(row.record))) if actor.is_signed_in else []
    may = row.record.stage == "accepting" and decides.test(actor, row) and may_judge(actor, "project")
    url = reverse("panel-new", args=[row.record.code]) if may else ""
    stages = registry.kind_of("panel").lifecycle.stages
    lines = tuple(
        LinkLine(
            role=stages[one.record.stage].label,
            code=one.record.code,
            title=name_of(one.record),
            url=faces.url_of(one.record),
            kind_label=registry.kind_of("panel").label,
        )
        for one in rows
    )
    return registry.Panel("calls/reviews.html", {"lines": lines, "url": url}) if lines or url else None


def _line(row: Any) -> LinkLine:
    return LinkLine(
        role=registry.kind_of("project").lifecycle.stages[row.record.stage].label,
        code=row.record.code,
        title=name_of(row.record),
        url=faces.url_of(row.record),
        kind_label=name_of(row.leader.record),
    )
