"""The area of technology contracts."""

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    """Registers this area's kinds."""

    name = "kezhuan.areas.contracts"
    label = "contracts"

    def ready(self) -> None:
        from kezhuan.areas.contracts import kinds, letters, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
        letters.register()
