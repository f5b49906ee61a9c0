"""`./kezhuan match --all`: all needs × all supply of two files or a city; resumable; in processes or on a cluster."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kezhuan.config.matching_files import (
    Entry,
    Language,
    Side,
    Talk,
    check_given,
    check_not_input,
    counted,
    layout,
    many,
    owner_in,
    read_entries,
    unmatched,
)
from kezhuan.config.matching_precise import CANDIDATES, give_out, rooms_of, say_full
from kezhuan.config.matching_trouble import Trouble
from kezhuan.config.speech import Parser

if TYPE_CHECKING:
    from kezhuan.areas.matches.whole_city import Chosen
    from kezhuan.engines.matching.carrying import Carried
    from kezhuan.engines.matching.runs import Run

MOST_WORKERS = 64
NEEDS_A_PROCESS = 200  # so many are worth a further process
_ADDRESS = re.compile(r"(?:tcp|spark)://(?P<host>[^:/\s]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_FORMS = "tcp://HOST:PORT (Dask)", "spark://HOST:PORT"
_LOCAL = re.compile(r"local-cluster\[\d{1,3},\d{1,3},\d{1,7}\]")


def run(argv: list[str], language: Language) -> int:
    """Run the command; returns 0 when done, 2 when it cannot be. Interrupts and unusable files are the caller's."""
    # One thread of linear algebra for each process: those of several would wait for each other.
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(pool, "1")
    options = _parse(argv, language)
    try:
        return _files(options, language) if options.files else _city(options, language)
    except Trouble as trouble:
        print(trouble.say(language), file=sys.stderr)
        return 2


def _parse(argv: list[str], language: Language) -> argparse.Namespace:
    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    parser = Parser(
        "match",
        "为全部需求在全部成果中排序：不写文件即用本市数据并更新匹配建议；分批存盘，中断后再次运行即继续。",
        "Rank all supply for all needs: without files, those of the city, whose suggestions are made anew. Finished "
        "shards are stored, so the same command goes on after a crash.",
        in_english=language == "en",
        usage="./kezhuan match --all [NEEDS SUPPLY --out FILE] [--workers N | --scheduler tcp://HOST:PORT] "
        "[--store FOLDER] [--top N] [--encoder FOLDER] [--per-need K --per-supply C [--kind KIND | --owner COLUMN] "
        "[--conflicts FILE] [--candidates N]] [--lang zh|en] [--quiet]",
    )
    parser.add_argument("--all", action="store_true", help=say("全部需求", "all needs"))
    parser.add_argument("files", nargs="*", metavar="NEEDS SUPPLY", help=say("需求文件和成果文件", "two files"))
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--workers", type=int, metavar="N", help=say("本机计算进程数", "processes of this machine"))
    how.add_argument("--scheduler", metavar="ADDRESS", help=say("Dask 或 Spark 的地址", "of Dask or Spark"))
    parser.add_argument("--store", metavar="FOLDER", help=say("存放各批结果的文件夹", "where shards are stored"))
    parser.add_argument("--top", type=int, default=10, metavar="N", help=say("每条需求列几条（10）", "how many (10)"))
    parser.add_argument("--out", metavar="FILE", help=say("写入 .xlsx、.csv 或 .jsonl", "write .xlsx, .csv or .jsonl"))
    _add_capacities(parser, say)
    parser.add_argument("--encoder", metavar="FOLDER", help=say("自备编码器的文件夹", "an encoder of your own"))
    parser.add_argument("--lang", choices=("zh", "en"), default=language, help=say("说明所用语言", "of the reasons"))
    parser.add_argument("--sheet-needs", metavar="NAME", help=say("需求所在工作表", "sheet of the needs"))
    parser.add_argument("--sheet-supply", metavar="NAME", help=say("成果所在工作表", "sheet of the supply"))
    parser.add_argument("--quiet", action="store_true", help=say("不显示进度与小结", "no progress, no summary"))
    options = parser.parse_args(argv)
    check_given(parser, options, "scheduler", "store", "out", "owner", "kind", "conflicts", "encoder")
    if len(options.files) not in (0, 2):
        parser.error(say("应给出两个文件，或不给", "two files expected, or none"))
    if options.files and not (options.out or options.store):
        parser.error(say("须用 --out 指明写到哪里，或用 --store", "say where to write with --out, or --store"))
    of_files = (options.store, options.sheet_needs, options.sheet_supply, options.owner, options.encoder)
    if not options.files and any(of_files):
        names = "--store", "--sheet", "--owner", "--encoder"
        parser.error(say(f"{'、'.join(names)} 须与文件同用", f"{', '.join(names)} go with files"))
    if not options.files and options.out and not options.per_need:
        parser.error(say("--out 须与文件或 --per-need 同用", "--out goes with files, or with --per-need"))
    _check_how(options, parser, say)
    _check_capacities(options, parser, say)
    return options


