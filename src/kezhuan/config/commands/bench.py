"""`./kezhuan bench match`: this matching engine and its peers, quality on the truth sets and speed, in one run;
`./kezhuan bench plan`: what matching all needs would take at a size that nobody has here."""

from __future__ import annotations

import json
import math
import os
import sys
from argparse import Namespace
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from kezhuan.config import postgres
from kezhuan.config.speech import Parser, told

if TYPE_CHECKING:
    from kezhuan.bench.quality import Line, Means
    from kezhuan.bench.speed import Speed
    from kezhuan.bench.truths import Truth

QUICK = 120
"""Needs of each set that `--quick` looks at."""
SIZES = (100_000, 1_000_000)
QUICK_SIZES = (5_000,)
NEEDS = 1000
"""Needs by which speed is measured."""
LEAST, MOST = 1000, 10_000_000
"""Records that speed is measured at."""
MINUTES = 5.0, 20.0
"""That a peer may take to build, and as many again to answer: on a truth set, and where speed is measured."""
_MOST_MINUTES, _MOST_GIGABYTES = 10_000, 10_000
_NONE = "none"


def run(argv: list[str]) -> int:
    """Print the table; returns 0, or 2 where data sets or the encoder cannot be read or an argument does not fit."""
    if argv[:1] == ["plan"]:
        from kezhuan.config import bench_plan

        return bench_plan.run(argv[1:])
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(pool, "1")  # everybody gets one core; numpy reads this when it is imported
    from kezhuan.bench import truths
    from kezhuan.bench.quality import Means
    from kezhuan.engines.matching.encoder_files import UnusableEncoder

    given = _read(argv, truths)
    with ExitStack() as stack:
        binaries = postgres.find_binaries()
        given.postgres = ""
        if binaries:
            given.postgres = stack.enter_context(postgres.temporary_cluster(binaries, durable=True))
        told_already: set[str] = set()
        for name in given.sets:
            truth = _truth(name, given, truths)
            if truth is None:
                return 2
            means = Means(given.minutes[0] * 60, given.postgres, given.encoder)
            try:
                _compare(truth.sample(QUICK) if given.quick else truth, given.peers, means, told_already)
            except UnusableEncoder as unusable:
                print(told(unusable.say("zh"), unusable.say("en")), file=sys.stderr)
                return 2
        for size in given.sizes:
            _race(size, given, told_already)
    return 0


