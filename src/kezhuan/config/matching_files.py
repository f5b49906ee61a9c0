"""Files of needs and supply for `./kezhuan match`: read with what is wrong in them, written as pairs with reasons."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import argparse

    from kezhuan.config.speech import Parser
    from kezhuan.engines.matching import Facts, Item, Match, Part
    from kezhuan.engines.tables import Column, Problem, Row, Table

Language = Literal["zh", "en"]
Side = Literal["needs", "supply"]

MOST_PROBLEMS_SHOWN = 20
MOST_RUNS_SHOWN = 40
_LONGEST_SHOWN = 60
# The parts a score may have, with their column in a spreadsheet.
PARTS = {
    "title": ("分项：名称", "part: title"),
    "words": ("分项：词语", "part: words"),
    "meaning": ("分项：意思相近", "part: meaning"),
    "field": ("分项：领域", "part: field"),
    "trl": ("分项：成熟度", "part: TRL"),
    "price": ("分项：报价", "part: price"),
    "region": ("分项：地区", "part: region"),
    "mode": ("分项：合作方式", "part: mode"),
    "deadline": ("分项：期限", "part: deadline"),
    "rights": ("分项：权属", "part: rights"),
}
NOT_READ: dict[Side, tuple[str, ...]] = {"needs": ("price", "rights"), "supply": ("budget",)}
HEADER = (
    ("需求编号", "need id"),
    ("需求名称", "need title"),
    ("名次", "rank"),
    ("成果编号", "supply id"),
    ("成果名称", "supply title"),
    ("得分", "score"),
    ("理由", "reasons"),
)
WIDTHS = (14, 36, 6, 16, 36, 9, 60)


@dataclass(frozen=True, slots=True)
class Entry:
    """A need or a supply record as read: for the engine, and what is shown beside it. `room` is how many needs a supply
    record says that it takes."""

    item: Item
    name: str
    extra: dict[str, Any]
    room: int | None = None


def many(number: int, what: str) -> str:
    """A number of things in English."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def check_not_input(written: str, files: Sequence[str]) -> None:
    """Raise Unusable when what is written would overwrite what is read."""
    from kezhuan.engines.tables import Unusable
    from kezhuan.engines.tables.opening import find_source

    out = Path(written)
    if out.exists() and any(out.samefile(find_source(path).path) for path in files):
        raise Unusable(out.name, "overwrites-input")


@dataclass
class BadRows:
    """The rows of a file that were left out; with `keeps` what is wrong with each is kept, to be written back."""

    table: Table
    columns: Sequence[Column]
    keeps: bool = False
    numbers: list[int] = field(default_factory=list)
    told: list[tuple[tuple[str, ...], str, str]] = field(default_factory=list)

    def add(self, problem: Problem, suggestion: str, language: Language) -> None:
        self.numbers.append(problem.row)
        if self.keeps:
            every = (problem, *problem.rest)
            columns = tuple(dict.fromkeys(one.column for one in every if one.column))
            reasons = ("；" if language == "zh" else "; ").join(one.reason(language) for one in every)
            self.told.append((columns, reasons + ("。" if language == "zh" else "."), suggestion))

    def say_rest(self, language: Language) -> str:
        """One sentence that counts the rows beyond those shown and names them."""
        rest = self.numbers[MOST_PROBLEMS_SHOWN:]
        runs = [f"{low}-{high}" if low < high else str(low) for low, high in _runs(rest)]
        named = ("、" if language == "zh" else ", ").join(runs[:MOST_RUNS_SHOWN])
        named += "……" if len(runs) > MOST_RUNS_SHOWN else ""
        if language == "zh":
            return f"{self.table.name}：另有 {len(rest):,} 行有问题：第 {named} 行。"
        which = "row" if len(rest) == 1 else "rows"
        return f"{self.table.name}: and {many(len(rest), 'more row')} with problems: {which} {named}."


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Rising numbers as runs of neighbours, each by its first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def write_bad(path: str, files: Sequence[BadRows], language: Language) -> int:
    """Write the rows that were left out with their reasons, as `import` does; returns how many."""
    from kezhuan.engines.tables.left_out import LeftOut, rows_again, write_left_out

    rows = []
    for one in files:
        table = one.table
        again = {row.number: row for row in rows_again(table.source, one.columns, table.sheet, one.numbers)}
        for number, (columns, reason, suggestion) in zip(one.numbers, one.told, strict=True):
            place = ("、".join(columns), number, table.sheet or "", table.name, "")
            rows.append(LeftOut(again.get(number), columns, (reason, suggestion, *place)))
    return write_left_out(Path(path), rows, sheet="left out" if language == "en" else "未采用")


