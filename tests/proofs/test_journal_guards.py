"""Proof: no statement rewrites the journal, before and after a later migration that alters its table."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from kezhuan.config.commands.test import ROOT
from tests.factories.rewriting import POSTGRES, SQLITE

ENTRIES = """
import django
django.setup()
from kezhuan.areas.people.actions import SYSTEM, register_organisation
from kezhuan.kernel import journal
for number in range(3):
    register_organisation(actor=SYSTEM, name=f"Firm {number}", kind="enterprise", region="440106")
verdict = journal.verify()
assert verdict.broken_seq is None, verdict
"""
LATER = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("kernel", "{last}")]
    operations = [migrations.AlterField("entry", "kind", models.CharField(max_length=90))]
"""


def program(source: Path, variables: dict[str, str], *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEZHUAN_")}
    environment |= {"PYTHONPATH": str(source), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings", **variables}
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def refused(path: Path | None, address: str) -> int:
    """How many statements were tried; each must be refused."""
    statements = SQLITE if path else POSTGRES
    for way, sql in statements.items():
        connection = sqlite3.connect(path) if path else psycopg.connect(address)
        errors = (sqlite3.DatabaseError, psycopg.DatabaseError)
        with closing(connection), pytest.raises(errors, match="append-only"):
            for one in sql.split("; "):
                connection.execute(one)
            pytest.fail(f"{way} went through")
    return len(statements)


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_no_statement_rewrites_the_journal_after_a_later_migration(
    request: pytest.FixtureRequest, engine: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    later, data = tmp_path / "src", tmp_path / "data"
    shutil.copytree(ROOT / "src", later, ignore=shutil.ignore_patterns("__pycache__"))
    migrations = later / "kezhuan" / "kernel" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9999_later.py").write_text(LATER.format(last=last))
    variables, address = {"KEZHUAN_DATA": str(data)}, ""
    if engine == "PostgreSQL":
        server = request.getfixturevalue("postgres")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS journal_guards")
            connection.execute("CREATE DATABASE journal_guards")
        address = variables["KEZHUAN_DATABASE_URL"] = server.rpartition("/")[0] + "/journal_guards"
    path = None if address else data / "db.sqlite3"
    migrate = ("-m", "django", "migrate", "-v", "0")
    program(ROOT / "src", variables, *migrate)
    program(ROOT / "src", variables, "-c", ENTRIES)
    before = refused(path, address)
    program(later, variables, *migrate)
    after = refused(path, address)
    program(later, variables, "-c", ENTRIES)
    figure(f"{engine}: statements refused {before} before, {after} after a later migration; the chain holds")