def _truth(name: str, given: Namespace, truths: ModuleType) -> Truth | None:
    """A truth set; None where it cannot be read, which is said."""
    from zstandard import ZstdError

    try:
        truth: Truth = truths.read(name, given.data, given.half)
    except OSError as error:
        reason = told(f"无法打开数据文件：{error.filename}", f"This file of data cannot be opened: {error.filename}")
    except (ZstdError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        reason = told(f"数据集 {name} 已损坏（{error}）", f"The data of {name} are damaged ({error})")
    else:
        return truth
    print(reason, file=sys.stderr)
    return None


def _read(argv: list[str], truths: ModuleType) -> Namespace:
    parser = Parser(
        "bench",
        "比较本匹配引擎与同类软件：真值集上的质量，以及速度、内存与磁盘；一次运行，一张表。",
        "Compare this matching engine with its peers: quality on the truth sets, then speed, memory and disk; one run.",
    )
    parser.add_argument("what", choices=("match", "plan"), help=told("比较什么", "what is compared"))
    parser.add_argument(
        "--data", type=Path, default=truths.DATA, metavar="FOLDER", help=told("数据集所在文件夹", "folder of the sets")
    )
    parser.add_argument(
        "--half",
        default=truths.DEV,
        metavar="NAME",
        help=told(
            f"用各数据集中此文件夹内的需求与答案（默认 {truths.DEV}）",
            f"the needs and answers in this folder of each set ({truths.DEV} unless told otherwise)",
        ),
    )
    parser.add_argument(
        "--sets",
        default=",".join(truths.NAMES),
        metavar="NAME,...",
        help=told("只比较这些数据集；none 不比较质量", "these sets alone; none for no quality"),
    )
    parser.add_argument(
        "--encoder",
        type=Path,
        metavar="FOLDER",
        help=told(
            "一同比较此文件夹中的句子编码器（如 MiniLM）", "compare the sentence encoder in a folder too (a MiniLM)"
        ),
    )
    _add_bounds(parser)
    parser.add_argument(
        "--quick",
        action="store_true",
        help=told(
            f"每个数据集至多 {QUICK} 条需求，速度只测 {QUICK_SIZES[0]} 条记录",
            f"at most {QUICK} needs of a set, speed at {QUICK_SIZES[0]} records alone",
        ),
    )
    given = parser.parse_args(argv)
    given.sets = [] if given.sets == _NONE else given.sets.split(",")
    _check_names(parser, "--sets", given.sets, truths.NAMES)
    given.sizes = _sizes(parser, given)
    if given.peers is not None:
        given.peers = given.peers.split(",")
        _check_names(parser, "--peers", given.peers, _labels())
    _check_bounds(parser, given)
    if given.room is not None and not (given.room.is_dir() and os.access(given.room, os.W_OK)):
        parser.error(told(f"--room：{given.room} 不是可写的文件夹", f"--room: {given.room} is no writable folder"))
    if given.encoder is not None:
        _check_encoder(parser, given.encoder)
    return given


def _check_names(parser: Parser, option: str, names: list[str], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            zh, en = f"{option}：没有 {name!r}，可用：{'、'.join(known)}", f"{option}: no {name!r}; {', '.join(known)}"
            parser.error(told(zh, en))


def _labels() -> tuple[str, ...]:
    from kezhuan.bench.peers import PEERS

    return tuple(peer.label for peer in PEERS)


def _sizes(parser: Parser, given: Namespace) -> list[int]:
    if given.sizes is None:
        return list(QUICK_SIZES if given.quick else SIZES)
    sizes = [] if given.sizes == _NONE else given.sizes.split(",")
    if not all(one.isascii() and one.isdigit() and len(one) < 10 and LEAST <= int(one) <= MOST for one in sizes):
        zh = f"--sizes：每个记录数须是 {LEAST} 到 {MOST} 的整数"
        parser.error(told(zh, f"--sizes: whole numbers from {LEAST} to {MOST}"))
    return [int(one) for one in sizes]


def _check_bounds(parser: Parser, given: Namespace) -> None:
    given.minutes = _minutes(parser, given)
    for name, value, most in (
        ("--gigabytes", given.gigabytes, _MOST_GIGABYTES),
        *(("--minutes", one, _MOST_MINUTES) for one in given.minutes),
    ):
        if not 0 < value <= most:
            parser.error(told(f"{name}：须大于 0、不超过 {most}", f"{name}: above 0 and at most {most}"))


def _minutes(parser: Parser, given: Namespace) -> tuple[float, float]:
    """That each may take on a truth set, and for speed: one number serves for both."""
    if given.minutes is None:
        return MINUTES
    try:
        numbers = [float(one) for one in given.minutes.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        parser.error(
            told("--minutes：须是一个或两个以逗号分开的数", "--minutes: one number, or two with a comma between")
        )
    return numbers[0], numbers[-1]


def _check_encoder(parser: Parser, folder: Path) -> None:
    from kezhuan.engines.matching.encoder import Encoder
    from kezhuan.engines.matching.encoder_files import UnusableEncoder

    try:
        Encoder(folder).check()  # so that what is wrong is said before hours of work
    except UnusableEncoder as unusable:
        parser.error(told(unusable.say("zh"), unusable.say("en")))


def _add_bounds(parser: Parser) -> None:
    """What speed is measured at, of whom, and how much each may take."""
    parser.add_argument(
        "--sizes",
        metavar="N,...",
        help=told(
            f"在这些记录数下测速度（默认 {SIZES[0]},{SIZES[1]}）；none 不测",
            f"measure speed at so many records ({SIZES[0]},{SIZES[1]} unless told otherwise); none for no speed",
        ),
    )
    parser.add_argument("--peers", metavar="NAME,...", help=told("只与这些软件比较", "compare with these peers alone"))
    parser.add_argument(
        "--gigabytes",
        type=float,
        default=8.0,
        metavar="N",
        help=told("测速度时每个软件至多用这么多内存（默认 8）", "memory that each may take for speed (8)"),
    )
    parser.add_argument(
        "--minutes",
        metavar="N[,M]",
        help=told(
            f"每个软件建立索引、回答各至多这么多分钟：每个真值集 N，测速度 M"
            f"（默认 {MINUTES[0]:g},{MINUTES[1]:g}；只写一个则两者相同）",
            f"minutes that each may take to build, and to answer: N on a truth set, M for speed ({MINUTES[0]:g},"
            f"{MINUTES[1]:g}; one number serves for both)",
        ),
    )
    parser.add_argument(
        "--room", type=Path, metavar="FOLDER", help=told("索引暂放的文件夹", "where indexes lie meanwhile")
    )


def _missing(told_already: set[str], peer: str) -> None:
    if peer not in told_already:
        told_already.add(peer)
        print(told(f"未安装 {peer}，略去。", f"{peer} is not installed and left out."), file=sys.stderr)


def _compare(truth: Truth, wanted: list[str] | None, means: Means, told_already: set[str]) -> None:
    from kezhuan.bench.peers import PEERS
    from kezhuan.bench.quality import lines

    needs, supply = len(truth.needs), len(truth.supply)
    print(
        told(
            f"\n{truth.name}：{needs:,} 条需求，{supply:,} 条记录",
            f"\n{truth.name}: {needs:,} needs, {supply:,} records",
        )
    )
    print(f"  {'':<12} {'':<16} nDCG@10    MRR   R@20  R@100  {told('相差', 'differs'):>7}       p       s", flush=True)
    peers = [one for one in PEERS if wanted is None or one.label in wanted]
    for line in lines(truth, peers, means, partial(_missing, told_already)):
        print(f"  {_said(line, needs, means.seconds / 60)}", flush=True)


def _said(line: Line, needs: int, minutes: float) -> str:
    if line.figures is None:
        why = told(f"{minutes:g} 分钟内未建成，略去", f"not built in {minutes:g} minutes, left out")
        return f"{line.who:<12} {line.how:<16}  {why}"
    figures = " ".join(f"{figure:>6.4f}" for figure in line.figures)
    against = f"{-line.difference:>+8.4f}  {line.p:>6.4f}" if line.how else f"{'':>8}  {'':>6}"
    some = told(
        f"  时间所限，只答随机抽取的 {line.answered:,} 条，按这些比较",
        f"  {line.answered:,} needs, drawn, for want of time; compared on these",
    )
    return f"{line.who:<12} {line.how:<16}  {figures} {against} {line.seconds:>7.1f}{some * (line.answered < needs)}"


_COLUMNS = (
    ("建立 s", "build s"),
    ("(CPU)", "(CPU)"),
    ("p50 ms", "p50 ms"),
    ("p99 ms", "p99 ms"),
    ("条/s", "needs/s"),
    ("两进程", "of two"),
    ("内存 MB", "own MB"),
    ("映射 MB", "mapped"),
    ("磁盘 MB", "disk MB"),
    ("新增 ms", "add ms"),
    ("找到 ms", "found ms"),
    ("删除 ms", "delete"),
    ("重合", "overlap"),
)


def _race(size: int, given: Namespace, told_already: set[str]) -> None:
    from kezhuan.bench.speed import ENGINES, Asked, lines

    engines = [one for one in ENGINES if given.peers is None or one is ENGINES[0] or one.label in given.peers]
    print(
        told(
            f"\n{size:,} 条合成记录，长需求，一次取前十；分词与落盘都计在内",
            f"\n{size:,} made records, long needs, the first ten; taking texts apart and writing through are counted",
        )
    )
    print(f"  {'':<12}" + "".join(f"{told(*names):>9}" for names in _COLUMNS), flush=True)
    minutes = given.minutes[1]
    asked = Asked(size, NEEDS, int(given.gigabytes * 2**30), minutes * 60, given.postgres)
    for line in lines(engines, asked, partial(_missing, told_already), given.room):
        print(f"  {_sped(line, given.gigabytes, minutes)}", flush=True)


def _sped(line: Speed, gigabytes: float, minutes: float) -> str:
    megabytes = [None if one is None else one / 2**20 for one in (line.memory, line.mapped, line.disk)]
    times = (line.build, line.build_cpu, line.p50, line.p99, line.one, line.two)
    figures = (*times, *megabytes, line.add, line.found, line.delete, line.overlap)
    digits = (0, 0, 2, 2, _digits(line.one), _digits(line.two), 0, 0, 0, 2, 1, 2, 3)
    cells = [f"{'–' if one is None else format(one, f',.{of}f'):>9}" for one, of in zip(figures, digits, strict=True)]
    said = {
        "memory": told(f"超过 {gigabytes:g} GB 内存，到此为止", f"more than {gigabytes:g} GB, cut here"),
        "minutes": told(f"超过 {minutes:g} 分钟，到此为止", f"more than {minutes:g} minutes, cut here"),
    }
    why = said.get(line.cut, line.cut)
    return f"{line.label:<12}{''.join(cells)}{f'  {why}' if why else ''}"


def _digits(rate: float | None) -> int:
    """Digits behind the point of a rate: two of those that tell something where it is small."""
    return 0 if rate is None or rate >= 10 else min(2, 1 - math.floor(math.log10(max(rate, 0.01))))
