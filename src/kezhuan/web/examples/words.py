"""How examples speak: in the reader’s language, at fixed moments, with words marked."""

from datetime import UTC, datetime

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from kezhuan.web.templatetags.kezhuan import highlight


def say(zh: str, en: str) -> str:
    """The example text in the reader's language; examples are content, not part of the catalogue."""
    return zh if (get_language() or "").startswith("zh") else en


def at(month: int, day_of_month: int, hour: int = 1, minute: int = 12) -> datetime:
    """A moment of 2026 (UTC)."""
    return datetime(2026, month, day_of_month, hour, minute, tzinfo=UTC)


def marked(text: str, *words: str) -> SafeString:
    """The text with these words marked where they first occur."""
    spans = [(text.lower().find(word.lower()), len(word)) for word in words]
    return highlight(text, [(start, start + length) for start, length in spans if start >= 0])
