"""`./kezhuan serve`: run the web site on the configured data folder."""

import sys

from kezhuan.config.speech import Parser, told, whole_number
from kezhuan.config.start import bring_up_to_date, start_django

MOST_PROCESSES = 64
MOST_THREADS = 64


def run(argv: list[str]) -> int:
    """Serve until interrupted; exit code 2 for unusable settings."""
    parser = Parser("serve", "在所配置的数据文件夹上运行网站。", "Run the web site on the configured data folder.")
    host = told("监听的地址（默认只限本机）", "address to listen on (default: this machine only)")
    parser.add_argument("--host", default="127.0.0.1", help=host)
    port = told("端口（默认 8000）", "port (default: 8000)")
    parser.add_argument("--port", type=whole_number(1, 65535), default=8000, help=port)
    processes = told("网站进程数（默认与处理器核数相同）", "web processes (default: one a core)")
    parser.add_argument("--processes", type=whole_number(1, MOST_PROCESSES), help=processes)
    threads = told("每个进程同时处理的请求数（默认 2）", "requests each answers at the same time (default: 2)")
    parser.add_argument("--threads", type=whole_number(1, MOST_THREADS), default=2, help=threads)
    plain = told(
        "不用 HTTPS 也允许其他机器访问（仅限可信网络）", "let other machines in without HTTPS (trusted networks)"
    )
    parser.add_argument("--plain-http", action="store_true", help=plain)
    given = parser.parse_args(argv)
    if not start_django() or not bring_up_to_date():
        return 2
    from kezhuan.config import readiness  # inline: Django must be set up first

    refusals = readiness.refusals(given.host, plain_http=given.plain_http)
    if refusals:
        print("\n".join(refusals), file=sys.stderr)
        return 2
    from kezhuan.config.serving import serve  # inline: Django must be set up first

    return serve(given.host, given.port, processes=given.processes, threads=given.threads)
