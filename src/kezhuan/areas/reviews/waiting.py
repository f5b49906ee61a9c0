"""What of panels waits without a term for whoever runs them: all but what their experts are to do."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.reviews.asking import open_questions
from kezhuan.areas.reviews.checks import live_sheets
from kezhuan.areas.reviews.models import Choice, Panel, PanelItem, Review
from kezhuan.areas.reviews.permissions import runs
from kezhuan.areas.reviews.queries import UNFINISHED
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from kezhuan.web import inbox

CHOOSE = _("experts to be chosen")
BEGIN = _("experts have answered: let them score")
OVER = _("the last day for scores is over: close them")
ALL_IN = _("all scores are in: close them")
MEET = _("meeting to be recorded")


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_waiting, matters=_matters, standing={"panel": UNFINISHED}))
    asked = _("question of an expert to be answered")
    inbox.add_source(inbox.source_of(open_questions, asked, standing={"panel": ["scoring"]}))


def _steps() -> Mapping[Text, Q]:
    """What is to be done on a panel, each thing with its condition; the first of those that hold is said."""
    answering = Q(pk__in=Review.objects.filter(inbox.at("review", ["invited"])).values("panel"))
    judging = Q(pk__in=Review.objects.filter(inbox.at("review", ["accepted"])).values("panel"))
    return {
        BEGIN: Q(record__stage="prepared") & ~answering,
        OVER: Q(record__stage="scoring", due_on__lt=today()),
        ALL_IN: Q(record__stage="scoring") & ~answering & ~judging,
        MEET: Q(record__stage="scored"),
    }


def _waiting(actor: Actor) -> QuerySet[Record]:
    """The panels on which something is to be done, of those that the actor runs."""
    if actor.organisation is None:
        return Record.objects.none()
    rows = Panel.objects.filter(inbox.at("panel", UNFINISHED)).filter(reduce(or_, _steps().values()))
    return inbox.told_by_no_term(actor, Record.objects.filter(pk__in=runs.among(actor, rows).values("pk")))


def _matters(_actor: Actor, records: Sequence[Record]) -> Mapping[int, Text]:
    """By record in words what is to be done; where experts who declined left items with too few, others are chosen."""
    words, conditions = zip(*_steps().items(), strict=True)
    step = Case(*(When(condition, then=Value(at)) for at, condition in enumerate(conditions)))
    rows = Panel.objects.filter(pk__in=[one.pk for one in records]).annotate(step=step).exclude(step=None)
    found = {pk: words[at] for pk, at in rows.values_list("pk", "step")}
    # What a drawn expert gives back while they score is judged by the others.
    asked = Q(panel__record__stage="prepared") | ~Q(panel__choice=Choice.DRAW)
    few = live_sheets(PanelItem.objects.filter(asked, panel__in=found)).filter(
        live__lt=Coalesce(F("asked"), F("panel__per_item"))
    )
    return found | {pk: CHOOSE for pk in few.values_list("panel", flat=True) if found[pk] in (BEGIN, ALL_IN)}