def _add_capacities(parser: Parser, say: Callable[[str, str], str]) -> None:
    precise = parser.add_argument_group(say("容量", "Capacities"))
    for name, zh, en in (
        ("--per-need", "每条需求至多几个：按容量整体最优分配", "most for each need: the best choice as a whole"),
        (
            "--per-supply",
            "每个成果（或团队）至多对接几条需求，本身写明更少的从其写明",
            "most needs for each result, or team",
        ),
        ("--candidates", "每条需求考虑最好的几个（50）", "candidates of each need (50)"),
    ):
        precise.add_argument(name, type=int, metavar="N", help=say(zh, en))
    precise.add_argument(
        "--kind", metavar="KIND", help=say("用本市哪一类供给（achievement）", "kind of the city's supply (achievement)")
    )
    precise.add_argument(
        "--owner", metavar="COLUMN", help=say("成果表中团队一栏的名称", "the supply's column of teams")
    )
    precise.add_argument(
        "--conflicts", metavar="FILE", help=say("不得对接：需求、成果或团队", "rows that must not meet")
    )


def _check_how(options: argparse.Namespace, parser: Parser, say: Callable[[str, str], str]) -> None:
    if options.workers is not None and not 1 <= options.workers <= MOST_WORKERS:
        parser.error(say(f"--workers 应在 1 到 {MOST_WORKERS} 之间", f"--workers must be between 1 and {MOST_WORKERS}"))
    if options.scheduler and not (_ADDRESS.fullmatch(options.scheduler) or _LOCAL.fullmatch(options.scheduler)):
        parser.error(
            say(f"--scheduler 应形如 {'、'.join(_FORMS)}", f"--scheduler must look like {' or '.join(_FORMS)}")
        )
    if not 1 <= options.top <= 10_000:
        parser.error(say("--top 应在 1 到 10000 之间", "--top must be between 1 and 10000"))


def _check_capacities(options: argparse.Namespace, parser: Parser, say: Callable[[str, str], str]) -> None:
    given = (options.per_need, options.per_supply)
    if any(number is not None and not 1 <= number <= 10_000 for number in (*given, options.candidates)):
        parser.error(say("容量应在 1 到 10000 之间", "capacities must be between 1 and 10000"))
    beside = (options.owner, options.kind, options.conflicts, options.candidates)
    if None in given and (given != (None, None) or any(beside)):
        parser.error(say("--per-need 须与 --per-supply 同用", "--per-need and --per-supply go together"))
    if options.kind and options.files:
        parser.error(say("--kind 用于本市数据，不与文件同用", "--kind is of the city, and goes with no files"))
    if given != (None, None) and not options.out:
        parser.error(say("--per-need 须与 --out 同用", "--per-need needs --out"))


def _files(options: argparse.Namespace, language: Language) -> int:
    from kezhuan.engines.assignment.rows import read_excluded
    from kezhuan.engines.matching.runs import alone_in
    from kezhuan.engines.tables import check_writable, write_table

    began = time.monotonic()
    if options.out:
        check_not_input(options.out, options.files)
        check_writable(options.out)
    bad: dict[Side, int] = {}
    talk = Talk(language, quiet=options.quiet)
    needs, bad["needs"] = read_entries(options.files[0], "needs", options.sheet_needs, language, talk)
    supply, bad["supply"] = read_entries(
        options.files[1], "supply", options.sheet_supply, language, talk, room=bool(options.per_need)
    )
    by_id = {entry.item.id: entry for entry in supply}
    # What is wrong with these is said before hours of work.
    rooms_of(by_id, owner_in(by_id, options.owner or "", options.files[1]), options.files[1])
    excluded = read_excluded(options.conflicts) if options.conflicts else set()
    store = Path(options.store or f"{options.out}.shards")
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Trouble("no-store", store=store, reason=problem.strerror) from None
    with alone_in(store) as alone:
        if not alone:
            raise Trouble("busy", store=store)
        made = _prepared(store, needs, supply, options)
        talk.say(
            f"需求 {made.needs:,} 条 × 成果 {len(supply):,} 条，分 {made.shards:,} 批；"
            f"准备用时 {time.monotonic() - began:.1f} 秒。",
            f"{many(made.needs, 'need')} × {many(len(supply), 'supply record')} in {many(made.shards, 'shard')}; "
            f"prepared in {time.monotonic() - began:.1f} s.",
        )
        carried = _carried(made, options, talk)
        _say_carried(carried, made.needs, talk)
        if options.per_need:
            lists = (answer.lists[0] for answer in made.answers())
            give_out(made, lists, needs, by_id, excluded, options, talk)
        elif options.out:
            header, widths, rows = layout(options.out, needs, by_id, options.lang)
            counts: list[int] = []
            lists = (answer.lists[0] for answer in made.answers())
            found = ((len(matches), rows(need, matches)) for need, matches in zip(needs, lists, strict=True))
            sheet = "matches" if options.lang == "en" else "匹配结果"
            write_table(options.out, header, counted(found, counts), widths=widths, sheet=sheet)
            without = unmatched([need.item.id for need, found in zip(needs, counts, strict=True) if not found])
            name, count = Path(options.out).name, sum(counts)
            talk.say(
                f"共 {count:,} 对，已写入 {name}{without[0]}。",
                f"{many(count, 'pair')} written to {name}{without[1]}.",
            )
        _say_result(made.result_hash(), bad, language, talk)
    if not options.store:
        shutil.rmtree(store, ignore_errors=True)
    return 0


