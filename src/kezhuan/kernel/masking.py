"""Personal numbers in texts that are laid open: telephone, identity card and mail address, masked so that the reader of
the text can still tell two of them apart."""

import re
import unicodedata
from datetime import date

from stdnum.cn import uscc

_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<!\d)((?:\+?86[- ]?)?1[3-9]\d)([- ]?)(\d{4})([- ]?)(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(\(?0\d{2,3}\)?[- ]?)(\d{4,5})(\d{3})(?!\d)")
_MAIL = re.compile(r"([\w.+-])([\w.+-]*)(@[\w-]+(?:\.[\w-]+)+)")


def masked(text: str) -> str:
    """The text with every telephone and identity number and mail address in it masked; all else stays as it is."""
    folded = "".join(_narrow(character) for character in text)
    found = _IDENTITY.sub(lambda number: _identity(number[1]), folded)
    found = _MOBILE.sub(lambda number: f"{number[1]}{number[2]}****{number[4]}{number[5]}", found)
    found = _LANDLINE.sub(lambda number: f"{number[1]}{'*' * len(number[2])}{number[3]}", found)
    return _MAIL.sub(lambda address: f"{address[1]}***{address[3]}", found)


def _narrow(character: str) -> str:
    """A full-width digit, letter or sign of a number in half width: a number typed wide is a number all the same."""
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 and narrow.isascii() and (narrow.isalnum() or narrow in "@+-.") else character


def _identity(number: str) -> str:
    """An identity number without the day of birth; a credit code or any other number of that length stays."""
    birth = number[6:14] if len(number) == 18 else f"19{number[6:12]}"
    try:
        born = date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        return number
    if not 1900 <= born.year <= 2100 or (len(number) == 18 and uscc.is_valid(number)):
        return number
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"
