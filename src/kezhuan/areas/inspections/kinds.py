"""Registers inspections with the kernel: the kind, its letter, and the job that records their end."""

from datetime import time

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.inspections import letters
from kezhuan.areas.inspections.actions import close_expired
from kezhuan.areas.inspections.holdings import HOLDINGS
from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.inspections.models import Inspection
from kezhuan.areas.inspections.queries import inspection_documents
from kezhuan.areas.inspections.sheets import SHEET
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.printing import OnPaper, put_on_paper
from kezhuan.kernel import holdings, jobs, registry

EXPIRE = "inspections.expire"


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="inspection",
            label=_("inspection"),
            plural=_("inspections"),
            model=Inspection,
            lifecycle=INSPECTION,
            page="inspection",
            list_page="inspections",
            documents=inspection_documents,
        )
    )
    sheets.register(SHEET)
    # One of which the owner is not told lies in no folder: it goes with the case from hand to hand.
    put_on_paper(
        INSPECTION.kind, OnPaper("调阅", "matters__record", lambda row: str(row.body), only=Q(owner_told=True))
    )
    letters.register()
    holdings.hold(*HOLDINGS)
    jobs.register(EXPIRE, close_expired, label=_("record the end of inspections"))
    jobs.every(EXPIRE, time(0, 10))
