"""What a password must be, told in this site's words: the framework's own stay partly English."""

from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """At least `min_length` characters."""

    def get_error_message(self) -> str:
        """The sentence with the way out."""
        return _("A password has at least %(least)s characters: choose a longer one.") % {"least": self.min_length}


class Uncommon(CommonPasswordValidator):
    """Not among the 20,000 that are tried first."""

    def get_error_message(self) -> str:
        """The sentence with the way out."""
        return _("This password is one of those that are tried first: choose another one.")


class UnlikeAddress(UserAttributeSimilarityValidator):
    """Not like the mail address one signs in with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(user_attributes=("email",), **options)

    def get_error_message(self) -> str:
        """The sentence with the way out."""
        return _("The password is too much like your mail address: choose another one.")
