"""The exchange as a Django app: it keeps what was imported, so that it can be told, resumed and taken back."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Imports and what they changed."""

    name = "kezhuan.exchange"
    label = "exchange"
