"""The area of evaluations."""

from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    """Registers this area's kind."""

    name = "kezhuan.areas.evaluations"
    label = "evaluations"

    def ready(self) -> None:
        from kezhuan.areas.evaluations import kinds, pages, waiting  # inline: no models yet

        kinds.register()
        pages.register_face()
        waiting.register_inbox()
