"""The web processes of `serve`: the site under gunicorn, in a process of its own."""

import gc
import os
import sys
import tempfile
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import Error, connections
from gunicorn.app.base import BaseApplication

from kezhuan.config.speech import told
from kezhuan.config.start import start_django

LONGEST_ADDRESS = 8190
"""Characters of a request line: a list narrowed by many facets has a long address."""
SILENCE = 120
"""Seconds without a sign of life after which a web process is replaced."""


class Site(BaseApplication):
    """The site under gunicorn: the program is loaded once, each web process opens the index for itself."""

    def __init__(self, host: str, port: int, *, processes: int, threads: int) -> None:
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.given: dict[str, Any] = {
            "bind": address,
            "workers": processes,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": True,
            # A connection a request, and no more of them than are worked on: whichever process has time takes the next
            # one, and those who wait do so in one queue, in the order in which they came.
            "keepalive": 0,
            "worker_connections": threads,
            "timeout": SILENCE,
            "limit_request_line": LONGEST_ADDRESS,
            "loglevel": "warning",
            "proc_name": "kezhuan",
            "control_socket_disable": True,
            "when_ready": lambda _arbiter: say_ready(address),
            "post_worker_init": lambda _worker: open_index(),
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the configuration from `given`; no file and no variable is read."""
        for name, value in self.given.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application; no connection to the database outlives a fork."""
        application = get_wsgi_application()
        connections.close_all()
        return application


def say_ready(address: str) -> None:
    """Tell where the site is; whoever started it may wait for this line."""
    print(f"http://{address}/  {told('（按 Ctrl+C 结束）', '(Ctrl+C stops)')}", flush=True)


def open_index() -> None:
    """Have the index at hand before the first reader asks; while the database is away, a reader opens it later."""
    from kezhuan.kernel import outages, search  # inline: Django is set up by now, and not when this module is read

    try:
        search.live_index().catch_up()
    except Error as problem:
        # gunicorn takes a process that fails here for a fault of the program, and ends the site with all others.
        if not outages.will_pass(problem):
            raise
    finally:
        connections.close_all()
        # What is loaded by now stays to the end: looking through it for garbage would stop all readers for a moment.
        gc.collect()
        gc.freeze()


def main(argv: list[str]) -> int:
    """Serve at the host and port given, with so many processes and threads, until a signal ends it."""
    host, port, processes, threads = argv
    # The web processes add up their figures in files; the library reads the variable when it is imported.
    with tempfile.TemporaryDirectory(prefix="kezhuan-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        Site(host, int(port), processes=int(processes), threads=int(threads)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if start_django() else 2)
