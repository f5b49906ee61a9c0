"""What the tables of agreements hold of a person: who offered, and who signed."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.models import AgreementVersion
from kezhuan.kernel.holdings import Holding

HOLDINGS = (
    Holding(_("agreements offered"), AgreementVersion, "offered_by", ("agreement__record__code", "offered_on")),
    Holding(_("agreements signed"), AgreementVersion, "signed_by", ("agreement__record__code", "agreed_on")),
)
