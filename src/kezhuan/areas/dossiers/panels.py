"""What dossiers add to the page of an achievement, for the members who read them."""

from typing import Any

from django.urls import reverse

from kezhuan.areas.dossiers.models import Dossier
from kezhuan.areas.dossiers.permissions import sorts_kept_by
from kezhuan.areas.dossiers.queries import dossiers_visible_to
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.web import faces
from kezhuan.web.components import LinkLine

SHOWN = 20


def dossiers_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The unit's dossiers about the achievement, and the way to another one."""
    own = actor.organisation is not None and row.record.owner_id == actor.organisation.pk
    if not own or not sorts_kept_by(actor):
        return None
    rows = dossiers_visible_to(actor).filter(about=row.record).order_by("-pk")[:SHOWN]
    lines = tuple(_line(one) for one in rows)
    return registry.Panel(
        "dossiers/panel.html", {"lines": lines, "url": f"{reverse('dossier-new')}?about={row.record.code}"}
    )


def _line(row: Dossier) -> LinkLine:
    return faces.link_line(row.record, row.get_sort_display())
