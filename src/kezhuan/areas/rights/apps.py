"""The area of rights and income."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """Registers this area's kinds and rules."""

    name = "kezhuan.areas.rights"
    label = "rights"

    def ready(self) -> None:
        from kezhuan.areas.rights import kinds, pages_grants, pages_income, waiting  # inline: no models yet

        kinds.register()
        pages_grants.register_face()
        pages_income.register_face()
        waiting.register_inbox()
