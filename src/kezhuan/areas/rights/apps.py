"""The area of rights and income."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """Registers this area's kinds and rules."""

    name = "kezhuan.areas.rights"
    label = "rights"

    def ready(self) -> None:
        from kezhuan.areas.rights import kinds, pages_grants, waiting  # inline: models are not loaded when this is

        kinds.register()
        pages_grants.register_face()
        waiting.register_inbox()
