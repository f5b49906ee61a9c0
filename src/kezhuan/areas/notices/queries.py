"""What is asked of notices and objections: rows as an actor may see them, and documents for search."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet

from kezhuan.kernel import registry, search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Notice, Objection

TOLD = ("record__owner__record", "record__title_to", "record__public_to", "about", "issuer__record")


def notices_visible_to(actor: Actor) -> QuerySet[Notice]:
    """Notices that the actor may see, with what a list shows."""
    return visible_to(actor, Notice.objects.select_related(*TOLD))


def objections_visible_to(actor: Actor, notice: Notice) -> QuerySet[Objection]:
    """Objections to a notice that the actor may see, in the order in which they came."""
    rows = Objection.objects.filter(notice=notice).select_related("record")
    return visible_to(actor, rows).order_by("pk")


def notice_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Notices as search reads them."""
    for row in Notice.objects.filter(pk__in=ids).select_related("record"):
        facts = "\n".join(f"{label} {value}" for label, value in row.content["facts"])
        yield from search.by_group(
            row.record, public_text=f"{row.content['text']}\n{facts}", facets={"region": row.region}
        )


def objection_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Objections as search reads them: their words for whoever sent them, with the name for the officers in charge."""
    for row in Objection.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(
            row.record,
            public_text=row.record.summary,
            full_text=f"{row.name}\n{row.unit}",
            facets={"region": row.region},
        )


def concerned_in_notice(row: Notice) -> Iterable[int]:
    """Whose own matter a notice is: those of the record that it tells of."""
    return registry.concerned_in(registry.row_of(row.about))


def concerned_in_objection(row: Objection) -> Iterable[int]:
    """Whose own matter an objection is: whoever sent it, and those of the record that the notice tells of."""
    return {*concerned_in_notice(row.notice), *filter(None, [row.person_id])}
