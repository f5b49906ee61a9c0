"""The area of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """How people sign in, and by what they prove who they are."""

    name = "kezhuan.areas.accounts"
    label = "accounts"
