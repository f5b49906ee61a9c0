"""What is asked of inspections."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from kezhuan.areas.inspections.models import Inspection, Matter
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record

TOLD = ("inspector__record", "unit__record")


def inspections_visible_to(actor: Actor) -> QuerySet[Inspection]:
    """The inspections that the actor may know of, newest first."""
    rows = Inspection.objects.select_related("record__full_to", *TOLD)
    return visible_to(actor, rows, "full").order_by("-pk")


def inspection_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Inspections as search reads them, for whoever may know of them."""
    for row in Inspection.objects.filter(pk__in=ids).select_related("record", "inspector__record"):
        told = f"{row.body}\n{row.letter_no}\n{row.inspector.record.title}"
        yield from search.by_group(row.record, public_text="", full_text=told)


def matters_shown(actor: Actor, row: Inspection) -> QuerySet[Record]:
    """Of the records of an inspection those that the actor may see: each owner its own."""
    return visible_to(actor, Record.objects.filter(pk__in=Matter.objects.filter(inspection=row).values("record")))
