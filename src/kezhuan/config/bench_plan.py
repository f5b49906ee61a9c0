"""`./kezhuan bench plan`: machines, hours, memory and disk for matching all needs at a size that nobody has here."""

from __future__ import annotations

from kezhuan.bench.planning import MEASURED, Site, plan, simulate, steps
from kezhuan.config.speech import Parser, told
from kezhuan.engines.tables.terminal import display_width

RUNS = 200
"""Simulated runs."""
_LARGEST = 10**9
_MOST_STEPS = 20_000_000  # half a minute of simulating
_GB = 1e9


def run(argv: list[str]) -> int:
    """Print the plan; returns 0."""
    parser = Parser(
        "bench plan",
        "按实测的单位成本推算并模拟一次全量匹配：机器、小时、内存、磁盘，以及机器发生故障时的用时。",
        "Compute and simulate a run of all needs from measured costs: machines, hours, memory, disk, and the hours when"
        " machines fail.",
    )
    for name, value, chinese, english in (
        ("--records", 10_000_000, "成果条数", "records"),
        ("--needs", 1_000_000, "需求条数", "needs"),
        ("--machines", 2, "机器台数", "machines"),
        ("--workers", 8, "每台机器的计算进程数", "workers on each machine"),
    ):
        help_ = told(f"{chinese}（{value:,}）", f"{english} ({value:,})")
        parser.add_argument(name, type=int, default=value, metavar="N", help=help_)
    for name, default, chinese, english in (
        ("--between", 20.0, "一台机器平均多少小时出一次故障", "hours between failures of a machine"),
        ("--repair", 0.5, "多少小时后恢复", "hours until it works again"),
        ("--scheduler-between", 20.0, "调度器平均多少小时出一次故障", "hours between failures of the scheduler"),
        ("--scheduler-repair", 0.25, "多少小时后恢复", "hours until it works again"),
    ):
        help_ = told(f"{chinese}（{default:g}）", f"{english} ({default:g})")
        parser.add_argument(name, type=float, default=default, metavar="H", help=help_)
    given = parser.parse_args(argv)
    counts = (given.records, given.needs, given.machines, given.workers)
    if not all(1 <= one <= _LARGEST for one in counts):
        parser.error(told(f"数量应在 1 到 {_LARGEST:,} 之间", f"numbers must be between 1 and {_LARGEST:,}"))
    hours = (given.between, given.repair, given.scheduler_between, given.scheduler_repair)
    if not all(0.001 <= one <= 1e6 for one in hours):
        parser.error(told("小时数应在 0.001 到 1000000 之间", "hours must be between 0.001 and 1000000"))
    site = Site(given.machines, given.workers, *hours)
    if RUNS * steps(plan(given.records, given.needs, site), site) > _MOST_STEPS:
        zh = "数量过大或故障过密，无法模拟；请减少需求或机器，或加大 --between、--scheduler-between"
        en = "too much to simulate; fewer needs or machines, or more hours for --between and --scheduler-between"
        parser.error(told(zh, en))
    _say(given.records, given.needs, site)
    return 0


def _say(records: int, needs: int, site: Site) -> None:
    made = plan(records, needs, site)
    zh = f"{needs:,} 条需求 × {records:,} 条成果，{site.machines} 台机器，各 {site.workers} 个进程"
    en = f"{needs:,} needs × {records:,} records; machines: {site.machines}, workers on each: {site.workers}"
    print(told(zh, en))
    low, high = MEASURED
    three = (low, high, made.costs)
    said = told("实测", "measured at"), told("推算", "computed")
    rows: list[tuple[str, list[str]]] = [
        ("", [f"{said[0]} {low.records:,}", f"{said[0]} {high.records:,}", said[1]]),
        (told("建索引（单核）", "indexing, one core"), [f"{one.build:,.0f} s" for one in three]),
        (told("索引所占磁盘", "disk of the index"), [f"{one.disk / _GB:,.2f} GB" for one in three]),
        (told("进程自有内存", "a worker's own memory"), [f"{one.own / _GB:,.2f} GB" for one in three]),
        (told("读入索引", "loading the index"), [f"{one.load:,.1f} s" for one in three]),
        (told("每条需求（单核）", "a need, one core"), [f"{one.need * 1000:,.1f} ms" for one in three]),
        (told("批数", "shards"), ["", "", f"{made.shards:,}"]),
        (told("核小时", "hours of a core"), ["", "", f"{made.core_hours:,.1f}"]),
        (told("各批结果所占磁盘", "disk of all shards"), ["", "", f"{made.results / _GB:,.2f} GB"]),
        (told("每台机器的内存", "memory of a machine"), ["", "", f"{made.memory / _GB:,.1f} GB"]),
        (told("无故障用时", "hours, undisturbed"), ["", "", f"{made.hours:,.2f}"]),
    ]
    width = max(display_width(name) for name, _cells in rows)
    for name, cells in rows:
        columns = "".join(" " * (24 - display_width(cell)) + cell for cell in cells)
        print(f"{name}{' ' * (width - display_width(name))}{columns}")
    outcomes = sorted(simulate(made, site, RUNS))
    half, most, worst = (outcomes[min(int(RUNS * share), RUNS - 1)].hours for share in (0.5, 0.95, 1.0))
    lost, failures = (sum(getattr(one, name) for one in outcomes) / RUNS for name in ("lost", "failures"))
    zh = (
        f"有故障的模拟 {RUNS} 次：半数在 {half:,.2f} 小时内完成，95% 在 {most:,.2f} 小时内，最长 {worst:,.2f} 小时；"
        f"平均每次停机 {failures:.2f} 台次，重做 {lost:.1f} 批，结果不变。"
    )
    en = (
        f"{RUNS} simulated runs with failures: half done within {half:,.2f} hours, 95 of 100 within {most:,.2f}, the"
        f" longest {worst:,.2f}; {failures:.2f} outages of a machine and {lost:.1f} shards made again on average, with"
        " the same result."
    )
    print(told(zh, en))
