"""What the table of contracts holds of a person: who looked first, who second, and who certified."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.contracts.models import Certificate, Contract, FlagLook
from kezhuan.kernel.holdings import Holding

HOLDINGS = (
    Holding(_("contracts looked at first"), Contract, "registrar", ("record__code", "accepted_on")),
    Holding(_("contracts looked at second"), Contract, "reviewer", ("record__code", "registered_on")),
    Holding(_("hints about contracts looked at"), FlagLook, "by", ("at",)),
    Holding(_("certificates issued"), Certificate, "issued_by", ("contract__record__code", "issued_at")),
)
