"""The guards of the journal: triggers that refuse every rewriting of its table, and the look whether they still do."""

from collections.abc import Mapping
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper

_TABLE = "kernel_entry"
_REFUSAL = "the journal is append-only"
_SQLITE = {
    "journal_no_update": f"BEFORE UPDATE ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "journal_no_delete": f"BEFORE DELETE ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    # REPLACE deletes the old row without telling the DELETE trigger, so it is stopped before it inserts.
    "journal_no_replace": f"BEFORE INSERT ON {_TABLE} WHEN EXISTS (SELECT 1 FROM {_TABLE} WHERE seq = NEW.seq"
    f" OR hash = NEW.hash OR rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
}
_POSTGRES = {
    "journal_no_update": f"BEFORE UPDATE OR DELETE ON {_TABLE} FOR EACH ROW",
    "journal_no_truncate": f"BEFORE TRUNCATE ON {_TABLE} FOR EACH STATEMENT",
}
_BODY = f" BEGIN RAISE EXCEPTION '{_REFUSAL}'; END "
_ROW, _BEFORE, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 8, 16, 32
"""Bits of `pg_trigger.tgtype`."""
_WHEN = {"journal_no_update": _ROW | _BEFORE | _DELETE | _UPDATE, "journal_no_truncate": _BEFORE | _TRUNCATE}


def make(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the guards on the journal's table; run after every migration: SQLite drops them with a rebuilt table."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "sqlite":
            for name, body in _SQLITE.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(f"CREATE TRIGGER {name} {body}")
            return
        cursor.execute(f"CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$")
        for name, body in _POSTGRES.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {_TABLE}")
            cursor.execute(f"CREATE TRIGGER {name} {body} EXECUTE FUNCTION journal_refuse()")
            # ALWAYS: a session in replica mode is stopped too.
            cursor.execute(f"ALTER TABLE {_TABLE} ENABLE ALWAYS TRIGGER {name}")


def faulty(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the guards that are not there, are switched off, or do something else than the ones made here."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "sqlite":
            wanted: Mapping[str, Any] = {name: f"CREATE TRIGGER {name} {body}" for name, body in _SQLITE.items()}
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found: Mapping[str, Any] = dict(cursor.fetchall())
        else:
            # ALWAYS, on every row, under no condition, for no column alone; and a function that does nothing else.
            wanted = {name: ("A", when, True, "", 0, _BODY, "plpgsql", True) for name, when in _WHEN.items()}
            found = _on_postgres(cursor)
    return sorted(name for name, definition in wanted.items() if found.get(name) != definition)


def _on_postgres(cursor: CursorWrapper) -> Mapping[str, Any]:
    """The triggers of the table as the server keeps them, with what their functions do."""
    cursor.execute(
        "SELECT t.tgname::text, t.tgenabled::text, t.tgtype::int, t.tgqual IS NULL, t.tgattr::text, t.tgnargs::int,"
        " f.prosrc, l.lanname::text, f.proconfig IS NULL FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid"
        " JOIN pg_language l ON l.oid = f.prolang WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal",
        [_TABLE],
    )
    return {name: tuple(definition) for name, *definition in cursor.fetchall()}


def names(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the guards that belong on the journal's table."""
    return sorted(_SQLITE if connections[using].vendor == "sqlite" else _POSTGRES)
