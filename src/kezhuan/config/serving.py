"""Serve the site: the web processes and a worker, each kept running, all ending together."""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial

from kezhuan.config.speech import told
from kezhuan.engines.system_errors import said

LOOK_EVERY = 0.2
"""Seconds between two looks at whether all processes still run."""
BOOTING = 10.0
"""Seconds within which a process that ends has not managed to start: it is not started again at once for ever."""
REST = 5.0
"""Seconds after which one that ran before and does not manage to start now is tried again: its database may be away."""
LAST_WAIT = 60.0
"""Seconds that the processes get to finish what they are at."""
GIVES_WAY = 10
"""By so much the worker is nicer than the pages: what it does for an hour, as matching every need anew after an upgrade
or counting, takes what they leave of the processors."""
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


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
            f"无法在 {host} 上监听（{said(problem)[0]}），请用 --host 写明本机的一个地址。",
            f"Nothing can listen at {host} ({said(problem)[1]}); give an address of this machine with --host.",
        )
    return ""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Kept:
    """A process of this program that is started again whenever it ends, and ends at the latest with this one."""

    def __init__(self, *command: str, silent: bool = False, nicer: int = 0) -> None:
        self.command = [sys.executable, "-P", "-m", *command]
        self.nicer = nicer
        self.output = subprocess.DEVNULL if silent else None
        self.has_run = False
        self.start()

    def start(self) -> None:
        """Start it now."""
        self.rests_until = 0.0
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdout=self.output,
            # It takes no lock that another thread could hold: the demo, too, serves from a process that has some.
            preexec_fn=partial(_become_kept, self.nicer),  # noqa: PLW1509
        )

    def trouble(self) -> int:
        """0 while all is well, or will be; its exit code when it ended while starting for the first time.

        One that ran before is started again at once, and after a rest when that fails: nobody would come to start the
        site by hand because its database was away for a minute while a process of it was lost. One that was killed
        (by a hand, or when memory ran out) has not shown that it cannot start, so the rest of the site stays up.
        """
        code = self.process.poll()
        lasted = time.monotonic() - self.began >= BOOTING
        self.has_run = self.has_run or lasted or code == -signal.SIGKILL
        if code is None:
            return 0
        if not self.has_run:
            return code or 1
        if not lasted and not self.rests_until:
            self.rests_until = time.monotonic() + REST
        if time.monotonic() >= self.rests_until:
            print(
                told("一个进程意外结束，已重新启动。", "A process ended unexpectedly and was started again."),
                file=sys.stderr,
            )
            self.start()
        return 0


_prctl = ctypes.CDLL(None).prctl


def _become_kept(nicer: int) -> None:
    """End with the parent, and give way by so much."""
    _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    os.nice(nicer)


def serve(host: str, port: int, *, processes: int | None = None, threads: int = 2) -> int:
    """Answer requests until interrupted, in one process a core unless told otherwise; returns the exit code."""
    trouble = why_not(host, port)
    if trouble:
        print(trouble, file=sys.stderr)
        return 2
    kept: list[Kept] = []
    code = 0
    try:
        kept.append(Kept("kezhuan", "work", silent=True, nicer=GIVES_WAY))
        kept.append(Kept("kezhuan.config.site", host, str(port), str(processes or cores()), str(threads)))
        while not code:
            time.sleep(LOOK_EVERY)
            code = next((found for one in kept if (found := one.trouble())), 0)
    except KeyboardInterrupt:
        pass
    finally:
        _end(kept)
    return code


def _end(kept: list[Kept]) -> None:
    """Ask all to end, the web first, and wait; one that does not is killed."""
    for one in reversed(kept):
        one.process.terminate()
    end = time.monotonic() + LAST_WAIT
    for one in kept:
        try:
            one.process.wait(max(0.0, end - time.monotonic()))
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            one.process.kill()
