"""Makes known to the kernel which rule values the distribution of income looks up."""

from django.utils.translation import gettext_lazy as _

from kezhuan.engines.income import CODES
from kezhuan.kernel import rulebook
from kezhuan.kernel.models.rules import Unit

LABELS = {
    "income.floor.pool": _("Least share of net income for rewards"),
    "income.floor.main": _("Least share of the reward for main contributors"),
    "income.floor.office": _("Least share of the reward for the transfer office"),
    "income.payout": _("Term of paying a reward where none was agreed"),
}


def register() -> None:
    """Called once when Django has loaded the models."""
    for code, (_words, unit) in CODES.items():
        rulebook.declare(rulebook.Rule(code, LABELS[code], (Unit(unit),)))
