"""Serve the site from this process: web threads, and one thread that lets followers keep up with the journal."""

import contextlib
import errno
import socket
import sys
import threading
from collections.abc import Iterator

from django.core.wsgi import get_wsgi_application
from waitress.server import create_server

from kezhuan.config.speech import told
from kezhuan.config.working import work


@contextlib.contextmanager
def following() -> Iterator[None]:
    """Run the followers and a worker beside whatever the block does."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)


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
