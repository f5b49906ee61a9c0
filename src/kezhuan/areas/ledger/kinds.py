"""Registers the separate ledger with the kernel, and which rule values it looks up."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.bonds import tell_bonds_by
from kezhuan.areas.achievements.queries import known_completers
from kezhuan.areas.evidence.panels import evidence_panel
from kezhuan.areas.ledger.annuity_actions import WATCH, watch_annuities
from kezhuan.areas.ledger.holdings import HOLDINGS
from kezhuan.areas.ledger.lifecycle import ANNUITY, KIND, LEDGER
from kezhuan.areas.ledger.models import LedgerEntry
from kezhuan.areas.ledger.panels import ledger_panel
from kezhuan.areas.ledger.papers import FIGURES, filed
from kezhuan.areas.ledger.queries import ALERT, IDLE, bonds_by_equity, ledger_documents
from kezhuan.areas.ledger.sheets import SHEET
from kezhuan.areas.rights.permissions import keeps_money
from kezhuan.exchange import sheets
from kezhuan.kernel import filings, holdings, jobs, registry, rulebook
from kezhuan.kernel.models.rules import Unit


def register() -> None:
    """Called once when Django has loaded the models."""
    days = _("Days before it is due within which an annuity is told of")
    rulebook.declare(rulebook.Rule(ALERT, days, (Unit.CALENDAR_DAYS,)))
    months = _("Months without conversion after which an achievement counts as idle for long")
    rulebook.declare(rulebook.Rule(IDLE, months, (Unit.MONTHS,)))
    registry.register(
        registry.Kind(
            slug=KIND,
            label=_("ledger entry"),
            plural=_("ledger entries"),
            model=LedgerEntry,
            lifecycle=LEDGER,
            page="ledger-entry",
            list_page="ledger",
            documents=ledger_documents,
            concerned=lambda row: known_completers(row.achievement_id),
            dated={ANNUITY: _("annuity to be paid")},
            filing=filings.Telling(filed, filed_by=keeps_money, figures=FIGURES),
        )
    )
    registry.add_panel(KIND, evidence_panel)
    registry.add_panel("achievement", ledger_panel, (LedgerEntry, "achievement"))
    sheets.register(SHEET)
    tell_bonds_by(bonds_by_equity)
    holdings.hold(*HOLDINGS)
    jobs.register(WATCH, watch_annuities, label=_("look for annuities that come near"))
    jobs.every(WATCH, time(1, 20))
