"""What the ledger adds to the page of an achievement, for who keeps it."""

from typing import Any

from django.urls import reverse

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.ledger.models import ConversionStatus, LedgerEntry
from kezhuan.areas.ledger.queries import entries_visible_to
from kezhuan.areas.rights.permissions import keeps_income
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.present import is_named
from kezhuan.web import faces


def ledger_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """The entry of the achievement with its status, or for who keeps the unit's ledger the way to enter it."""
    if actor.person is None or row.record.stage not in SUPPLY_STAGES:
        return None
    found = None
    if is_named(LedgerEntry, "achievement", row.record.pk):
        found = entries_visible_to(actor).filter(achievement=row.record, live=True).first()
    own = actor.organisation is not None and row.record.owner_id == actor.organisation.pk
    url = f"{reverse('ledger-new')}?achievement={row.record.code}" if own and keeps_income(actor) else ""
    if found is None:
        return registry.Panel("ledger/panel.html", {"lines": (), "url": url}) if url else None
    line = faces.link_line(found.record, ConversionStatus(found.status).label)
    return registry.Panel("ledger/panel.html", {"lines": (line,), "url": ""})