def _prepared(store: Path, needs: Sequence[Entry], supply: Sequence[Entry], options: argparse.Namespace) -> Run:
    from kezhuan.engines.matching import Matcher
    from kezhuan.engines.matching.encoder import Encoder
    from kezhuan.engines.matching.runs import Wanted, find, key_of, mark_of, prepare

    top = max(options.candidates or CANDIDATES, options.per_need) if options.per_need else options.top
    encoder = Encoder(options.encoder) if options.encoder else None
    wanted, mark = [Wanted(top)], mark_of(entry.item for entry in supply)
    asked, reasons = [entry.item for entry in needs], bool(options.out) and not options.per_need

    def write_index(folder: Path) -> list[Wanted]:
        room = folder.with_name("room")
        room.mkdir()
        Matcher(encoder=encoder).fit((entry.item for entry in supply), folder=room).save(folder)
        shutil.rmtree(room)
        return wanted

    found = find(store, key_of(mark, asked, wanted, reasons=reasons, encoder=encoder))
    return found or prepare(store, asked, write_index, supply=mark, reasons=reasons, encoder=encoder)


def _carried(made: Run, options: argparse.Namespace, talk: Talk) -> Carried:
    from kezhuan.engines.matching.carrying import carry_out

    with _in_words(options.scheduler or "", made), talk.progress(made.needs) as bar:
        return carry_out(
            made,
            workers=_workers(options, made.needs),
            scheduler=_reached(options.scheduler or ""),
            progress=lambda done: bar.update(done - bar.n),
        )


def _workers(options: argparse.Namespace, needs: int) -> int:
    from kezhuan.engines.matching.apart import processes_for

    return int(options.workers or processes_for(needs, NEEDS_A_PROCESS))


def _reached(scheduler: str) -> str:
    """The address of a scheduler that somebody listens at: Dask itself would wait for it for long."""
    from kezhuan.engines.matching.carrying import ClusterTrouble

    if scheduler and (found := _ADDRESS.fullmatch(scheduler)):
        try:
            socket.create_connection((found["host"].strip("[]"), int(found["port"])), timeout=10).close()
        except (OSError, OverflowError, UnicodeError):  # the last for a name that no machine can have
            raise ClusterTrouble("unreachable") from None
    return scheduler


@contextmanager
def _in_words(scheduler: str, made: Run | None = None) -> Iterator[None]:
    """Turn what ends a run into a Trouble."""
    from kezhuan.engines.matching.apart import LostProcess
    from kezhuan.engines.matching.carrying import ClusterTrouble

    def trouble(code: str, **more: Any) -> Trouble:
        stored = 0 if made is None else made.shards - len(made.missing())
        store, shards = ("", 0) if made is None else (made.folder.parent, made.shards)
        return Trouble(code, address=scheduler, store=store, stored=stored, shards=shards, **more)

    try:
        yield
    except ClusterTrouble as problem:
        raise trouble(problem.code) from None
    except LostProcess:
        raise trouble("process") from None
    except OSError as problem:
        raise trouble("disk", reason=problem.strerror or problem) from None


def _say_carried(carried: Carried, needs: int, talk: Talk) -> None:
    speed = needs * carried.made / max(carried.found + carried.made, 1) / max(carried.matching, 1e-9)
    talk.say(
        f"取用已存 {carried.found:,} 批，新做 {carried.made:,} 批；"
        f"启动 {carried.start:.1f} 秒，匹配 {carried.matching:.1f} 秒（每秒 {speed:.0f} 条需求）。",
        f"{many(carried.found, 'shard')} found stored, {carried.made:,} made; start {carried.start:.1f} s, matching "
        f"{carried.matching:.1f} s ({speed:.0f} needs/s).",
    )


