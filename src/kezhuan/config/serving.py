"""Serve the site: several web processes, and one process beside them that follows the journal."""

import contextlib
import errno
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication

from kezhuan.config.speech import told
from kezhuan.kernel import search

LONGEST_ADDRESS = 8190
"""Characters of a request line: a list narrowed by many facets has a long address."""
SILENCE = 120
"""Seconds without a sign of life after which a web process is replaced."""
LOOK_EVERY = 0.5
"""Seconds between two looks at the process beside."""
AGAIN_AFTER = 1.0
"""Seconds before the process beside is started again after it ended."""
BESIDE = (sys.executable, "-P", "-m", "kezhuan.config.beside")


def why_not(host: str, port: int) -> str:
    """The sentence that says why nothing can listen at this address; empty when it can."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (socket.gaierror, UnicodeError):
        return told(
            f"找不到主机“{host}”，请用 --host 写明本机的一个地址。",
            f"There is no host “{host}”; give an address of this machine with --host.",
        )
    except PermissionError:
        return told(
            f"没有权限使用端口 {port}，请用 --port 换一个 1024 以上的端口。",
            f"Port {port} may not be used by this account; choose one from 1024 on with --port.",
        )
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            return told(
                f"端口 {port} 已被占用，请用 --port 换一个。", f"Port {port} is in use; choose another with --port."
            )
        return told(
            f"无法在 {host} 上监听（{problem.strerror}），请用 --host 写明本机的一个地址。",
            f"Nothing can listen at {host} ({problem.strerror}); give an address of this machine with --host.",
        )
    return ""


class Site(BaseApplication):
    """The site under gunicorn: the program is loaded once, each web process opens the index for itself."""

    def __init__(self, host: str, port: int, *, processes: int, threads: int, ready: Callable[[], None]) -> None:
        self.given: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": processes,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": True,
            # A connection a request: whichever process has time takes the next one.
            "keepalive": 0,
            "timeout": SILENCE,
            "limit_request_line": LONGEST_ADDRESS,
            "loglevel": "warning",
            "proc_name": "kezhuan",
            "control_socket_disable": True,
            "when_ready": lambda _arbiter: ready(),
            "post_worker_init": lambda _worker: open_index(),
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the configuration from `given`; no file and no variable is read."""
        for name, value in self.given.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application; neither an index with its threads nor a connection to the database outlives a fork."""
        application = get_wsgi_application()
        search.live_index().save()
        search.forget_live_index()
        connections.close_all()
        return application


def open_index() -> None:
    """Have the index at hand before the first reader asks."""
    search.live_index().catch_up()
    connections.close_all()


@contextlib.contextmanager
def kept_beside() -> Iterator[Callable[[], None]]:
    """Keeps one process running that works beside the web processes, from the call of what is given until the end.

    It ends with this process, whatever happens to it: its standard input closes then.
    """
    stop = threading.Event()

    def keep() -> None:
        while not stop.is_set():
            with subprocess.Popen(BESIDE, stdin=subprocess.PIPE) as child:
                # Looked at again and again: gunicorn collects every child that ends, so nobody is woken for this one.
                while child.poll() is None:
                    if stop.wait(LOOK_EVERY):
                        child.terminate()
                        break
            stop.wait(AGAIN_AFTER)

    thread = threading.Thread(target=keep, name="beside", daemon=True)
    try:
        yield thread.start
    finally:
        stop.set()
        if thread.is_alive():
            thread.join(timeout=60)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def serve(host: str, port: int, *, processes: int | None = None, threads: int = 4) -> int:
    """Answer requests until interrupted, in one process a core unless told otherwise; returns the exit code."""
    trouble = why_not(host, port)
    if trouble:
        print(trouble, file=sys.stderr)
        return 2
    shown = f"[{host}]" if ":" in host else host
    with kept_beside() as start:

        def ready() -> None:
            start()
            print(f"http://{shown}:{port}/  {told('（按 Ctrl+C 结束）', '(Ctrl+C stops)')}", flush=True)

        try:
            Site(host, port, processes=processes or cores(), threads=threads, ready=ready).run()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 0
    return 0
