"""What is asked of filings: rows as an actor may see them, their totals, and documents for search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import ExtractYear

from kezhuan.kernel import registry, search
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.errors import Text
from kezhuan.kernel.filings import FILED
from kezhuan.kernel.models import FiledFigure, Filing

TOLD = ("about__inner_to", "filed_by__record", "filed_for__record", "corrects__record")


def filings_visible_to(actor: Actor) -> QuerySet[Filing]:
    """Filings that the actor may see, with what a list shows."""
    return visible_to(actor, Filing.objects.select_related("record__owner__record", *TOLD))


def filing_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Filings as search reads them, for whoever reads them."""
    for row in Filing.objects.filter(pk__in=ids).select_related("record"):
        facts = "\n".join(f"{label} {value}" for label, value in row.content["facts"])
        yield from search.by_group(
            row.record,
            public_text="",
            full_text=f"{row.content['text']}\n{facts}",
            facets={"region": row.region},
        )


def filed(actor: Actor, row: Filing) -> str:
    """What is confidential of a filing before a reader."""
    return "filing" if can_view(actor, row.record, "full") else ""


@dataclass(frozen=True)
class Total:
    """The sum of a figure over the filings of a kind that stand, in one year: how many, of how many units, in 分."""

    kind: str
    name: str
    label: Text
    year: int
    filings: int
    units: int
    fen: int


def totals_for(actor: Actor) -> list[Total]:
    """The totals of what stands filed before the actor: figure by figure and year by year, the newest first. A record
    that is filed to two bureaus counts once. One query."""
    return totals_of(visible_to(actor, Filing.objects.filter(record__stage=FILED), "full"))


def totals_of(filings: QuerySet[Filing]) -> list[Total]:
    """The same of some filings: of each record its newest one among them counts."""
    newest = filings.order_by().values("about", "about_uid").annotate(newest=Max("pk")).values("newest")
    rows = (
        FiledFigure.objects.filter(filing__in=newest)
        .annotate(year=ExtractYear("on"))
        .values("filing__about_kind", "name", "year")
        .annotate(filings=Count("filing"), units=Count("filing__record__owner", distinct=True), fen=Sum("fen"))
        .order_by("-year", "filing__about_kind", "name")
    )
    return [
        Total(
            row["filing__about_kind"],
            row["name"],
            _words(row["filing__about_kind"], row["name"]),
            row["year"],
            row["filings"],
            row["units"],
            row["fen"],
        )
        for row in rows
    ]


def _words(kind: str, name: str) -> Text:
    telling = registry.kind_of(kind).filing
    return telling.figures.get(name, name) if telling is not None else name
