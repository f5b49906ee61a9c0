"""How evenly suggestions are spread: what the best served tenth gets, and the Gini coefficient."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from kezhuan.areas.matches.models import Exposure


def exposure_of(spread: str) -> QuerySet[Exposure]:
    """The groups of a spread, the most suggested first."""
    rows = Exposure.objects.filter(spread=spread).select_related("organisation__record__title_to")
    return rows.order_by("-suggestions", "key")


@dataclass(frozen=True)
class Evenness:
    """Of some counts: how many there are, their sum, how many are 0, the share of the largest tenth (rounded up), and
    the Gini coefficient: 0 where all have the same, near 1 where one has all. None of nothing."""

    groups: int
    total: int
    without: int
    top_share: float | None
    gini: float | None


def evenness(counts: Iterable[int]) -> Evenness:
    """How evenly a total is spread over counts."""
    ordered = sorted(counts)
    total, size = sum(ordered), len(ordered)
    if not total:
        return Evenness(size, 0, size, None, None)
    tenth = -(-size // 10)
    return Evenness(size, total, ordered.count(0), sum(ordered[-tenth:]) / total, _gini(ordered, total))


def _gini(ordered: Sequence[int], total: int) -> float:
    size = len(ordered)
    weighted = sum(place * count for place, count in enumerate(ordered, 1))
    return (2 * weighted - (size + 1) * total) / (size * total)


def counts_of(spread: str) -> list[int]:
    """The suggestions of every group of a spread; one query."""
    return list(Exposure.objects.filter(spread=spread).values_list("suggestions", flat=True))
