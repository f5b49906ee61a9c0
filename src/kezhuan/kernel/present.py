"""Whether a table holds any row of some condition, for what every page or step asks and nearly nobody has, and the few
columns that every step asks for: statements of their own, because to put the question through models takes ten times
as long as the answer."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

Naming = tuple[type[Model], str]
"""A model and the name of one of its foreign keys."""
_known: ContextVar[tuple[int, Mapping[Naming, bool]]] = ContextVar("known", default=(0, {}))


def is_there(statement: str, *values: int | str) -> bool:
    """Whether a SELECT of one row finds it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() is not None


def is_named(model: type[Model], name: str, pk: int) -> bool:
    """Whether any row of a model names the row `pk` in the foreign key of this name."""
    asked, known = _known.get()
    if asked == pk and (model, name) in known:
        return known[model, name]
    return is_there(_naming(model, name), pk)


def rows_of(statement: str, *values: int | str) -> list[tuple[Any, ...]]:
    """The rows that a SELECT finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def among(statement: str, values: Collection[Any]) -> str:
    """The statement with a place for each of the values, of which there are some, where it says `(…)`."""
    return statement.replace("(…)", f"({', '.join(['%s'] * len(values))})")


@contextmanager
def named_together(namings: Iterable[Naming], pk: int) -> Iterator[None]:
    """Ask in one statement what names the row `pk`; within, `is_named` answers from it. For a page that asks much of
    one record and changes nothing."""
    wanted = tuple(dict.fromkeys(namings))
    with connection.cursor() as cursor:
        cursor.execute(_together(wanted), [pk] * len(wanted))
        found = cursor.fetchone()
    token = _known.set((pk, {naming: bool(there) for naming, there in zip(wanted, found or (), strict=True)}))
    try:
        yield
    finally:
        _known.reset(token)


@cache
def _together(namings: tuple[Naming, ...]) -> str:
    return "SELECT " + ", ".join(f"EXISTS({_naming(model, name)})" for model, name in namings)


@cache
def _naming(model: type[Model], name: str) -> str:
    rows = model._default_manager.order_by().filter(**{name: 0}).values_list(name)
    statement, _values = rows[:1].query.sql_with_params()
    return statement
