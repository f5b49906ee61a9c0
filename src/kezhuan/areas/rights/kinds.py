"""Makes known to the kernel which rule values the distribution of income and the relief of its tax look up."""

from django.utils.translation import gettext_lazy as _

from kezhuan.engines.contracts import TAX_CODES
from kezhuan.engines.income import CODES
from kezhuan.kernel import rulebook
from kezhuan.kernel.models.rules import Unit

LABELS = {
    "income.floor.pool": _("Least share of net income for rewards"),
    "income.floor.main": _("Least share of the reward for main contributors"),
    "income.floor.office": _("Least share of the reward for the transfer office"),
    "income.payout": _("Term of paying a reward where none was agreed"),
    "contract.tax.exempt": _("Income from transfer of technology that is exempt from enterprise income tax in a year"),
    "contract.tax.taxed": _("Share of the income above that limit that is taxed"),
}


def register() -> None:
    """Called once when Django has loaded the models."""
    for code, (_words, unit) in (CODES | TAX_CODES).items():
        rulebook.declare(rulebook.Rule(code, LABELS[code], (Unit(unit),)))
