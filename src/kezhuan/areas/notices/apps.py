"""The area of notices and objections."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers this area's kinds, their face and their letters."""

    name = "kezhuan.areas.notices"
    label = "notices"

    def ready(self) -> None:
        from kezhuan.areas.notices import kinds, letters, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
        letters.register()
