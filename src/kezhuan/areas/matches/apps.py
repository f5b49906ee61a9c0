"""The area of matches."""

from django.apps import AppConfig


class MatchesConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.matches"
    label = "matches"

    def ready(self) -> None:
        from kezhuan.areas.matches import kinds, pages, panels  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
        panels.register()
        pages.register_meetings()
