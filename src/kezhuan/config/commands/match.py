"""`./kezhuan match NEEDS SUPPLY`: rank supply for needs from two files, with reasons; no server and no database."""

from __future__ import annotations

import argparse
import gc
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kezhuan.config.matching_files import (
    BadRows,
    Entry,
    Language,
    Side,
    Talk,
    because,
    check_given,
    check_not_input,
    counted,
    layout,
    many,
    owner_in,
    read_entries,
    unmatched,
    write_bad,
)
from kezhuan.config.matching_under import MOST_BELOW, heading_under, just_under, said_of, with_under
from kezhuan.config.speech import Parser, asks_for_english

if TYPE_CHECKING:
    from kezhuan.engines.matching import Item, Match, NearMiss

MOST_RESULTS = 10_000
NARROWEST = 60
NEEDS_A_PROCESS = 50  # so many are worth a further process


def run(argv: list[str]) -> int:
    """Run the command; returns 0 when done, 2 when the input cannot be used, 130 when interrupted."""
    # The language is needed before the arguments are understood, to say what is wrong with them.
    language: Language = "en" if asks_for_english(argv) else "zh"
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if "--all" in argv:
        return _all(argv, language)
    try:
        options = _parse(argv, language)
    except SystemExit as done:
        return int(done.code or 0)
    from kezhuan.engines.matching.apart import LostProcess
    from kezhuan.engines.matching.encoder_files import UnusableEncoder
    from kezhuan.engines.tables import Unusable

    try:
        return _match(options, language)
    except (Unusable, UnusableEncoder) as unusable:
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


