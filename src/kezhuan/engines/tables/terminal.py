"""Lay out text for a terminal where a Chinese character takes two places and no cell may carry control codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_PIECE = re.compile(r"[ ]+|[!-~\u00a1-\u02af\u0370-\u05ff]+|.")
_NEVER_FIRST = "，。、；：！？）】》”’,.;:!?)]}"


def printable(text: str) -> str:
    """Return text on one line without control characters (a cell must not steer the terminal)."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def display_width(text: str) -> int:
    """Return how many places a text takes in a terminal."""
    return sum(_places(character) for character in text)


def _places(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Return text shortened to a width, with an ellipsis when something was cut."""
    if display_width(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += _places(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return text filled with spaces to a width."""
    space = " " * max(0, width - display_width(text))
    return space + text if right else text + space


def wrap(text: str, width: int) -> list[str]:
    """Return the lines of a text: Latin words stay whole where they fit, Chinese breaks anywhere but before a stop."""
    width = max(width, 4)
    lines: list[str] = []
    line, used = "", 0
    for piece in _pieces(printable(text), width):
        size = display_width(piece)
        if used + size > width:
            # A stop never begins a line: the character before it comes along.
            carried = line[-1] if piece in _NEVER_FIRST and len(line) > 1 else ""
            lines.append(line.removesuffix(carried).rstrip())
            line, used = carried, display_width(carried)
            if piece.isspace():
                continue
        line += piece
        used += size
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _pieces(text: str, width: int) -> Iterator[str]:
    for piece in _PIECE.findall(text):
        if display_width(piece) <= width:
            yield piece
        else:
            for start in range(0, len(piece), width):
                yield piece[start : start + width]


def columns_side_by_side(
    cells: Sequence[Sequence[str]], widths: Sequence[int], *, right: Sequence[int] = ()
) -> list[str]:
    """Return the lines of one table row: each cell is a list of lines; columns of `right` are right-aligned."""
    lines = []
    for index in range(max(map(len, cells))):
        parts = []
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            parts.append(pad(cell[index] if index < len(cell) else "", width, right=column in right))
        lines.append("  ".join(parts).rstrip())
    return lines
