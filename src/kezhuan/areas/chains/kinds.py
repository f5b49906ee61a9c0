"""Registers offers with the kernel."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.chains.lifecycle import OFFER, follow_members
from kezhuan.areas.chains.models import Offer
from kezhuan.areas.chains.panels import offers_panel
from kezhuan.areas.chains.permissions import KIND
from kezhuan.areas.chains.queries import hidden_bookers, offer_documents
from kezhuan.areas.chains.sheets import OFFERS
from kezhuan.areas.projects.lifecycle import consortium_followers
from kezhuan.exchange import sheets
from kezhuan.kernel import registry


def concerned_in_offer(row: Any) -> Iterable[int]:
    """Whose own matter an offer is: its organisation's."""
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
            concerned=concerned_in_offer,
            hidden_parties=hidden_bookers,
        )
    )
    consortium_followers.append(follow_members)
    registry.add_panel("project", offers_panel)
    sheets.register(OFFERS)
