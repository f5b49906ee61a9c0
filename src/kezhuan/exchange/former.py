"""What stood in a record before an import changed it: kept so that the import can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models

from kezhuan.exchange.kinds import Importable
from kezhuan.kernel.models import Identifier, Organisation, Record

_WORDS = ("title", "title_en", "summary")


def former_of(kind: Importable[Any], rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """By record id what undoing needs: version, owner, words, own columns, parts, and numbers with their notes."""
    ids = [row.pk for row in rows]
    numbers: dict[int, list[list[str]]] = {pk: [] for pk in ids}
    for one in Identifier.objects.filter(record__in=ids, active=True).order_by("pk"):
        numbers[one.record_id].append([one.scheme, one.value, one.note])
    parts = {table._meta.label_lower: _parts(table, back, ids) for table, back in kind.parts}
    return {
        row.pk: {
            "version": row.record.version,
            "owner": row.record.owner_id,
            "words": {name: getattr(row.record, name) for name in _WORDS},
            "own": {column.attname: getattr(row, column.attname) for column in _own_columns(row)},
            "parts": {label: found.get(row.pk, []) for label, found in parts.items()},
            "numbers": numbers[row.pk],
        }
        for row in rows
    }


def restore(kind: Importable[Any], kept: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    """Put what was kept back onto rows (locked, inside `writing()`); the caller saves them with `renew_records`."""
    ids = [row.pk for row, _former in kept]
    for row, former in kept:
        record: Record = row.record
        for name, text in former["words"].items():
            setattr(record, name, text)
        for column in _own_columns(row):
            setattr(row, column.attname, column.to_python(former["own"][column.attname]))
        if record.owner_id != former["owner"]:
            record.owner = Organisation.objects.filter(pk=former["owner"]).first()
            record.save(update_fields=["owner"])
    for table, back in kind.parts:
        table._default_manager.filter(**{f"{back}__in": ids}).delete()
        table._default_manager.bulk_create(
            table(**{back: row}, **part) for row, former in kept for part in former["parts"][table._meta.label_lower]
        )
    _restore_numbers({row.pk: former["numbers"] for row, former in kept})


def _restore_numbers(wanted: dict[int, list[list[str]]]) -> None:
    """Free the numbers that came since, and give those that stayed their former note."""
    for one in Identifier.objects.filter(record__in=wanted, active=True):
        note = next((note for scheme, value, note in wanted[one.record_id] if (scheme, value) == _key(one)), None)
        if note is None:
            one.active = False
            one.save(update_fields=["active"])
        elif note != one.note:
            one.note = note
            one.save(update_fields=["note"])


def _key(one: Identifier) -> tuple[str, str]:
    return one.scheme, one.value


def _own_columns(row: Any) -> list[models.Field[Any, Any]]:
    return [column for column in row._meta.concrete_fields if not column.primary_key]


def _parts(table: type[models.Model], back: str, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    columns = [
        column.attname for column in table._meta.concrete_fields if not column.primary_key and column.name != back
    ]
    found: dict[int, list[dict[str, Any]]] = {}
    for part in table._default_manager.filter(**{f"{back}__in": ids}).order_by("pk").values(f"{back}_id", *columns):
        found.setdefault(part.pop(f"{back}_id"), []).append(part)
    return found
