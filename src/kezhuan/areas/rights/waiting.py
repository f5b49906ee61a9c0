"""What of grants and income waits without a term: a text to sign, for its completers, and what the office holds."""

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.rights import distribution_lifecycle
from kezhuan.areas.rights.lifecycle import KIND
from kezhuan.areas.rights.models import GrantMember
from kezhuan.areas.rights.permissions import keeps, settles
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Record
from kezhuan.web import inbox

WITH_THE_OFFICE = (
    (KIND, ("checking", "decided", "agreeing"), keeps),
    (distribution_lifecycle.KIND, ("proposed", "settled"), settles),
)
"""Stages at which the unit's own office has the next step."""


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_to_sign, _("split to be signed"), standing={"grant": ["signing"]}))
    for kind, stages, keeps_it in WITH_THE_OFFICE:
        inbox.add_source(inbox.source_of(inbox.kept_at(kind, stages, keeps_it), standing={kind: stages}))


def _to_sign(actor: Actor) -> QuerySet[Record]:
    """The grants whose text the actor has still to sign in their own name."""
    if actor.person is None or actor.represented is not None:
        return Record.objects.none()
    rows = GrantMember.objects.filter(person=actor.person.pk, grant__record__stage="signing")
    return Record.objects.filter(pk__in=rows.exclude(signed=F("grant__wording")).values("grant"))
