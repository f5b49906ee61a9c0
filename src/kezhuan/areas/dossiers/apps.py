"""The area of dossiers."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.dossiers"
    label = "dossiers"

    def ready(self) -> None:
        from kezhuan.areas.dossiers import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
