"""Registers filings with the kernel."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.filings.holdings import HOLDINGS
from kezhuan.areas.filings.lifecycle import FILING
from kezhuan.areas.filings.queries import filed, filing_documents
from kezhuan.areas.filings.sheets import SHEET
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.printing import OnPaper, put_on_paper
from kezhuan.kernel import holdings, registry
from kezhuan.kernel.filings import KIND
from kezhuan.kernel.models import Filing


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug=KIND,
            label=_("filing"),
            plural=_("filings"),
            model=Filing,
            lifecycle=FILING,
            page="filing",
            list_page="filings",
            documents=filing_documents,
            confidential=filed,
        )
    )
    sheets.register(SHEET)
    put_on_paper(KIND, OnPaper("报送", "about", lambda row: str(row.record.owner.record.title)))
    holdings.hold(*HOLDINGS)
