"""What is asked of inspections."""

from django.db.models import QuerySet

from kezhuan.areas.inspections.models import Inspection, Matter
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record

TOLD = ("inspector__record", "unit__record")


def inspections_visible_to(actor: Actor) -> QuerySet[Inspection]:
    """The inspections that the actor may know of, newest first."""
    rows = Inspection.objects.select_related("record__full_to", *TOLD)
    return visible_to(actor, rows, "full").order_by("-pk")


def matters_shown(actor: Actor, row: Inspection) -> QuerySet[Record]:
    """Of the records of an inspection those that the actor may see: each owner its own."""
    return visible_to(actor, Record.objects.filter(pk__in=Matter.objects.filter(inspection=row).values("record")))
