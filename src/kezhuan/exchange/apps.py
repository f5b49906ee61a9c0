"""The exchange as a Django app: it keeps what was imported, so that it can be told, resumed and taken back."""

from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    """Imports, what they changed, and the jobs that do them."""

    name = "kezhuan.exchange"
    label = "exchange"

    def ready(self) -> None:
        from kezhuan.exchange import actions, reading_actions  # inline: models are not loaded when this module is
        from kezhuan.exchange.handover_actions import SHARES
        from kezhuan.exchange.holdings import HOLDINGS
        from kezhuan.exchange.papers import archive_actions, signing
        from kezhuan.kernel import handover, holdings, jobs

        holdings.hold(*HOLDINGS)
        handover.share(*SHARES)
        signing.register()
        jobs.register("imports.check", actions.run_check, label=_("check a file"), long=True)
        jobs.register("imports.run", actions.run_import, label=_("import a file"), long=True)
        jobs.register(reading_actions.JOB, reading_actions.run, label=_("read a file back"), long=True)
        jobs.register("imports.undo", actions.run_undo, label=_("take an import back"), long=True)
        jobs.register(archive_actions.JOB, archive_actions.write_archive, label=_("write an archive folder"), long=True)
        jobs.register("imports.forget", actions.forget_files, label=_("remove old files of imports"))
        jobs.every("imports.forget", time(3, 45))
