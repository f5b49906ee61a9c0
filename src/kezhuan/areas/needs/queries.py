"""What is asked of needs: rows as an actor may see them, and documents for search and matching."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from kezhuan.areas.needs.models import CONTACT, Need
from kezhuan.engines.matching import Facts, Item
from kezhuan.engines.matching.rights import ASKING
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import Confidentiality


def needs_listed() -> QuerySet[Need]:
    """Needs with what a list shows and who may see it."""
    return Need.objects.select_related("record__owner__record", "record__title_to", "record__public_to")


def needs_visible_to(actor: Actor, group: str = "title") -> QuerySet[Need]:
    """Needs whose field group the actor may see, with what a list shows."""
    return visible_to(actor, needs_listed(), group)


def extra_shown(row: Need, *, inner: bool) -> dict[str, Any]:
    """The further columns of a need's source for readers of the full part; whom to call is for the inner part alone."""
    return {name: value for name, value in row.extra.items() if inner or name != CONTACT}


def confidential_part(actor: Actor, row: Need) -> str:
    """What is confidential of a need as the actor sees it: behind a closed door all of it, else all but the title."""
    closed = row.confidentiality == Confidentiality.CLOSED_DOOR
    inside = row.confidentiality == Confidentiality.TITLE_ONLY and can_view(actor, row.record, "public")
    return row.confidentiality if closed or inside else ""


def matching_facts(row: Need) -> Facts:
    """The structured columns that are compared with a result's."""
    return Facts(
        field=row.field or None,
        trl=row.min_trl,
        trl_scale=row.trl_scale,
        money_fen=row.budget_fen,
        region=row.region or None,
        modes=frozenset(row.modes),
        deadline=row.deadline,
        rights=ASKING.intersection(row.modes),
    )


def shown_text(row: Need) -> str:
    """What is said of it to whoever may read its public part, beside its title and its figures."""
    return "\n".join(part for part in (listed(row.keywords), row.record.summary, row.background, row.scenario) if part)


def need_text(row: Need) -> str:
    """All that is said of the problem: what matching compares with results."""
    figures = "\n".join(f"{one.name} {one.operator} {one.value} {one.unit}" for one in row.indicators.all())
    return "\n".join(part for part in (row.record.summary, row.background, row.scenario, figures) if part)


def matching_item(row: Need) -> Item:
    """The need as the matching engine takes it."""
    return Item(
        row.pk, title=row.record.title, text=need_text(row), keywords=tuple(row.keywords), facts=matching_facts(row)
    )


def need_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Needs as search reads them."""
    for row in Need.objects.filter(pk__in=ids).select_related("record").prefetch_related("indicators"):
        yield from search.by_group(
            row.record,
            public_text=need_text(row),
            keywords=tuple(row.keywords),
            facts=matching_facts(row),
            facets={
                "field": row.field,
                "region": row.region,
                "trl": f"{row.min_trl}" if row.min_trl and row.trl_scale == "trl9" else "",
                "chain": row.chain,
                "source": row.source,
            },
        )
