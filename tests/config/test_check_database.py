"""`./kezhuan check-database` judges a server feature by feature, names what fails, and leaves nothing behind."""

from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from kezhuan.config import features
from kezhuan.config.commands import check_database

needs_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL")


@pytest.fixture
def server(db, monkeypatch):
    """The test's own server; `database` makes a further one on it."""
    parts = connection.settings_dict
    url = f"postgres://{parts['USER']}@{parts['HOST']}:{parts['PORT']}/postgres"
    monkeypatch.setenv("KEZHUAN_DATABASE_URL", url)
    monkeypatch.setattr(check_database, "start_django", lambda: True)
    return url


def left_behind(session):
    seen = "SELECT relname FROM pg_class WHERE relname LIKE '%kezhuan_check%' UNION SELECT nspname FROM pg_namespace"
    return [name for (name,) in session.execute(seen).fetchall() if "kezhuan_check" in name]


def test_sqlite_needs_no_check(monkeypatch, capsys):
    monkeypatch.delenv("KEZHUAN_DATABASE_URL", raising=False)
    assert check_database.run([]) == 2
    assert "SQLite" in capsys.readouterr().err


@needs_postgresql
def test_postgresql_passes_and_nothing_is_left(server, capsys, monkeypatch):
    """All but the run of every migration, which the proof `check-database` lets happen."""
    monkeypatch.setattr(check_database, "_try_whole_program", lambda connect: "")
    assert check_database.run([]) == 0
    said = capsys.readouterr().out
    assert said.count("符合  ") == len(features.FEATURES) + 1
    assert "全部符合" in said
    with psycopg.connect(server) as session:
        assert left_behind(session) == []


@needs_postgresql
def test_database_of_another_encoding_is_refused_by_name(server, capsys, monkeypatch):
    with psycopg.connect(server, autocommit=True) as session:
        session.execute("DROP DATABASE IF EXISTS ascii")
        session.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    address = urlsplit(server)._replace(path="/ascii").geturl()
    utf8 = {"client_encoding": "UTF8"}  # as Django asks for it
    monkeypatch.setattr(check_database, "_connector", lambda: lambda **more: psycopg.connect(address, **utf8, **more))
    monkeypatch.setattr(check_database, "_try_whole_program", lambda connect: "")
    assert check_database.run([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert next(line.split()[1] for line in lines if line.startswith("不符合")) == "UTF-8"
    assert "不能使用" in lines[-1]
    with psycopg.connect(address, **utf8) as session:
        assert left_behind(session) == []


@needs_postgresql
def test_account_that_may_make_no_tables_fails_in_one_line_each(server, capsys, monkeypatch):
    with psycopg.connect(server, autocommit=True) as session:
        session.execute("DROP ROLE IF EXISTS reader")
        session.execute("CREATE ROLE reader LOGIN")
    parts = urlsplit(server)
    address = parts._replace(netloc=f"reader@{parts.hostname}:{parts.port}").geturl()
    monkeypatch.setattr(check_database, "_connector", lambda: lambda **more: psycopg.connect(address, **more))
    assert check_database.run([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum("permission denied" in line for line in lines) > 10
    assert len(lines) == len(features.FEATURES) + 3


@needs_postgresql
@pytest.mark.parametrize("feature", features.FEATURES, ids=lambda feature: feature.name)
def test_feature_that_a_server_lacks_is_noticed(server, feature, monkeypatch):
    """A server on which whatever is asked is done differently: every answer empty, every refusal missing."""

    class Deaf:
        """A session that takes everything and gives nothing."""

        def __init__(self):
            self.real = psycopg.connect(server)

        def execute(self, *_given, **_more):
            return self.real.execute("SELECT 1 WHERE false")

        def transaction(self):
            return self.real.transaction()

        def __getattr__(self, name):
            return getattr(self.real, name)

        def __enter__(self):
            return self

        def __exit__(self, *_given):
            self.real.close()

    with Deaf() as first, Deaf() as second:
        trial = features.Trial(lambda **_more: Deaf(), first, second)
        with pytest.raises((features.Differs, features.ServerError, TypeError, ValueError)):
            feature.attempt(trial)


@needs_postgresql
def test_what_a_killed_trial_left_is_swept_by_the_next(server):
    with psycopg.connect(server) as session:
        session.execute("CREATE TABLE kezhuan_check_deadbeef (x int)")
        session.execute("CREATE SCHEMA kezhuan_check_cafe")
        session.commit()
        features.sweep(session)
        assert left_behind(session) == []
