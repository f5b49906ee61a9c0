"""Open a table file and give its rows as typed values, or the reason why a row cannot be used."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from kezhuan.engines.tables.cells import is_empty
from kezhuan.engines.tables.columns import Column, Dictionary, Layout, lay_out
from kezhuan.engines.tables.footers import is_footer, says_headers
from kezhuan.engines.tables.inert import as_typed
from kezhuan.engines.tables.lines import Record, delimited_records, find_encoding, in_lines, json_records
from kezhuan.engines.tables.merged import together
from kezhuan.engines.tables.opening import BrokenOff, Source, content_words, find_source, likely_lines, opened
from kezhuan.engines.tables.problems import BadCell, Problem, Unusable, shorten
from kezhuan.engines.tables.sheets import HEADER_ROWS, Side, any_header, best_header, is_a_form, look_through
from kezhuan.engines.tables.values import value_of
from kezhuan.engines.tables.workbook import Workbook

_LOOK_AHEAD = 100
_START_BYTES = 1 << 18
_DELIMITERS = ",;\t"
_EXACT = 10**15
"""From here on a spreadsheet program keeps no more than the first fifteen digits of a number."""

# What is said of a file that breaks off before its first row.
_FILE_CODES = {"broken-off": "damaged", "inflates-too-far": "inflates-too-far"}

Records = Callable[[], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the caller asked for."""

    dictionary: Dictionary
    any_of: tuple[str, ...]
    unique: str | None
    blanks: frozenset[str]
    lenient: bool = False

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns of which the file must have at least one."""
        return self.any_of or tuple(column.name for column in self.dictionary.columns)


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: `number` as a person sees it, `values` by column name, `extra` the unknown columns in order.

    `blank` names the columns whose cell says that nothing is told, by one of the `blanks` that the caller knows.
    """

    number: int
    sheet: str | None
    values: dict[str, Any]
    extra: dict[str, Any]
    blank: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as it stands in the file: `headers` tell repeated ones apart, `written` are they as the file has them.

    A row that could not be taken apart, such as one with bytes of another encoding, has no cells.
    """

    number: int
    headers: tuple[str, ...]
    written: tuple[str, ...]
    cells: list[Any]


class Table:
    """An opened table. Iterating gives a Row for each good row and a Problem for each bad one, in file order."""

    def __init__(
        self,
        source: Source,
        records: Records,
        wish: _Wish,
        layout: Layout,
        *,
        sheet: str | None = None,
        total_hint: int | None = None,
        sheets: Sequence[str] = (),
    ) -> None:
        self.name = source.name
        self.source = source
        self.sheet = sheet
        self.sheets = tuple(sheets)
        self.sheets_left: tuple[str, ...] = ()
        self.headers = layout.written
        self.columns_found = layout.recognised()
        self.columns_unknown = tuple(layout.headers[i] for i in layout.unknown if layout.written[i])
        self.total_hint = total_hint
        self._records = records
        self._layout = layout
        self._wish = wish

    def raw(self) -> Iterator[Raw]:
        """Give the rows as they stand in the file, good and bad, in file order."""
        for record, layout, cells in self._laid_out():
            yield Raw(record.number, layout.headers, layout.written, [] if record.code else cells)

    def _laid_out(self) -> Iterator[tuple[Record, Layout, list[Any]]]:
        """Give each record that is not empty with the layout of its cells."""
        layouts: dict[tuple[str, ...], Layout] = {}
        for record in self._records():
            if isinstance(record.cells, dict):
                keys = tuple(record.cells)
                layout = layouts.get(keys)
                if layout is None:
                    layout = lay_out(keys, self._wish.dictionary)
                    if len(layouts) < 1000:
                        layouts[keys] = layout
                yield record, layout, list(record.cells.values())
            elif record.code is not None or not (
                all(map(is_empty, record.cells)) or says_headers(record.cells, self._layout.written)
            ):
                yield record, self._layout, record.cells

    def __iter__(self) -> Iterator[Row | Problem]:
        seen: dict[Any, int] = {}
        for record, layout, cells in self._laid_out():
            if record.code is not None:
                yield self._problem(record, record.code, record.params)
                continue
            if not isinstance(record.cells, dict):
                if is_footer(cells, layout.written):
                    yield self._problem(record, "not-a-record", {}, cells=_raw(layout, cells))
                    continue
                spare = cells[len(layout.headers) :]
                if not all(map(is_empty, spare)):
                    count = len(cells)
                    numbers = {"count": count, "expected": len(layout.headers)}
                    yield self._problem(record, "too-many-cells", numbers, cells=_raw(layout, cells))
                    continue
            result = self._read(record, layout, cells)
            if (
                isinstance(result, Row)
                and self._wish.unique
                and (key := result.values.get(self._wish.unique)) is not None
            ):
                first = seen.setdefault(key, record.number)
                if first != record.number:
                    column = layout.recognised().get(self._wish.unique)
                    code, params = self._why_again(record, layout, cells), {"value": shorten(key), "first": first}
                    yield self._problem(record, code, params, column=column, cells=_raw(layout, cells))
                    continue
            yield result

    def _why_again(self, record: Record, layout: Layout, cells: list[Any]) -> str:
        """The code of an id that stands again: merged, or a number of more digits than a spreadsheet keeps, or so."""
        at = layout.places[self._wish.unique or ""][0][0]
        if at in record.merged:
            return "merged-id"
        raw = cells[at] if at < len(cells) else None
        is_cut = self.sheet is not None and isinstance(raw, int | float) and abs(raw) >= _EXACT
        return "duplicate-cut-id" if is_cut else "duplicate-id"

    def _problem(self, record: Record, code: str, params: dict[str, Any], **more: Any) -> Problem:
        return Problem(self.name, record.number, code, sheet=self.sheet, params=params, **more)

    def _read(self, record: Record, layout: Layout, cells: list[Any]) -> Row | Problem:
        """Return the row's typed values, or its first problem carrying the others."""
        values: dict[str, Any] = {}
        left_over: list[int] = list(layout.unknown)
        problems: list[Problem] = []
        blank: set[str] = set()
        for column in self._wish.dictionary.columns:
            value: Any = None
            read = False
            for index, place in layout.places.get(column.name, ()):
                raw = cells[index] if index < len(cells) else None
                if is_empty(raw):
                    continue
                if isinstance(raw, str) and raw.strip() in self._wish.blanks:
                    blank.add(column.name)
                    continue
                if read and not column.joined:
                    left_over.append(index)  # a second synonym: the better one was read, this is kept as it is
                    continue
                try:
                    one, more = value_of(raw, place)
                    if more:
                        left_over.append(index)  # 面议 is not a number, yet worth showing
                    value = f"{value}\n{one}" if read and one not in value else value if read else one
                    read = True
                except BadCell as bad:
                    read = True
                    problems.append(self._problem(record, bad.code, bad.params, column=layout.headers[index]))
            if value is None and column.required and column.name not in blank and not any(p.column for p in problems):
                named = layout.recognised().get(column.name, column.headers[0])
                problems.append(self._problem(record, "missing-value", {}, column=named))
            values[column.name] = () if value is None and column.kind == "texts" else value
        if not problems and self._wish.any_of and not any(values[name] for name in self._wish.any_of):
            empty = layout.recognised().get(self._wish.any_of[0]) if "text" not in self._wish.any_of else None
            problems.append(self._problem(record, "missing-value" if empty else "no-text", {}, column=empty))
        if problems:
            first = problems[0]
            return Problem(
                first.file,
                first.row,
                first.code,
                first.sheet,
                first.column,
                first.params,
                _raw(layout, cells),
                tuple(problems[1:]),
                values,
            )
        extra = {layout.headers[i]: cells[i] for i in sorted(left_over) if i < len(cells) and not is_empty(cells[i])}
        return Row(record.number, self.sheet, values, extra, frozenset(blank))


