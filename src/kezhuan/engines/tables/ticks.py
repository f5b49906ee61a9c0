"""Which options of a form are ticked in a cell that lists them all: □转让 ☑许可 says 许可."""

from __future__ import annotations

import re

_TICKS, _BOXES = "☑☒✓✔√■▣●◉", "□☐○◯◻▢"
_MARK = re.compile(
    rf"[(（\[【]\s*(?P<tick>[{_TICKS}]|[xXvV](?=\s*[)）\]】]))\s*[)）\]】]"
    rf"|[(（\[【]\s*[{_BOXES}]?\s*[)）\]】]"
    rf"|(?P<bare>[{_TICKS}])|[{_BOXES}]"
)
_BETWEEN = " \t\r\n;；,，、/|\u3000"


def ticked(text: str) -> str:
    """The options that are ticked, behind or before their marks, joined; "" where none is. A text without marks as it
    is."""
    marks = list(_MARK.finditer(text)) if any(mark in text for mark in (*_TICKS, *_BOXES, "[")) else []
    if not any(mark["tick"] or mark["bare"] or mark[0].strip("()（）[]【】 ") for mark in marks):
        return text
    edges = [0, *(edge for mark in marks for edge in mark.span()), len(text)]
    between = [text[start:end].strip(_BETWEEN) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    # A mark stands before its option, unless the text begins with an option and ends with a mark.
    options = between[:-1] if between[0] and not between[-1] else between[1:]
    chosen = [option for mark, option in zip(marks, options, strict=True) if mark["tick"] or mark["bare"]]
    return text if chosen and not any(chosen) else "；".join(filter(None, chosen))