def _all(argv: list[str], language: Language) -> int:
    """All needs, in shards that are stored: see `matching_all`."""
    from kezhuan.config import matching_all
    from kezhuan.engines.assignment.rows import WrongRow
    from kezhuan.engines.matching.encoder_files import UnusableEncoder
    from kezhuan.engines.tables import Unusable

    try:
        return matching_all.run(argv, language)
    except SystemExit as done:
        return int(done.code or 0)
    except (Unusable, UnusableEncoder) as unusable:
        print(unusable.say(language), file=sys.stderr)
        return 2
    except WrongRow as wrong:
        print(wrong.problem.say(language, left_out=False), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        said = "\n已中断；已完成的部分已存盘，再次运行同一命令即继续。"
        en = "\nInterrupted; what is finished is stored, and the same command goes on from there."
        print(said if language == "zh" else en, file=sys.stderr)
        return 130


def _parse(argv: list[str], language: Language) -> argparse.Namespace:
    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    parser = Parser(
        "match",
        "为每条需求在成果中排序并说明理由；读 .xlsx、.csv、.tsv、.jsonl（可 .gz、.zst 压缩）。",
        "Rank supply for each need and say why; reads .xlsx, .csv, .tsv, .jsonl, also .gz and .zst.",
        in_english=language == "en",
        usage="./kezhuan match NEEDS SUPPLY | --need TEXT SUPPLY [--top N] [--below N] [--out FILE] [--errors FILE]"
        " [--owner COLUMN] [--encoder FOLDER] [--lang zh|en] [--quiet]\n"
        "./kezhuan match --all ...",
    )
    parser.add_argument("files", nargs="*", metavar="NEEDS SUPPLY", help=say("需求文件和成果文件", "two files"))
    parser.add_argument("--need", metavar="TEXT", help=say("直接写出一条需求", "one need, typed"))
    parser.add_argument("--top", type=int, default=10, metavar="N", help=say("每条需求列几条（10）", "how many (10)"))
    under = say("另列其后几条，并说明改什么即可列入（0）", "so many behind them, with what would lift each (0)")
    parser.add_argument("--below", type=int, default=0, metavar="N", help=under)
    parser.add_argument("--out", metavar="FILE", help=say("写入 .xlsx、.csv 或 .jsonl", "write .xlsx, .csv or .jsonl"))
    parser.add_argument("--errors", metavar="FILE", help=say("写出有问题的行及原因", "write bad rows with reasons"))
    parser.add_argument(
        "--lang", choices=("zh", "en"), default=language, help=say("说明所用语言", "language of reasons")
    )
    parser.add_argument("--encoder", metavar="FOLDER", help=say("自备编码器的文件夹", "an encoder of your own"))
    each_once = say("团队或专家一栏：每个只列一次", "column of teams or experts, each once")
    parser.add_argument("--owner", metavar="COLUMN", help=each_once)
    parser.add_argument("--sheet-needs", metavar="NAME", help=say("需求所在工作表", "sheet of the needs"))
    parser.add_argument("--sheet-supply", metavar="NAME", help=say("成果所在工作表", "sheet of the supply"))
    parser.add_argument("--quiet", action="store_true", help=say("不显示进度与小结", "no progress, no summary"))
    options = parser.parse_args(argv)
    check_given(parser, options, "out", "errors", "owner", "encoder")
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
    if options.out and options.errors and Path(options.out).resolve() == Path(options.errors).resolve():
        parser.error(say("--errors 与 --out 不能是同一个文件", "--errors and --out cannot be the same file"))
    if not 1 <= options.top <= MOST_RESULTS:
        parser.error(say(f"--top 应在 1 到 {MOST_RESULTS} 之间", f"--top must be between 1 and {MOST_RESULTS}"))
    if not 0 <= options.below <= MOST_BELOW:
        parser.error(say(f"--below 应在 0 到 {MOST_BELOW} 之间", f"--below must be between 0 and {MOST_BELOW}"))
    if options.below and options.owner is not None:
        parser.error(say("--below 不能与 --owner 同用", "--below cannot be used with --owner"))
    return options


def _match(options: argparse.Namespace, language: Language) -> int:
    from kezhuan.engines.matching import Item, Matcher, nearest_owners
    from kezhuan.engines.matching.encoder import Encoder
    from kezhuan.engines.tables import check_writable

    began, encoder = time.monotonic(), Encoder(options.encoder) if options.encoder else None
    for written in filter(None, (options.out, options.errors)):
        check_not_input(written, options.files)
        check_writable(written)
    talk = Talk(language, quiet=options.quiet)
    left_out: dict[Side, int] = {"needs": 0, "supply": 0}
    with _kept_bad(options, talk) as kept:
        if options.need is not None:
            needs = [Entry(Item("1", text=options.need), options.need, {})]
        else:
            file = options.files[0]
            needs, left_out["needs"] = read_entries(file, "needs", options.sheet_needs, language, talk, kept)
        file = options.files[-1]
        supply, left_out["supply"] = read_entries(file, "supply", options.sheet_supply, language, talk, kept)
    by_id = {entry.item.id: entry for entry in supply}
    owner_of = owner_in(by_id, options.owner, file) if options.owner else None
    talk.say(
        f"正在为 {len(needs):,} 条需求在 {len(supply):,} 条成果中排序……",
        f"Ranking {many(len(supply), 'supply record')} for {many(len(needs), 'need')} …",
    )
    with talk.progress(len(supply), supply, "建立索引", "Indexing") as reading:
        matcher = Matcher(encoder=encoder).fit(entry.item for entry in reading)

    def best(need: Item) -> list[Match]:
        if owner_of is not None:
            return nearest_owners(matcher, need, options.top, owner_of)
        return matcher.kneighbors([need], options.top)[0]

    def under(need: Item) -> list[NearMiss]:
        return just_under(matcher, need, options.top, options.below)

    if options.out:
        counts = _write(options, best, under, needs, by_id, talk)
    else:
        ranked = ((entry, best(entry.item), under(entry.item)) for entry in needs)
        with talk.progress(len(needs), ranked) as bar:
            counts = _show(bar, by_id, options.top, language)
    count = sum(counts)
    zh = f"完成：{len(needs):,} 条需求 × {len(supply):,} 条成果，共 {count:,} 对"
    en = f"Done: {many(len(needs), 'need')} × {many(len(supply), 'supply record')}, {many(count, 'pair')}"
    if options.out:
        zh, en = f"{zh}，已写入 {Path(options.out).name}", f"{en} written to {Path(options.out).name}"
    without = unmatched([need.item.id for need, found in zip(needs, counts, strict=True) if not found])
    bad_needs, bad_supply, seconds = *left_out.values(), time.monotonic() - began
    talk.say(
        f"{zh}{without[0]}；略去需求 {bad_needs:,} 行、成果 {bad_supply:,} 行；用时 {seconds:.1f} 秒。",
        f"{en}{without[1]}; left out {many(bad_needs, 'row')} of needs and {bad_supply:,} of supply; {seconds:.1f} s.",
    )
    return 0


@contextmanager
def _kept_bad(options: argparse.Namespace, talk: Talk) -> Iterator[list[BadRows] | None]:
    """Where bad rows are added if they are asked for; they are written once the files are read, or cannot be used."""
    from kezhuan.engines.tables import Unusable

    kept: list[BadRows] | None = [] if options.errors else None
    stopped: Unusable | None = None
    try:
        yield kept
    except Unusable as unusable:
        stopped = unusable
    if kept and any(one.numbers for one in kept):
        count = write_bad(options.errors, [one for one in kept if one.numbers], options.lang)
        talk.say(
            f"{count:,} 行及原因已写入 {options.errors}。",
            f"{count:,} rows and their reasons are in {options.errors}.",
        )
    if stopped is not None:
        raise stopped


def _write(
    options: argparse.Namespace,
    best: Callable[[Item], list[Match]],
    under: Callable[[Item], list[NearMiss]],
    needs: Sequence[Entry],
    by_id: dict[Any, Entry],
    talk: Talk,
) -> list[int]:
    """Write all pairs; returns how many each need has."""
    from kezhuan.engines.matching.apart import in_order, processes_for
    from kezhuan.engines.tables import write_table

    header, widths, rows = layout(options.out, needs, by_id, options.lang, options.owner or "")
    header, rows, rows_under = with_under(header, rows, options.out, options.lang, any_asked=options.below > 0)
    sheet = "matches" if options.lang == "en" else "匹配结果"

    def rows_of(number: int) -> tuple[int, list[Sequence[Any]]]:
        need = needs[number]
        matches = best(need.item)
        return len(matches), [*rows(need, matches), *rows_under(need, under(need.item))]

    counts: list[int] = []
    # What was read stays; to walk over it for garbage takes a tenth of the time and gives every process its own copy.
    gc.freeze()
    try:
        steps = in_order(rows_of, len(needs), processes_for(len(needs), NEEDS_A_PROCESS))
        with closing(steps), talk.progress(len(needs), steps) as moving:
            write_table(options.out, header, counted(moving, counts), widths=widths, sheet=sheet)
    finally:
        gc.unfreeze()
    return counts


def _show(ranked: Any, by_id: dict[Any, Entry], top: int, language: Language) -> list[int]:
    """Print the matches of each need as a table that fits the terminal; returns how many each has.

    `ranked` is a progress bar over needs with their matches, the first `top`, and with what stands under these.
    """
    from kezhuan.engines.tables import terminal

    width = max(shutil.get_terminal_size((100, 24)).columns, NARROWEST)
    counts: list[int] = []
    heading = "需求" if language == "zh" else "Need"
    for need, matches, missed in ranked:
        ranked.clear()
        print(terminal.cut(terminal.printable(f"{heading} {need.item.id}  {need.name}"), width))
        if need.extra:
            print("\n".join(f"  {line}" for line in _extra_lines(need.extra, width - 2)))
        if not matches:
            print("  （没有共有词语的成果）" if language == "zh" else "  (no supply record shares a word)")
        else:
            print("\n".join(_table([_row_of(match, language) for match in matches], by_id, width, language)))
        if missed:
            lines = _table([_row_under(miss, language) for miss in missed], by_id, width, language)
            print(terminal.cut(heading_under(top, language), width), *lines[1:], sep="\n")
        print(flush=True)
        counts.append(len(matches))
    return counts


_TableRow = tuple[int, float, Any, list[str]]
"""What a line of the table tells of a supply record: rank, score, id, reasons."""


def _row_of(match: Match, language: Language) -> _TableRow:
    from kezhuan.engines.rounding import adding_up

    shown = adding_up([part.value for part in match.parts], 3)
    reasons = [f"{value:+.3f} {because(part, language)}" for part, value in zip(match.parts, shown, strict=True)]
    return match.rank, match.score, match.supply, reasons


def _row_under(miss: NearMiss, language: Language) -> _TableRow:
    return miss.rank, miss.score, miss.supply, said_of(miss, language)


def _table(rows: Sequence[_TableRow], by_id: dict[Any, Entry], width: int, language: Language) -> list[str]:
    from kezhuan.engines.tables import terminal

    header = (
        ("名次", "得分", "编号", "名称", "理由") if language == "zh" else ("rank", "score", "id", "title", "because")
    )
    ids = max(terminal.display_width(str(one)) for _rank, _score, one, _reasons in rows)
    fixed = (4, 6, min(max(ids, terminal.display_width(header[2])), 24 if width >= 90 else 12))
    rest = width - sum(fixed) - 2 * 4
    widths = (*fixed, rest * 2 // 5, rest - rest * 2 // 5)
    lines = terminal.columns_side_by_side([[cell] for cell in header], widths, right=(0, 1))
    lines.append("─" * width)
    for rank, score, one, said in rows:
        supply = by_id[one]
        title = _at_most_three(terminal.wrap(supply.name, widths[3]), widths[3])
        if supply.extra:
            title += _extra_lines(supply.extra, widths[3])
        reasons = [line for sentence in said for line in terminal.wrap(sentence, widths[4])]
        cells = ([str(rank)], [f"{score:.3f}"], terminal.wrap(str(one), widths[2]), title, reasons)
        lines += terminal.columns_side_by_side(cells, widths, right=(0, 1))
    return lines


def _extra_lines(extra: dict[str, Any], width: int) -> list[str]:
    """Return the unknown columns of a record on at most three lines; files written with --out hold them whole."""
    from kezhuan.engines.tables import terminal
    from kezhuan.engines.tables.cells import as_text

    said = " · ".join(f"{name}: {terminal.cut(as_text(value)[:200], 40)}" for name, value in extra.items())
    return _at_most_three(terminal.wrap(said, width), width)


def _at_most_three(lines: list[str], width: int) -> list[str]:
    from kezhuan.engines.tables import terminal

    return lines if len(lines) <= 3 else [*lines[:2], terminal.cut(lines[2] + "……", width)]
