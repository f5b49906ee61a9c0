"""What grants and receipts add to the page of an achievement, for those who read them."""

from typing import Any

from django.urls import reverse

from kezhuan.areas.rights.lifecycle import KIND
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.areas.rights.permissions import keeps_grants, keeps_income
from kezhuan.areas.rights.queries import distributions_visible_to, grants_visible_to
from kezhuan.engines.money import yuan
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.web import faces
from kezhuan.web.components import LinkLine
from kezhuan.web.names import name_of

SHOWN = 20


def grants_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The grants of the achievement, and for its unit and its completers the way to another one."""
    if actor.person is None or row.record.stage not in {"listed", "registered"}:
        return None
    rows = grants_visible_to(actor).filter(achievement=row.record).order_by("-pk")[:SHOWN]
    lines = tuple(_line(one) for one in rows)
    inside = actor.organisation is not None and row.record.owner_id == actor.organisation.pk
    may = inside and (keeps_grants(actor) or row.completers.filter(person=actor.person).exists())
    if not lines and not may:
        return None
    url = f"{reverse('grant-new')}?achievement={row.record.code}" if may else ""
    return registry.Panel("rights/panel.html", {"lines": lines, "url": url})


def income_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """What the achievement brought in, for those who read it, and for who keeps the unit's income the way to more."""
    if actor.person is None or row.record.stage not in {"listed", "registered"}:
        return None
    rows = distributions_visible_to(actor).filter(achievement=row.record).order_by("-received_on", "-pk")[:SHOWN]
    lines = tuple(
        LinkLine(
            role=yuan(one.received_fen),
            code=one.record.code,
            title=name_of(one.record),
            url=faces.url_of(one.record),
            kind_label=registry.kind_of(one.record).lifecycle.stages[one.record.stage].label,
        )
        for one in rows
    )
    may = keeps_income(actor) and actor.organisation is not None and row.record.owner_id == actor.organisation.pk
    if not lines and not may:
        return None
    url = f"{reverse('distribution-new')}?achievement={row.record.code}" if may else ""
    return registry.Panel("rights/income_panel.html", {"lines": lines, "url": url})


def _line(row: RightsGrant) -> LinkLine:
    return LinkLine(
        role=row.get_kind_display(),
        code=row.record.code,
        title=name_of(row.record),
        url=faces.url_of(row.record),
        kind_label=registry.kind_of(KIND).lifecycle.stages[row.record.stage].label,
    )
