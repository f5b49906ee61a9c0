"""PostgreSQL servers to be killed in proofs: one alone, or a primary with its streaming replica."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from kezhuan.config import postgres
from tests.factories.processes import children

SYNCHRONOUS = {"synchronous_standby_names": "ANY 1 (replica)", "synchronous_commit": "on"}
"""What docs/how-to/replica.md sets on the primary, so that nothing confirmed is lost."""


class Server:
    """A server; its files belong to whoever may run PostgreSQL."""

    def __init__(self, binaries: Path, folder: Path, port: int) -> None:
        self.binaries, self.folder, self.port = binaries, folder, port
        owner = postgres._unprivileged_user() if os.getuid() == 0 else None
        self.identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the server's user."""
        done = subprocess.run(
            [self.binaries / program, *arguments], cwd=self.folder.parent, capture_output=True, text=True, check=False,
            **self.identity,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-1000:] + done.stdout[-1000:]

    def create(self) -> None:
        """Make its files."""
        self.run("initdb", "-N", "-U", "kezhuan", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", str(self.folder))

    def make_database(self) -> None:
        """Make the empty database `kezhuan` on it."""
        with psycopg.connect(self.address.removesuffix("/kezhuan") + "/postgres", autocommit=True) as session:
            session.execute("CREATE DATABASE kezhuan")

    def configure(self, **settings: str) -> None:
        """Add settings; they hold from the next start on."""
        with (self.folder / "postgresql.auto.conf").open("a") as written:
            written.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def start(self) -> None:
        """Start it and wait until it answers."""
        log = self.folder.parent / f"log-{self.port}"
        options = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": 60,
            "shared_buffers": "32MB",
        }  # fmt: skip
        with log.open("ab") as written:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.folder,
                 *(part for name, value in options.items() for part in ("-c", f"{name}={value}"))],
                cwd=self.folder.parent, stdout=written, stderr=written, start_new_session=True, **self.identity,
            )  # fmt: skip
        postgres._wait_until_ready(self.binaries, self.port, self.process, log)

    def kill(self) -> None:
        """End it as a power cut would: no process of it runs any more."""
        assert self.process is not None
        for pid in (*self.children(), self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def children(self, title: str = "") -> list[int]:
        """Process ids of the server's own processes whose title holds these words."""
        assert self.process is not None
        return [pid for pid, words in children(self.process.pid).items() if title in words]

    def promote(self) -> None:
        """Make a replica the primary."""
        self.run("pg_ctl", "promote", "-D", str(self.folder), "-w", "-t", "60")

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()

    @property
    def address(self) -> str:
        """Its `postgres://` address."""
        return f"postgres://kezhuan@127.0.0.1:{self.port}/kezhuan"


@contextmanager
def single(port: int) -> Iterator[Server]:
    """One server as a city runs it, that waits for the disk at each commit, with an empty database `kezhuan`."""
    with _servers(port) as (server,):
        server.create()
        server.start()
        server.make_database()
        yield server


@contextmanager
def pair(ports: tuple[int, int], *, synchronous: bool) -> Iterator[tuple[Server, Server]]:
    """A primary and its streaming replica, with an empty database `kezhuan`."""
    with _servers(*ports) as (primary, replica):
        primary.create()
        primary.configure(fsync="off", full_page_writes="off", wal_keep_size="256MB")
        primary.start()
        primary.make_database()
        address = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "kezhuan")
        primary.run("pg_basebackup", "-D", str(replica.folder), *address, "-R", "-c", "fast")
        named = f"host=127.0.0.1 port={primary.port} user=kezhuan application_name=replica"
        replica.configure(primary_conninfo=named)
        replica.start()
        while not _streams(primary):
            time.sleep(0.1)
        if synchronous:
            primary.configure(**SYNCHRONOUS)
            primary.run("pg_ctl", "reload", "-D", str(primary.folder))
        yield primary, replica


@contextmanager
def _servers(*ports: int) -> Iterator[tuple[Server, ...]]:
    """Servers in a folder of their own; all are ended with the block, the last one first."""
    binaries = postgres.find_binaries()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="kezhuan-servers-"))
    servers = tuple(Server(binaries, folder / f"{number}", port) for number, port in enumerate(ports))
    if identity := servers[0].identity:
        os.chown(folder, identity["user"], identity["group"])
    try:
        yield servers
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _streams(primary: Server) -> bool:
    with psycopg.connect(primary.address) as session:
        row = session.execute("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").fetchone()
    return row is not None and row[0] == 1