def _raw(layout: Layout, cells: list[Any]) -> dict[str, Any]:
    spare = {f"#{place}": cell for place, cell in enumerate(cells, 1) if place > len(layout.headers)}
    return dict(zip(layout.headers, cells, strict=False)) | spare


def open_table(
    path: str | Path | Source,
    columns: Sequence[Column],
    *,
    sheet: str | None = None,
    any_of: tuple[str, ...] = (),
    unique: str | None = None,
    blanks: frozenset[str] = frozenset(),
    mapping: Mapping[str, str] | None = None,
    lenient: bool = False,
    about: Side | None = None,
) -> Table:
    """Open a table file and recognise its columns.

    `any_of` names the columns of which at least one must be there, in the file and filled in each row; without it any
    known column will do. `unique` names a column whose values may not repeat. `blanks` are words for a cell that tells
    nothing, not even that it is empty. `mapping` says of headers which column they stand for, whatever they are called;
    by an empty name for none. `sheet` chooses a sheet of a workbook, else the first with a known header; with `lenient`
    the first row that looks like one does where none is known. Of several such sheets the one is read whose name or
    headers say that it is `about` needs or supply, else the first; the others are `sheets_left`. A name without
    its ending is completed when one table file fits.
    Raises Unusable, with one sentence, when the file as a whole cannot be used.
    """
    source = path if isinstance(path, Source) else find_source(path)
    wish = _Wish(Dictionary(columns, mapping), any_of, unique, blanks, lenient)
    if source.format == "xlsx":
        return _open_workbook(source, wish, sheet, about)
    if sheet is not None:
        raise Unusable(source.name, "sheet-not-possible")
    start = _read_start(source)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Unusable(source.name, "empty-file")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable(source.name, "utf-16")
    foreign = content_words(start[:8192])
    if foreign is None and source.format != "jsonl" and start.lstrip(b"\xef\xbb\xbf \r\n").startswith((b'{"', b'[{"')):
        foreign = ("JSON", "JSON")
    if foreign is not None:
        raise _not_what_it_says(source, foreign)
    return _open_json(source, wish, start) if source.format == "jsonl" else _open_delimited(source, wish, start)


