"""The area of organisations and people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the kinds organisation and person."""

    name = "kezhuan.areas.people"
    label = "people"

    def ready(self) -> None:
        from kezhuan.areas.people import kinds, pages, pages_claims  # inline: models are not loaded when this module is

        kinds.register()
        pages.register_face()
        pages_claims.register_inbox()
