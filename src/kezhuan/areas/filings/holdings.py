"""What filings hold of a person: who filed, and in whose place."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.filings.models import Receipt
from kezhuan.kernel.holdings import Holding
from kezhuan.kernel.models import Filing

FILING = ("record__code", "record__opened_on")
HOLDINGS = (
    Holding(_("filings to the bureau"), Filing, "filed_by", FILING),
    Holding(_("filings that a deputy made"), Filing, "filed_for", FILING),
    Holding(_("receipts handed out for filings"), Receipt, "taken_by", ("code", "taken_at")),
)
