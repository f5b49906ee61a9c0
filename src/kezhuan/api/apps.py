"""The API as a Django app: it writes the open-data extracts at night, and at once while there are none."""

from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Routes of programs."""

    name = "kezhuan.api"
    label = "api"

    def ready(self) -> None:
        from kezhuan.api import extracts  # inline: models are not loaded when this module is
        from kezhuan.kernel import jobs, readers

        jobs.register("open-data.write", extracts.write, label=_("write the open-data extracts"), long=True)
        jobs.every("open-data.write", time(2, 30), owed=extracts.are_owed)
        readers.follow(extracts.follow_readers)
