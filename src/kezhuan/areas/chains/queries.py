"""What is asked of offers: rows as an actor may see them, what is taken of them, and documents for search."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from kezhuan.areas.calls.models import CallItem
from kezhuan.areas.chains.models import Booking, BookingState, Offer, Task, Use
from kezhuan.areas.chains.periods import period_of, periods_between
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, can_view, seen_by, visible_to
from kezhuan.kernel.models.records import Phase

TOLD = ("record__owner__record", "record__title_to", "record__inner_to", "project__record")


def offers_visible_to(actor: Actor) -> QuerySet[Offer]:
    """Offers that the actor may see, with what a list shows."""
    return visible_to(actor, Offer.objects.select_related(*TOLD))


def bookings_seen(actor: Actor, offer: Offer) -> QuerySet[Booking]:
    """The bookings of an offer that the actor may read: all for whoever offers it and the officers in charge, else
    those of the actor's own organisation."""
    rows = offer.bookings.select_related("organisation__record", "project__record").prefetch_related("uses")
    if can_view(actor, offer.record, "inner"):
        return rows
    return rows.filter(organisation=actor.organisation) if actor.organisation is not None else rows.none()


def uses_seen(actor: Actor) -> QuerySet[Use]:
    """The log of use (场景、概念验证与中试服务日志) as far as the actor may read it, the latest on top."""
    readable = Q(booking__offer__in=visible_to(actor, Offer.objects.all(), "inner").values("pk"))
    if actor.organisation is not None:
        readable |= Q(booking__organisation=actor.organisation) & Q(seen_by(actor, "booking__offer__record__title_to"))
    rows = Use.objects.filter(readable) if actor.is_signed_in else Use.objects.none()
    return rows.select_related(
        "booking__offer__record__owner__record", "booking__organisation__record", "booking__project__record"
    ).order_by("-on", "-pk")


def taken_in(offer: Offer, first: date, last: date) -> dict[date, int]:
    """By the first day of each period that these days touch what is taken of its capacity by confirmed bookings."""
    spans = periods_between(offer.period, first, last)
    found = dict.fromkeys(spans, 0)
    # A booking that ends before these days may still take of the period in which they begin.
    around = Q(from_on__lt=last + timedelta(days=32), to_on__gt=spans[0] - timedelta(days=1))
    rows = offer.bookings.filter(around, state=BookingState.CONFIRMED).values_list("from_on", "to_on", "amount")
    for from_on, to_on, amount in rows:
        begins = max(from_on, spans[0])
        for day in periods_between(offer.period, begins, to_on) if begins <= to_on else ():
            if period_of(offer.period, day) in found:
                found[day] += amount
    return found


def hidden_bookers(actor: Actor, ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """By offer the organisations that have asked for it, whom nobody is told but whoever offers and the officers in
    charge; see `registry.hidden_parties`."""
    found = {pk: set[int]() for pk in ids}
    closed = Offer.objects.filter(pk__in=ids).exclude(
        pk__in=visible_to(actor, Offer.objects.all(), "inner").values("pk")
    )
    rows = Booking.objects.filter(offer__in=closed).values_list("offer", "organisation")
    for offer, organisation in rows:
        found[offer].add(organisation)
    return {pk: frozenset(hidden) for pk, hidden in found.items()}


def offer_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Offers as search reads them."""
    for row in Offer.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(
            row.record,
            public_text=f"{row.record.summary}\n{row.place}",
            full_text=row.conditions,
            facets={"sort": row.sort, "reach": row.reach, "region": row.region},
        )


TASK_TOLD = (
    "record__owner__record", "record__title_to", "item__call__record__title_to", "project__record__title_to",
    "project__application__record", "commission__record__title_to", "undertaker__record", "need__title_to",
    "need__public_to",
)  # fmt: skip


def tasks_visible_to(actor: Actor) -> QuerySet[Task]:
    """Tasks of chains that the actor may see, with what a list shows."""
    return visible_to(actor, Task.objects.select_related(*TASK_TOLD))


def listed_item(task: Task) -> CallItem | None:
    """The last item of a call's list, published once, that the need in whose words a task was posed became."""
    if task.need_id is None:
        return None
    rows = CallItem.objects.filter(need=task.need_id).exclude(call__record__phase__in=(Phase.DRAFT, Phase.VOID))
    return rows.select_related("call__record").order_by("-pk").first()


def task_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Tasks as search reads them."""
    for row in Task.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(
            row.record,
            public_text=f"{row.record.summary}\n{row.chain}\n{row.link}\n{row.missing}\n{row.indicators}",
            full_text=f"{row.state_of_art}\n{row.holds}\n{row.evidence}",
            facets={"chain": row.chain, "mode": row.mode, "region": row.region},
        )
