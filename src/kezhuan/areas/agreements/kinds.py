"""Registers agreements with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.holdings import HOLDINGS
from kezhuan.areas.agreements.lifecycle import AGREEMENT, KIND, MILESTONE, PAYMENT, TRIAL
from kezhuan.areas.agreements.models import Agreement
from kezhuan.areas.agreements.panels import agreements_panel
from kezhuan.areas.agreements.queries import agreement_documents
from kezhuan.areas.agreements.sheets import SHEET
from kezhuan.exchange import sheets
from kezhuan.kernel import holdings, registry


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug=KIND,
            label=_("agreement"),
            plural=_("agreements"),
            model=Agreement,
            lifecycle=AGREEMENT,
            page="agreement",
            list_page="agreements",
            documents=agreement_documents,
            concerned=lambda row: [row.party_id] if row.party_id is not None else [],
            dated={
                PAYMENT: _("payment of an agreement"),
                MILESTONE: _("milestone of an agreement"),
                TRIAL: _("end of a trial"),
            },
        )
    )
    for kind in ("achievement", "introduction"):
        registry.add_panel(kind, agreements_panel)
    sheets.register(SHEET)
    holdings.hold(*HOLDINGS)