def _not_what_it_says(source: Source, foreign: tuple[str, str]) -> Unusable:
    claimed = "." + source.format
    return Unusable(source.name, "not-what-it-says", claimed=claimed, found_zh=foreign[0], found_en=foreign[1])


def _read_start(source: Source) -> bytes:
    """Return the first bytes; when a packed stream breaks off soon after, what came before is still used."""
    blocks: list[bytes] = []
    try:
        with opened(source) as stream:
            while sum(map(len, blocks)) < _START_BYTES and (block := stream.read1(1 << 14)):
                blocks.append(block)
    except BrokenOff as broken:
        if not blocks:
            code = "damaged" if broken.code == "broken-off" else broken.code
            raise Unusable(source.name, code, **broken.params) from None
    return b"".join(blocks)


def _none_known(source: Source, wish: _Wish, found: Iterable[object]) -> Unusable:
    headers = [shorten(header, 24) for header in found if header not in (None, "")]
    shown = (*headers[:12], *(["…"] if len(headers) > 12 else []))
    understood = tuple(wish.dictionary.understood(wish.needed))
    return Unusable(source.name, "no-known-column", found=shown or "—", understood=understood)


def _open_workbook(source: Source, wish: _Wish, sheet: str | None, about: Side | None) -> Table:
    book = Workbook(source)
    if sheet is not None and sheet not in book.sheets:
        raise Unusable(source.name, "no-such-sheet", sheet=shorten(sheet), sheets=tuple(book.sheets))
    names = [sheet] if sheet is not None else book.sheets
    found = look_through(book, names, wish.dictionary, wish.needed, about, lenient=wish.lenient)
    if found.sheet is not None:
        layout, name = found.sheet.layout, found.sheet.name
        below = together(found.sheet.below, layout, wish.dictionary)
        table = Table(source, below.__iter__, wish, layout, sheet=name, total_hint=len(below), sheets=book.sheets)
        table.sheets_left = found.others
        return table
    if found.is_form:
        raise Unusable(source.name, "headers-in-column")
    if found.is_header_only:
        raise Unusable(source.name, "no-rows")
    if not found.first_seen:
        raise Unusable(source.name, "empty-file")
    raise _none_known(source, wish, found.first_seen)


