"""The area of inspections."""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Registers this area's kinds and their faces."""

    name = "kezhuan.areas.inspections"
    label = "inspections"

    def ready(self) -> None:
        from kezhuan.areas.inspections import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
