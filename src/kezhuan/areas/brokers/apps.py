"""The area of brokers and their queues."""

from django.apps import AppConfig


class BrokersConfig(AppConfig):
    """Registers this area's kinds and their faces."""

    name = "kezhuan.areas.brokers"
    label = "brokers"

    def ready(self) -> None:
        from kezhuan.areas.brokers import kinds, pages  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
