"""What brokers' tables hold of a person: that they are a broker."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.brokers.models import Broker
from kezhuan.kernel.holdings import Holding

HOLDINGS = (
    Holding(
        _("technology brokers"),
        Broker,
        "person",
        ("organisation__record__code", "fields", "regions", "capacity", "since", "until"),
    ),
)