def read_entries(
    path: str,
    side: Side,
    sheet: str | None,
    language: Language,
    talk: Talk,
    kept: list[BadRows] | None = None,
    *,
    room: bool = False,
) -> tuple[list[Entry], int]:
    """Return the good rows of a file and the number of bad ones, which are said on stderr; so is, whatever their
    number, that reading stopped before the end. The bad ones are added to those `kept`, if any are. With `room` it is
    read how many needs each supply record takes."""
    from kezhuan.engines.tables import MATCH_COLUMNS, Problem, Unusable, open_table, supply_columns
    from kezhuan.engines.tables.columns import Dictionary
    from kezhuan.engines.tables.fixes import fixes_of, in_words, suggested

    # A price that stands with a need, or a budget with a supply record, is no condition of theirs: kept, not read. Nor
    # are a need's words on rights, which are about what comes out of the work.
    known = supply_columns(room=room) if side == "supply" else MATCH_COLUMNS
    columns = [column for column in known if column.name not in NOT_READ[side]]
    table = open_table(path, columns, sheet=sheet, any_of=("title", "text", "background"), unique="id", about=side)
    dictionary = Dictionary(columns)
    if said := sheets_left(table, f"--sheet-{side}", language):
        print(said, file=sys.stderr)
    entries: list[Entry] = []
    bad = BadRows(table, columns, kept is not None)
    if kept is not None:
        kept.append(bad)
    stopped: Problem | None = None
    has_id = "id" in table.columns_found
    with talk.progress(table.total_hint, table, *(f"{verb} {table.name}" for verb in ("读取", "Reading"))) as bar:
        for row in bar:
            if isinstance(row, Problem) and row.stops:
                stopped = row
            elif isinstance(row, Problem):
                shown = len(bad.numbers) < MOST_PROBLEMS_SHOWN
                fixes = in_words(fixes_of(row, dictionary), language) if shown or bad.keeps else ""
                bad.add(row, fixes, language)
                if shown:
                    bar.clear()
                    print(row.say(language) + suggested(fixes, language), file=sys.stderr)
            else:
                entries.append(_entry(row, side, has_id=has_id))
    if len(bad.numbers) > MOST_PROBLEMS_SHOWN:
        print(bad.say_rest(language), file=sys.stderr)
    if stopped is not None:
        print(stopped.say(language), file=sys.stderr)
    if not entries:
        raise Unusable(table.name, "no-good-rows", count=len(bad.numbers))
    return entries, len(bad.numbers)


def sheets_left(table: Table, option: str, language: Language) -> str:
    """One sentence on which sheet is read when others could have been, with the option that reads them; else ""."""
    if not table.sheets_left:
        return ""
    if language == "zh":
        others = "".join(f"“{name}”" for name in table.sheets_left)
        return f"{table.name}：只读取工作表“{table.sheet}”，未读取{others}；可用 {option} 指定。"
    others = ", ".join(f"“{name}”" for name in table.sheets_left)
    return f"{table.name}: sheet “{table.sheet}” is read and {others} left; {option} names another."


def _entry(row: Row, side: Side, *, has_id: bool) -> Entry:
    from kezhuan.engines.matching import Facts, Item
    from kezhuan.engines.matching.rights import ASKING
    from kezhuan.engines.tables.match_columns import MODE_WORDS

    values = row.values
    modes = frozenset(values["mode"])
    facts: Facts = Facts(
        field=values["field"],
        trl=values["trl"],
        money_fen=values["budget" if side == "needs" else "price"],
        region=values["region"],
        modes=modes,
        deadline=values["deadline"],
        rights=frozenset(one for one in modes if MODE_WORDS.get(one, ("",))[0] in ASKING)
        if side == "needs"
        else frozenset(values["rights"]),
    )
    title, text = values["title"] or "", "\n".join(filter(None, (values["text"], values["background"])))
    # A row without an id is named by its number; where others have ids, so that it cannot be taken for one of them.
    own_id = values["id"] or (f"row-{row.number}" if has_id else str(row.number))
    item = Item(own_id, title, text, values["keywords"], facts)
    return Entry(item, title or text[:80], row.extra, values.get("room"))


class Talk:
    """What is said on stderr besides problems."""

    def __init__(self, language: Language, *, quiet: bool) -> None:
        self._language = language
        self._quiet = quiet

    def say(self, zh: str, en: str) -> None:
        if not self._quiet:
            print(zh if self._language == "zh" else en, file=sys.stderr, flush=True)

    def progress(self, total: int | None, steps: Iterable[Any] | None = None, zh: str = "", en: str = "") -> Any:
        """A progress bar with what is done, over steps when given; without a terminal, or when quiet, the bar shows
        nothing."""
        from tqdm import tqdm

        doing, unit = (zh, "条") if self._language == "zh" else (en, " rows" if en else "needs")
        hidden = True if self._quiet else None
        return tqdm(steps, desc=doing or None, total=total, unit=unit, disable=hidden, file=sys.stderr, leave=False)


def because(part: Part, language: Language) -> str:
    """The sentence of a part."""
    from kezhuan.engines.tables.match_columns import label_in

    return part.because.say(language, partial(label_in, language))


