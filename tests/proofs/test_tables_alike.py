"""Proof: on both databases the tables of a new city are those that an old one is led to, migration by migration."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from kezhuan.config import environment
from kezhuan.config.commands.test import ROOT
from kezhuan.config.copies import sessions
from kezhuan.kernel.tables import make_at_once
from tests.factories.migrated import shape

SEVERAL = 6


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


def test_several_processes_bring_an_empty_database_up_to_date_at_once(
    settings: Any, figure: Callable[[str], None], tmp_path: Path
) -> None:
    url = os.environ["PROOF_POSTGRES_URL"] if settings["ENGINE"].endswith("postgresql") else ""
    if url:
        with psycopg.connect(url, autocommit=True) as session:
            session.execute("CREATE DATABASE several")
        url = f"{url.rsplit('/', 1)[0]}/several"
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("KEZHUAN_", "DJANGO_"))}
    variables |= {"KEZHUAN_DATA": str(tmp_path), "KEZHUAN_DATABASE_URL": url, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "kezhuan", "migrate"]
    started = [
        subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(SEVERAL)
    ]
    said = [one.communicate()[0] for one in started]
    assert [one.returncode for one in started] == [0] * SEVERAL, said
    figure(f"{settings['ENGINE']}: {SEVERAL} processes at once, each ended well")
