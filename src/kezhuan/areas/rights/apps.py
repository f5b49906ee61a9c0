"""The area of rights and income."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """Makes this area's rules known."""

    name = "kezhuan.areas.rights"
    label = "rights"

    def ready(self) -> None:
        from kezhuan.areas.rights import kinds  # inline: models are not loaded when this module is

        kinds.register()
