"""What is asked of research teams: rows as an actor may see them, and documents for search and matching."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet

from kezhuan.areas.achievements.models import Achievement
from kezhuan.areas.teams.models import RESULT, Team
from kezhuan.engines.matching import Facts
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, can_view, visible_to
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import listed

RESULTS_TOO = tuple(f"record__links_out__target__{what}" for what in ("title_to", "public_to", "owner__record"))
"""Read with many teams at once, so that `results_of` asks nothing more, nor whoever tells of them."""


def teams_listed() -> QuerySet[Team]:
    """Teams with what a list shows and who may see it."""
    return Team.objects.select_related("record__owner__record", "record__title_to", "record__public_to")


def results_of(actor: Actor, row: Team) -> list[Record]:
    """The achievements that a team points to, as far as the actor may know of them."""
    return [one for one in _results(row) if can_view(actor, one)]


def hidden_results(actor: Actor, row: Team) -> list[Record]:
    """The others: one of several owners may bring an achievement back to draft. Whoever edits the team leaves them."""
    return [one for one in _results(row) if not can_view(actor, one)]


def _results(row: Team) -> list[Record]:
    links = [one for one in row.record.links_out.all() if one.role == RESULT]
    return sorted((one.target for one in links), key=lambda record: record.pk)


def achievements_coded(actor: Actor, codes: Sequence[str]) -> dict[str, Achievement]:
    """By code the achievements that the actor may know of among these."""
    rows = Achievement.objects.filter(record__code__in=list(codes)).select_related("record")
    return {row.record.code: row for row in visible_to(actor, rows)}


def matching_facts(row: Team) -> Facts:
    """The structured columns that are compared with a need's. How far the team's work reaches is what a need asks of
    it; it has no price, and rights are of results."""
    return Facts(
        field=row.field or None,
        trl=row.trl_to,
        trl_scale=row.trl_scale,
        region=row.region or None,
        modes=frozenset(row.modes),
    )


def team_text(row: Team) -> str:
    """What is said of it to whoever may read its public part, beside its title."""
    return "\n".join(part for part in (listed(row.keywords), row.record.summary) if part)


def team_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Teams as search and matching read them; found by their leader's name too."""
    for row in Team.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(
            row.record,
            public_text=f"{row.record.summary}\n{row.leader}".rstrip(),
            keywords=tuple(row.keywords),
            facts=matching_facts(row),
            facets={"field": row.field, "region": row.region, "chain": row.chain, "source": row.source},
        )


def concerned_in_team(row: Team) -> Iterable[int]:
    """Whose own matter a team is beside its unit's: its leader's, who has an account."""
    return filter(None, (row.leader_person_id,))
