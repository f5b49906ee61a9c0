"""Small rules for cells of imported rows: kept as JSON, searched for marks, cut to a title, known again by a hash."""

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from kezhuan.engines.tables.cells import as_text
from kezhuan.kernel.marks import has_classification_mark, is_secret_class
from kezhuan.kernel.text import clean, texts_in

CUT_TITLE = 60
"""Characters of a title that is cut from a text."""
LONGEST_TITLE = 200
_LABEL = re.compile(
    r"^(?:technical\s+)?(?:abstract|summary|description|objective|摘要|内容|简介|概述)\s*[:：]\s*",
    re.IGNORECASE,
)
_LOOSE = " ,，、"
_END = re.compile(r"[。!！?？;；\n]|\.(?=\s)")


def plain(value: Any) -> Any:
    """A cell as JSON can hold it: dates in ISO form, texts without control characters, no NaN."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {clean(str(key)): plain(one) for key, one in value.items()}
    return as_text(value)


def holds_secret(cells: Mapping[str, Any], classes: tuple[str, ...] = ()) -> bool:
    """Whether any cell carries the mark of a state secret, or a cell under one of the headers `classes` names one."""
    words = (cells.get(header) for header in classes)
    return any(isinstance(word, str) and is_secret_class(word) for word in words) or any(
        map(has_classification_mark, texts_in(cells))
    )


def title_from(text: str) -> str:
    """A title cut from a text's first sentence, at most `CUT_TITLE` characters, cut between words."""
    text = clean(text)
    while (label := _LABEL.match(text)) is not None:
        text = text[label.end() :]
    first = next((part.strip() for part in _END.split(text, maxsplit=20) if part.strip()), "")
    return shortened(first, CUT_TITLE)


def shortened(text: str, length: int) -> str:
    """The text, or its beginning with an ellipsis, at most `length` characters."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    if kept.isascii() and " " in kept[length // 2 :]:
        kept = kept.rsplit(" ", 1)[0]
    return f"{kept.rstrip(_LOOSE)}…"


def digest_of(value: Any) -> str:
    """SHA-256 of a value's JSON form, in hexadecimal: equal for rows that say the same."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=_encoded)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _encoded(value: Any) -> Any:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else str(value)


def titled(title: str, text: str, extra: dict[str, Any]) -> str:
    """A title: as given, cut where too long (whole in `extra`), or taken from the text, which `extra` marks."""
    title = " ".join(clean(title).split())
    if not title:
        title = title_from(text)
        if title:
            extra["title_from_text"] = True
    elif len(title) > LONGEST_TITLE:
        extra["title_whole"] = title
        title = shortened(title, LONGEST_TITLE)
    return title
