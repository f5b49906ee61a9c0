"""Declared columns, and how the headers people write are recognised as them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

Kind = Literal["text", "texts", "integer", "number", "money_wan", "date", "choice"]

# How many fen one unit is worth, by the names written in headers and cells.
FEN_PER_UNIT = {
    "亿元": 10_000_000_000,
    "亿": 10_000_000_000,
    "万元": 1_000_000,
    "万": 1_000_000,
    "wan": 1_000_000,
    "10kcny": 1_000_000,
    "10kyuan": 1_000_000,
    "10krmb": 1_000_000,
    "千元": 100_000,
    "元": 100,
    "yuan": 100,
    "cny": 100,
    "rmb": 100,
}
_FOREIGN = re.compile(r"usd|eur|gbp|jpy|hkd|mop|\$|€|£|美元|港元|港币|欧元|英镑|日元|澳门元|美金")
_BRACKETS = re.compile(r"[(\[【〔<《]([^)\]】〕>》]*)[)\]】〕>》]")
_NUMBERING = re.compile(r"^\d{1,2}[.、)]")
_NOISE = re.compile(r"[\s_\-*:;/\\\ufeff\u200b]+")
_SLASHES = re.compile(r"[/|\\]")
_SCRIPTS = re.compile(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+")
# Behind a Chinese header: another text than the one it names.
_OTHER_TEXT = re.compile(r"\b(?:en|eng|english|zh|cn|old|former|short|alt)\b")


class Found(NamedTuple):
    """The codes that a cell was found to name, or its own words where none is known, and whether they say all of it."""

    codes: Sequence[str]
    whole: bool


@dataclass(frozen=True)
class Column:
    """One column a caller understands.

    `headers` are synonyms in Chinese and English, best first; case, width, spaces, underscores and bracketed hints do
    not matter. Kinds and the values they give: text → str; texts → tuple[str, ...]; integer → int; number → float;
    money_wan → int in 分 (万元 unless header or cell says another unit); date → datetime.date; choice → str code of
    `choices`. An empty cell gives None (texts: an empty tuple). `low` and `high` bound integers, and money in 分. With
    `open_choices` a word that is not among `choices` is kept as written; with `find` it is read as the codes which that
    function finds in it (of a choice exactly one), else as not known; a cell that says more than its codes stays among
    the row's extra. With `joined` a row's texts under all the headers of a column are read, one behind the other, else
    that under the best one. Rows that merged cells make one must agree in a number, a day and a `single` column; of
    other columns each says its own. `affixes` are words around a number that mean nothing (TRL 6, 6级). `neutral` are
    words that are true but no value of the column, such as 中试 for a TRL: they read as not known and stay among the
    row's extra. With `month_end` a date without a day is the last day of that month; with `terms` a number of months or
    years counts from the day of reading (18个月; 18 under a header that says 月). `plain` gives for words that the kind
    does not take what they say in its terms, where they can mean one value only (≤200), and "" where they name none;
    the cell stays among the row's extra.
    """

    name: str
    headers: tuple[str, ...]
    kind: Kind = "text"
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    open_choices: bool = False
    find: Callable[[str], Found] | None = None
    joined: bool = False
    single: bool = False
    low: int | None = None
    high: int | None = None
    affixes: tuple[str, ...] = ()
    neutral: frozenset[str] = frozenset()
    month_end: bool = False
    terms: bool = False
    plain: Callable[[str], str | None] | None = None

    @cached_property
    def codes(self) -> Mapping[str, str]:
        """The codes of `choices` by their words as they are compared."""
        return {fold(word): code for word, code in self.choices.items()}


@dataclass(frozen=True)
class Place:
    """Where a header was recognised: its column, how good the synonym is (0 is best), and the unit of bare numbers."""

    column: Column
    priority: int
    fen_per_unit: int
    in_months: bool


def fold(text: str) -> str:
    """Return text with width and case folded and surrounding space removed, for comparing words people type."""
    return unicodedata.normalize("NFKC", text).casefold().strip().strip("\ufeff\u200b").strip()


def fold_header(header: str) -> tuple[str, tuple[str, ...]]:
    """Return a header's comparable core and what stood in brackets: `预算（万元）*` → (`预算`, (`万元`,))."""
    folded = fold(header)
    hints = tuple(_NOISE.sub("", hint) for hint in _BRACKETS.findall(folded))
    core = _NOISE.sub("", _BRACKETS.sub("", _NUMBERING.sub("", folded)))
    return core, hints


