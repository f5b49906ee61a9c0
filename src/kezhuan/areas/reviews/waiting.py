"""What of panels waits without a term for whoever runs them: all but what their experts are to do."""

from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.reviews.models import Panel, Review
from kezhuan.areas.reviews.permissions import runs
from kezhuan.areas.reviews.queries import UNFINISHED
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from kezhuan.web import inbox


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_waiting, matters=_matters, standing={"panel": UNFINISHED}))


def _waiting(actor: Actor) -> QuerySet[Record]:
    """Panels that are prepared and wait for nobody's answer, whose scores are all in or whose last day for them is
    over, or that are to meet."""
    if actor.organisation is None:
        return Record.objects.none()
    answering = Review.objects.filter(inbox.at("review", ["invited"])).values("panel")
    scoring = Review.objects.filter(inbox.at("review", ["accepted"])).values("panel")
    rows = Panel.objects.filter(inbox.at("panel", UNFINISHED)).filter(
        Q(record__stage="prepared") & ~Q(pk__in=answering)
        | Q(record__stage="scoring") & (Q(due_on__lt=today()) | ~Q(pk__in=answering) & ~Q(pk__in=scoring))
        | Q(record__stage="scored")
    )
    return inbox.told_by_no_term(actor, Record.objects.filter(pk__in=runs.among(actor, rows).values("pk")))


def _matters(_actor: Actor, records: Sequence[Record]) -> Mapping[int, Text]:
    """By record in words what is to be done."""
    asked = set(Review.objects.filter(panel__in=[one.pk for one in records]).values_list("panel", flat=True))
    coming = Review.objects.filter(panel__in=asked, record__stage__in=("invited", "accepted"))
    late = set(coming.values_list("panel", flat=True))
    begin, choose = _("experts have answered: let them score"), _("experts to be chosen")
    all_in, over = _("all scores are in: close them"), _("the last day for scores is over: close them")
    return {
        one.pk: {"scoring": over if one.pk in late else all_in, "scored": _("meeting to be recorded")}.get(one.stage)
        or (begin if one.pk in asked else choose)
        for one in records
    }
