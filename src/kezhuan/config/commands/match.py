"""`./kezhuan match NEEDS SUPPLY`: rank supply for needs from two files, with reasons; no server and no database."""

from __future__ import annotations

import argparse
import gc
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kezhuan.config.speech import Parser, asks_for_english

if TYPE_CHECKING:
    from kezhuan.engines.matching import Facts, Item, Match, Matcher, Part
    from kezhuan.engines.tables import Row

Language = Literal["zh", "en"]
Side = Literal["needs", "supply"]

MOST_PROBLEMS_SHOWN = 20
MOST_RESULTS = 10_000
NARROWEST = 60
NEEDS_A_PROCESS = 50  # so many are worth a further process
# The parts a score may have, with their column in a spreadsheet.
PARTS = {
    "title": ("分项：名称", "part: title"),
    "words": ("分项：词语", "part: words"),
    "meaning": ("分项：跨语言", "part: meaning"),
    "field": ("分项：领域", "part: field"),
    "trl": ("分项：成熟度", "part: TRL"),
    "price": ("分项：报价", "part: price"),
    "region": ("分项：地区", "part: region"),
    "mode": ("分项：合作方式", "part: mode"),
    "deadline": ("分项：期限", "part: deadline"),
}
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
    """A need or a supply record as read: for the engine, and what is shown beside it."""

    item: Item
    name: str
    extra: dict[str, Any]


