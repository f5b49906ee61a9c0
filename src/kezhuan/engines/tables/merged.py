"""Rows of a workbook that merged cells make one: what a thing has several of stands below each other, its id once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from kezhuan.engines.tables.cells import ErrorCell, Joined, as_text, is_empty
from kezhuan.engines.tables.columns import Dictionary, Layout, fold_header
from kezhuan.engines.tables.lines import Record
from kezhuan.engines.tables.match_columns import RUNNING

_ID = "id"
_TITLES = ("title", "name")


def together(rows: Sequence[Record], layout: Layout, dictionary: Dictionary) -> Sequence[Record]:
    """Give the rows with those made one over which the id or, where there is none, the title is merged.

    Rows whose titles differ are different things. A running number merged over them counts something else, such as
    firms, and tells nothing of the second; any other id stays, for the reader to refuse.
    """
    if not any(row.merged for row in rows) or all(column.name != _ID for column in dictionary.columns):
        return rows
    ids = [index for index, _place in layout.places.get(_ID, ())]
    titles = [index for name in _TITLES for index, _place in layout.places.get(name, ())]
    running = {index for index in ids if fold_header(layout.written[index])[0] in RUNNING}
    groups: list[list[Record]] = []
    for row in rows:
        if groups and _goes_on(groups[-1][0], row, (*ids, *titles)):
            groups[-1].append(row)
        else:
            groups.append([_without(row, running & row.merged)])
    return [group[0] if len(group) == 1 else _one(group) for group in groups]


def _goes_on(first: Record, row: Record, keys: Iterable[int]) -> bool:
    """Whether a row shares an id or a title with the one above, and has none of its own."""
    shares = False
    for index in keys:
        if index in row.merged:
            shares = True
        elif not is_empty(cell := _cell(row, index)) and as_text(cell) != as_text(_cell(first, index)):
            return False
    return shares


def _cell(row: Record, index: int) -> Any:
    return row.cells[index] if isinstance(row.cells, list) and index < len(row.cells) else None


def _without(row: Record, blank: Iterable[int]) -> Record:
    """The row with some of its cells empty."""
    if not blank:
        return row
    assert isinstance(row.cells, list)
    return replace(row, cells=[None if index in blank else cell for index, cell in enumerate(row.cells)])


def _one(group: Sequence[Record]) -> Record:
    """The first row with what the others say beneath it."""
    columns = zip_longest(*(_own(row, is_first=row is group[0]) for row in group))
    return replace(group[0], cells=[_joined([cell for cell in column if not is_empty(cell)]) for column in columns])


def _own(row: Record, *, is_first: bool) -> list[Any]:
    assert isinstance(row.cells, list)
    return [None if index in row.merged and not is_first else cell for index, cell in enumerate(row.cells)]


def _joined(cells: Sequence[Any]) -> Any:
    error = next((cell for cell in cells if isinstance(cell, ErrorCell)), None)
    if error is not None or not cells:
        return error
    words = [as_text(cell) for cell in cells]
    return cells[0] if len(set(words)) == 1 else Joined("\n".join(words))
