"""Proof: a backup of the first version is put back, brought up to date migration by migration, and is whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from kezhuan.config.copies import archive, restoring, sessions, taking
from kezhuan.kernel import guards
from kezhuan.kernel.tables import make_at_once
from tests.factories.migrated import shape

ENGINE = "django.db.backends.sqlite3"
FIRST = [("needs", "0001_initial"), ("accounts", "0001_initial")]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a file of an older version")
def test_backup_of_an_older_version_is_put_back_and_brought_up_to_date(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], Any]
) -> None:
    """In which order it is led there stands in tests/config/test_backup.py; here the migrations run."""
    old = tmp_path / "old.sqlite3"
    with sessions.fresh({"ENGINE": ENGINE, "NAME": old}) as (wrapper, rows):
        MigrationExecutor(wrapper).migrate(FIRST)
        rows.connection.execute("INSERT INTO kernel_codecounter VALUES ('N-2026', 7)")
    with monkeypatch.context() as patched:
        patched.setitem(connections["default"].settings_dict, "NAME", str(old))
        taken = taking.take(tmp_path / "old.tar.zst")
    assert "needs_indicator" in taken.manifest.tables
    assert "benefit_fen" not in taken.manifest.tables["needs_need"]["columns"]
    restoring.restore(tmp_path / "old.tar.zst", archive.check(tmp_path / "old.tar.zst"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT last FROM kernel_codecounter")
        assert cursor.fetchone() == (7,)
        cursor.execute("SELECT benefit_fen FROM needs_need")
    assert guards.faulty() == []
    with sessions.fresh({"ENGINE": ENGINE, "NAME": tmp_path / "new.sqlite3"}) as (wrapper, _):
        assert make_at_once(wrapper)
        assert shape(wrapper) == shape(connection)
    before = len(taken.manifest.migrations)
    applied = len(MigrationExecutor(connection).loader.applied_migrations)
    figure(f"put back as of {before} migrations and led through {applied - before} more; the tables are those of today")
