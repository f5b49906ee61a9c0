"""Opaque cursors: where the next page of one certain question begins."""

import base64
import binascii
import hashlib
import json
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem, Refused


def _mark(question: Any) -> str:
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:12]


def written(page: int, question: Any) -> str:
    """The cursor of a page (from 0) of a question given as plain values."""
    return base64.urlsafe_b64encode(f"{page}.{_mark(question)}".encode()).decode().rstrip("=")


def read(cursor: str, question: Any) -> int:
    """The page of a cursor; raises `Refused` when it is none, or belongs to another question."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        page, mark = text.split(".")
        if mark == _mark(question) and len(page) <= 9:
            return int(page)
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise Refused(
        Problem("cursor-foreign", _("This cursor belongs to another question. Begin again without it."), "cursor")
    )
