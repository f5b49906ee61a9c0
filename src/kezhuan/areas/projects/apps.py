"""The area of projects."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.projects"
    label = "projects"

    def ready(self) -> None:
        from kezhuan.areas.projects import kinds, pages, pages_races, waiting  # inline: models are not loaded yet

        kinds.register()
        pages.register_face()
        pages_races.register_face()
        waiting.register_inbox()
