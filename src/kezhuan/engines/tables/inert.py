"""Texts that a spreadsheet would take for a formula: made harmless where written, read back as they were."""

from __future__ import annotations

from typing import Any

from kezhuan.engines.tables.cells import as_text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs as a formula: an apostrophe before such a text; numbers stay numbers."""
    if cell is None or isinstance(cell, int | float):
        return cell
    text = as_text(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_typed(cell: Any) -> Any:
    """Return a cell without the apostrophe that made it harmless."""
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell
