"""What is asked of dossiers: rows as an actor may see them, documents for search, and what a filing tells of one."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.dossiers.models import Dossier, DossierSort
from kezhuan.areas.dossiers.permissions import is_of_role
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.filings import Content, Figure, Telling
from kezhuan.kernel.models import Record

TOLD = ("record__owner__record", "about__title_to")


def dossiers_visible_to(actor: Actor) -> QuerySet[Dossier]:
    """Dossiers that the actor may see, with what a list shows."""
    return visible_to(actor, Dossier.objects.select_related(*TOLD))


def achievements_of(actor: Actor) -> QuerySet[Record]:
    """The achievements of the actor's unit that a dossier may be about."""
    rows = visible_to(actor, Record.objects.filter(kind="achievement", owner=actor.organisation), "full")
    return rows.order_by("-pk")


def dossier_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Dossiers as search reads them, for the few members who read them."""
    for row in Dossier.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(
            row.record,
            public_text=f"{row.record.summary}\n{row.number}",
            facets={"sort": row.sort},
        )


def told_when_filed(row: Dossier) -> Content:
    """What a filing tells of a dossier: all of it."""
    about = f"{row.about.code} {row.about.title}" if row.about is not None else ""
    figures = [Figure(row.sort, row.amount_fen, row.on)] if row.amount_fen is not None else []
    return Content(
        subject=row.record.title,
        facts=(
            (_("Sort"), str(DossierSort(row.sort).label)),
            (_("Number"), row.number),
            (_("Day of the paper"), row.on.isoformat()),
            (_("Achievement"), about),
            *((name, str(value)) for name, value in row.extra.items()),
        ),
        text=row.record.summary,
        figures=figures,
    )


TELLING = Telling(
    told_when_filed,
    filed_by=is_of_role,
    figures={sort.value: sort.label for sort in DossierSort},
)
