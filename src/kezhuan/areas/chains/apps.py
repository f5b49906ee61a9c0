"""The area of chains."""

from django.apps import AppConfig


class ChainsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.chains"
    label = "chains"

    def ready(self) -> None:
        from kezhuan.areas.chains import kinds, pages, pages_tasks, waiting  # inline: models are not loaded yet

        kinds.register()
        pages.register_face()
        pages_tasks.register_face()
        waiting.register_inbox()
