"""What is asked of experts, panels and reviews: rows as an actor may see them, and documents for search."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from kezhuan.areas.reviews.models import Expert, Panel, PanelItem, Review, Sheet
from kezhuan.areas.reviews.permissions import GONE
from kezhuan.engines.matching import Facts
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import listed, today

EXPERT_TOLD = ("person__record", "employer__record", "record__title_to", "record__full_to")
PANEL_TOLD = ("about__owner", "office__record", "agency__record", "record__title_to", "record__inner_to")
REVIEW_TOLD = (
    "panel__record", "panel__about", "expert__person__record",
    "record__title_to", "record__full_to", "record__inner_to",
)  # fmt: skip


def experts_visible_to(actor: Actor) -> QuerySet[Expert]:
    """The experts that the actor may know of."""
    return visible_to(actor, Expert.objects.select_related(*EXPERT_TOLD))


def panels_visible_to(actor: Actor) -> QuerySet[Panel]:
    """The panels that the actor may know of."""
    return visible_to(actor, Panel.objects.select_related(*PANEL_TOLD))


def reviews_visible_to(actor: Actor) -> QuerySet[Review]:
    """The reviews that the actor may know of: an expert their own, whoever runs a panel all of it."""
    return visible_to(actor, Review.objects.select_related(*REVIEW_TOLD))


def on_panel(panel: Panel) -> QuerySet[Review]:
    """The reviews of the experts who are on a panel, with their experts."""
    rows = Review.objects.filter(panel=panel.pk).exclude(record__stage__in=GONE)
    return rows.select_related("record", "expert__person__record", "expert__employer__record").order_by("number")


def candidates(panel: Panel) -> QuerySet[Expert]:
    """Who can be asked onto a panel: experts of its place's pool or the city's, for the city of every place, who were
    not asked yet; nobody whose own record was closed or made anonymous."""
    rows = Expert.objects.filter(record__stage="active").exclude(reviews__panel=panel.pk)
    rows = rows.exclude(person__record__phase=Phase.DONE)
    if panel.region != settings.CITY:
        rows = rows.filter(region__in=(panel.region, settings.CITY))
    return rows.select_related("record", "person__record", "employer__record").order_by("pk")


def may_be_asked(panel: Panel) -> list[Expert]:
    """The experts who are on a panel, and those who can be asked onto it."""
    return [*(one.expert for one in on_panel(panel)), *candidates(panel)]


def still_counted(rows: QuerySet[Sheet]) -> QuerySet[Sheet]:
    """The sheets that count or are to come: not given back, and handed in or of an expert who is still there."""
    return rows.filter(Q(submitted_at__isnull=False) | ~Q(review__record__stage__in=GONE), recused="")


def taken_this_year(experts: Sequence[int], on: date | None = None) -> Mapping[int, int]:
    """By expert how many items they have judged, or are to judge, in a calendar year."""
    year = (on or today()).year
    rows = still_counted(Sheet.objects.filter(review__expert__in=experts, review__record__opened_on__year=year))
    return dict(rows.order_by().values_list("review__expert").annotate(number=Count("pk")))


def drawn_this_year(experts: Sequence[int], on: date | None = None) -> Mapping[int, int]:
    """By expert how often the lot has fallen on them in a calendar year; one who declined was not burdened."""
    rows = Review.objects.filter(expert__in=experts, drawn_on__year=(on or today()).year)
    kept = rows.exclude(record__stage__in=GONE).order_by()
    return dict(kept.values_list("expert").annotate(number=Count("pk")))


def panels_about(record: Record) -> QuerySet[Panel]:
    """The panels about a record that were not withdrawn, newest first."""
    rows = Panel.objects.filter(about=record.pk).exclude(record__stage="withdrawn")
    return rows.select_related("record").order_by("-pk")


UNFINISHED = ("prepared", "scoring", "scored")
"""Stages of panels that have not concluded."""


def unfinished_about(record: Record) -> list[str]:
    """The codes of the panels about a record that have not concluded."""
    rows = panels_about(record).filter(record__stage__in=UNFINISHED)
    return list(rows.order_by("pk").values_list("record__code", flat=True))


def advice_on(records: Sequence[int]) -> dict[int, PanelItem]:
    """By the id of a judged record what the last panel that concluded says of it."""
    rows = PanelItem.objects.filter(record__in=records, panel__record__stage="concluded")
    return {one.record_id: one for one in rows.select_related("panel__record").order_by("panel")}


def heard_on(item: PanelItem) -> QuerySet[Sheet]:
    """The sheets of an item that count. Their order says nothing of the experts' numbers elsewhere."""
    rows = Sheet.objects.filter(item=item.pk, submitted_at__isnull=False, recused="")
    return rows.select_related("review__expert__person__record").order_by("submitted_at", "pk")


def expert_facts(row: Expert) -> Facts:
    """What is compared of an expert with a need: the field, where there is one alone."""
    return Facts(field=row.fields[0] if len(row.fields) == 1 else None)


def expert_text(row: Expert) -> str:
    """What an expert knows, in their own words."""
    return listed(row.topics)


def expert_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Experts as search reads them."""
    for row in Expert.objects.filter(pk__in=ids).select_related("record", "employer__record"):
        facts = expert_facts(row)
        yield from search.by_group(
            row.record,
            public_text=row.employer.record.title if row.employer is not None else "",
            keywords=tuple(row.topics),
            facts=facts,
            facets={"sort": row.sort, "field": facts.field or ""},
        )


def panel_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Panels as search reads them, for whoever runs them."""
    for row in Panel.objects.filter(pk__in=ids).select_related("record"):
        words = (row.record.summary, *(one["name"] for one in row.criteria))
        yield from search.by_group(row.record, public_text="", full_text="\n".join(words))


def review_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Reviews as search reads them: by the name of their panel, never by what is judged."""
    for row in Review.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(row.record, public_text="", full_text="")
