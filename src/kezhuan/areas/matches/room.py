"""Room: how many needs a record on offer can still take, where it says how many it takes."""

from collections.abc import Callable, Collection, Mapping, Sequence

from django.db.models import Count

from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.supply import profiles
from kezhuan.kernel import registry
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.records import Phase

UNDER_WAY = (Phase.SUBMITTED, Phase.ACTIVE)
"""Phases of introductions that take room. For how long a contract keeps its people is not known here: whoever is busy
with one says that they take fewer."""


def capacity_of(supply: Record) -> int | None:
    """How many needs a record says that it takes; None where it does not say."""
    profile = registry.kind_of(supply).profile
    says = None if profile is None else profile.capacity
    return None if says is None else says(registry.own_row(supply))


Promise = Callable[[Collection[int], int | None], Mapping[int, int]]
"""By record of some how many needs are promised it beside those introduced, but for one need."""
_promises: list[Promise] = []


def promised_by(source: Promise) -> None:
    """Name a source of promises that take room; called once from an area's `kinds.py`."""
    _promises.append(source)


def room_left(records: Sequence[Record], but: int | None = None) -> dict[int, int]:
    """How many more needs each of these records takes, without those that do not say; what is promised it for the need
    `but` takes no room. At most one query for each source and each kind beside their own rows."""
    said = {one.pk: most for one in records if (most := capacity_of(one)) is not None}
    if not said:
        return {}
    rows = Introduction.objects.filter(supply__in=said, record__phase__in=UNDER_WAY).order_by().values_list("supply")
    taken = dict(rows.annotate(number=Count("pk")))
    busy = [taken, *(source(said, but) for source in _promises)]
    for kind in {one.kind for one in records if one.pk in said}:
        of_kind = [one.pk for one in records if one.kind == kind and one.pk in said]
        busy.append(profiles()[kind].taken(of_kind))
    return {pk: max(0, most - sum(one.get(pk, 0) for one in busy)) for pk, most in said.items()}
