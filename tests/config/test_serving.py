"""`./kezhuan serve` is several web processes and one beside them, and none outlives the first."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kezhuan.config.postgres import _free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def children(pid: int) -> dict[int, str]:
    """Processes below a process, by number, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
            words = (folder / "cmdline").read_text(encoding="utf-8").replace("\0", " ")
        except OSError:
            continue
        if parent == pid:
            found[int(folder.name)] = words
    return found


def until(true: object) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
    variables = {**kept, "PYTHONPATH": str(ROOT / "src"), "KEZHUAN_DATA": str(tmp_path)}
    port = _free_port()
    command = [sys.executable, "-m", "kezhuan", "serve", "--port", str(port), "--processes", "2"]
    server = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)
    try:
        assert f"http://127.0.0.1:{port}/" in server.stdout.readline()  # type: ignore[union-attr]
        yield server, port
    finally:
        server.kill()
        server.wait()
        server.stdout.close()  # type: ignore[union-attr]


def test_serve_is_two_web_processes_and_one_beside_and_ends_with_all(served):
    server, port = served
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        assert answer.status == 200
    assert until(lambda: len(children(server.pid)) == 3)
    family = children(server.pid)
    beside = [pid for pid, words in family.items() if "kezhuan.config.beside" in words]
    assert len(beside) == 1

    # One that is lost comes back.
    os.kill(beside[0], signal.SIGKILL)
    assert until(lambda: sum("kezhuan.config.beside" in words for words in children(server.pid).values()) == 1)

    family = children(server.pid)
    server.terminate()
    assert server.wait(timeout=PATIENCE) == 0
    assert until(lambda: all(is_gone(pid) for pid in family))


def test_no_process_outlives_a_killed_server(served):
    server, _port = served
    assert until(lambda: len(children(server.pid)) == 3)
    family = children(server.pid)
    server.kill()
    assert until(lambda: all(is_gone(pid) for pid in family)), family
