"""The exchange as a Django app: it keeps what was imported, so that it can be told, resumed and taken back."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Imports and what they changed."""

    name = "kezhuan.exchange"
    label = "exchange"

    def ready(self) -> None:
        from kezhuan.exchange.holdings import HOLDINGS  # inline: models are not loaded when this module is
        from kezhuan.kernel import holdings

        holdings.hold(*HOLDINGS)
