"""Who completed achievements together: read when conflicts of interest are looked for."""

from collections.abc import Iterator

from kezhuan.areas.achievements.models import Completer
from kezhuan.engines.conflicts import Relation, Tie
from kezhuan.kernel.models.records import Phase


def completed_together(people: frozenset[int], _units: frozenset[int]) -> Iterator[Relation]:
    """The achievements that these people completed, each with its day; one query."""
    rows = Completer.objects.filter(person__in=people).exclude(achievement__record__phase=Phase.VOID)
    for person, achievement, day in rows.order_by("pk").values_list(
        "person", "achievement", "achievement__completed_on"
    ):
        yield Relation(Tie.COMPLETED, str(person), str(achievement), day)
