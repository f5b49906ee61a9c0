"""Database sessions for copying: one that sees a single moment, and new places nobody sees until they are whole."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from kezhuan.config.copies.tables import MIGRATIONS, PostgresRows, Rows, SqliteRows

FRESH = "fresh"
"""The alias of a place that is being filled."""


@contextmanager
def one_moment() -> Iterator[Rows]:
    """Read the configured database as it stands at this moment, however long it takes and whoever writes meanwhile.

    SQLite's write-ahead log and PostgreSQL's REPEATABLE READ both keep that moment for a reader and stop no writer.
    """
    settings = connections[DEFAULT_DB_ALIAS].settings_dict
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        with plain_sqlite(Path(settings["NAME"])) as connection:
            connection.execute("BEGIN")
            # The moment begins with the first look.
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
            yield SqliteRows(connection)
        return
    # A wrapper of its own: the moment must not end with what else the program asks.
    wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        wrapper.ensure_connection()
        with wrapper.connection.transaction():
            wrapper.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield PostgresRows(wrapper.connection)
    finally:
        wrapper.close()


@contextmanager
def plain_sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that leaves values as they are stored, each statement for itself."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as connection:
        yield connection


@contextmanager
def fresh(settings: Mapping[str, Any]) -> Iterator[tuple[BaseDatabaseWrapper, Rows]]:
    """A place for a whole city that nobody sees before the block ends well; `settings` are those of its database."""
    if settings["ENGINE"].endswith("sqlite3"):
        with _fresh_sqlite(Path(settings["NAME"])) as place:
            yield place
    else:
        with _fresh_postgres(settings) as place:
            yield place


@contextmanager
def _fresh_sqlite(target: Path) -> Iterator[tuple[BaseDatabaseWrapper, Rows]]:
    """An empty file beside `target`; when the block ends well, `target` becomes its copy in one transaction.

    A site that runs on `target` sees the change like any other; when the block fails, it sees nothing.
    """
    beside = target.with_name(f"{target.name}.unfinished")
    beside.unlink(missing_ok=True)
    options = {"init_command": "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"}
    try:
        with another({"ENGINE": "django.db.backends.sqlite3", "NAME": beside, "OPTIONS": options}) as wrapper:
            with plain_sqlite(beside) as connection:
                connection.execute("PRAGMA journal_mode=OFF")
                connection.execute("PRAGMA synchronous=OFF")
                yield wrapper, SqliteRows(connection)
                broken = connection.execute("PRAGMA foreign_key_check").fetchone()
                if broken:
                    raise RuntimeError(f"a row of {broken[0]} points at a row of {broken[2]} that is not there")
            wrapper.close()
            target.parent.mkdir(parents=True, exist_ok=True)
            with plain_sqlite(beside) as source, plain_sqlite(target) as kept:
                kept.execute("PRAGMA synchronous=FULL")
                source.backup(kept)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _fresh_postgres(settings: Mapping[str, Any]) -> Iterator[tuple[BaseDatabaseWrapper, Rows]]:
    """A transaction in which the program's tables are taken away; it is committed when the block ends well."""
    with another(settings) as wrapper, transaction.atomic(using=FRESH):
        # Those of this version, and what another one may have called its own.
        ours = {*wrapper.introspection.django_table_names(), MIGRATIONS}
        prefixes = tuple(f"{app.label}_" for app in apps.get_app_configs())
        with wrapper.cursor() as cursor:
            for name in wrapper.introspection.table_names(cursor):
                if name in ours or name.startswith(prefixes):
                    cursor.execute(f'DROP TABLE IF EXISTS "{name}" CASCADE')
        yield wrapper, PostgresRows(wrapper.connection)
        with wrapper.cursor() as cursor:  # until it knows how many rows there are, it reads tables whole for a page
            cursor.execute("ANALYZE")


@contextmanager
def another(settings: Mapping[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """A database beside the configured one, under the alias `FRESH` while the block lasts."""
    whole = connections.configure_settings({DEFAULT_DB_ALIAS: dict(settings)})[DEFAULT_DB_ALIAS]
    wrapper: BaseDatabaseWrapper = load_backend(whole["ENGINE"]).DatabaseWrapper(whole, FRESH)
    connections[FRESH] = wrapper
    try:
        yield wrapper
    finally:
        wrapper.close()
        del connections[FRESH]


@contextmanager
def without_references(rows: Rows) -> Iterator[None]:
    """Leave foreign keys out while rows come in, and make them again, whereby they are checked all at once.

    PostgreSQL would remember each reference of each row until the transaction ends; SQLite's file is checked whole.
    """
    if isinstance(rows, SqliteRows):
        rows.connection.execute("PRAGMA foreign_keys=OFF")
        yield
        return
    found = rows.connection.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    ).fetchall()
    for table, name, _definition in found:
        rows.connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in found:
        rows.connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
