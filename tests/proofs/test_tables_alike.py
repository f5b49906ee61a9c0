"""Proof: on both databases the tables of a new city are those that an old one is led to, migration by migration."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from kezhuan.config import environment
from kezhuan.config.copies import sessions
from kezhuan.kernel.tables import make_at_once
from tests.factories.migrated import shape


class _Seen(Exception):
    """Leaves the place with what was seen there: nothing of it is kept."""


def _shape_after(settings: Any, making: Callable[[BaseDatabaseWrapper], Any]) -> Any:
    with pytest.raises(_Seen) as seen, sessions.fresh(settings) as (wrapper, _rows):
        making(wrapper)
        raise _Seen(shape(wrapper))
    return seen.value.args[0]


def _led(wrapper: BaseDatabaseWrapper) -> None:
    executor = MigrationExecutor(wrapper)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Those of a new database."""
    asked = {"KEZHUAN_DATABASE_URL": request.getfixturevalue("postgres")} if request.param == "postgresql" else {}
    return environment.database(tmp_path, asked)


def test_tables_made_at_once_are_those_that_the_migrations_make(
    settings: Any, figure: Callable[[str], None], django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        led, made = _shape_after(settings, _led), _shape_after(settings, make_at_once)
    assert made == led
    figure(f"{settings['ENGINE']}: {len(made)} tables are the same, made at once and led there by the migrations")
