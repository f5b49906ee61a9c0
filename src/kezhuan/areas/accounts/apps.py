"""The area of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """How people sign in, and by what they prove who they are."""

    name = "kezhuan.areas.accounts"
    label = "accounts"

    def ready(self) -> None:
        from kezhuan.areas.accounts.handover_actions import SHARES  # inline: as below
        from kezhuan.areas.accounts.holdings import HOLDINGS  # inline: models are not loaded when this module is
        from kezhuan.kernel import handover, holdings

        holdings.hold(*HOLDINGS)
        handover.share(*SHARES)
