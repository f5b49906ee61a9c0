"""What of agreements waits without a term: an offer to be answered, for the other side."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.models import Agreement
from kezhuan.areas.agreements.permissions import keeps_papers
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record
from kezhuan.web import inbox


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_offered, _("agreement to be answered"), standing={"agreement": ["offered"]}))


def _offered(actor: Actor) -> QuerySet[Record]:
    """The agreements that were offered to the actor's organisation."""
    if not keeps_papers(actor):
        return Record.objects.none()
    rows = Agreement.objects.filter(party=actor.organisation, record__stage="offered")
    return Record.objects.filter(pk__in=rows.values("pk"))
