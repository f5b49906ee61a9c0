"""Keep the totals of the yearly tables: what changed is taken out as it was counted and put in as it counts now."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import transaction

from kezhuan.areas.contracts.figures import Entry, entry_of, keys_of
from kezhuan.areas.contracts.models import Contract, Counted, Tally
from kezhuan.kernel import leases
from kezhuan.kernel.text import batches

FOLLOWER = "contract-figures"
BATCH = 1000

Key = tuple[str, int, int, str, str, str]


def count_contracts(changed: Sequence[int], anew: bool) -> None:
    """Bring the totals up to date with these contracts, or count all of them anew; doing it twice changes nothing."""
    if anew:
        with transaction.atomic():
            leases.confirm_held()
            Counted.objects.all().delete()
            Tally.objects.all().delete()
    ids: Iterable[int] = Contract.objects.order_by("pk").values_list("pk", flat=True) if anew else sorted(changed)
    for batch in batches(ids, BATCH):
        with transaction.atomic():
            leases.confirm_held()
            _count(batch)


def _count(ids: Sequence[int]) -> None:
    before = {one.contract_id: one for one in Counted.objects.filter(contract__in=ids)}
    rows = Contract.objects.filter(pk__in=ids).select_related("record")
    now = {row.pk: entry for row in rows if (entry := entry_of(row)) is not None}
    changes: dict[Key, Counter[str]] = {}
    for pk in set(before) | set(now):
        old, new = before.get(pk), now.get(pk)
        if old is not None:
            _add(changes, _as_entry(old), -1)
        if new is not None:
            _add(changes, new, 1)
    Counted.objects.filter(contract__in=[pk for pk in before if pk not in now]).delete()
    Counted.objects.bulk_create(
        (Counted(contract_id=pk, **vars(entry)) for pk, entry in now.items()),
        update_conflicts=True,
        unique_fields=["contract"],
        update_fields=["year", "month", "place", "kind", "values", "turnover_fen", "technology_fen"],
    )
    _write({key: one for key, one in changes.items() if any(one.values())})


def _as_entry(one: Counted) -> Entry:
    return Entry(one.year, one.month, one.place, one.kind, one.values, one.turnover_fen, one.technology_fen)


def _add(changes: dict[Key, Counter[str]], entry: Entry, sign: int) -> None:
    for key in keys_of(entry):
        held = changes.setdefault(key, Counter())
        held["contracts"] += sign
        held["turnover_fen"] += sign * entry.turnover_fen
        held["technology_fen"] += sign * entry.technology_fen


def _write(changes: dict[Key, Counter[str]]) -> None:
    months = {(year, month) for _dimension, year, month, _place, _kind, _value in changes}
    held: dict[Key, Tally] = {}
    for year, month in months:
        for one in Tally.objects.filter(year=year, month=month):
            held[one.dimension, one.year, one.month, one.place, one.kind, one.value] = one
    fresh: list[Tally] = []
    renewed: list[Tally] = []
    for key, change in changes.items():
        names = ("dimension", "year", "month", "place", "kind", "value")
        row = held.get(key) or Tally(**dict(zip(names, key, strict=True)))
        for name in ("contracts", "turnover_fen", "technology_fen"):
            setattr(row, name, getattr(row, name) + change[name])
        (renewed if key in held else fresh).append(row)
    Tally.objects.bulk_create(fresh)
    Tally.objects.bulk_update(renewed, ["contracts", "turnover_fen", "technology_fen"], batch_size=200)
