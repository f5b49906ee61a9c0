"""What of grants waits without a term: a text to sign, for its completers."""

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.rights.models import GrantMember
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record
from kezhuan.web import inbox


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_to_sign, _("split to be signed"), standing={"grant": ["signing"]}))


def _to_sign(actor: Actor) -> QuerySet[Record]:
    """The grants whose text the actor has still to sign in their own name."""
    if actor.person is None or actor.represented is not None:
        return Record.objects.none()
    rows = GrantMember.objects.filter(person=actor.person.pk, grant__record__stage="signing")
    return Record.objects.filter(pk__in=rows.exclude(signed=F("grant__wording")).values("grant"))
