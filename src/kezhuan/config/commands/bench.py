"""`./kezhuan bench match`: this matching engine and its peers on the truth sets, in one table and one run."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from kezhuan.config import postgres
from kezhuan.config.speech import Parser, told

if TYPE_CHECKING:
    from kezhuan.bench.quality import Line
    from kezhuan.bench.truths import Truth

QUICK = 120
"""Needs of each set that `--quick` looks at."""


def run(argv: list[str]) -> int:
    """Print the table; returns 0, or 2 where the data sets are not there or a set has no such name."""
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(pool, "1")  # everybody gets one core; numpy reads this when it is imported
    from kezhuan.bench import truths

    parser = Parser(
        "bench",
        "在真值集上比较本匹配引擎与同类软件，一次运行，一张表。",
        "Compare this matching engine with its peers on the truth sets, in one run and one table.",
    )
    parser.add_argument("what", choices=("match",), help=told("比较什么", "what is compared"))
    parser.add_argument(
        "--data", type=Path, default=truths.DATA, metavar="FOLDER", help=told("数据集所在文件夹", "folder of the sets")
    )
    parser.add_argument(
        "--sets", default=",".join(truths.NAMES), metavar="NAME,...", help=told("只比较这些数据集", "these sets alone")
    )
    parser.add_argument(
        "--quick", action="store_true", help=told(f"每个数据集至多 {QUICK} 条需求", f"at most {QUICK} needs of a set")
    )
    given = parser.parse_args(argv)
    names = given.sets.split(",")
    unknown = [name for name in names if name not in truths.NAMES]
    if unknown:
        parser.error(f"--sets {unknown[0]}: {', '.join(truths.NAMES)}")
    with ExitStack() as stack:
        _start_postgres(stack)
        told_already: set[str] = set()
        for name in names:
            try:
                truth = truths.read(name, given.data)
            except FileNotFoundError as error:
                print(told(f"没有找到数据文件：{error.filename}", f"No such file of data: {error.filename}"))
                return 2
            _compare(truth.sample(QUICK) if given.quick else truth, told_already)
    return 0


def _start_postgres(stack: ExitStack) -> None:
    from kezhuan.bench.peers import Postgres

    binaries = postgres.find_binaries()
    Postgres.address = stack.enter_context(postgres.temporary_cluster(binaries)) if binaries else ""


def _compare(truth: Truth, told_already: set[str]) -> None:
    from kezhuan.bench.quality import lines, peers_for

    def missing(peer: str) -> None:
        if peer not in told_already:
            told_already.add(peer)
            sentence = told(f"未安装 {peer}，略去。", f"{peer} is not installed and left out.")
            print(sentence, file=sys.stderr)

    needs, supply = len(truth.needs), len(truth.supply)
    print(
        told(
            f"\n{truth.name}：{needs:,} 条需求，{supply:,} 条记录",
            f"\n{truth.name}: {needs:,} needs, {supply:,} records",
        )
    )
    print(f"  {'':<12} {'':<16} nDCG@10    MRR   R@20  R@100  {told('相差', 'differs'):>7}       p       s")
    for line in lines(truth, peers_for(truth.name), missing):
        print(f"  {_said(line)}", flush=True)


def _said(line: Line) -> str:
    figures = " ".join(f"{figure:>6.4f}" for figure in line.figures)
    against = f"{-line.difference:>+8.4f}  {line.p:>6.4f}" if line.how else f"{'':>8}  {'':>6}"
    return f"{line.who:<12} {line.how:<16}  {figures} {against} {line.seconds:>7.1f}"
