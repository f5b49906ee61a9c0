"""Django's `migrate`, which makes the tables of an empty database at once."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from kezhuan.kernel.tables import make_at_once


class Command(migrate.Command):
    """Every way to bring a database up to date comes here: the program's own, Django's, and the tests'."""

    def handle(self, *arguments: Any, **asked: Any) -> None:
        """As Django's; it is asked for one app or for a plan by developers only."""
        if asked["app_label"] is None and not (asked["plan"] or asked["check_unapplied"] or asked["fake"]):
            make_at_once(connections[asked["database"]])
        super().handle(*arguments, **asked)
