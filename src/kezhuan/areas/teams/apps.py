"""The area of research teams."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.teams"
    label = "teams"

    def ready(self) -> None:
        from kezhuan.areas.teams import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
