"""What of calls waits without a term: for the officers in charge questions and the decision, for a recommending unit
what it is to recommend."""

from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.models import Application, Asked, Call
from kezhuan.areas.calls.permissions import answers_questions, is_recommender, proposes
from kezhuan.areas.reviews.models import Panel
from kezhuan.areas.reviews.queries import UNFINISHED
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Record
from kezhuan.web import inbox


def register_inbox() -> None:
    """The area's share of what waits."""
    inbox.add_source(inbox.source_of(_waiting, matters=_matters, standing={"call": ("published", "closed")}))
    inbox.add_source(
        inbox.source_of(_to_recommend, _("to be recommended or sent back"), standing={"application": ("offered",)})
    )


def _to_recommend(actor: Actor) -> QuerySet[Record]:
    """Applications that wait for the unit that the actor acts for to recommend them."""
    if actor.organisation is None:
        return Record.objects.none()
    offered = Application.objects.filter(inbox.at("application", ["offered"]))
    rows = is_recommender.among(actor, offered)
    return inbox.told_by_no_term(actor, Record.objects.filter(pk__in=rows.values("pk")))


def _questions() -> QuerySet[Asked]:
    return Asked.objects.filter(answered_at=None)


def _waiting(actor: Actor) -> QuerySet[Record]:
    """Calls about which a question is to be answered, and those that are closed and that no panel judges any more."""
    if not actor.is_officer:
        return Record.objects.none()
    open_to = Call.objects.filter(inbox.at("call", ["published", "closed"]))
    asked = answers_questions.among(actor, open_to).filter(pk__in=_questions().values("call"))
    judging = Panel.objects.filter(inbox.at("panel", UNFINISHED))
    over = Call.objects.filter(inbox.at("call", ["closed"]))
    closed = proposes.among(actor, over).exclude(pk__in=judging.values("about"))
    waiting = Q(pk__in=asked.values("pk")) | Q(pk__in=closed.values("pk"))
    return inbox.told_by_no_term(actor, Record.objects.filter(waiting))


def _matters(_actor: Actor, records: Sequence[Record]) -> Mapping[int, Text]:
    """By record in words what is to be done."""
    asked = set(_questions().filter(call__in=[one.pk for one in records]).values_list("call", flat=True))
    return {one.pk: _("question to be answered") for one in records if one.pk in asked}
