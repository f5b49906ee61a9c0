"""What filings hold of a person: who filed."""

from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.holdings import Holding
from kezhuan.kernel.models import Filing

HOLDINGS = (Holding(_("filings to the bureau"), Filing, "filed_by", ("record__code", "record__opened_on")),)
