"""The kernel as a Django app: after every migration it remakes the journal's guards and loads first rule values."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    """Tables and words that every area stands on."""

    name = "kezhuan.kernel"
    label = "kernel"

    def ready(self) -> None:
        # The one signal in the program: migrations are the only moment at which SQLite can lose a trigger.
        post_migrate.connect(_after_migration, sender=self)


def _after_migration(**_arguments: Any) -> None:
    from kezhuan.kernel import journal, rulebook  # inline: models are not loaded when this module is

    journal.make_triggers()
    rulebook.load_shipped()
