"""The area of needs."""

from django.apps import AppConfig


class NeedsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.needs"
    label = "needs"

    def ready(self) -> None:
        from kezhuan.areas.needs import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
