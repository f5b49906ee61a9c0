"""Whether a table holds any row of some condition, for what every page asks and nearly nobody has: a statement of its
own, because to put the question through models takes ten times as long as the answer."""

from django.db import connection


def is_there(statement: str, *values: int | str) -> bool:
    """Whether a SELECT of one row finds it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() is not None
