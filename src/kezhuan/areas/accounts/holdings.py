"""What the tables of accounts hold of a person: what they sign in with, and where they are signed in."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.accounts.models import Factor, Identity, Session
from kezhuan.kernel.holdings import Holding, delete

HOLDINGS = (
    Holding(_("sessions"), Session, "user__person", ("since", "seen_at", "address", "agent", "expire_date"), delete),
    Holding(_("means of signing in"), Factor, "user__person", ("kind", "name", "made_at", "used_at"), delete),
    Holding(_("identity providers"), Identity, "user__person", ("provider", "subject", "made_at", "used_at"), delete),
)
