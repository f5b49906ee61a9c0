"""What of offers waits without a term: bookings that are asked for, for the organisation that offers."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.chains.models import Offer
from kezhuan.areas.chains.permissions import answers_bookings
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record
from kezhuan.web import inbox


def register_inbox() -> None:
    """The area's share of what waits."""
    standing = {"offer": ["open", "closed"]}
    inbox.add_source(inbox.source_of(_asked, _("booking to be answered"), standing=standing))


def _asked(actor: Actor) -> QuerySet[Record]:
    """The offers of the actor's organisation for which a booking waits."""
    if actor.organisation is None or actor.is_officer:
        return Record.objects.none()
    rows = answers_bookings.among(actor, Offer.objects.filter(record__stage__in=("open", "closed")))
    return Record.objects.filter(pk__in=rows.values("pk"))
