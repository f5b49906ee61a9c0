"""The area of achievements."""

from django.apps import AppConfig


class AchievementsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.achievements"
    label = "achievements"

    def ready(self) -> None:
        from kezhuan.areas.achievements import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
