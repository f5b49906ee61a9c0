"""The area of approvals."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Registers this area's kind, its face, its share of the inbox and its letters."""

    name = "kezhuan.areas.approvals"
    label = "approvals"

    def ready(self) -> None:
        from kezhuan.areas.approvals import kinds, letters, pages, panels  # inline: models are not loaded yet

        kinds.register()
        pages.register_face()
        panels.register()
        letters.register()
