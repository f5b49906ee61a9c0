"""Serve the site from this process: web threads, and one thread that lets followers keep up with the journal."""

import contextlib
import errno
import logging
import socket
import sys
import threading
from collections.abc import Iterator

from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from waitress.server import create_server

from kezhuan.config.speech import told
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


def serve(host: str, port: int, *, threads: int = 8) -> int:
    """Answer requests until interrupted; returns the exit code."""
    trouble = why_not(host, port)
    if trouble:
        print(trouble, file=sys.stderr)
        return 2
    application = get_wsgi_application()
    server = create_server(
        application, host=host, port=port, threads=threads, ident="kezhuan", clear_untrusted_proxy_headers=False
    )
    shown = f"[{host}]" if ":" in host else host
    print(f"http://{shown}:{port}/  {told('（按 Ctrl+C 结束）', '(Ctrl+C stops)')}", flush=True)
    with following():
        try:
            server.run()
        except KeyboardInterrupt:
            pass
        finally:
            server.close()
    return 0
