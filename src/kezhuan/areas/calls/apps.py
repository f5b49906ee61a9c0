"""The area of calls."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.calls"
    label = "calls"

    def ready(self) -> None:
        from kezhuan.areas.calls import (  # inline: models are not loaded yet
            kinds,
            letters,
            pages,
            pages_applications,
            pages_shortlist,
            waiting,
        )

        kinds.register()
        letters.register()
        pages.register_face()
        pages_applications.register_face()
        pages_shortlist.register_reviews()
        waiting.register_inbox()
