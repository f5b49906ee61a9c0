"""Who completed achievements together: read when conflicts of interest are looked for."""

from collections.abc import Iterator

from kezhuan.areas.achievements.models import AchievementOwner, Completer
from kezhuan.areas.reviews.judging import Byline
from kezhuan.engines.conflicts import Relation, Tie
from kezhuan.kernel.models.records import Phase


def completed_together(people: frozenset[int], _units: frozenset[int]) -> Iterator[Relation]:
    """The achievements that these people completed, each with its day; one query."""
    rows = Completer.objects.filter(person__in=people).exclude(achievement__record__phase=Phase.VOID)
    for person, achievement, day in rows.order_by("pk").values_list(
        "person", "achievement", "achievement__completed_on"
    ):
        yield Relation(Tie.COMPLETED, str(person), str(achievement), day)


def named_beside(names: frozenset[str]) -> Iterator[Byline]:
    """The achievements among whose completers one of these names stands as nobody's; two queries."""
    rows = Completer.objects.filter(person=None, name__in=names).exclude(achievement__record__phase=Phase.VOID)
    found = list(
        rows.order_by("pk").values_list(
            "name", "achievement", "achievement__record__owner", "achievement__completed_on"
        )
    )
    owners: dict[int, set[int]] = {}
    for achievement, unit in AchievementOwner.objects.filter(achievement__in={one[1] for one in found}).values_list(
        "achievement", "organisation"
    ):
        owners.setdefault(achievement, set()).add(unit)
    for name, achievement, owner, day in found:
        units = {*owners.get(achievement, ()), *([owner] if owner is not None else [])}
        yield Byline(name, achievement, frozenset(units), day)
