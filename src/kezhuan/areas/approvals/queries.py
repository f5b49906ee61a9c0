"""What is asked of approvals: rows as an actor may see them, and documents for search."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Approval

TOLD = ("about__title_to", "about__public_to", "office__record", "asked_by__record", "route")


def approvals_visible_to(actor: Actor) -> QuerySet[Approval]:
    """Approvals that the actor may see, with what a list shows."""
    return visible_to(actor, Approval.objects.select_related("record", *TOLD))


def approval_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Approvals as search reads them: by name alone; opinions are searched by nobody."""
    for row in Approval.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(row.record, public_text="", facets={"region": row.region})
