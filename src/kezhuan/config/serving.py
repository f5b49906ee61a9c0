"""Serve the site from this process: web threads, and one thread that lets followers keep up with the journal."""

import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Iterator

from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from waitress.server import create_server

from kezhuan.kernel import followers, search

log = logging.getLogger(__name__)
PAUSE = 0.5
"""Seconds between two looks at the journal; suggestions are never older than this while nothing else goes on."""
SAVE_EVERY = 120
"""Looks between two snapshots of the index."""


def follow(stop: threading.Event) -> None:
    """Let every follower keep up until `stop` is set; a failure is logged and tried again."""
    looks = 0
    while not stop.is_set():
        try:
            followers.run_pending()
            search.live_index().catch_up(wait=True)
            looks += 1
            if looks % SAVE_EVERY == 0:
                search.live_index().save()
        except Exception:
            log.exception("a follower of the journal failed; it is tried again")
            stop.wait(PAUSE * 10)
        finally:
            close_old_connections()
        stop.wait(PAUSE)


@contextlib.contextmanager
def following() -> Iterator[None]:
    """Run the followers beside whatever the block does, and save the index when it ends."""
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(stop,), name="followers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)
        search.live_index().save()


def free_port(host: str, wanted: int) -> int | None:
    """The wanted port, or nothing when something listens on it already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError:
            return None
    return wanted


def serve(host: str, port: int, *, threads: int = 8) -> int:
    """Answer requests until interrupted; returns the exit code."""
    if free_port(host, port) is None:
        print(f"端口 {port} 已被占用,请用 --port 换一个。", file=sys.stderr)
        print(f"Port {port} is in use; choose another with --port.", file=sys.stderr)
        return 2
    application = get_wsgi_application()
    server = create_server(
        application, host=host, port=port, threads=threads, ident="kezhuan", clear_untrusted_proxy_headers=False
    )
    print(f"http://{host}:{port}/  (Ctrl+C 结束 · stops)", flush=True)
    with following():
        try:
            server.run()
        except KeyboardInterrupt:
            pass
        finally:
            server.close()
    return 0
