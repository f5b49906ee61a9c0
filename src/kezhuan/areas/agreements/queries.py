"""What is asked of agreements: rows as an actor may see them, documents for search, and what they may come from."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from kezhuan.areas.agreements.models import Agreement, Licence
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, visible_to
from kezhuan.kernel.models import Record

TIES = ("achievement", "need", "introduction")
"""Kinds of record that an agreement may come from."""
TOLD = ("record__owner__record", "party__record", *(f"{name}__title_to" for name in (*TIES, "licence")))


def agreements_visible_to(actor: Actor) -> QuerySet[Agreement]:
    """Agreements that the actor may see, with what a list shows."""
    return visible_to(actor, Agreement.objects.select_related(*TOLD))


def agreement_of(actor: Actor, code: str) -> Agreement | None:
    """The agreement of this code, where it is one of the unit that the actor acts for and they may see it."""
    own = agreements_visible_to(actor).filter(record__code=code, record__owner=actor.organisation)
    return own.first() if actor.organisation is not None else None


def ties_of(actor: Actor, kind: str) -> QuerySet[Record]:
    """The records of a kind of which the actor may say that a deal came from them, newest first: what they read in full
    or what everybody reads would be too many; it is their own unit's, and the introductions it takes part in."""
    rows = Record.objects.filter(kind=kind)
    if kind != "introduction":
        rows = rows.filter(owner=actor.organisation)
    return visible_to(actor, rows, "public").order_by("-pk")


def agreement_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Agreements as search reads them, for the two sides."""
    for row in Agreement.objects.filter(pk__in=ids).select_related("record"):
        words = (row.record.summary, row.party_name, row.party_code, row.others)
        yield from search.by_group(row.record, public_text="\n".join(filter(None, words)), facets={"sort": row.sort})


LICENCES_TOLD = ("record__owner__record", "achievement__title_to", "achievement__public_to")


def licences_visible_to(actor: Actor) -> QuerySet[Licence]:
    """Standard licences that the actor may see, with what a list shows."""
    return visible_to(actor, Licence.objects.select_related(*LICENCES_TOLD))


def licence_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Standard licences as search reads them."""
    for row in Licence.objects.filter(pk__in=ids).select_related("record", "achievement"):
        words = (row.record.summary, row.achievement.title, row.use_field, row.territory)
        yield from search.by_group(row.record, public_text="\n".join(filter(None, words)), facets={})
