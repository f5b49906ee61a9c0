"""A data folder with a database that has its tables, and the shape of tables to be compared."""

import sqlite3
from contextlib import closing

import pytest
from django.db import connection


@pytest.fixture
def city_folder(request, tmp_path, django_db_blocker):
    """A data folder whose database has all tables already, for programs that are started on one."""
    request.getfixturevalue("django_db_setup")  # asked for here, as it makes none a test of the database
    with django_db_blocker.unblock(), closing(sqlite3.connect(tmp_path / "db.sqlite3")) as kept:
        connection.ensure_connection()
        connection.connection.backup(kept)
    return tmp_path


def shape(wrapper):
    """The tables of a database: columns in the order of their names, and what the database keeps of them.

    What Django names itself is named otherwise when a later migration makes it, and is the same.
    """
    look, found = wrapper.introspection, {}
    with wrapper.cursor() as cursor:
        for table in look.table_names(cursor):
            kept = look.get_constraints(cursor, table).items()
            found[table] = (
                sorted(tuple(map(str, one)) for one in look.get_table_description(cursor, table)),
                sorted(str((name if one["check"] and "unnamed" not in name else "", one)) for name, one in kept),
            )
        if wrapper.vendor == "postgresql":
            cursor.execute("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'")
            found["lost in a crash"] = cursor.fetchall()
    # Django lets the first migration of its own app count this key higher than its model does.
    del found["auth_group_permissions"]
    return found
