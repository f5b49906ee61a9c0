"""The area of prices."""

from django.apps import AppConfig


class PricesConfig(AppConfig):
    """Registers this area's kind."""

    name = "kezhuan.areas.prices"
    label = "prices"

    def ready(self) -> None:
        from kezhuan.areas.prices import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
