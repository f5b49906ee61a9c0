"""What must hold of an entry before each of its moves."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.ledger.models import ConversionStatus
from kezhuan.kernel.errors import Problem


def check_offered(row: Any) -> Iterable[Problem]:
    """Its completers were offered it first."""
    if row.offered_on is None or not row.offered:
        message = _("Offer it to its completers first, and enter when, and what they answered.")
        yield Problem("ledger-offer", message, "offered")


def check_idle(row: Any) -> Iterable[Problem]:
    """Nothing stands on it: no contract, no grant, no equity."""
    if row.status != ConversionStatus.IDLE:
        message = _("It is not idle but “%(status)s”: end that first.") % {"status": ConversionStatus(row.status).label}
        yield Problem("ledger-not-idle", message, "")


def check_over(row: Any) -> Iterable[Problem]:
    """Nothing is left to be kept of it: the title is another's, or all equity was sold, and every fee is paid."""
    left = row.equity.filter(exited_on=None).exists()
    if row.status not in {ConversionStatus.TRANSFERRED, ConversionStatus.INVESTED} or left:
        message = _("An entry is closed when the title is transferred, or all equity was given up.")
        yield Problem("ledger-not-over", message, "")
    if row.upkeep.filter(paid_on=None).exists():
        message = _("Fees are not paid yet: enter the payment, or take out what the new owner pays.")
        yield Problem("ledger-unpaid", message, "upkeep")


def check_untouched(row: Any) -> Iterable[Problem]:
    """Only what was entered by mistake is discarded."""
    if row.equity.exists() or row.upkeep.exists() or row.stock_takes.exists():
        message = _("Equity, fees or a stock-take stand in it: it was no mistake. Close it, or give it up.")
        yield Problem("ledger-in-use", message, "")
