"""Check what accounts are found by: mail addresses and mobile numbers."""

import re
import unicodedata

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem

_MAINLAND = re.compile(r"1[3-9]\d{9}")
_ANYWHERE = re.compile(r"\+[1-9]\d{6,14}")


def normal_mobile(typed: str) -> str:
    """A mobile number in the form of ITU-T E.164; a mainland one may be typed bare. Empty when it is none."""
    number = re.sub(r"[\s().-]", "", unicodedata.normalize("NFKC", typed))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if number.startswith("+86"):
        return number if _MAINLAND.fullmatch(number[3:]) else ""
    if _MAINLAND.fullmatch(number):
        return f"+86{number}"
    return number if _ANYWHERE.fullmatch(number) else ""


def normal_name(typed: str) -> str:
    """What an account is found by, a mail address or a mobile number, in its one spelling."""
    return typed.strip().lower() if "@" in typed else normal_mobile(typed)


def masked_mobile(number: str) -> str:
    """A mobile number as it is shown: +86 138****8000."""
    bare = number.removeprefix("+86")
    return f"{bare[:3]}****{bare[-4:]}"


def masked_email(address: str) -> str:
    """A mail address as it is shown to who has not proven to be its owner."""
    name, _at, host = address.partition("@")
    return f"{name[:1]}***@{host}"


def mobile_problem() -> Problem:
    """The sentence on a number that cannot be one."""
    sentence = _("Enter a mobile number: eleven digits, or with + and the country's code for one from elsewhere.")
    return Problem("mobile-invalid", sentence, "mobile")
