"""Registers prices with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.panels import add_life_step
from kezhuan.areas.achievements.queries import known_completers
from kezhuan.areas.evidence.panels import evidence_panel
from kezhuan.areas.prices.lifecycle import KIND, PRICE
from kezhuan.areas.prices.models import Price
from kezhuan.areas.prices.panels import PRICED
from kezhuan.areas.prices.papers import FIGURES, filed
from kezhuan.areas.prices.permissions import settles_price
from kezhuan.areas.prices.queries import price_documents
from kezhuan.areas.prices.sheets import SHEET
from kezhuan.areas.rights.permissions import keeps_money
from kezhuan.exchange import sheets
from kezhuan.kernel import filings, notices, registry, roles


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug=KIND,
            label=_("price"),
            plural=_("prices"),
            model=Price,
            lifecycle=PRICE,
            page="price",
            list_page="prices",
            documents=price_documents,
            concerned=lambda row: known_completers(row.achievement_id),
            filing=filings.Telling(filed, filed_by=keeps_money, figures=FIGURES),
            keepers=notices.Keepers(settles_price, roles.MONEY),
        )
    )
    registry.add_panel(KIND, evidence_panel)
    add_life_step(PRICED, (Price, "achievement"))
    sheets.register(SHEET)
