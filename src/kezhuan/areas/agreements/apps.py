"""The area of agreements."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.agreements"
    label = "agreements"

    def ready(self) -> None:
        from kezhuan.areas.agreements import kinds, pages, waiting  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
        waiting.register_inbox()
