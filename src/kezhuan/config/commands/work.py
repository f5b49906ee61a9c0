"""`./kezhuan work`: a worker of its own, on this machine or, over PostgreSQL, on another."""

import signal
import threading

from kezhuan.config.speech import Parser, told
from kezhuan.config.start import is_up_to_date, start_django


def run(argv: list[str]) -> int:
    """Work until asked to stop, or do what is due now and end; exit code 2 for unusable settings."""
    parser = Parser(
        "work",
        "处理后台任务、保持建议与索引最新；可与网站并行，也可在连接同一 PostgreSQL 的多台机器上运行。",
        "Do background jobs and keep suggestions and index fresh: beside the web site, or on several machines over the"
        " same PostgreSQL.",
    )
    once = told("只处理现在到期的任务，然后结束", "do what is due now, then end")
    parser.add_argument("--once", action="store_true", help=once)
    given = parser.parse_args(argv)
    if not start_django() or not is_up_to_date():
        return 2
    from kezhuan.config.working import work, work_once  # inline: Django must be set up first

    if given.once:
        count = work_once()
        print(told(f"已处理 {count:,} 项任务。", f"{count:,} jobs were taken."))
        return 0
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    print(told("开始处理后台任务（按 Ctrl+C 结束）", "Working (Ctrl+C stops)"), flush=True)
    work(stop)
    return 0
