"""A site on a city that a proof has made, and how long its pages take for readers who never pause."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kezhuan.config.postgres import _free_port
from tests.proofs.big_city import PASSWORD
from tests.proofs.visitors import Reader, percentile

ROOT = Path(__file__).resolve().parents[2]
TIMES = 120
READERS = int(os.environ.get("PROOF_READERS", "8"))
"""They ask side by side and never pause: harder than people are."""
ALLOWED_SECONDS = 0.3
SERVE = "import sys; from kezhuan.config.commandline import main; sys.exit(main(sys.argv[1:]))"
Measured = dict[str, dict[str, float]]
"""By page `p50`, `p95` and what an answer cost the processor, in milliseconds."""


def million(tmp_path_factory: pytest.TempPathFactory, *size: str) -> tuple[Path, dict[str, float]]:
    """The folder of a city of that size on SQLite, and the seconds that its parts took: made anew, or the one that
    PROOF_CITY names, which is of that size and changed."""
    if kept := os.environ.get("PROOF_CITY"):
        return Path(kept), {}
    folder = tmp_path_factory.mktemp("million")
    return folder, run(variables_for(folder), "tests.proofs.big_city", *size)


def emptied(address: str, name: str) -> str:
    """A database of its own on the proofs' server."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE lists_{name}")
    return f"{address.rsplit('/', 1)[0]}/lists_{name}"


def run(variables: dict[str, str], *arguments: str) -> Any:
    """The JSON that a module of this folder prints."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def variables_for(data: Path, address: str = "") -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KEZHUAN_", "DJANGO_"))}
    paths = {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "KEZHUAN_DATA": str(data)}
    return {**kept, **paths} | ({"KEZHUAN_DATABASE_URL": address} if address else {})


class Server:
    """The site in a process of its own; it has read its index when the page at `place` shows what `shown` matches."""

    def __init__(self, variables: dict[str, str], place: str, shown: str) -> None:
        self.port = _free_port()
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--port", str(self.port)],
            cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while True:
            try:
                status, page, _ = Reader(self.port).ask("GET", place)
            except OSError:
                assert self.process.poll() is None, "the server did not start"
                time.sleep(0.05)
                continue
            if status == 200 and re.search(shown, page):
                break
        self.start_seconds = time.monotonic() - began

    def family(self) -> list[int]:
        """The web processes."""
        parents = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parents[int(folder.name)] = int(_stat(int(folder.name))[1]), (folder / "cmdline").read_bytes()
        web = [
            pid for pid, (parent, words) in parents.items() if parent == self.process.pid and b"config.site" in words
        ]
        return web + [pid for pid, (parent, _words) in parents.items() if parent in web]

    def cpu_seconds(self) -> float:
        ticks = sum(int(tick) for pid in self.family() for tick in _stat(pid)[11:13])
        return ticks / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Resident memory of all web processes; what they share is counted in each."""
        told = (Path(f"/proc/{pid}/status").read_text(encoding="utf-8") for pid in self.family())
        return sum(int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) for status in told) / 1024  # type: ignore[union-attr]


def _stat(pid: int) -> list[str]:
    """The fields of a process's state from its third on: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()


@contextmanager
def serving(variables: dict[str, str], place: str = "/achievements/", shown: str = r"\d,\d{3}") -> Iterator[Server]:
    server = Server(variables, place, shown)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


def measured(server: Server, addresses: dict[str, str], email: str) -> Measured:
    """For each page p50 and p95 in milliseconds, and what it cost the server's processor; read by whoever signs in with
    this mail address, or by a visitor."""
    table = {}
    reader = Reader(server.port)
    if email:
        reader.sign_in(email, PASSWORD)
    for name, address in addresses.items():
        path = quote(address, safe="/?&=")
        asked = {"port": server.port, "paths": [path], "cookies": reader.cookies, "readers": READERS}
        # Once before the clock runs: every web process has then read its templates.
        run(variables_for(Path()), "tests.proofs.visitors", json.dumps({**asked, "times": READERS * 2}))
        before = server.cpu_seconds()
        seconds = run(variables_for(Path()), "tests.proofs.visitors", json.dumps({**asked, "times": TIMES}))
        table[name] = {
            "p50": percentile(seconds, 0.5) * 1000,
            "p95": percentile(seconds, 0.95) * 1000,
            "cpu": (server.cpu_seconds() - before) / TIMES * 1000,
        }
    return table


def print_table(who: str, seen: Measured) -> None:
    """The pages that somebody read, a line each."""
    print(f"\n{who}: {READERS} who never pause, milliseconds: median / 95th percentile; processor")
    for name, cell in seen.items():
        print(f"{name:32} {cell['p50']:5.0f} /{cell['p95']:5.0f}  {cell['cpu']:4.0f}")
