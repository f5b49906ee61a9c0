"""Whether a table holds any row of some condition, for what every page asks and nearly nobody has: a statement of its
own, because to put the question through models takes ten times as long as the answer."""

from functools import cache

from django.db import connection
from django.db.models import Model


def is_there(statement: str, *values: int | str) -> bool:
    """Whether a SELECT of one row finds it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() is not None


def is_named(model: type[Model], name: str, pk: int) -> bool:
    """Whether any row of a model names the row `pk` in the foreign key of this name."""
    return is_there(_naming(model, name), pk)


@cache
def _naming(model: type[Model], name: str) -> str:
    rows = model._default_manager.order_by().filter(**{name: 0}).values_list(name)
    statement, _values = rows[:1].query.sql_with_params()
    return statement
