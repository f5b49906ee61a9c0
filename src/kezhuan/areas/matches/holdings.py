"""What the tables of matches hold of a person: that they answered for a side."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.matches.models import Introduction, Refusal, Weighting
from kezhuan.kernel.holdings import Holding

HOLDINGS = (
    Holding(
        _("suggestions refused"),
        Refusal,
        "by",
        ("need__record__code", "supply__code", "side", "reason", "lacks", "words", "at"),
    ),
    Holding(_("introductions agreed to"), Introduction, "need_agreed_by", ("record__code", "need_agreed_on")),
    Holding(_("introductions agreed to"), Introduction, "supply_agreed_by", ("record__code", "supply_agreed_on")),
    Holding(_("introductions brought about"), Introduction, "broker", ("record__code", "record__opened_on")),
    Holding(_("weights switched"), Weighting, "switched_by", ("id", "in_force", "switched_at")),
)
