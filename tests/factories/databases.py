"""What database tests need beside Django's: a journal that may be emptied between tests, threads that start at once."""

import fcntl
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from kezhuan.config.start import keeping


def drop_guards() -> None:
    """Take the journal's triggers away, as somebody with the database's password could."""
    from django.db import connection

    from kezhuan.kernel import guards

    with connection.cursor() as cursor:
        for name in guards.names():
            suffix = "" if connection.vendor == "sqlite" else " ON kernel_entry"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> None:
    """As pytest-django's; afterwards notes the rows that a new database has."""
    with keeping():
        request.getfixturevalue("django_db_setup")
    with django_db_blocker.unblock():
        _note_first_rows()


_first_rows: dict[str, tuple[str, list[tuple[Any, ...]]]] = {}
"""What the migrations and what follows them put into the tables: by table the statement that puts it back, and rows."""
_standing: dict[str, tuple[int, int]] = {}
"""By table with first rows how many there are, and the newest transaction that wrote one; on PostgreSQL alone."""
_left: set[str] = set()
"""Tables whose first rows nobody has touched since, and that were therefore not emptied."""


def _note_first_rows() -> None:
    from django.db import connection

    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT * FROM {quoted(table)}")
            if rows := cursor.fetchall():
                columns = [quoted(one[0]) for one in cursor.description]
                values = ", ".join(["%s"] * len(columns))
                insert = f"INSERT INTO {quoted(table)} ({', '.join(columns)}) VALUES ({values})"
                _first_rows[table] = insert, rows
        if connection.vendor == "postgresql":
            _standing.update(_standing_now(cursor, list(_first_rows)))


def _standing_now(cursor: Any, tables: list[str]) -> dict[str, tuple[int, int]]:
    """What `_standing` tells, as it is now: a row that was added, changed or taken away makes it another."""
    found = {}
    for table in tables:
        cursor.execute(f'SELECT count(*), max(xmin::text::bigint) FROM "{table}"')
        found[table] = cursor.fetchone()
    return found


def _put_back_first_rows(*_given: Any, **_more: Any) -> None:
    from django.db import connection, transaction

    from kezhuan.kernel import guards

    emptied = [table for table in _first_rows if table not in _left]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in emptied:
            cursor.executemany(*_first_rows[table])
        if _standing:
            _standing.update(_standing_now(cursor, emptied))
    _left.clear()
    guards.make()


@pytest.fixture(scope="session", autouse=True)
def _first_rows_put_back() -> None:
    """Emptied tables are filled again with the rows they had: to work them out, as after a migration, takes a fifth of
    a second after each transactional test."""
    from django.core.management.commands import flush

    flush.emit_post_migrate_signal = _put_back_first_rows  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _emptied_journal(request: pytest.FixtureRequest) -> Iterator[None]:
    """A transactional test is cleaned by emptying all tables, which the journal's guards refuse."""
    marker = request.node.get_closest_marker("django_db")
    transactional = bool(marker and marker.kwargs.get("transaction")) or not {
        "transactional_db",
        "live_server",
    }.isdisjoint(request.fixturenames)
    if transactional:
        # Asked for here, it is torn down after this fixture: the tables are emptied when the guards are gone; the
        # emptying itself ends with making them anew.
        request.getfixturevalue("transactional_db")
    yield
    if transactional:
        drop_guards()


@pytest.fixture(scope="session", autouse=True)
def _only_full_tables_emptied() -> None:
    """PostgreSQL takes a fifth of a second to truncate every table after each transactional test; most are empty, and
    of those with first rows most have the same as before."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    def sql_flush(self: Any, style: Any, tables: list[str], **_asked: Any) -> list[str]:
        with self.connection.cursor() as cursor:
            now = _standing_now(cursor, list(_standing))
            _left.update(table for table, standing in now.items() if standing == _standing[table])
            names = [self.quote_name(table) for table in tables if table not in _left]
            cursor.execute(f"SELECT {', '.join(f'EXISTS (SELECT FROM {name})' for name in names)}")
            full = [name for name, filled in zip(names, cursor.fetchone(), strict=True) if filled]
        deleted = [f"DELETE FROM {name}" for name in full]
        # As a replica the session checks neither keys nor guards, so the order does not matter.
        return ["SET session_replication_role = replica", *deleted, "SET session_replication_role = DEFAULT"]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign, assignment]


@pytest.fixture(autouse=True)
def _fresh_index(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test meets the index of another, in memory or saved."""
    if request.node.get_closest_marker("database") is None:
        yield
        return
    from django.conf import settings

    from kezhuan.kernel.search import forget_live_index

    folder = Path(settings.DATA) / "index"
    yield
    _settle()
    forget_live_index()
    _empty(folder)


def _empty(folder: Path) -> None:
    """Take away what was saved, under the lock and without it: whoever saves at this moment is waited for, and without
    the same lock file two might save at once."""
    if not (folder / "LOCK").exists():
        return
    with (folder / "LOCK").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for one in folder.iterdir():
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            elif one.name != "LOCK":
                one.unlink(missing_ok=True)


def _settle() -> None:
    """Wait for answers that a closed browser no longer waits for, and for threads that still take in records: they
    would save into the folder of the next test."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(2)
    for thread in threading.enumerate():
        if thread.name == "index":
            thread.join()


@contextmanager
def rows_for_all(blocker: Any) -> Iterator[None]:
    """What is written inside stays for all tests of a module, each of which takes back what it writes itself.

    For a fixture of the module's scope, with pytest-django's blocker; not for modules with transactional tests.
    """
    from django.db import transaction

    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def at_once(functions: list[Callable[[], Any]]) -> list[Any]:
    """Run the functions in threads that start together; their results, or the exceptions they ended with."""
    from django.db import connection

    start, results = threading.Barrier(len(functions)), [None] * len(functions)

    def run(place: int, function: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[place] = function()
        except Exception as problem:  # noqa: BLE001  whatever it is, the test looks at it
            results[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@contextmanager
def connection_kept() -> Iterator[None]:
    """Requests leave the connection open, as with Django's own client: the test's transaction is in it."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in ends:
            signal.connect(close_old_connections)
