"""Registers dossiers with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.dossiers.lifecycle import DOSSIER
from kezhuan.areas.dossiers.models import Dossier
from kezhuan.areas.dossiers.panels import dossiers_panel
from kezhuan.areas.dossiers.queries import TELLING, dossier_documents
from kezhuan.areas.dossiers.tables import ROWS
from kezhuan.exchange import kinds as exchange
from kezhuan.kernel import registry, roles


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="dossier",
            label=_("inner dossier"),
            plural=_("inner dossiers"),
            model=Dossier,
            lifecycle=DOSSIER,
            page="dossier",
            list_page="dossiers",
            documents=dossier_documents,
            filing=TELLING,
        )
    )
    registry.add_panel("achievement", dossiers_panel)
    roles.tell(
        roles.Right("inner-money", _("read, keep and file inner figures: ledger, price, income"), roles.MONEY),
        roles.Right("inner-papers", _("read, keep and file inner papers: minutes, contracts, exemption"), roles.PAPERS),
    )
    exchange.register(ROWS)