def _say_result(result: str, bad: dict[Side, int], language: Language, talk: Talk) -> None:
    talk.say(
        f"略去需求 {bad['needs']:,} 行、成果 {bad['supply']:,} 行。",
        f"Left out {many(bad['needs'], 'row')} of needs and {bad['supply']:,} of supply.",
    )
    print(f"结果 {result}" if language == "zh" else f"Result {result}")


def _city(options: argparse.Namespace, language: Language) -> int:
    from kezhuan.config.start import bring_up_to_date, start_django

    if not start_django() or not bring_up_to_date():
        return 2
    if options.per_need:
        return _city_given(options, language)
    from kezhuan.areas.matches.nightly_actions import refresh_all
    from kezhuan.areas.needs.models import Need
    from kezhuan.kernel.errors import Conflict
    from kezhuan.kernel.models.records import Phase

    talk = Talk(language, quiet=options.quiet)
    count = Need.objects.filter(record__phase=Phase.PUBLIC).count()
    try:
        with _in_words(options.scheduler or ""), talk.progress(count) as bar:
            done = refresh_all(
                workers=_workers(options, count),
                scheduler=_reached(options.scheduler or ""),
                progress=lambda number: bar.update(number - bar.n),
            )
    except Conflict as busy:
        print(busy, file=sys.stderr)
        return 2
    if done is None:
        talk.say("没有公开征集中的需求。", "There is no open need.")
        return 0
    _say_carried(done.carried, done.needs, talk)
    talk.say(
        f"完成：{done.needs:,} 条需求，{done.pairs:,} 条匹配建议；准备用时 {done.preparing:.1f} 秒。",
        f"Done: {many(done.needs, 'need')}, {many(done.pairs, 'suggestion')}; prepared in {done.preparing:.1f} s.",
    )
    print(f"结果 {done.result_hash}" if language == "zh" else f"Result {done.result_hash}")
    return 0


def _city_given(options: argparse.Namespace, language: Language) -> int:
    """The city's open needs that everybody may read, and what is on offer of a kind, where room is short."""
    from kezhuan.areas.matches.supply import RESULTS, profiles
    from kezhuan.areas.matches.whole_city import prepare_public
    from kezhuan.engines.assignment.rows import read_excluded
    from kezhuan.engines.matching import Item
    from kezhuan.engines.matching.runs import alone_in
    from kezhuan.engines.tables import check_writable

    check_writable(options.out)
    if (kind := options.kind or RESULTS) not in profiles():
        raise Trouble(
            "no-kind", kind=kind[:40], kinds="、".join(profiles()) if language == "zh" else ", ".join(profiles())
        )
    talk, store = Talk(language, quiet=options.quiet), Path(f"{options.out}.shards")
    barred = read_excluded(options.conflicts) if options.conflicts else set()
    with alone_in(store) as alone:
        if not alone:
            raise Trouble("busy", store=store)
        city = prepare_public(store, max(options.candidates or CANDIDATES, options.per_need), kind)
        if city is None:
            talk.say("没有公开征集中的需求。", "There is no open need.")
        else:
            _say_carried(_carried(city.run, options, talk), city.run.needs, talk)
            needs = [Entry(item, item.title, {}) for item in city.needs]
            chosen = city.chosen(barred)
            by_id = {pk: Entry(Item(one.code, one.title), one.title, {}, one.room) for pk, one in chosen.supply.items()}
            _say_left_out(chosen, talk)
            city.note_taken(Path(options.out), give_out(city.run, chosen.lists, needs, by_id, set(), options, talk))
            print(f"结果 {city.run.result_hash()}" if language == "zh" else f"Result {city.run.result_hash()}")
    shutil.rmtree(store, ignore_errors=True)
    return 0


def _say_left_out(chosen: Chosen, talk: Talk) -> None:
    from kezhuan.areas.matches.asking_on import MOST_ASKED

    if chosen.passed:
        talk.say(
            f"因同一单位、双方不愿合作、专家有利害关系、同一供给方已达上限或指定不得对接，略过 {chosen.passed:,} 对。",
            f"{many(chosen.passed, 'pair')} passed over: of one unit, of two that refuse it, tied, too often, named.",
        )
    if chosen.full:
        say_full(chosen.full, talk)
    if chosen.ended:
        talk.say(
            f"{chosen.ended:,} 条需求的候选不足所求：每条至多查看 {MOST_ASKED:,} 个，看完仍不够。",
            f"{many(chosen.ended, 'need')} with fewer candidates than asked for, after {MOST_ASKED:,} were looked at.",
        )