def run(argv: list[str]) -> int:
    """Run the command; returns 0 when done, 2 when the input cannot be used, 130 when interrupted."""
    # The language is needed before the arguments are understood, to say what is wrong with them.
    language: Language = "en" if asks_for_english(argv) else "zh"
    try:
        options = _parse(argv, language)
    except SystemExit as done:
        return int(done.code or 0)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from kezhuan.engines.matching.apart import LostProcess
    from kezhuan.engines.tables import Unusable

    try:
        return _match(options, language)
    except Unusable as unusable:
        print(unusable.say(language), file=sys.stderr)
        return 2
    except LostProcess:
        said = "有一个计算进程被系统中止，没有写出任何文件；很可能是内存不足，请把需求文件分开后再试。"
        en = "A process was ended by the system and no file was written; memory may be short: split the file of needs."
        print(said if language == "zh" else en, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        said = "已中断，没有写出任何文件。" if options.out else "已中断。"
        print("\n" + (said if language == "zh" else "Interrupted; no file was written."), file=sys.stderr)
        return 130


def _parse(argv: list[str], language: Language) -> argparse.Namespace:
    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    parser = Parser(
        "match",
        "为每条需求在成果中排序并说明理由；读 .xlsx、.csv、.tsv、.jsonl（可 .gz、.zst 压缩）。",
        "Rank supply for each need and say why; reads .xlsx, .csv, .tsv, .jsonl, also .gz and .zst.",
        in_english=language == "en",
        usage="./kezhuan match NEEDS SUPPLY | --need TEXT SUPPLY [--top N] [--out FILE] [--lang zh|en] [--quiet]",
    )
    parser.add_argument("files", nargs="*", metavar="NEEDS SUPPLY", help=say("需求文件和成果文件", "two files"))
    parser.add_argument("--need", metavar="TEXT", help=say("直接写出一条需求", "one need, typed"))
    parser.add_argument("--top", type=int, default=10, metavar="N", help=say("每条需求列几条（10）", "how many (10)"))
    parser.add_argument("--out", metavar="FILE", help=say("写入 .xlsx、.csv 或 .jsonl", "write .xlsx, .csv or .jsonl"))
    parser.add_argument(
        "--lang", choices=("zh", "en"), default=language, help=say("说明所用语言", "language of reasons")
    )
    parser.add_argument("--sheet-needs", metavar="NAME", help=say("需求所在工作表", "sheet of the needs"))
    parser.add_argument("--sheet-supply", metavar="NAME", help=say("成果所在工作表", "sheet of the supply"))
    parser.add_argument("--quiet", action="store_true", help=say("不显示进度与小结", "no progress, no summary"))
    options = parser.parse_args(argv)
    expected = 1 if options.need is not None else 2
    if len(options.files) != expected:
        parser.error(
            say(
                f"应给出 {expected} 个文件，实际 {len(options.files)} 个",
                f"{expected} file(s) expected, {len(options.files)} given",
            )
        )
    if options.need is not None and not options.need.strip():
        parser.error(say("--need 的内容为空", "--need is empty"))
    if not 1 <= options.top <= MOST_RESULTS:
        parser.error(say(f"--top 应在 1 到 {MOST_RESULTS} 之间", f"--top must be between 1 and {MOST_RESULTS}"))
    return options


def _match(options: argparse.Namespace, language: Language) -> int:
    from kezhuan.engines.matching import Item, Matcher
    from kezhuan.engines.tables import check_writable

    began = time.monotonic()
    if options.out:
        _check_not_input(options)
        check_writable(options.out)
    left_out: dict[Side, int] = {"needs": 0, "supply": 0}
    if options.need is not None:
        needs = [Entry(Item("1", text=options.need), options.need, {})]
    else:
        needs, left_out["needs"] = _read(options.files[0], "needs", options.sheet_needs, language)
    supply, left_out["supply"] = _read(options.files[-1], "supply", options.sheet_supply, language)
    by_id = {entry.item.id: entry for entry in supply}
    talk = _Talk(language, quiet=options.quiet)
    talk.say(
        f"正在为 {len(needs):,} 条需求在 {len(supply):,} 条成果中排序……",
        f"Ranking {_many(len(supply), 'supply record')} for {_many(len(needs), 'need')} …",
    )
    matcher = Matcher().fit(entry.item for entry in supply)
    if options.out:
        count = _write(options, matcher, needs, by_id, talk)
    else:
        ranked = zip(needs, matcher.kneighbors_iter((entry.item for entry in needs), options.top), strict=True)
        count = _show(ranked, by_id, language)
    zh = f"完成：{len(needs):,} 条需求 × {len(supply):,} 条成果，共 {count:,} 对"
    en = f"Done: {_many(len(needs), 'need')} × {_many(len(supply), 'supply record')}, {_many(count, 'pair')}"
    if options.out:
        zh, en = f"{zh}，已写入 {Path(options.out).name}", f"{en} written to {Path(options.out).name}"
    bad_needs, bad_supply, seconds = *left_out.values(), time.monotonic() - began
    talk.say(
        f"{zh}；略去需求 {bad_needs:,} 行、成果 {bad_supply:,} 行；用时 {seconds:.1f} 秒。",
        f"{en}; left out {_many(bad_needs, 'row')} of needs and {bad_supply:,} of supply; {seconds:.1f} s.",
    )
    return 0


def _many(number: int, what: str) -> str:
    """A number of things in English."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _check_not_input(options: argparse.Namespace) -> None:
    from kezhuan.engines.tables import Unusable
    from kezhuan.engines.tables.opening import find_source

    out = Path(options.out)
    if out.exists() and any(out.samefile(find_source(path).path) for path in options.files):
        raise Unusable(out.name, "overwrites-input")


def _read(path: str, side: Side, sheet: str | None, language: Language) -> tuple[list[Entry], int]:
    """Return the good rows of a file and the number of bad ones, which are said on stderr."""
    from kezhuan.engines.tables import MATCH_COLUMNS, Problem, Unusable, open_table

    table = open_table(path, MATCH_COLUMNS, sheet=sheet, any_of=("title", "text", "background"), unique="id")
    entries: list[Entry] = []
    problems = 0
    has_id = "id" in table.columns_found
    for row in table:
        if isinstance(row, Problem):
            problems += 1
            if problems <= MOST_PROBLEMS_SHOWN:
                print(row.say(language), file=sys.stderr)
        else:
            entries.append(_entry(row, side, has_id=has_id))
    if problems > MOST_PROBLEMS_SHOWN:
        more = problems - MOST_PROBLEMS_SHOWN
        zh, en = f"{table.name}：另有 {more:,} 行有问题。", f"{table.name}: and {more:,} more rows with problems."
        print(zh if language == "zh" else en, file=sys.stderr)
    if not entries:
        raise Unusable(table.name, "no-good-rows", count=problems)
    return entries, problems


def _entry(row: Row, side: Side, *, has_id: bool) -> Entry:
    from kezhuan.engines.matching import Facts, Item

    values = row.values
    facts: Facts = Facts(
        field=values["field"],
        trl=values["trl"],
        money_fen=values["budget" if side == "needs" else "price"],
        region=values["region"],
        modes=frozenset(values["mode"]),
        deadline=values["deadline"],
    )
    title, text = values["title"] or "", "\n".join(filter(None, (values["text"], values["background"])))
    # A row without an id is named by its number; where others have ids, so that it cannot be taken for one of them.
    own_id = values["id"] or (f"row-{row.number}" if has_id else str(row.number))
    return Entry(Item(own_id, title, text, values["keywords"], facts), title or text[:80], row.extra)


class _Talk:
    """What is said on stderr besides problems."""

    def __init__(self, language: Language, *, quiet: bool) -> None:
        self._language = language
        self._quiet = quiet

    def say(self, zh: str, en: str) -> None:
        if not self._quiet:
            print(zh if self._language == "zh" else en, file=sys.stderr, flush=True)

    def progress(self, steps: Iterable[Any], total: int) -> Any:
        """Return the steps in a progress bar; without a terminal, or when quiet, the bar shows nothing."""
        from tqdm import tqdm

        unit = "条" if self._language == "zh" else "needs"
        return tqdm(steps, total=total, unit=unit, disable=True if self._quiet else None, file=sys.stderr, leave=False)


def _because(part: Part, language: Language) -> str:
    from kezhuan.engines.tables.match_columns import english_label

    return part.because.say(language, english_label if language == "en" else str)


Ranked = Iterable[tuple[Entry, Sequence["Match"]]]
Rows = Callable[[Entry, Sequence["Match"]], list[Sequence[Any]]]


def _write(
    options: argparse.Namespace, matcher: Matcher, needs: Sequence[Entry], by_id: dict[Any, Entry], talk: _Talk
) -> int:
    """Write all pairs; returns their number."""
    from kezhuan.engines.matching.apart import in_order, processes_for
    from kezhuan.engines.tables import write_table

    header, widths, rows = _layout(options.out, needs, by_id, options.lang)
    sheet = "matches" if options.lang == "en" else "匹配结果"

    def rows_of(number: int) -> list[Sequence[Any]]:
        need = needs[number]
        [matches] = matcher.kneighbors([need.item], options.top)
        return rows(need, matches)

    # What was read stays; to walk over it for garbage takes a tenth of the time and gives every process its own copy.
    gc.freeze()
    try:
        steps = in_order(rows_of, len(needs), processes_for(len(needs), NEEDS_A_PROCESS))
        with closing(steps), talk.progress(steps, len(needs)) as moving:
            return write_table(options.out, header, chain.from_iterable(moving), widths=widths, sheet=sheet)
    finally:
        gc.unfreeze()


def _layout(
    out: str, needs: Sequence[Entry], by_id: dict[Any, Entry], language: Language
) -> tuple[list[str], list[float] | None, Rows]:
    """Return header, column widths and what makes the rows of one need, as the format asked for has them."""
    from kezhuan.engines.tables.opening import claimed_format

    claimed = claimed_format(Path(out))
    if claimed and claimed[0] == "jsonl":
        return ["need", "rank", "supply", "score", "parts"], None, partial(_json_rows, language=language)
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
            [{"name": part.name, "value": part.value, "because": _because(part, language)} for part in match.parts],
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
    for match in matches:
        supply = by_id[match.supply]
        reasons = "\n".join(_because(part, language) for part in match.parts)
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


def _show(ranked: Ranked, by_id: dict[Any, Entry], language: Language) -> int:
    """Print the matches of each need as a table that fits the terminal; returns the number of pairs."""
    from kezhuan.engines.tables import terminal

    width = max(shutil.get_terminal_size((100, 24)).columns, NARROWEST)
    count = 0
    heading = "需求" if language == "zh" else "Need"
    for need, matches in ranked:
        print(terminal.cut(terminal.printable(f"{heading} {need.item.id}  {need.name}"), width))
        if need.extra:
            print("\n".join(f"  {line}" for line in _extra_lines(need.extra, width - 2)))
        if not matches:
            print("  （没有共有词语的成果）" if language == "zh" else "  (no supply record shares a word)")
        else:
            print("\n".join(_table(matches, by_id, width, language)))
        print(flush=True)
        count += len(matches)
    return count


def _table(matches: Sequence[Match], by_id: dict[Any, Entry], width: int, language: Language) -> list[str]:
    from kezhuan.engines.tables import terminal

    header = (
        ("名次", "得分", "编号", "名称", "理由") if language == "zh" else ("rank", "score", "id", "title", "because")
    )
    ids = max(terminal.display_width(str(match.supply)) for match in matches)
    fixed = (4, 6, min(max(ids, terminal.display_width(header[2])), 24 if width >= 90 else 12))
    rest = width - sum(fixed) - 2 * 4
    widths = (*fixed, rest * 2 // 5, rest - rest * 2 // 5)
    lines = terminal.columns_side_by_side([[cell] for cell in header], widths, right=(0, 1))
    lines.append("─" * width)
    for match in matches:
        supply = by_id[match.supply]
        title = terminal.wrap(supply.name, widths[3])
        if supply.extra:
            title += _extra_lines(supply.extra, widths[3])
        reasons = [
            line
            for part in match.parts
            for line in terminal.wrap(f"{part.value:+.3f} {_because(part, language)}", widths[4])
        ]
        identity = terminal.wrap(str(match.supply), widths[2])
        cells = ([str(match.rank)], [f"{match.score:.3f}"], identity, title, reasons)
        lines += terminal.columns_side_by_side(cells, widths, right=(0, 1))
    return lines


def _extra_lines(extra: dict[str, Any], width: int) -> list[str]:
    """Return the unknown columns of a record on at most three lines; files written with --out hold them whole."""
    from kezhuan.engines.tables import terminal
    from kezhuan.engines.tables.cells import as_text

    said = " · ".join(f"{name}: {terminal.cut(as_text(value)[:200], 40)}" for name, value in extra.items())
    lines = terminal.wrap(said, width)
    return lines if len(lines) <= 3 else [*lines[:2], terminal.cut(lines[2] + "……", width)]
