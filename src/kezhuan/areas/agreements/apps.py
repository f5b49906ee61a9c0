"""The area of agreements."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.agreements"
    label = "agreements"

    def ready(self) -> None:
        from kezhuan.areas.agreements import (  # inline: models are not loaded when this module is
            kinds,
            pages,
            pages_licences,
            waiting,
        )

        kinds.register()
        pages.register_face()
        pages_licences.register_face()
        waiting.register_inbox()
