"""What of evaluations waits without a term for whoever evaluates: what was accepted, while no panel judges it."""

from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.evaluations.models import BY_EXPERTS, Evaluation
from kezhuan.areas.evaluations.permissions import KIND, evaluates
from kezhuan.areas.evaluations.queries import heard_among
from kezhuan.areas.reviews.models import Panel
from kezhuan.areas.reviews.queries import UNFINISHED
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Record
from kezhuan.web import inbox

STAGES = ("evaluating",)
HEAR = _("panel of experts to be made")
REPORT = _("findings to be entered, and the report to be delivered")
_accepted = inbox.kept_at(KIND, STAGES, evaluates)


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_waiting, matters=_matters, standing={KIND: STAGES}))


def _waiting(actor: Actor) -> QuerySet[Record]:
    """The cases that the actor evaluates; while a panel judges one, the panel is what waits."""
    judging = Panel.objects.filter(inbox.at("panel", UNFINISHED), about=OuterRef("pk"))
    return _accepted(actor).exclude(Exists(judging))


def _matters(_actor: Actor, records: Sequence[Record]) -> Mapping[int, Text]:
    """By record in words what is to be done: two queries."""
    rows = list(Evaluation.objects.filter(pk__in=[one.pk for one in records]))
    heard = heard_among(rows)
    # An agency asks experts of its own.
    asked = {row.pk for row in rows if row.method in BY_EXPERTS and row.agency_id is None}
    return {row.pk: HEAR if row.pk in asked and row.pk not in heard else REPORT for row in rows}
