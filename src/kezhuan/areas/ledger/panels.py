"""What the ledger adds to the page of an achievement, for who keeps it."""

from typing import Any

from django.urls import reverse

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.ledger.models import Status
from kezhuan.areas.ledger.queries import entries_visible_to
from kezhuan.areas.rights.permissions import keeps_income
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.web import faces
from kezhuan.web.components import LinkLine
from kezhuan.web.names import name_of


def ledger_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The entry of the achievement with its status, or for who keeps the unit's ledger the way to enter it."""
    if actor.person is None or row.record.stage not in SUPPLY_STAGES:
        return None
    found = entries_visible_to(actor).filter(achievement=row.record, live=True).first()
    own = actor.organisation is not None and row.record.owner_id == actor.organisation.pk
    url = f"{reverse('ledger-new')}?achievement={row.record.code}" if own and keeps_income(actor) else ""
    if found is None:
        return registry.Panel("ledger/panel.html", {"lines": (), "url": url}) if url else None
    line = LinkLine(
        role=Status(found.status).label,
        code=found.record.code,
        title=name_of(found.record),
        url=faces.url_of(found.record),
        kind_label=registry.kind_of(found.record).lifecycle.stages[found.record.stage].label,
    )
    return registry.Panel("ledger/panel.html", {"lines": (line,), "url": ""})