def _encoding_of(source: Source, start: bytes) -> str:
    """Return the encoding of a file, by its start or, where that is all ASCII, by the first that is not."""
    if not start.isascii():
        return find_encoding(start)
    try:
        with opened(source) as stream:
            while block := stream.read(_START_BYTES):
                if not block.isascii():
                    return find_encoding(block)
    except BrokenOff:
        pass  # said where the rows are read
    return find_encoding(start)


def _open_delimited(source: Source, wish: _Wish, start: bytes) -> Table:
    encoding = _encoding_of(source, start)
    tops: dict[str, list[Record]] = {}
    for candidate in "\t" if source.format == "tsv" else _DELIMITERS:
        top = delimited_records(in_lines(io.BytesIO(start), start), encoding, candidate)
        tops[candidate] = list(islice(top, HEADER_ROWS))
    headers = {d: header for d, rows in tops.items() if (header := best_header(rows, wish.dictionary, wish.needed))}
    if not headers and wish.lenient:
        headers = {d: header for d, rows in tops.items() if (header := any_header(rows, wish.dictionary))}
    if not headers:
        widest = max(tops.values(), key=lambda rows: len(rows[0].cells) if rows else 0)
        raise _none_known(source, wish, widest[0].cells if widest else ())
    # The delimiter that gives most known columns; a longer header breaks a tie.
    delimiter = max(headers, key=lambda d: (len(headers[d][1].places), len(headers[d][1].headers)))
    number, layout = headers[delimiter]
    if len(start) >= _START_BYTES and len(start.splitlines()) <= number:
        raise Unusable(source.name, "header-too-long", limit=f"{_START_BYTES >> 10} KB")
    if is_a_form(tops[delimiter], layout, wish.dictionary):
        raise Unusable(source.name, "headers-in-column")

    def records() -> Iterator[Record]:
        with opened(source) as stream:
            for record in delimited_records(in_lines(stream, start), encoding, delimiter):
                if record.number > number:
                    record.cells = list(map(as_typed, record.cells))
                    yield record

    first = next((record for record in records() if record.code or not all(map(is_empty, record.cells))), None)
    if first is None:
        raise Unusable(source.name, "no-rows")
    _require_begun(source, first)
    return Table(source, records, wish, layout, total_hint=likely_lines(source, start))


def _open_json(source: Source, wish: _Wish, start: bytes) -> Table:
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        raise Unusable(source.name, "json-array")

    encoding = _encoding_of(source, start)

    def records() -> Iterator[Record]:
        with opened(source) as stream:
            yield from json_records(in_lines(stream, start), encoding)

    keys: dict[str, None] = {}
    deep: Record | None = None
    for number, record in enumerate(islice(records(), _LOOK_AHEAD)):
        if number == 0:
            _require_begun(source, record)
        if isinstance(record.cells, dict):
            keys.update(dict.fromkeys(record.cells))
        elif record.code == "too-deep":
            deep = deep or record
    if not keys and deep:
        raise Unusable(source.name, "too-deep", **deep.params)
    if not keys:
        raise _not_what_it_says(source, ("其他文字", "other text"))
    layout = lay_out(tuple(keys), wish.dictionary)
    if not wish.lenient and not any(name in layout.places for name in wish.needed):
        raise _none_known(source, wish, keys)
    return Table(source, records, wish, layout, total_hint=likely_lines(source, start))


def _require_begun(source: Source, first: Record) -> None:
    """Raise `Unusable` when reading stopped before the first row: then the file is told of, and no row of it."""
    if first.code in _FILE_CODES:
        raise Unusable(source.name, _FILE_CODES[first.code], **first.params)
