"""Keep the totals of the yearly tables: what changed is taken out as it was counted and put in as it counts now."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from kezhuan.areas.contracts.figures import Entry, entry_of, keys_of
from kezhuan.areas.contracts.models import Contract, Counted, Tally
from kezhuan.kernel import leases
from kezhuan.kernel.text import batches

FOLLOWER = "contract-figures"
BATCH = 1000

SUMMED = ("contracts", "turnover_fen", "technology_fen")
_ADD = """
INSERT INTO contracts_tally
    (dimension, year, month, place, kind, value, contracts, turnover_fen, technology_fen)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (dimension, year, month, place, kind, value) DO UPDATE SET
    contracts = contracts_tally.contracts + excluded.contracts,
    turnover_fen = contracts_tally.turnover_fen + excluded.turnover_fen,
    technology_fen = contracts_tally.technology_fen + excluded.technology_fen
"""

Key = tuple[str, int, int, str, str, str]
"""Dimension, year, month, place, kind and value of a total."""


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
    """Add to each total, which begins at nothing: by one statement, because reading the totals of a register of a
    million first, and writing them whole, took most of the time of an import."""
    rows: list[tuple[str | int, ...]] = [
        (*key, *(one[name] for name in SUMMED)) for key, one in sorted(changes.items())
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, rows)
