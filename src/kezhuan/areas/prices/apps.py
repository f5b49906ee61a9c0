"""The area of prices."""

from django.apps import AppConfig


class PricesConfig(AppConfig):
    """Registers this area's kind."""

    name = "kezhuan.areas.prices"
    label = "prices"

    def ready(self) -> None:
        from kezhuan.areas.prices import kinds, pages, waiting  # inline: no models yet

        kinds.register()
        pages.register_face()
        waiting.register_inbox()
