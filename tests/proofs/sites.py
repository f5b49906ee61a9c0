"""A site that runs by `./kezhuan serve` while a proof kills what it stands on, and whoever asks it by its API."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any


class Site:
    """One data folder with the settings given, the site on it, and what it answered."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self.variables = {key: value for key, value in os.environ.items() if not key.startswith("KEZHUAN_")}
        self.variables |= {"KEZHUAN_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "kezhuan.config.settings"}
        self.variables |= {"KEZHUAN_API_RATE": "1000000", **settings}
        self.port, self.log = port, folder / "log"
        self.answers: Counter[int] = Counter()
        self.replayed = 0
        self.over = threading.Event()
        self.going: list[Future[None]] = []

    def run(self, *words: str, code: int = 0) -> str:
        """Run a program beside the site; returns what it printed."""
        done = subprocess.run([sys.executable, *words], env=self.variables, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout[-1500:] + done.stderr[-1500:]
        return done.stdout

    def start(self) -> None:
        """Start it and wait until it can be asked."""
        command = [sys.executable, "-m", "kezhuan", "serve", "--port", str(self.port), "--processes", "2"]
        with self.log.open("a") as log:
            self.server = subprocess.Popen(command, env=self.variables, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.server.stdout is not None
        assert "http" in self.server.stdout.readline(), self.log.read_text()[-1500:]

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """The site runs until the block ends, and still runs then."""
        self.start()
        try:
            yield
            assert self.server.poll() is None
        finally:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(90)
            assert self.server.stdout is not None
            self.server.stdout.close()

    def ask(self, method: str, path: str, body: Any = None, *, listen: bool = True, **headers: str) -> tuple[int, Any]:
        """Status and body; (0, None) when nobody answered, or when whoever asks does not listen."""
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
                connection.request(method, path, json.dumps(body) if body is not None else None, headers)
                if not listen:
                    return 0, None
                answer = connection.getresponse()
                content = answer.read()
                self.replayed += "Idempotent-Replayed" in answer.headers
                found = answer.status, json.loads(content) if content.startswith(b"{") else None
        except (OSError, http.client.HTTPException):
            found = 0, None
        self.answers[found[0]] += 1
        return found

    def assert_lists(self, path: str, total: int, seconds: float, **headers: str) -> None:
        """Within some seconds every web process (asked often enough that each answers) lists exactly so many.

        Until a thread of it has taken many changes into its index, a process answers from before them.
        """
        end, right = time.monotonic() + seconds, 0
        while right < 40:
            status, found = self.ask("GET", path, **headers)
            right = right + 1 if status == 200 and found["total"] == total else 0
            assert time.monotonic() < end, (path, status, found and found["total"], total)

    @contextlib.contextmanager
    def meanwhile(self, *works: Callable[[], None]) -> Iterator[None]:
        """Each work goes on in a thread of its own during the block, until `over` is set; what fails there is told."""
        with ThreadPoolExecutor(len(works)) as threads:
            self.going = [threads.submit(work) for work in works]
            try:
                yield
            finally:
                self.over.set()
                for work in self.going:
                    work.result()

    def raise_failures(self) -> None:
        """Tell what has failed in one of the threads, without waiting for the end of the block."""
        for work in self.going:
            if work.done():
                work.result()
