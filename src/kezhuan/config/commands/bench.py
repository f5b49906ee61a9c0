"""`./kezhuan bench match`: this matching engine and its peers, quality on the truth sets and speed, in one run;
`./kezhuan bench plan`: what matching all needs would take at a size that nobody has here."""

from __future__ import annotations

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
    from kezhuan.bench.quality import Line
    from kezhuan.bench.speed import Speed
    from kezhuan.bench.truths import Truth

QUICK = 120
"""Needs of each set that `--quick` looks at."""
SIZES = (100_000, 1_000_000)
QUICK_SIZES = (5_000,)
NEEDS = 1000
"""Needs by which speed is measured."""
LEAST = 1000
"""Records that speed is measured at."""
_NONE = "none"


def run(argv: list[str]) -> int:
    """Print the table; returns 0, or 2 where the data sets are not there or a set has no such name."""
    if argv[:1] == ["plan"]:
        from kezhuan.config import bench_plan

        return bench_plan.run(argv[1:])
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(pool, "1")  # everybody gets one core; numpy reads this when it is imported
    from kezhuan.bench import truths

    given = _read(argv, truths)
    with ExitStack() as stack:
        _start_postgres(stack)
        told_already: set[str] = set()
        for name in given.sets:
            try:
                truth = truths.read(name, given.data)
            except FileNotFoundError as error:
                print(told(f"没有找到数据文件：{error.filename}", f"No such file of data: {error.filename}"))
                return 2
            _compare(truth.sample(QUICK) if given.quick else truth, told_already)
        for size in given.sizes:
            _race(size, given, told_already)
    return 0


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
    unknown = [name for name in given.sets if name not in truths.NAMES]
    if unknown:
        parser.error(f"--sets {unknown[0]}: {', '.join(truths.NAMES)}")
    if given.encoder is not None:
        _take_encoder(parser, given.encoder)
    if given.sizes is None:
        given.sizes = QUICK_SIZES if given.quick else SIZES
    else:
        sizes = [] if given.sizes == _NONE else given.sizes.split(",")
        if not all(one.isascii() and one.isdigit() and int(one) >= LEAST for one in sizes):
            parser.error(
                told(f"--sizes：每个记录数须是不小于 {LEAST} 的整数", f"--sizes: whole numbers from {LEAST} on")
            )
        given.sizes = [int(one) for one in sizes]
    return given


def _take_encoder(parser: Parser, folder: Path) -> None:
    from kezhuan.bench.peers import Encoded
    from kezhuan.engines.matching.encoder_files import UnusableEncoder, read_layout

    try:
        read_layout(folder)
    except UnusableEncoder as unusable:
        parser.error(told(unusable.say("zh"), unusable.say("en")))
    Encoded.folder = folder


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
    parser.add_argument(
        "--peers", metavar="NAME,...", help=told("测速度时只比较这些软件", "these peers alone when speed is measured")
    )
    parser.add_argument(
        "--gigabytes",
        type=float,
        default=8.0,
        metavar="N",
        help=told("每个软件至多用这么多内存（默认 8）", "memory that each may take (8)"),
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=20.0,
        metavar="N",
        help=told(
            "每个软件建立索引、回答各至多这么多分钟（默认 20）",
            "minutes that each may take to build, and to answer (20)",
        ),
    )
    parser.add_argument(
        "--room", type=Path, metavar="FOLDER", help=told("索引暂放的文件夹", "where indexes lie meanwhile")
    )


def _start_postgres(stack: ExitStack) -> None:
    from kezhuan.bench import engines, peers

    binaries = postgres.find_binaries()
    address = stack.enter_context(postgres.temporary_cluster(binaries)) if binaries else ""
    peers.Postgres.address = engines.Postgres.address = address


def _missing(told_already: set[str], peer: str) -> None:
    if peer not in told_already:
        told_already.add(peer)
        print(told(f"未安装 {peer}，略去。", f"{peer} is not installed and left out."), file=sys.stderr)


def _compare(truth: Truth, told_already: set[str]) -> None:
    from kezhuan.bench.quality import lines, peers_for

    needs, supply = len(truth.needs), len(truth.supply)
    print(
        told(
            f"\n{truth.name}：{needs:,} 条需求，{supply:,} 条记录",
            f"\n{truth.name}: {needs:,} needs, {supply:,} records",
        )
    )
    print(f"  {'':<12} {'':<16} nDCG@10    MRR   R@20  R@100  {told('相差', 'differs'):>7}       p       s")
    for line in lines(truth, peers_for(truth.name), partial(_missing, told_already)):
        print(f"  {_said(line)}", flush=True)


def _said(line: Line) -> str:
    figures = " ".join(f"{figure:>6.4f}" for figure in line.figures)
    against = f"{-line.difference:>+8.4f}  {line.p:>6.4f}" if line.how else f"{'':>8}  {'':>6}"
    return f"{line.who:<12} {line.how:<16}  {figures} {against} {line.seconds:>7.1f}"


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
    from kezhuan.bench.engines import ENGINES
    from kezhuan.bench.speed import Asked, lines

    wanted = None if given.peers is None else set(given.peers.split(",")) | {ENGINES[0].label}
    engines = [one for one in ENGINES if wanted is None or one.label in wanted]
    print(
        told(
            f"\n{size:,} 条合成记录，长需求，一次取前十；分词与落盘都计在内",
            f"\n{size:,} made records, long needs, the first ten; taking texts apart and writing through are counted",
        )
    )
    print(f"  {'':<12}" + "".join(f"{told(*names):>9}" for names in _COLUMNS))
    asked = Asked(size, NEEDS, int(given.gigabytes * 2**30), given.minutes * 60)
    for line in lines(engines, asked, partial(_missing, told_already), given.room):
        print(f"  {_sped(line, given)}", flush=True)


def _sped(line: Speed, given: Namespace) -> str:
    megabytes = [None if one is None else one / 2**20 for one in (line.memory, line.mapped, line.disk)]
    times = (line.build, line.build_cpu, line.p50, line.p99, line.one, line.two)
    figures = (*times, *megabytes, line.add, line.found, line.delete, line.overlap)
    digits = (0, 0, 2, 2, 0, 0, 0, 0, 0, 2, 1, 2, 3)
    cells = [f"{'–' if one is None else format(one, f',.{of}f'):>9}" for one, of in zip(figures, digits, strict=True)]
    said = {
        "memory": told(f"超过 {given.gigabytes:g} GB 内存，略去", f"more than {given.gigabytes:g} GB, left out"),
        "minutes": told(f"超过 {given.minutes:g} 分钟，略去", f"more than {given.minutes:g} minutes, left out"),
    }
    why = said.get(line.left_out, line.left_out)
    return f"{line.label:<12}{''.join(cells)}{f'  {why}' if why else ''}"
