"""`./kezhuan serve` is several web processes and a worker, and none outlives the first."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kezhuan.config import serving
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


def descendants(pid: int) -> dict[int, str]:
    own = children(pid)
    return own | {number: words for child in own for number, words in descendants(child).items()}


def workers(pid: int) -> list[int]:
    return [number for number, words in children(pid).items() if words.split()[-1] == "work"]


def test_serve_is_web_processes_and_a_worker_and_ends_with_all(served):
    server, port = served
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        assert answer.status == 200
    # the worker, and gunicorn with its two processes
    assert until(lambda: len(descendants(server.pid)) == 4)
    family = descendants(server.pid)
    assert len(workers(server.pid)) == 1
    server.terminate()
    assert server.wait(timeout=PATIENCE) == 0
    assert until(lambda: all(is_gone(pid) for pid in family))


def test_no_process_outlives_a_killed_server(served):
    server, _port = served
    assert until(lambda: len(descendants(server.pid)) == 4)
    family = descendants(server.pid)
    server.kill()
    assert until(lambda: all(is_gone(pid) for pid in family)), family


def test_process_that_is_lost_comes_back(monkeypatch, capsys):
    monkeypatch.setattr(serving, "BOOTING", 0.0)
    kept = serving.Kept("kezhuan", "work")
    try:
        first = kept.process
        assert kept.trouble() == 0
        first.kill()
        first.wait()
        assert kept.trouble() == 0
        assert kept.process.pid != first.pid
        assert kept.process.poll() is None
        monkeypatch.setattr(serving, "BOOTING", 3600.0)
        kept.process.kill()
        kept.process.wait()
        assert kept.trouble() == -signal.SIGKILL
        assert "重新启动" in capsys.readouterr().err
    finally:
        kept.process.kill()
        kept.process.wait()
