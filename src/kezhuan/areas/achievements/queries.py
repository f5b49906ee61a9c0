"""What is asked of achievements: rows as an actor may see them, and documents for search and matching."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet

from kezhuan.areas.achievements.models import SUPPLY_STAGES, Achievement, Completer
from kezhuan.engines.matching import Facts
from kezhuan.engines.matching.rights import still_open
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import AchievementClass, Readiness, RightsState


def achievements_listed() -> QuerySet[Achievement]:
    """Achievements with what a list shows and who may see it."""
    return Achievement.objects.select_related("record__owner__record", "record__title_to", "record__public_to")


def achievements_visible_to(actor: Actor, group: str = "title") -> QuerySet[Achievement]:
    """Achievements whose field group the actor may see, with what a list shows."""
    return visible_to(actor, achievements_listed(), group)


def unit_achievements(actor: Actor) -> QuerySet[Record]:
    """The achievements of the actor's unit that are offered and that they read in full, by name, newest first."""
    rows = visible_to(actor, Record.objects.filter(kind="achievement", owner=actor.organisation), "full")
    return rows.filter(stage__in=SUPPLY_STAGES).order_by("-pk")


def confidential_part(actor: Actor, row: Achievement) -> str:
    """What is confidential of an achievement as the actor sees it: its class, or the description that is not public."""
    if row.secrecy != AchievementClass.PUBLIC:
        return row.secrecy
    return "confidential" if row.confidential and can_view(actor, row.record, "full") else ""


RELATED = ("rights", "owners")
"""What `standing_of` reads beside the row."""


def standing_of(row: Achievement) -> frozenset[str]:
    """How the rights stand, as the unit says and the rows of its rights do: these tell whether anything is granted. A
    right of several owners is not called granted while nobody says whether they agree. Two queries unless prefetched.
    """
    states = set(row.rights_states)
    if statuses := {one.status for one in row.rights.all()}:
        states -= {RightsState.GRANTED, RightsState.NOT_GRANTED}
        states.add(RightsState.GRANTED if "granted" in statuses else RightsState.NOT_GRANTED)
    if row.owners.all() and not states & {RightsState.CLEAR, RightsState.CO_OWNERS}:
        states.discard(RightsState.GRANTED)
    return frozenset(map(str, states))


def _readiness(states: frozenset[str]) -> str:
    """The facet by which results are told apart whose rights are ready; empty where that is not known."""
    left = still_open(states)
    return "" if left is None else Readiness.OPEN if left else Readiness.READY


def matching_facts(row: Achievement) -> Facts:
    """The structured columns that are compared with a need's."""
    return Facts(
        field=row.field or None,
        trl=row.trl,
        trl_scale=row.trl_scale,
        money_fen=row.price_fen,
        region=row.region or None,
        modes=frozenset(row.modes),
        rights=standing_of(row),
    )


def achievement_text(row: Achievement) -> str:
    """What is said of it to whoever may read its public part, beside its title."""
    return "\n".join(part for part in (listed(row.keywords), row.record.summary, row.advantage) if part)


def achievement_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Achievements as search and matching read them."""
    rows = Achievement.objects.filter(pk__in=ids).select_related("record").prefetch_related(*RELATED)
    for row in rows:
        facts = matching_facts(row)
        yield from search.by_group(
            row.record,
            public_text=f"{row.record.summary}\n{row.advantage}",
            full_text=row.confidential,
            keywords=tuple(row.keywords),
            facts=facts,
            facets={
                "field": row.field,
                "region": row.region,
                "trl": f"{row.trl}" if row.trl and row.trl_scale == "trl9" else "",
                "chain": row.chain,
                "source": row.source,
                "rights": _readiness(facts.rights),
            },
        )


def concerned_in_achievement(row: Achievement) -> Iterable[int]:
    """Whose own matter an achievement is beside its owner's: further owners, and the completers who are known."""
    return {*row.owners.values_list("organisation", flat=True), *known_completers(row.pk)}


def known_completers(achievement: int) -> list[int]:
    """The people who completed an achievement and have an account: what is decided of it is their own matter."""
    rows = Completer.objects.filter(achievement=achievement).exclude(person=None)
    return list(rows.values_list("person", flat=True))
