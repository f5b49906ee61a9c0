"""The kernel as a Django app: after every migration it remakes the guards and loads first values and calendars."""

from datetime import time, timedelta
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    """Tables and words that every area stands on."""

    name = "kezhuan.kernel"
    label = "kernel"

    def ready(self) -> None:
        _tell_columns_apart_quickly()
        # The one signal in the program: migrations are the only moment at which SQLite can lose a trigger.
        post_migrate.connect(_after_migration, sender=self)
        # Inline: models are not loaded when this module is.
        from kezhuan.kernel import (
            access,
            answer_times,
            answers,
            disclosures,
            garbage,
            jobs,
            limits,
            outbox,
            reminders,
            roles,
            watches,
        )

        jobs.register("jobs.tidy", jobs.tidy, label=_("remove finished jobs"))
        jobs.every("jobs.tidy", time(3, 30))
        jobs.register("answers.forget", answers.forget_old, label=_("forget kept answers of the API"))
        jobs.every("answers.forget", timedelta(hours=1))
        jobs.register("limits.forget", limits.forget_full, label=_("forget who asked the API how fast"))
        jobs.every("limits.forget", timedelta(hours=1))
        jobs.register("disclosures.forget", disclosures.forget, label=_("forget who was shown what on days past"))
        jobs.every("disclosures.forget", time(3, 50))
        outbox.register_jobs()
        reminders.register()
        answer_times.register()
        watches.register()
        garbage.register()
        roles.tell(
            roles.Right("read", _("read the unit's records and open their files"), frozenset(roles.UNIT_ROLES)),
            roles.Right("write", _("enter, change and submit the unit's records"), access.WRITERS),
            roles.Right("attach", _("add documents to the unit's records"), access.WRITERS | roles.ASSISTANTS),
        )


def _tell_columns_apart_quickly() -> None:
    """Django binds a signature whenever it hashes a column, which it does for each column of each ordered query: a
    tenth of the time of a page. Equal columns have equal alias and field, so their hashes stay equal."""
    from django.db.models.expressions import Col

    def told_apart(self: Col) -> int:
        return hash((self.alias, self.target))

    Col.__hash__ = told_apart  # type: ignore[assignment]  # of any object, says the table of types


def _after_migration(**_arguments: Any) -> None:
    from django.db import connection

    from kezhuan.kernel import guards, rulebook, workdays  # inline: models are not loaded when this module is
    from kezhuan.kernel.models import Entry

    if Entry._meta.db_table not in connection.introspection.table_names():
        return  # a run that stopped before the kernel's tables were there, or after they were taken away
    guards.make()
    rulebook.load_shipped()
    workdays.load_shipped()
