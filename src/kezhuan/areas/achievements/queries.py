"""What is asked of achievements: rows as an actor may see them, and documents for search and matching."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet

from kezhuan.areas.achievements.models import Achievement
from kezhuan.engines.matching import Facts
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.vocabulary import AchievementClass


def achievements_listed() -> QuerySet[Achievement]:
    """Achievements with what a list shows and who may see it."""
    return Achievement.objects.select_related("record__owner__record", "record__title_to", "record__public_to")


def achievements_visible_to(actor: Actor, group: str = "title") -> QuerySet[Achievement]:
    """Achievements whose field group the actor may see, with what a list shows."""
    return visible_to(actor, achievements_listed(), group)


def confidential_part(actor: Actor, row: Achievement) -> str:
    """What is confidential of an achievement as the actor sees it: its class, or the description that is not public."""
    if row.secrecy != AchievementClass.PUBLIC:
        return row.secrecy
    return "confidential" if row.confidential and can_view(actor, row.record, "full") else ""


def matching_facts(row: Achievement) -> Facts:
    """The structured columns that are compared with a need's."""
    return Facts(
        field=row.field or None,
        trl=row.trl,
        trl_scale=row.trl_scale,
        money_fen=row.price_fen,
        region=row.region or None,
        modes=frozenset(row.modes),
    )


def achievement_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Achievements as search and matching read them."""
    for row in Achievement.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(
            row.record,
            public_text=f"{row.record.summary}\n{row.advantage}",
            full_text=row.confidential,
            keywords=tuple(row.keywords),
            facts=matching_facts(row),
            facets={
                "field": row.field,
                "region": row.region,
                "trl": f"{row.trl}" if row.trl and row.trl_scale == "trl9" else "",
                "chain": row.chain,
                "source": row.source,
            },
        )


def concerned_in_achievement(row: Achievement) -> Iterable[int]:
    """Whose own matter an achievement is beside its owner's: further owners, and the completers who are known."""
    people = row.completers.exclude(person=None).values_list("person", flat=True)
    return {*row.owners.values_list("organisation", flat=True), *people}
