"""Registers grants of rights with the kernel, and which rule values they, the distribution of income and the relief of
its tax look up."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.rights import letters
from kezhuan.areas.rights.checks import FIRST_MILESTONE, LEAST_USE, SHARE_FLOOR
from kezhuan.areas.rights.expiry_actions import EXPIRE, expire_grants
from kezhuan.areas.rights.forgetting_actions import HOLDINGS
from kezhuan.areas.rights.lifecycle import CURE, GRANT, KIND, MILESTONE, people_of
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.areas.rights.panels import grants_panel
from kezhuan.areas.rights.papers import PAPER, filed
from kezhuan.areas.rights.permissions import keeps, keeps_papers
from kezhuan.areas.rights.queries import grant_documents
from kezhuan.areas.rights.sheets import SHEET
from kezhuan.engines.contracts import TAX_CODES
from kezhuan.engines.income import CODES
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.printing import put_on_paper
from kezhuan.kernel import filings, holdings, jobs, notices, registry, roles, rulebook
from kezhuan.kernel.models.rules import Unit

LABELS = {
    "income.floor.pool": _("Least share of net income for rewards"),
    "income.floor.main": _("Least share of the reward for main contributors"),
    "income.floor.office": _("Least share of the reward for the transfer office"),
    "income.payout": _("Term of paying a reward where none was agreed"),
    "contract.tax.exempt": _("Income from transfer of technology that is exempt from enterprise income tax in a year"),
    "contract.tax.taxed": _("Share of the income above that limit that is taxed"),
}
GRANT_RULES = (
    (SHARE_FLOOR, _("Least share of ownership granted to completers"), Unit.BASIS_POINTS),
    (LEAST_USE, _("Least term of a granted right of use"), Unit.MONTHS),
    (FIRST_MILESTONE, _("Months within which the first milestone of a grant lies"), Unit.MONTHS),
)


def register() -> None:
    """Called once when Django has loaded the models."""
    for code, (_words, unit) in (CODES | TAX_CODES).items():
        rulebook.declare(rulebook.Rule(code, LABELS[code], (Unit(unit),)))
    for code, label, unit in GRANT_RULES:
        rulebook.declare(rulebook.Rule(code, label, (unit,)))
    registry.register(
        registry.Kind(
            slug=KIND,
            label=_("grant of rights"),
            plural=_("grants of rights"),
            model=RightsGrant,
            lifecycle=GRANT,
            page="grant",
            list_page="grants",
            documents=grant_documents,
            concerned=people_of,
            dated={MILESTONE: _("milestone of a grant to be reached"), CURE: _("time to put a grant right")},
            filing=filings.Telling(filed, filed_by=keeps_papers),
            keepers=notices.Keepers(keeps, roles.PAPERS),
        )
    )
    registry.add_panel("achievement", grants_panel)
    sheets.register(SHEET)
    put_on_paper(KIND, PAPER)
    holdings.hold(*HOLDINGS)
    letters.register()
    jobs.register(EXPIRE, expire_grants, label=_("let grants of rights run out"))
    jobs.every(EXPIRE, time(1, 10))
