"""What a cell holds for its column: as the column's kind takes it, in plain words, or beside a remark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kezhuan.engines.tables.cells import LONGEST_WORDS, Joined, as_text, read_cell, says_more
from kezhuan.engines.tables.columns import Place
from kezhuan.engines.tables.problems import BadCell

_BRACKETED = re.compile(r"([^(（\[【]*)[(（\[【]([^()（）\[\]【】]*)[)）\]】]\s*")
_TRAILING = re.compile(r"([^，,；;。]+)[，,；;。]\s*([^\d]*)")
_CHANGES_IT = re.compile(r"[\d一二三四五六七八九十百千万亿元币美港欧镑$€£/每]|(?i:usd|eur|hkd|rmb|cny|yuan|not)")
"""What makes a remark part of the value: 200（美元）, 60万（每年）."""


def value_of(raw: Any, place: Place) -> tuple[Any, bool]:
    """The value of a non-empty cell, and whether the cell says more than that. Raises BadCell where it holds none."""
    column = place.column
    try:
        value = _read(raw, place)
        return value, says_more(raw, value, column)
    except BadCell:
        if column.plain is None or isinstance(raw, Joined) or not isinstance(raw, str | int | float):
            raise
        if len(text := as_text(raw)) > LONGEST_WORDS:
            raise
        for words in (text, *_beside_remarks(text)):
            said = column.plain(words)
            if said is not None:
                return (_read(said, place) if said else None), True
            if words is not text:
                try:
                    return _read(words, place), True
                except BadCell:
                    continue
        raise


def _read(raw: Any, place: Place) -> Any:
    return read_cell(raw, place.column, place.fen_per_unit, in_months=place.in_months)


def _beside_remarks(text: str) -> Iterator[str]:
    """What a text says apart from a remark that does not change it: TRL6（中试）, 300万元，可协商, 中试（TRL6）."""
    for form in (_BRACKETED, _TRAILING):
        if found := form.fullmatch(text):
            first, second = (part.strip() for part in found.groups())
            if first and not _CHANGES_IT.search(second):
                yield first
            elif second and not _CHANGES_IT.search(first):
                yield second
