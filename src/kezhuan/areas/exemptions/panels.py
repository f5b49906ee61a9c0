"""What cases of exemption add to the pages of what was decided, and of the achievement, for those who read them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from kezhuan.areas.evidence.actions import EVIDENCE
from kezhuan.areas.exemptions.models import ExemptionCase, ExemptionDecision
from kezhuan.areas.exemptions.queries import cases_visible_to
from kezhuan.areas.rights.permissions import keeps_for
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.models import Document, Record
from kezhuan.kernel.present import is_named
from kezhuan.web import faces

SHOWN = 20
DECIDED = ("about", "achievement")
"""How a decision that a case is about names a record."""


def cases_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The cases about decisions on a record or an achievement, and for who keeps the unit's papers the way to begin one
    about what was decided."""
    if actor.person is None:
        return None
    record = row.record
    lines = tuple(faces.link_line(one.record, one.get_event_display()) for one in _cases_about(actor, record))
    may = keeps_for(actor, record.owner_id) and can_view(actor, record, "inner")
    files = Document.objects.filter(record=record, kind=EVIDENCE, withdrawn_at=None)
    url = f"{reverse('exemption-new')}?about={record.code}" if may and files.exists() else ""
    return registry.Panel("exemptions/panel.html", {"lines": lines, "url": url}) if lines or url else None


def _cases_about(actor: Actor, record: Record) -> Iterable[ExemptionCase]:
    if not any(is_named(ExemptionDecision, name, record.pk) for name in DECIDED):
        return ()
    about = Q(decisions__about=record) | Q(decisions__achievement=record)
    return cases_visible_to(actor).filter(about).distinct().order_by("-pk")[:SHOWN]
