"""`./kezhuan serve` is several web processes and a worker, and none outlives the first."""

import os
import sqlite3
import subprocess
import sys
import time
import types
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from kezhuan.config import serving, site
from kezhuan.config.postgres import _free_port
from kezhuan.kernel import search
from tests.factories.migrated import city_folder
from tests.factories.processes import children, descendants, is_gone

__all__ = ["city_folder"]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def until(true: object) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


@contextmanager
def serving_on(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
    variables = {**kept, "PYTHONPATH": str(ROOT / "src"), "KEZHUAN_DATA": str(folder)}
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


def workers(pid: int) -> list[int]:
    return [number for number, words in children(pid).items() if words.split()[-1] == "work"]


def test_serve_is_web_processes_and_a_worker_and_ends_with_all(city_folder):
    with serving_on(city_folder) as (server, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 200
        # the worker, and gunicorn with its two processes
        assert until(lambda: len(descendants(server.pid)) == 4)
        family = descendants(server.pid)
        [worker] = workers(server.pid)
        above, below = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (server.pid, worker))
        assert below == min(above + serving.GIVES_WAY, 19)
        server.terminate()
        assert server.wait(timeout=PATIENCE) == 0
        assert until(lambda: all(is_gone(pid) for pid in family))


def test_no_process_outlives_a_killed_server(city_folder):
    with serving_on(city_folder) as (server, _port):
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
        assert "重新启动" in capsys.readouterr().err
    finally:
        kept.process.kill()
        kept.process.wait()


def test_process_that_does_not_come_back_at_once_is_tried_again_after_a_rest(monkeypatch):
    monkeypatch.setattr(serving, "BOOTING", 0.0)
    monkeypatch.setattr(serving, "REST", 0.5)
    kept = serving.Kept("kezhuan", "no-such-command")
    kept.process.wait()
    assert kept.trouble() == 0
    monkeypatch.setattr(serving, "BOOTING", 3600.0)
    started = []
    for _ in range(2):
        kept.process.wait()
        died = time.monotonic()
        failed = kept.process.pid
        assert kept.trouble() == 0
        assert kept.process.pid == failed
        assert until(lambda failed=failed: kept.trouble() or kept.process.pid != failed)
        started.append(time.monotonic() - died)
    kept.process.wait()
    assert min(started) >= 0.5


def test_process_that_is_killed_while_it_starts_comes_back(monkeypatch):
    monkeypatch.setattr(serving, "REST", 0.5)
    kept = serving.Kept("kezhuan", "work")
    try:
        first = kept.process
        first.kill()
        first.wait()
        assert kept.trouble() == 0
        assert until(lambda: kept.trouble() or kept.process.pid != first.pid)
        assert kept.process.poll() is None
    finally:
        kept.process.kill()
        kept.process.wait()


def test_process_that_never_ran_ends_the_site():
    kept = serving.Kept("kezhuan", "no-such-command")
    assert kept.process.wait() == 2
    assert kept.trouble() == 2


def test_web_process_starts_while_the_database_is_away(monkeypatch):
    def away():
        raise OperationalError("connection refused") from psycopg.OperationalError()

    def damaged():
        raise OperationalError("disk image is malformed") from sqlite3.DatabaseError()

    index = types.SimpleNamespace(catch_up=away)
    monkeypatch.setattr(search, "live_index", lambda: index)
    site.open_index()
    index.catch_up = damaged
    with pytest.raises(OperationalError):
        site.open_index()
