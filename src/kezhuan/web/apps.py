"""Registers the shell with Django, so that its templates, static files and template tags are found."""

from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """The app that holds what every page stands on."""

    name = "kezhuan.web"
    label = "web"

    def ready(self) -> None:
        from kezhuan.kernel import jobs  # inline: models are not loaded when this module is
        from kezhuan.web import exports, letters

        letters.register()
        jobs.register("exports.write", exports.write_export, label=_("write a list as a file"), long=True)
        jobs.register("exports.forget", exports.forget_exports, label=_("remove old files of lists"))
        jobs.every("exports.forget", time(3, 40))
