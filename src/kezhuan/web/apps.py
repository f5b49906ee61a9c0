"""Registers the shell with Django, so that its templates, static files and template tags are found."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app that holds what every page stands on."""

    name = "kezhuan.web"
    label = "web"

    def ready(self) -> None:
        from kezhuan.web import letters  # inline: models are not loaded when this module is

        letters.register()