def counted(found: Iterable[tuple[int, list[Sequence[Any]]]], counts: list[int]) -> Iterator[Sequence[Any]]:
    """The rows of every need, one behind the other; how many matches each has is added to the `counts`."""
    for count, rows in found:
        counts.append(count)
        yield from rows


def check_given(parser: Parser, options: argparse.Namespace, *names: str) -> None:
    """Refuse options that are given and say nothing, as when a variable of the shell is not set."""
    for name in names:
        value = getattr(options, name)
        if value is not None and not value.strip():
            parser.error(f"--{name} is empty" if parser.in_english else f"--{name} 的内容为空")


def owner_in(by_id: Mapping[Any, Entry], column: str, file: str) -> Callable[[Any], str]:
    """Who each supply record is of, by a column of its file; one of nobody's stands for itself. Raises Unusable when
    the file has no such column."""
    from kezhuan.engines.tables import Unusable
    from kezhuan.engines.tables.cells import as_text

    if column and not any(column in entry.extra for entry in by_id.values()):
        shown = column if len(column) <= _LONGEST_SHOWN else f"{column[:_LONGEST_SHOWN]}…"
        raise Unusable(Path(file).name, "columns-missing", missing=(shown,))

    def owner_of(one: Any) -> str:
        owner = by_id[one].extra.get(column) if column else None
        return as_text(owner) if owner not in (None, "") else f"{by_id[one].item.id}"

    return owner_of


def unmatched(needs: Sequence[Any]) -> tuple[str, str]:
    """Half a sentence in both languages on the needs of these ids that meet nothing; empty when there are none."""
    if not needs:
        return "", ""
    ids = list(map(str, needs[:MOST_PROBLEMS_SHOWN]))
    rest = len(needs) - len(ids)
    zh = f"；{len(needs):,} 条需求没有匹配（{'、'.join(ids)}{' 等' if rest else ''}）"
    en = f"; {many(len(needs), 'need')} without any match ({', '.join(ids)}{' …' if rest else ''})"
    return zh, en


Rows = Callable[[Entry, Sequence["Match"]], list[Sequence[Any]]]


def layout(
    out: str, needs: Sequence[Entry], by_id: dict[Any, Entry], language: Language, owner: str = ""
) -> tuple[list[str], list[float] | None, Rows]:
    """Return header, column widths and what makes the rows of one need, as the format asked for has them. `owner` is
    the column by which supply stands together; a sheet has it among the others."""
    from kezhuan.engines.tables.opening import claimed_format

    claimed = claimed_format(Path(out))
    if claimed and claimed[0] == "jsonl":
        rows = partial(_json_rows, language=language)
        header = ["need", "rank", "supply", "score", "parts"]
        if not owner:
            return header, None, rows
        owner_of = owner_in(by_id, owner, out)
        return (
            [*header, "owner"],
            None,
            lambda need, matches: [
                (*row, owner_of(match.supply)) for row, match in zip(rows(need, matches), matches, strict=True)
            ],
        )
    need_extra = _union(entry.extra for entry in needs)
    supply_extra = _union(entry.extra for entry in by_id.values())
    english = language == "en"
    header = [(one[1] if english else one[0]) for one in (*HEADER, *PARTS.values())]
    header += [("need: " if english else "需求：") + name for name in need_extra]
    header += [("supply: " if english else "成果：") + name for name in supply_extra]
    widths = [*WIDTHS, *[11.0] * len(PARTS), *[20.0] * (len(need_extra) + len(supply_extra))]
    return header, widths, partial(_sheet_rows, by_id, need_extra, supply_extra, language)


def _union(extras: Iterable[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for extra in extras for name in extra))


def _json_rows(need: Entry, matches: Sequence[Match], *, language: Language) -> list[Sequence[Any]]:
    return [
        (
            need.item.id,
            match.rank,
            match.supply,
            match.score,
            [{"name": part.name, "value": part.value, "because": because(part, language)} for part in match.parts],
        )
        for match in matches
    ]


def _sheet_rows(
    by_id: dict[Any, Entry],
    need_extra: list[str],
    supply_extra: list[str],
    language: Language,
    need: Entry,
    matches: Sequence[Match],
) -> list[Sequence[Any]]:
    before = [need.extra.get(name) for name in need_extra]
    rows: list[Sequence[Any]] = []
    if not matches:  # a need that meets nothing is an answer too
        said = "No supply record shares a word" if language == "en" else "没有匹配：没有共有词语的成果"
        rows.append(
            [need.item.id, need.name, *[None] * 4, said, *[None] * len(PARTS), *before, *[None] * len(supply_extra)]
        )
    for match in matches:
        supply = by_id[match.supply]
        reasons = "\n".join(because(part, language) for part in match.parts)
        values = {part.name: part.value for part in match.parts}
        rows.append(
            [
                *(need.item.id, need.name, match.rank, match.supply, supply.name, match.score, reasons),
                *(values.get(name) for name in PARTS),
                *before,
                *(supply.extra.get(name) for name in supply_extra),
            ]
        )
    return rows
