"""The tables of a new SQLite file: made by the migrations once, for the tests, and copied from then on."""

import hashlib
import sqlite3
from contextlib import closing

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kezhuan.config.copies import filling


@pytest.fixture
def tables_kept(monkeypatch, tmp_path_factory):
    """Tests that look at what is copied, and not at how its tables are made, need not wait for every migration."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent / "tables"  # see `django_db_setup`; on PostgreSQL it is the name of a database
    made = shared if connection.vendor == "sqlite" and shared.exists() else None

    class Remembering(MigrationExecutor):
        def migrate(self, targets, *args, **more):
            wrapper = self.connection
            if wrapper.vendor != "sqlite" or wrapper.introspection.table_names():
                return super().migrate(targets, *args, **more)
            place = folder / f"{hashlib.sha256(repr(sorted(targets)).encode()).hexdigest()}.sqlite3"
            if len(self.migration_plan(targets)) == len(self.loader.graph.nodes) and made is not None:
                place = made
            if not place.exists():
                state = super().migrate(targets, *args, **more)
                with closing(sqlite3.connect(place)) as kept:
                    wrapper.connection.backup(kept)
                return state
            wrapper.ensure_connection()
            with closing(sqlite3.connect(place)) as kept:
                kept.backup(wrapper.connection)
            return None

    monkeypatch.setattr(filling, "MigrationExecutor", Remembering)


@pytest.fixture
def city_folder(request, tmp_path, django_db_blocker):
    """A data folder whose database has all tables already, for programs that are started on one."""
    request.getfixturevalue("django_db_setup")  # asked for here, as it makes none a test of the database
    with django_db_blocker.unblock(), closing(sqlite3.connect(tmp_path / "db.sqlite3")) as kept:
        connection.ensure_connection()
        connection.connection.backup(kept)
    return tmp_path
