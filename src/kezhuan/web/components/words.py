"""The words components are made of: texts that may be lazy translations, and tones with their signs."""

from typing import Literal, TypeAlias

from django.utils.functional import Promise

Text: TypeAlias = str | Promise
Tone: TypeAlias = Literal["ok", "wait", "no", "neutral"]

TONE_SIGNS: dict[Tone, str] = {"ok": "✓", "wait": "○", "no": "✕", "neutral": ""}
"""The sign drawn before a tag's words, so that colour is never the only carrier of status."""
