"""Opaque cursors: behind which record the next page of one certain question begins.

They hold a position and no count, so that what comes and goes meanwhile moves nothing of what stays.
"""

import base64
import binascii
import hashlib
import json
import math
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.search import Position


def _mark(question: Any) -> str:
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:12]


def written(last: Position, question: Any) -> str:
    """The cursor that goes on behind a position in the answer to a question given as plain values."""
    text = f"{_mark(question)}:{last.record}:{last.opened}:{last.score!r}:{last.tie}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, question: Any) -> Position:
    """The position of a cursor; raises `Refused` when it is none, or belongs to another question."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        mark, *held = text.split(":")
        record, opened, score, tie = held
        last = Position(int(record), int(opened), float(score), int(tie))
        if mark == _mark(question) and _may_be(last):
            return last
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise Refused(
        Problem("cursor-foreign", _("This cursor belongs to another question. Begin again without it."), "cursor")
    )


def _may_be(last: Position) -> bool:
    """Whether the numbers are within what the index holds."""
    return (
        0 <= last.record < 2**40
        and 0 <= last.opened < 2**20
        and math.isfinite(last.score)
        and abs(last.score) < 1e30
        and 0 <= last.tie < 2**64
    )
