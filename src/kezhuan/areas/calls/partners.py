"""Which units an application names as taking part, in columns of its form that ask for an organisation: by code, by
credit code or by name. A name that no unit here has stands for somebody of whom nothing is known."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q

from kezhuan.areas.calls.answering import Asked, counted
from kezhuan.areas.calls.choices import AnswerKind, ColumnKind
from kezhuan.kernel.models import Identifier, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean


def asks_units(questions: Sequence[Asked]) -> bool:
    """Whether a column of a table among these questions asks for an organisation."""
    return any(column["kind"] == ColumnKind.UNIT for one in questions for column in one.get("columns", ()))


def partners_said(questions: Sequence[Asked], answers: Sequence[Any]) -> set[str]:
    """What the cells say that ask for an organisation, of the questions that are asked of whoever answers so."""
    return set(_cells(questions, counted(questions, answers)))


def _cells(questions: Sequence[Asked], answers: Sequence[Any]) -> Iterator[str]:
    for question, rows in zip(questions, answers, strict=True):
        if question["kind"] == AnswerKind.TABLE and isinstance(rows, list):
            units = [place for place, one in enumerate(question["columns"]) if one["kind"] == ColumnKind.UNIT]
            for row in rows:
                yield from filter(None, (clean(row[place]) for place in units if place < len(row)))


def units_called(said: Collection[str]) -> Mapping[str, list[Record]]:
    """By what was said the units here that are meant, all that have the name; two queries, none where nobody is."""
    if not said:
        return {}
    codes = {one.upper() for one in said}
    held = Identifier.objects.filter(scheme="uscc", value__in=codes, active=True).values_list("value", "record")
    by_credit_code = dict(held)
    meant = Q(title__in=said) | Q(title_en__in=said) | Q(code__in=codes) | Q(pk__in=set(by_credit_code.values()))
    rows = list(Record.objects.filter(meant, kind="organisation").exclude(phase=Phase.VOID).order_by("pk"))
    found: dict[str, list[Record]] = {}
    for one in said:
        own = [
            row for row in rows
            if one in {row.title, row.title_en} or one.upper() == row.code or by_credit_code.get(one.upper()) == row.pk
        ]  # fmt: skip
        if own:
            found[one] = own
    return found
