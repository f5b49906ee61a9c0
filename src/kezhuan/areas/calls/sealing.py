"""What a sealed application says, for whoever may read it."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from kezhuan.kernel.errors import Refused
from kezhuan.kernel.sealing import words_of

TEXTS = ("title", "title_en", "summary")
"""What of an application's words stands in its record."""


def with_words(row: Any, words: Mapping[str, Any]) -> Any:
    """A copy of an application that says these words; it is for reading and is not saved."""
    shown = copy(row)
    shown.record = copy(row.record)
    put_words(shown, words)
    return shown


def put_words(row: Any, words: Mapping[str, Any]) -> None:
    """Let an application say these words."""
    for name, value in words.items():
        setattr(row.record if name in TEXTS else row, name, value)


def revealed(row: Any) -> Any:
    """An application with what it says, as its unit reads it: itself unless it is sealed. Where the site lacks its
    sealing key it stays as it is."""
    if not row.sealed:
        return row
    try:
        return with_words(row, words_of(row.record))
    except Refused:
        return row
