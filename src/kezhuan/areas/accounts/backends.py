"""Whom a session belongs to, as Django asks for it."""

from typing import Any

from kezhuan.areas.accounts.queries import account_of, open_accounts
from kezhuan.kernel.models import User


class Accounts:
    """Sessions of closed accounts belong to nobody; the person is fetched with the account."""

    def authenticate(self, request: Any, username: str = "", password: str = "") -> User | None:
        """The account of this name and password; the pages use `actions.check_password`, which counts attempts."""
        user = account_of(username)
        return user if user is not None and user.check_password(password) else None

    def get_user(self, user_id: int) -> User | None:
        """The account of a session."""
        return open_accounts().filter(pk=user_id).first()