class Dictionary:
    """The headers a set of columns understands."""

    def __init__(self, columns: Sequence[Column], mapping: Mapping[str, str] | None = None) -> None:
        """`mapping` says of some headers, as written, which column they stand for; by an empty name for none."""
        self.columns = tuple(columns)
        self._mapping = dict(mapping or {})
        self._by_name = {column.name: column for column in self.columns}
        self._by_core: dict[str, tuple[Column, int]] = {}
        for column in self.columns:
            for priority, header in enumerate((*column.headers, column.name)):
                self._by_core.setdefault(fold_header(header)[0], (column, priority))

    def place(self, header: object) -> Place | None:
        """Return the column a header stands for, or None when it is not understood."""
        if not isinstance(header, str) or not header.strip():
            return None
        core, hints = fold_header(header)
        chosen = self._mapping.get(" ".join(header.split()))
        if chosen is not None and chosen not in self._by_name:
            return None
        units = [FEN_PER_UNIT[_bare(hint)] for hint in hints if _is_unit(hint)]
        found = self._by_core.get(core)
        if chosen is not None:
            found = (self._by_name[chosen], 0)
            units = units or [fen for unit, fen in FEN_PER_UNIT.items() if core.endswith(unit)]
        if found is None:
            found, units = self._with_unit(core)
        if found is None:
            found, units, hints = self._by_pieces(header, hints)
        if found is None:
            return None
        column, priority = found
        if column.kind == "money_wan" and any(_FOREIGN.search(hint) for hint in hints):
            return None  # kept as an unknown column: converting currencies is not reading
        return Place(column, priority, units[0] if units else FEN_PER_UNIT["万元"], says_months(hints))

    def _with_unit(self, core: str) -> tuple[tuple[Column, int] | None, list[int]]:
        """Return the column of a header ending in its unit without brackets (预算万元, budget_yuan), and the unit."""
        for unit, fen in FEN_PER_UNIT.items():
            found = self._by_core.get(core.removesuffix(unit)) if core.endswith(unit) else None
            if found is not None and found[0].kind == "money_wan":
                return found, [fen]
        return None, []

    def _by_pieces(
        self, header: str, hints: tuple[str, ...]
    ) -> tuple[tuple[Column, int] | None, list[int], tuple[str, ...]]:
        """Return the column of a header in two languages, or with its unit behind a slash (名称 Title, 预算/万元), the
        units, and the hints with them.

        All pieces must stand for one column. English words that are not known may follow a Chinese name, but not the
        other way round (单位名称 Name is no title), nor behind a slash or where they may be a currency.
        """
        pieces = []
        for part in _SLASHES.split(_BRACKETS.sub(" ", _NUMBERING.sub("", fold(header)))):
            pieces += [(_NOISE.sub("", half), half, len(part) > len(half)) for half in _SCRIPTS.findall(part)]
        said = tuple(core for core, _half, _beside in pieces if _is_unit(core) or says_months((core,)))
        words = [piece for piece in pieces if piece[0] and piece[0] not in said]
        known = [self._by_core.get(core) or self._with_unit(core)[0] for core, _half, _beside in words]
        found = [one for one in known if one is not None]
        if len({column.name for column, _priority in found}) != 1 or len(pieces) < 2:
            return None, [], hints
        by_name = any(not core.isascii() for core, _half, _beside in words)
        for one, (core, half, beside) in zip(known, words, strict=True):
            may_follow = by_name and beside and core.isascii() and found[0][0].kind != "money_wan"
            if one is None and not (may_follow and len(core) > 2 and not _OTHER_TEXT.search(half)):
                return None, [], hints
        units = [FEN_PER_UNIT[_bare(hint)] for hint in (*hints, *said) if _is_unit(hint)]
        units = units or [fen for core, _half, _beside in words for fen in self._with_unit(core)[1]]
        return min(found, key=lambda one: one[1]), units, (*hints, *said)

    def understood(self, names: Iterable[str]) -> list[str]:
        """Return a few headers to suggest for the columns of these names."""
        wanted = set(names)
        return [header for column in self.columns if column.name in wanted for header in column.headers[:5]]


def says_months(hints: Iterable[str]) -> bool:
    """Whether the hints in brackets of a header say that its bare numbers are months."""
    return any(hint.removeprefix("单位") in {"月", "个月", "months", "month"} for hint in hints)


def _is_unit(hint: str) -> bool:
    return _bare(hint) in FEN_PER_UNIT


def _bare(hint: str) -> str:
    return hint.removeprefix("人民币").removeprefix("单位")


@dataclass(frozen=True)
class Layout:
    """Which cell of a row belongs to which column: per column the header positions, best synonym first.

    `headers` tell repeated ones apart by a number, and name those without words by their place (#3); `written` are they
    as the file has them.
    """

    headers: tuple[str, ...]
    written: tuple[str, ...]
    places: dict[str, tuple[tuple[int, Place], ...]]
    unknown: tuple[int, ...]

    def recognised(self) -> dict[str, str]:
        """Return the header that is read for each column name."""
        return {name: self.headers[found[0][0]] for name, found in self.places.items()}


def in_one_line(header: object) -> str:
    """A header as it is named: without line breaks, "" where there is none."""
    return " ".join(str(header).split()) if header is not None else ""


def lay_out(headers: Sequence[object], dictionary: Dictionary) -> Layout:
    """Recognise a header row. Repeated headers get a number so that no unknown column is lost."""
    seen: dict[str, int] = {}
    names: list[str] = []
    written: list[str] = []
    places: dict[str, list[tuple[int, Place]]] = {}
    unknown: list[int] = []
    for index, header in enumerate(headers):
        text = in_one_line(header)
        seen[text] = seen.get(text, 0) + 1
        written.append(text)
        names.append(f"#{index + 1}" if not text else text if seen[text] == 1 else f"{text} {seen[text]}")
        place = dictionary.place(text)
        if place is None:
            unknown.append(index)
        else:
            places.setdefault(place.column.name, []).append((index, place))
    ordered = {
        name: tuple(sorted(found, key=lambda pair: (pair[1].priority, pair[0]))) for name, found in places.items()
    }
    return Layout(tuple(names), tuple(written), ordered, tuple(unknown))
