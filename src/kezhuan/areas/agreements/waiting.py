"""What of agreements waits without a term: an offer to be answered, for the other side; and for the side that has not
answered whether it is counted in the call for which the other has agreed."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.agreements.counting import NAMED_AT, waiting_for
from kezhuan.areas.agreements.lifecycle import AGREEMENT
from kezhuan.areas.agreements.models import Agreement
from kezhuan.areas.agreements.permissions import keeps_papers
from kezhuan.kernel.access import Actor, seen_by
from kezhuan.kernel.lifecycle import DISCARDED
from kezhuan.kernel.models import Record
from kezhuan.web import inbox


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_offered, _("agreement to be answered"), standing={"agreement": ["offered"]}))
    signed = {"agreement": sorted(set(AGREEMENT.stages) - {"draft", DISCARDED})}
    inbox.add_source(inbox.source_of(_uncounted, _("to be counted in a call: answer it"), standing=signed))


def _offered(actor: Actor) -> QuerySet[Record]:
    """The agreements that were offered to the actor's organisation."""
    if not keeps_papers(actor):
        return Record.objects.none()
    rows = Agreement.objects.filter(party=actor.organisation, record__stage="offered")
    return Record.objects.filter(pk__in=rows.values("pk"))


def _uncounted(actor: Actor) -> QuerySet[Record]:
    """The agreements of the actor's organisation that the other side wants counted in a call that the actor sees."""
    if not keeps_papers(actor):
        return Record.objects.none()
    seen = Q(seen_by(actor, "call__record__title_to"), call__record__stage__in=NAMED_AT)
    unit = actor.organisation
    owned = waiting_for("owner_on").filter(seen, agreement__record__owner=unit)
    answered = waiting_for("party_on").filter(seen, agreement__party=unit)
    return Record.objects.filter(Q(pk__in=owned.values("agreement")) | Q(pk__in=answered.values("agreement")))
