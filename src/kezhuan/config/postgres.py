"""A private PostgreSQL server for tests and proofs: made in a temporary folder, stopped by its own process id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OLDEST = 15


def find_binaries() -> Path | None:
    """The folder with `initdb` and `postgres` of the newest PostgreSQL from 15 on, if this machine has one."""
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    folders.sort(key=lambda path: -int(path.parent.name))
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists() and _version(folder) >= OLDEST:
            return folder
    return None


def _version(folder: Path) -> int:
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(answer.split()[2].split(".")[0])


@contextmanager
def temporary_cluster(binaries: Path, *, durable: bool = False) -> Iterator[str]:
    """Run a server on a free port of 127.0.0.1 and yield its `postgres://` address; all of it is gone afterwards.

    Unless it is to be `durable` it writes nothing through to the disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="kezhuan-postgres-"))
    server = None
    try:
        # PostgreSQL refuses to run as root, so its server becomes another user there.
        owner = _unprivileged_user() if os.getuid() == 0 else None
        identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        cluster = folder / "cluster"
        made = subprocess.run(  # type: ignore[call-overload]  # what `identity` holds is not known
            [binaries / "initdb", "-N", "-U", "kezhuan", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", cluster],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **identity,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stdout.strip()[-400:]}")
        port = _free_port()
        # It lives for minutes and holds nothing of worth: speed before durability.
        options = [] if durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        # Its tables stay small: compiling plans and tidying up cost more than they would save.
        options += ["jit=off", "autovacuum=off", "max_wal_size=4GB", "shared_buffers=256MB", "max_connections=60"]
        options += ["unix_socket_directories=", "listen_addresses=127.0.0.1", f"port={port}", "log_min_messages=fatal"]
        options = [part for option in options for part in ("-c", option)]
        # Should this process be killed outright, the kernel stops the server too.
        with_its_parent = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(  # type: ignore[call-overload]  # what `identity` holds is not known
                [*with_its_parent, binaries / "postgres", "-D", cluster, *options],
                cwd=folder, stdout=log, stderr=log, start_new_session=True, **identity,
            )  # fmt: skip
        _wait_until_ready(binaries, port, server, folder / "log")
        yield f"postgres://kezhuan@127.0.0.1:{port}/postgres"
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGINT)  # "fast shutdown": ends the connections
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(binaries: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode:
        if server.poll() is not None:
            raise RuntimeError(f"The temporary PostgreSQL did not start: {log.read_text(errors='replace')[-400:]}")
        time.sleep(0.05)
