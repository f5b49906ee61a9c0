"""The area of filings."""

from django.apps import AppConfig


class FilingsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.filings"
    label = "filings"

    def ready(self) -> None:
        from kezhuan.areas.filings import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
