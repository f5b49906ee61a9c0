"""`./kezhuan copy-database` moves a city between SQLite and PostgreSQL and proves that it is the same one."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from kezhuan.config.commands import copy_database
from kezhuan.config.copies import filling, moving, sessions, tables
from kezhuan.kernel.models import Organisation, Record
from tests.factories import city
from tests.factories.awkward import small_city

__all__ = ["small_city"]

pytestmark = pytest.mark.each_database

OF_THE_COPY = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the copy is SQLite's from either")


def file_at(place):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": place / "db.sqlite3"}


def tallies(rows):
    return {one.name: rows.tally(one) for one in tables.tables_at(rows.migrations())}


def test_copy_in_a_file_has_the_same_rows_hashes_and_guards(small_city, tmp_path):
    copied = moving.copy(file_at(tmp_path))
    with sessions.one_moment() as rows:
        assert copied.tables == tallies(rows)
    assert {name: one.sha256 for name, one in copied.tables.items()} == {
        name: one.sha256 for name, one in copied_again(tmp_path).items()
    }
    assert copied.tables["kernel_record"].rows == Record.objects.count() > 4
    assert copied.missed == 0
    with sessions.plain_sqlite(tmp_path / "db.sqlite3") as file, pytest.raises(Exception, match="append-only"):
        file.execute("DELETE FROM kernel_entry")


def copied_again(place):
    """What stands in the copy, read by itself."""
    with sessions.plain_sqlite(place / "db.sqlite3") as file:
        return tallies(tables.SqliteRows(file))


def table_of_groups():
    with sessions.one_moment() as rows:
        (groups,) = [one for one in tables.tables_at(rows.migrations()) if one.name == "auth_group"]
    return groups


@OF_THE_COPY
def test_counter_that_gave_no_number_yet_is_none(small_city, tmp_path):
    """A migration that remakes an empty table leaves 0 behind in SQLite, which PostgreSQL would not take."""
    moving.copy(file_at(tmp_path))
    groups = table_of_groups()
    with sessions.plain_sqlite(tmp_path / "db.sqlite3") as file:
        file.execute("DELETE FROM sqlite_sequence WHERE name = 'auth_group'")
        file.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('auth_group', 0)")
        assert tables.SqliteRows(file).tally(groups).counter is None
        tables.SqliteRows(file).set_counter(groups, 7)
        assert tables.SqliteRows(file).tally(groups).counter == 7


@pytest.mark.django_db(transaction=True)
def test_counter_that_is_none_elsewhere_becomes_none():
    groups = table_of_groups()
    engine = {"sqlite": tables.SqliteRows, "postgresql": tables.PostgresRows}[connection.vendor]
    connection.ensure_connection()
    engine(connection.connection).set_counter(groups, 7)
    assert engine(connection.connection).counter(groups) == 7
    engine(connection.connection).set_counter(groups, 0)
    assert engine(connection.connection).counter(groups) is None


def test_what_is_written_meanwhile_is_counted(small_city, tmp_path):
    first = iter([True])

    def meanwhile(_rows):
        if next(first, False):
            city.organisation()
            connection.close()

    assert moving.copy(file_at(tmp_path), meanwhile).missed > 0


@OF_THE_COPY
def test_row_that_changes_on_the_way_is_noticed_and_nothing_stays(small_city, tmp_path, monkeypatch):
    write = tables.SqliteRows.write

    def spoilt(self, table, rows):
        write(self, table, ([*row[:-1], 7] if table.name == "kernel_record" else row for row in rows))

    monkeypatch.setattr(tables.SqliteRows, "write", spoilt)
    with pytest.raises(filling.NotTheSame, match="kernel_record"):
        moving.copy(file_at(tmp_path))
    assert list(tmp_path.iterdir()) == []


@OF_THE_COPY
def test_reference_that_leads_nowhere_stops_the_copy(small_city, tmp_path, monkeypatch):
    write = tables.SqliteRows.write
    monkeypatch.setattr(filling, "_refuse_difference", lambda *arguments: None)
    monkeypatch.setattr(filling.journal, "verify", lambda using: filling.journal.Verdict(0))

    def without_clocks_record(self, table, rows):
        write(self, table, [] if table.name == "needs_need" else rows)

    monkeypatch.setattr(tables.SqliteRows, "write", without_clocks_record)
    with pytest.raises(RuntimeError, match="needs_need"):
        moving.copy(file_at(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["mysql://u@h/n", "postgres://h", "nonsense"])
def test_target_that_is_no_database_is_one_sentence(monkeypatch, capsys, target):
    monkeypatch.setattr(copy_database, "start_django", lambda: True)
    monkeypatch.setattr(copy_database, "database_exists", lambda: True)
    assert copy_database.run([target]) == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    assert "postgres://" in said


@pytest.mark.django_db
def test_database_itself_is_no_target(monkeypatch, capsys):
    monkeypatch.setattr(copy_database, "start_django", lambda: True)
    settings = connection.settings_dict
    monkeypatch.setattr(copy_database.environment, "database", lambda *given: dict(settings))
    assert copy_database.run(["sqlite"]) == 2
    assert "同一个数据库" in capsys.readouterr().err


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL")
def test_city_goes_from_postgresql_to_sqlite_and_back_through_the_command(small_city, tmp_path, monkeypatch, capsys):
    """Copied into a file, copied from there to a new database: every table alike each time, the counters go on."""
    parts = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS copied")
        cursor.execute("CREATE DATABASE copied TEMPLATE template0")
    server = f"postgres://{parts['USER']}@{parts['HOST']}:{parts['PORT']}"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KEZHUAN_")}

    def copied(target, **variables):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "kezhuan", "copy-database", target, "--quiet"],
            env={**plain, "KEZHUAN_DATA": str(tmp_path), **variables}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "逐一相符" in done.stdout
        return done.stdout.splitlines()[:-1]

    try:
        there = copied("sqlite", KEZHUAN_DATABASE_URL=f"{server}/{parts['NAME']}")
        assert copied(f"{server}/copied") == there
        monkeypatch.setattr(copy_database, "start_django", lambda: True)
        assert copy_database.run([f"{server}/copied", "--quiet"]) == 2
        assert "--replace" in capsys.readouterr().err
        with sessions.another({**parts, "NAME": "copied"}) as wrapper:
            top = Organisation.objects.latest("pk").pk
            with wrapper.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence('kernel_record', 'id'))")
                assert cursor.fetchone()[0] > top
                cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename = 'kernel_record'")
                assert cursor.fetchone()[0]  # the server knows at once how to ask these tables
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE copied WITH (FORCE)")
