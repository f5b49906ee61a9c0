"""Django's `migrate`, by one process at a time, which makes the tables of an empty database at once."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.commands import migrate
from django.core.management.sql import emit_post_migrate_signal
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from kezhuan.kernel.tables import make_at_once

MIGRATING = 4_401_003
"""Number of the lock on PostgreSQL; it has no meaning."""


@contextmanager
def alone(using: str) -> Iterator[None]:
    """Only one process at a time is inside for a database; the others wait: Django lets all make the same tables."""
    if connections[using].vendor == "sqlite":
        folder = os.open(Path(connections[using].settings_dict["NAME"]).parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
        return
    # A connection of its own: the lock must not end with a transaction of the migrations.
    held = connections.create_connection(using)
    try:
        held.set_autocommit(False)
        with held.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATING])
        yield
    finally:
        held.close()


class Command(migrate.Command):
    """Every way to bring a database up to date comes here: the program's own, Django's, and the tests'."""

    def handle(self, *arguments: Any, **asked: Any) -> None:
        """As Django's; it is asked for one app or for a plan by developers only."""
        with alone(asked["database"]):
            if asked["app_label"] is None and not (asked["plan"] or asked["check_unapplied"] or asked["fake"]):
                connection = connections[asked["database"]]
                make_at_once(connection)
                executor = MigrationExecutor(connection)
                if not (asked["verbosity"] or executor.migration_plan(executor.loader.graph.leaf_nodes())):
                    # Django would make all models twice more, to say to each app that nothing was changed.
                    emit_post_migrate_signal(0, asked["interactive"], connection.alias, plan=[])
                    return
            super().handle(*arguments, **asked)
