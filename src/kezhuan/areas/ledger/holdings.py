"""What the ledger holds of a person: that they took stock, by number alone."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.ledger.models import StockTake
from kezhuan.kernel.holdings import Holding

HOLDINGS = (Holding(_("stock-takes of the ledger"), StockTake, "person", ("entry__record__code", "year", "outcome")),)
