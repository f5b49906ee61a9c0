"""The area of exemption."""

from django.apps import AppConfig


class ExemptionsConfig(AppConfig):
    """Registers this area's kind."""

    name = "kezhuan.areas.exemptions"
    label = "exemptions"

    def ready(self) -> None:
        from kezhuan.areas.exemptions import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
