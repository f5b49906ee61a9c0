"""The area of reviews."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.reviews"
    label = "reviews"

    def ready(self) -> None:
        from kezhuan.areas.reviews import kinds, waiting  # inline: models are not loaded yet

        kinds.register()
        waiting.register_inbox()
