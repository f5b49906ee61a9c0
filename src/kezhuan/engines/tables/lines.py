"""Rows of delimited text and JSON lines, streamed, each with the line it begins on."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from kezhuan.engines.tables.cells import as_text, kind_words
from kezhuan.engines.tables.opening import BrokenOff

LONGEST_LINE = 16_000_000
DEEPEST = 50
"""Lists and objects inside one another that a JSON value may have; whoever walks through a row comes to its end."""
ENCODINGS = ("utf-8", "gb18030")
_MOST_LINES_IN_QUOTES = 2_000
_MOST_BLANK_LINES = 100_000
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass
class Record:
    """One row before its cells are understood: a list of cells, a JSON object, or a problem code.

    `merged` are the places of cells that are one with those above them.
    """

    number: int
    cells: list[Any] | dict[str, Any] = field(default_factory=list)
    code: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    merged: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    code: str | None = None


class _Returns(io.RawIOBase):
    """A stream with line feeds for carriage returns."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._stream.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(block)] = block
        return len(block)


def in_lines(stream: BinaryIO, start: bytes) -> BinaryIO:
    """The stream, or one with line feeds where its `start` ends lines by carriage returns alone."""
    return io.BufferedReader(_Returns(stream), 1 << 16) if b"\r" in start and b"\n" not in start else stream


def find_encoding(start: bytes) -> str:
    """Return "utf-8" or "gb18030", by which more of the lines with non-ASCII bytes can be read."""
    lines = start.replace(b"\r", b"\n").split(b"\n")
    votes = 0
    for line in lines[:-1] or lines:
        if not line.isascii():
            votes += 1 if _decodes(line, "utf-8") else -1 if _decodes(line, "gb18030") else 0
    if votes == 0 and not lines[-1].isascii():
        return "utf-8" if _decodes(lines[-1], "utf-8", cut=True) else "gb18030"
    return "utf-8" if votes >= 0 else "gb18030"


def _decodes(line: bytes, encoding: str, *, cut: bool = False) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return cut and error.start > len(line) - 4
    return True


def _lines(stream: BinaryIO, encoding: str) -> Iterator[_Line]:
    """Give decoded lines. A line with bytes of another encoding, or a NUL, carries a problem code."""
    number = blank = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        blank = blank + 1 if line.isspace() else 0
        if blank > _MOST_BLANK_LINES:
            raise BrokenOff("too-many-blank-lines", limit=f"{_MOST_BLANK_LINES:,}")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) >= LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield _Line(number, "", "line-too-long")
            continue
        code = "nul-byte" if b"\0" in line else None
        try:
            text = line.decode(encoding)
            if encoding == "gb18030" and not line.isascii() and _HAN.search(line.decode("utf-8", "ignore")):
                # A Chinese sentence in UTF-8 often passes as GB18030, the reverse almost never happens.
                code = "bad-bytes" if _decodes(line, "utf-8") else code
        except UnicodeDecodeError:
            text, code = line.decode(encoding, "replace"), "bad-bytes"
        yield _Line(number, text, code)


def delimited_records(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[Record]:
    """Give the records of delimited text; a quotation mark left open costs its own row, not those after it."""
    csv.field_size_limit(LONGEST_LINE)
    source = _lines(stream, encoding)
    pushed_back: deque[_Line] = deque()
    last = 0

    def take() -> _Line | None:
        if pushed_back:
            return pushed_back.popleft()
        return next(source, None)

    try:
        while (line := take()) is not None:
            last = line.number
            used = [line]
            cells, is_open = _parse(used, delimiter)
            while cells is None and is_open and len(used) < _MOST_LINES_IN_QUOTES and (following := take()) is not None:
                used.append(following)
                if '"' in following.text:  # only a quotation mark can end an open cell
                    cells, is_open = _parse(used, delimiter)
            if cells is None:
                pushed_back.extendleft(reversed(used[1:]))
                used = [line]
                cells = _parse_loosely(line.text, delimiter)
            code = next((part.code for part in used if part.code), None)
            if code or cells is None:
                yield Record(line.number, cells or [], code or "broken-quotes", _params(encoding))
            else:
                yield Record(line.number, cells)
    except BrokenOff as broken:
        yield Record(last + 1, code=broken.code, params=dict(broken.params))


def _params(encoding: str) -> dict[str, Any]:
    return {"encoding": encoding.upper(), "limit": f"{LONGEST_LINE // 1_000_000} MB"}


def _parse(lines: list[_Line], delimiter: str) -> tuple[list[str] | None, bool]:
    """Return the cells of the lines read as exactly one record; else None and whether a quoted cell is still open."""
    if len(lines) == 1 and '"' not in lines[0].text:
        return lines[0].text.rstrip("\r\n").split(delimiter), False
    try:
        rows = list(csv.reader([line.text for line in lines], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return None, "end of data" in str(error)
    return (rows[0] if len(rows) == 1 else None), False


def _parse_loosely(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of one line whose quotes are misplaced but balanced, such as `"深圳"某公司,12`."""
    if text.count('"') % 2:
        return (
            text.rstrip("\r\n").split(delimiter) if f'{delimiter}"' not in text and not text.startswith('"') else None
        )
    rows = list(csv.reader([text], delimiter=delimiter))
    return rows[0] if len(rows) == 1 else None


def json_records(stream: BinaryIO, encoding: str) -> Iterator[Record]:
    """Give the objects of JSON lines; blank lines are skipped, anything else carries a problem code."""
    last = 0
    try:
        for line in _lines(stream, encoding):
            last = line.number
            if line.code:
                yield Record(line.number, code=line.code, params=_params(encoding))
            elif line.text.strip():
                yield _json_record(line)
    except BrokenOff as broken:
        yield Record(last + 1, code=broken.code, params=dict(broken.params))


def _json_record(line: _Line) -> Record:
    try:
        value = json.loads(line.text)
    except ValueError:
        return Record(line.number, code="not-json")
    except RecursionError:
        return _too_deep(line)
    if line.text.count("[") + line.text.count("{") > DEEPEST and _is_deeper(value, DEEPEST):
        return _too_deep(line)
    if not isinstance(value, dict):
        found = kind_words(value) if value is not None else ("空值", "null")
        return Record(line.number, code="not-an-object", params={"found_zh": found[0], "found_en": found[1]})
    if "\\ud" in line.text.lower() and not _encodable(value):
        return Record(line.number, code="bad-bytes", params={"encoding": "UTF-8"})
    if "\\u0000" in line.text and any("\0" in as_text(part) for part in value.values()):
        return Record(line.number, code="nul-byte")
    return Record(line.number, value)


def _too_deep(line: _Line) -> Record:
    return Record(line.number, code="too-deep", params={"limit": DEEPEST})


def _is_deeper(value: object, levels: int) -> bool:
    """Return whether a JSON value holds lists and objects inside one another beyond so many levels."""
    if not isinstance(value, list | dict):
        return False
    inside = value if isinstance(value, list) else value.values()
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inside)


def _encodable(value: object) -> bool:
    """Return whether every text in a JSON value is whole (half a surrogate pair cannot be written again)."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
