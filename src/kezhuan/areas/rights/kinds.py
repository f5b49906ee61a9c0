"""Registers grants of rights and receipts with the kernel, and which rule values they and the relief of tax look up."""

from datetime import time

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.panels import add_life_step
from kezhuan.areas.contracts.paid import add_source
from kezhuan.areas.evidence.panels import evidence_panel
from kezhuan.areas.evidence.reading import name_codes
from kezhuan.areas.rights import distribution_lifecycle, letters, papers_income
from kezhuan.areas.rights.checks import FIRST_MILESTONE, LEAST_USE, SHARE_FLOOR
from kezhuan.areas.rights.expiry_actions import EXPIRE, expire_grants
from kezhuan.areas.rights.forgetting_actions import HOLDINGS, words_frozen
from kezhuan.areas.rights.lifecycle import CURE, GRANT, KIND, MILESTONE, people_of
from kezhuan.areas.rights.models import Distribution, RightsGrant, Sharer, Way
from kezhuan.areas.rights.pages_tax import relief_panel
from kezhuan.areas.rights.panels import (
    DISTRIBUTED,
    GRANTED,
    PAID,
    agreement_income_panel,
    grants_panel,
    income_panel,
)
from kezhuan.areas.rights.papers import PAPER, filed
from kezhuan.areas.rights.permissions import keeps, keeps_money, keeps_papers, settles
from kezhuan.areas.rights.queries import distribution_documents, grant_documents, received_under
from kezhuan.areas.rights.relief import TERM
from kezhuan.areas.rights.sheets import INCOME, SHEET
from kezhuan.engines.contracts import TAX_CODES
from kezhuan.engines.income import CODES, WAYS
from kezhuan.exchange import sheets
from kezhuan.exchange.papers.printing import put_on_paper
from kezhuan.kernel import filings, holdings, jobs, notices, registry, roles, rulebook
from kezhuan.kernel.models.rules import Unit

LABELS = {
    "income.floor.pool": _("Least share of net income for rewards"),
    "income.floor.main": _("Least share of the reward for main contributors"),
    "income.floor.office": _("Least share of the reward for the transfer office"),
    "income.payout": _("Term of paying a reward where none was agreed"),
    "income.floor.equity": _("Least share of an investment's equity for rewards"),
    "income.floor.profit": _("Least share of operating profit for rewards"),
    "income.profit.least": _("Least term of rewards from profit"),
    "income.profit.most": _("Longest term of rewards from profit"),
    "income.head.equity": _("Heads of units may get equity: 1 yes, 0 in principle no"),
    "income.award.invention": _("Least award for an invention where none was agreed"),
    "income.award.other": _("Least award for a utility model or design where none was agreed"),
    "income.award.term": _("Term of paying the award for a patent"),
    "contract.tax.exempt": _("Income from transfer of technology that is exempt from enterprise income tax in a year"),
    "contract.tax.taxed": _("Share of the income above that limit that is taxed"),
    "contract.tax.licence": _("Least term of a licence that is not exclusive, for its income to count"),
}
GRANT_RULES = (
    (SHARE_FLOOR, _("Least share of ownership granted to completers"), Unit.BASIS_POINTS),
    (LEAST_USE, _("Least term of a granted right of use"), Unit.MONTHS),
    (FIRST_MILESTONE, _("Months within which the first milestone of a grant lies"), Unit.MONTHS),
)


def register() -> None:
    """Called once when Django has loaded the models."""
    for code, (_words, unit) in (CODES | WAYS | TAX_CODES).items():
        rulebook.declare(rulebook.Rule(code, LABELS[code], (Unit(unit),)))
    label = _("Months from a receipt within which a cash reward is paid so that its tax is relieved")
    rulebook.declare(rulebook.Rule(TERM, label, (Unit.MONTHS,)))
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
    registry.register(
        registry.Kind(
            slug=distribution_lifecycle.KIND,
            label=_("distribution of income"),
            plural=_("distributions of income"),
            model=Distribution,
            lifecycle=distribution_lifecycle.DISTRIBUTION,
            page="distribution",
            list_page="distributions",
            documents=distribution_documents,
            concerned=distribution_lifecycle.people_of,
            dated={distribution_lifecycle.PAYOUT: _("shares of income to be paid")},
            filing=filings.Telling(papers_income.filed, filed_by=keeps_money, figures=papers_income.FIGURES),
            keepers=notices.Keepers(settles, roles.MONEY),
        )
    )
    registry.add_panel("achievement", grants_panel, (RightsGrant, "achievement"))
    registry.add_panel("achievement", income_panel, (Distribution, "achievement"))
    registry.add_panel("agreement", agreement_income_panel)
    registry.add_panel("contract", relief_panel)
    add_source(received_under)
    for slug in (KIND, distribution_lifecycle.KIND):
        registry.add_panel(slug, evidence_panel)
    for step in (GRANTED, PAID, DISTRIBUTED):
        add_life_step(step)
    sheets.register(SHEET)
    sheets.register(INCOME)
    put_on_paper(KIND, PAPER)
    put_on_paper(distribution_lifecycle.KIND, papers_income.PAPER)
    holdings.hold(*HOLDINGS)
    holdings.name_words(words_frozen)
    letters.register()
    name_codes(distribution_lifecycle.KIND, way=Way, role=Sharer)
    jobs.register(EXPIRE, expire_grants, label=_("let grants of rights run out"))
    jobs.every(EXPIRE, time(1, 10))
