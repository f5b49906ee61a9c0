"""The area of the separate ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers this area's kind."""

    name = "kezhuan.areas.ledger"
    label = "ledger"

    def ready(self) -> None:
        from kezhuan.areas.ledger import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
