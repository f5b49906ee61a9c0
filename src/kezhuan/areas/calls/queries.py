"""What is asked of calls and applications: rows as an actor may see them, and documents for search."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, SmallIntegerField, Subquery, When

from kezhuan.areas.calls.answering import counted, plain
from kezhuan.areas.calls.choices import DECIDABLE
from kezhuan.areas.calls.models import Application, Asked, Call, CallItem
from kezhuan.areas.calls.permissions import writes_application
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.needs.models import Need
from kezhuan.areas.reviews.models import Panel, PanelItem
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, can_view, reading, visible_to
from kezhuan.kernel.text import now
from kezhuan.kernel.vocabulary import Confidentiality

CALL_TOLD = ("office__record", "record__title_to", "record__public_to")
APPLICATION_TOLD = (
    "record__owner__record", "record__title_to", "record__public_to", "item__call__record__title_to",
    "item__call__record__public_to",
)  # fmt: skip
CLOSING_DAYS = 7
"""A call that closes within so many days stands on top of the hall."""


def calls_visible_to(actor: Actor) -> QuerySet[Call]:
    """Calls that the actor may see, with what a list shows."""
    return visible_to(actor, Call.objects.select_related(*CALL_TOLD))


def applications_visible_to(actor: Actor) -> QuerySet[Application]:
    """Applications that the actor may see, with what a list shows."""
    return visible_to(actor, Application.objects.select_related(*APPLICATION_TOLD))


def closing_soon(actor: Actor) -> QuerySet[Call]:
    """Calls that take applications and close within days, the next one first."""
    moment = now()
    rows = calls_visible_to(actor).filter(record__stage="published", opens_at__lte=moment)
    return rows.filter(closes_at__gte=moment, closes_at__lte=moment + timedelta(days=CLOSING_DAYS)).order_by(
        "closes_at"
    )


def listable_needs(actor: Actor) -> QuerySet[Need]:
    """Needs that can stand on a list: published, and open to everybody as their firm wishes."""
    rows = Need.objects.filter(record__stage="published", confidentiality=Confidentiality.PUBLIC)
    return visible_to(actor, rows.select_related("record__owner__record"), "public")


def indicators_of(need: Need) -> list[dict[str, str]]:
    """The indicators of a need as an item of a list keeps them."""
    return [
        {name: getattr(one, name) for name in ("name", "operator", "value", "unit", "test_method")}
        for one in need.indicators.all()
    ]


def item_of(call: Call, number: int) -> CallItem | None:
    """The item of this number on a call's list."""
    found: CallItem | None = call.items.filter(number=number).select_related("need", "poster__record").first()
    return found


def applications_to(actor: Actor, call: Call) -> QuerySet[Application]:
    """The applications to a call that the actor may see, item by item."""
    return applications_visible_to(actor).filter(item__call=call.pk).order_by("item__number", "pk")


def recommended_by(actor: Actor, call: Call) -> QuerySet[Application]:
    """The applications to a call that were handed in and chose the unit of the actor to recommend them."""
    unit = actor.organisation.pk if actor.organisation is not None else None
    rows = applications_visible_to(actor).filter(item__call=call.pk, recommender=unit, submitted_at__isnull=False)
    return rows.select_related("applicant__record").order_by("item__number", "pk")


def concluded_about(call: Call) -> list[int]:
    """Ids of the panels that concluded about a call."""
    return list(Panel.objects.filter(about=call.pk, record__stage="concluded").values_list("pk", flat=True))


def in_proposing_order(call: Call) -> QuerySet[Application, int]:
    """Ids of the applications that passed the formality check: item by item, the shortlist first, and in the order in
    which a panel put them. The database orders them: of thousands a page takes a few."""
    rows = Application.objects.filter(item__call=call.pk, record__stage__in=DECIDABLE)
    listed = Case(When(record__stage="shortlisted", then=0), default=1, output_field=SmallIntegerField())
    order: list[Any] = ["item__number", listed, "pk"]
    if panels := concluded_about(call):
        judged = PanelItem.objects.filter(panel__in=panels, record=OuterRef("pk")).order_by("-panel")
        order.insert(2, F("place").asc(nulls_last=True))
        rows = rows.annotate(place=Subquery(judged.values("place")[:1]))
    return rows.order_by(*order).values_list("pk", flat=True)


def fields_of(items: Sequence[CallItem]) -> str:
    """The technical fields of a list as its facet has them: the call is found by each."""
    return search.SEVERAL.join(sorted({one.field for one in items if one.field}))


def call_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Calls as search reads them: what they are about, and their lists."""
    for row in Call.objects.filter(pk__in=ids).select_related("record").prefetch_related("items", "asked"):
        items = list(row.items.all())
        listed = (
            "\n".join((one.title, one.problem, *(indicator_in_words(figure) for figure in one.indicators)))
            for one in items
        )
        answered = (f"{one.words}\n{one.answer}" for one in row.asked.all() if one.answered_at is not None)
        yield from search.by_group(
            row.record,
            public_text="\n".join((row.record.summary, *listed, *answered)),
            facets={"call_kind": row.call_kind, "region": row.region, "field": fields_of(items)},
        )


def application_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Applications as search reads them: the summary for whoever reads the public part, the rest in full."""
    rows = Application.objects.filter(pk__in=ids).select_related("record", "item__call__record")
    for row in rows:
        yield from search.by_group(
            row.record,
            public_text=f"{row.record.summary}\n{row.item.title}",
            full_text="\n".join(filter(None, (*plain(_counted(row)), *row.commitments, *row.evidence))),
            facets={"call_kind": row.item.call.call_kind},
        )


def answers_for(actor: Actor, row: Application) -> list[Any]:
    """What an application answers, as it counts; to whoever writes it as it is kept, to be sent back."""
    return row.answers if writes_application.test(actor, row) else _counted(row)


def _counted(row: Application) -> list[Any]:
    return counted(row.item.call.questions, row.answers)


def kept_back(_actor: Actor, row: Application) -> str:
    """In a word that an application is confidential: all of it until it is chosen, then its full part."""
    return "application"


reads_list = reading("public")
"""Reads the list of a call."""


def asked_about(actor: Actor, call: Call) -> list[Asked]:
    """The questions about a call as the actor may read them: the answered ones with the list, those that wait for the
    officers in charge and for whoever asked."""
    if not reads_list(actor, call):
        return []
    inside = can_view(actor, call.record, "inner")
    own = actor.organisation.pk if actor.organisation is not None else None
    return [one for one in call.asked.all() if one.answered_at is not None or inside or one.unit_id == own]


def targets_of(row: Application) -> Sequence[dict[str, str]]:
    """The indicators that an application answers: its item's; what is commissioned answers to its own task alone."""
    return () if row.commissioned_by_id is not None else row.item.indicators


def conditions_of(row: Application) -> Sequence[dict[str, str]]:
    """The conditions of its call that an application shows to be met; nobody applied for what is commissioned."""
    return () if row.commissioned_by_id is not None else row.item.call.conditions
